"""Use cases of notifications: webhooks are set up, and what failed is tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.handoff.effects import NotifyReason
from handoff.notifications import deliveries, webhooks
from handoff.notifications.webhooks import Webhook
from kakehashi_common.audit import Actor, differences
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import NotFoundError
from kakehashi_common.webhooks.addresses import check_url
from kakehashi_common.webhooks.settings import WebhookSettings


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A webhook as it should be."""

    webhook_id: str
    url: str
    secrets: Sequence[str] | None
    """``None``: as they are."""
    reasons: Sequence[NotifyReason]
    active: bool


class Notifications:
    """Changes of webhooks, and retries. A repeat changes nothing, and isn't audited."""

    def __init__(self, database: Database, settings: WebhookSettings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    async def put_webhook(self, wanted: WebhookRequest, actor: Actor) -> Webhook:
        """Create or replace a webhook.

        Raises:
            DomainError: it leads where none may lead (``url_refused``); a new one has no secret
                (``secret_missing``).
        """
        try:
            check_url(wanted.url, self._settings)
        except ValueError as error:
            raise DomainError(str(error), field="url", code="url_refused") from None
        async with self._database.transaction() as connection:
            before = await webhooks.find(connection, wanted.webhook_id)
            secrets = wanted.secrets or (() if before is None else before.secrets)
            if not secrets:
                raise DomainError(
                    "give a new webhook a secret, by which its receiver proves what is sent",
                    field="secrets",
                    code="secret_missing",
                )
            after = Webhook(
                wanted.webhook_id,
                wanted.url,
                tuple(secrets),
                tuple(dict.fromkeys(wanted.reasons)),
                wanted.active,
            )
            if after != before:
                await webhooks.put(connection, after)
                await self._record(connection, actor, "put_webhook", before, after)
        return after

    async def delete_webhook(self, webhook_id: str, actor: Actor) -> None:
        """Delete a webhook and what is queued for it; one that isn't there is deleted already."""
        async with self._database.transaction() as connection:
            before = await webhooks.find(connection, webhook_id)
            if before is not None:
                await webhooks.remove(connection, webhook_id)
                await self._record(connection, actor, "delete_webhook", before, None)

    async def retry(self, notification_id: UUID, actor: Actor) -> None:
        """Try again to deliver a notification where that failed; elsewhere nothing changes.

        Raises:
            NotFoundError: there is no such notification.
        """
        async with self._database.transaction() as connection:
            if not await deliveries.has_notification(connection, notification_id):
                raise NotFoundError(
                    f"there is no notification {notification_id}", field="notification_id"
                )
            if await deliveries.retry(connection, notification_id, self._clock.now()):
                await actor.record(
                    connection,
                    tables.audit_table,
                    "retry_notification",
                    f"notification/{notification_id}",
                )

    async def _record(
        self,
        connection: AsyncConnection,
        actor: Actor,
        what: str,
        before: Webhook | None,
        after: Webhook | None,
    ) -> None:
        was, becomes = differences(
            _columns(before), _columns(after), hidden={"secrets": "(secret)"}
        )
        webhook = before or after
        subject = "webhook/" + ("" if webhook is None else webhook.webhook_id)
        await actor.record(connection, tables.audit_table, what, subject, before=was, after=becomes)


def _columns(webhook: Webhook | None) -> dict[str, Any]:
    return {} if webhook is None else webhooks.columns(webhook)
