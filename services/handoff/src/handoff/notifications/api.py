"""``/v1/notifications``, ``/v1/webhooks``."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, status
from pydantic import TypeAdapter

from handoff.domain.notifications.deliveries import DeliveryState
from handoff.notifications.queries import NotificationQueries
from handoff.notifications.schemas import NotificationOut, WebhookIn, WebhookOut
from handoff.notifications.service import Notifications
from handoff.scopes import READ, WRITE, WRITE_POLICIES
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Id, Limit

IdInPath = Annotated[Id, Path()]
_POSITION: Final = TypeAdapter(tuple[datetime, UUID])
_WEBHOOK: Final = TypeAdapter(tuple[Id])

Reader = Depends(require_scope(READ))
Writer = Annotated[Principal, Depends(require_scope(WRITE))]
Administrator = Annotated[Principal, Depends(require_scope(WRITE_POLICIES))]


def router(notifications: Notifications, queries: NotificationQueries) -> APIRouter:
    """Return the routes of notifications and webhooks."""
    routes = APIRouter(prefix="/v1")
    _notification_routes(routes, notifications, queries)
    _webhook_routes(routes, notifications, queries)
    return routes


def _notification_routes(
    routes: APIRouter, notifications: Notifications, queries: NotificationQueries
) -> None:
    @routes.get("/notifications", tags=["notifications"], dependencies=[Reader])
    async def list_notifications(
        state: Annotated[
            DeliveryState | None, Query(description="Some delivery of which stands there")
        ] = None,
        member_id: Annotated[Id | None, Query(description="Who is notified")] = None,
        handoff_id: Annotated[Id | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[NotificationOut]:
        """List notifications, the newest first."""
        found = await queries.notifications(
            state=state,
            member_id=member_id,
            handoff_id=handoff_id,
            after=decode_cursor("notifications", cursor, _POSITION),
            limit=limit + 1,
        )
        shown, next_cursor = page(
            "notifications",
            found,
            limit,
            lambda each: (each.created_at.isoformat(), str(each.notification_id)),
        )
        return Page(items=[NotificationOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.get("/notifications/{notification_id}", tags=["notifications"], dependencies=[Reader])
    async def get_notification(notification_id: UUID) -> NotificationOut:
        """Show a notification."""
        return NotificationOut.of(await queries.notification(notification_id))

    @routes.post("/notifications/{notification_id}/retry", tags=["notifications"])
    async def retry_notification(
        request: Request, notification_id: UUID, who: Writer
    ) -> NotificationOut:
        """Try again where the delivery is dead or undeliverable; elsewhere nothing changes."""
        await notifications.retry(notification_id, actor_of(request, who))
        return NotificationOut.of(await queries.notification(notification_id))


def _webhook_routes(
    routes: APIRouter, notifications: Notifications, queries: NotificationQueries
) -> None:
    @routes.get("/webhooks", tags=["webhooks"], dependencies=[Reader])
    async def list_webhooks(cursor: Cursor = None, limit: Limit = 100) -> Page[WebhookOut]:
        """List webhooks, by id."""
        after = decode_cursor("webhooks", cursor, _WEBHOOK)
        found = await queries.webhooks()
        rows = [each for each in found if after is None or each.webhook_id > after[0]]
        shown, next_cursor = page(
            "webhooks", rows[: limit + 1], limit, lambda each: (each.webhook_id,)
        )
        return Page(items=[WebhookOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.get("/webhooks/{webhook_id}", tags=["webhooks"], dependencies=[Reader])
    async def get_webhook(webhook_id: IdInPath) -> WebhookOut:
        """Show a webhook, without its secrets."""
        return WebhookOut.of(await queries.webhook(webhook_id))

    @routes.put("/webhooks/{webhook_id}", tags=["webhooks"])
    async def put_webhook(
        request: Request, webhook_id: IdInPath, body: WebhookIn, who: Administrator
    ) -> WebhookOut:
        """Create or replace a webhook: notifications are posted to it as they come.

        They are signed as [Standard Webhooks](https://www.standardwebhooks.com) says, and repeated
        with the same `webhook-id` until they are answered with 2xx, for about a day.
        """
        wanted = body.request(webhook_id)
        return WebhookOut.of(await notifications.put_webhook(wanted, actor_of(request, who)))

    @routes.delete(
        "/webhooks/{webhook_id}", tags=["webhooks"], status_code=status.HTTP_204_NO_CONTENT
    )
    async def delete_webhook(request: Request, webhook_id: IdInPath, who: Administrator) -> None:
        """Delete a webhook, and what is queued for it."""
        await notifications.delete_webhook(webhook_id, actor_of(request, who))
