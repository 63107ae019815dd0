"""Deliveries by webhook: what is posted of a notification."""

import json
from datetime import datetime
from typing import Any

from handoff.notifications import webhooks
from handoff.notifications.deliveries import Notice, TakenDelivery
from kakehashi_common.clock import TOKYO, Clock
from kakehashi_common.db import Database
from kakehashi_common.errors import PermanentError
from kakehashi_common.webhooks.posting import WebhookClient
from kakehashi_common.webhooks.settings import WebhookSettings


class WebhookPoster:
    """Posts notifications to webhooks; whoever uses it closes it."""

    def __init__(
        self,
        database: Database,
        settings: WebhookSettings,
        handoff_url: str,
        clock: Clock,
    ) -> None:
        self._database = database
        self._client = WebhookClient(settings)
        self._handoff_url = handoff_url
        self._clock = clock

    async def deliver(self, taken: TakenDelivery) -> None:
        """Post a notification.

        Raises:
            PermanentError: the receiver doesn't want it, now or later.
            TransientError: it wasn't taken; another attempt may succeed.
        """
        async with self._database.transaction() as connection:
            webhook = await webhooks.find(connection, taken.webhook_id or "")
        if webhook is None:
            raise PermanentError("the webhook was deleted")
        [notice] = taken.notices
        body = json.dumps(self._content(notice), ensure_ascii=False).encode()
        await self._client.post(
            webhook.url, webhook.secrets, str(notice.notification_id), body, self._clock.now()
        )

    async def close(self) -> None:
        """Close what is connected."""
        await self._client.close()

    def _content(self, notice: Notice) -> dict[str, Any]:
        return {
            "type": f"handoff.{notice.reason}",
            "timestamp": _instant(notice.created_at),
            "data": {
                "notification_id": str(notice.notification_id),
                "handoff_id": notice.handoff_id,
                "lead_id": notice.lead_id,
                "municipality_code": notice.municipality_code,
                "recipient": notice.recipient,
                "member_id": notice.member_id,
                "text": notice.text,
                "act_by": None if notice.act_by is None else _instant(notice.act_by),
                "urgent": notice.urgent,
                "url": f"{self._handoff_url}/{notice.handoff_id}",
            },
        }


def _instant(at: datetime) -> str:
    return at.astimezone(TOKYO).isoformat()
