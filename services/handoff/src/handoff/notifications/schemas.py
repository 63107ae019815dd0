"""Notifications and webhooks, as the API shows and takes them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr, WithJsonSchema

from handoff.domain.handoff.effects import NotifyReason, Recipient
from handoff.domain.notifications.deliveries import DeliveryState
from handoff.notifications.queries import DeliveryStatus, StoredNotification
from handoff.notifications.service import WebhookRequest
from handoff.notifications.webhooks import Webhook
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody
from kakehashi_common.webhooks.signatures import secret_key


def _checked(secret: SecretStr) -> SecretStr:
    secret_key(secret.get_secret_value())
    return secret


WebhookSecret = Annotated[
    SecretStr,
    AfterValidator(_checked),
    WithJsonSchema(
        {
            "type": "string",
            "format": "password",
            "writeOnly": True,
            "pattern": "^whsec_([A-Za-z0-9+/]{4}){8,20}([A-Za-z0-9+/]{3}=)?$",
        }
    ),
]


class WebhookIn(RequestBody):
    """A webhook as it should be."""

    url: str = Field(
        min_length=1,
        max_length=2000,
        description="Where notifications are posted: https, at a public address",
        examples=["https://hooks.example.jp/kakehashi"],
    )
    secrets: list[WebhookSecret] | None = Field(
        default=None,
        min_length=1,
        max_length=2,
        description="`whsec_` and the Base64 of 24 to 64 random bytes; two while a new one, which "
        "comes first, takes the other's place: each signs. They are never shown. Left out, they "
        "stay as they are",
    )
    reasons: list[NotifyReason] = Field(
        default_factory=list,
        max_length=len(NotifyReason),
        description="Of which notifications; empty: of all",
    )
    active: Flag = Field(
        default=True,
        description="If not, nothing more is queued for it, and what is queued waits",
    )

    def request(self, webhook_id: str) -> WebhookRequest:
        """Return what is asked for."""
        secrets = self.secrets
        return WebhookRequest(
            webhook_id,
            self.url,
            None if secrets is None else [each.get_secret_value() for each in secrets],
            self.reasons,
            self.active,
        )


class WebhookOut(ResponseBody):
    """A webhook, without its secrets."""

    webhook_id: str
    url: str
    secrets: int = Field(description="How many sign")
    reasons: list[NotifyReason]
    active: bool

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookOut":
        """Show it."""
        return cls(
            webhook_id=webhook.webhook_id,
            url=webhook.url,
            secrets=len(webhook.secrets),
            reasons=list(webhook.reasons),
            active=webhook.active,
        )


class DeliveryOut(ResponseBody):
    """The state of the delivery by one channel."""

    channel: Literal["mail", "webhook"]
    webhook_id: str | None
    state: DeliveryState
    due_at: JapanTime = Field(description="When it is looked at next, while it isn't delivered")
    attempts: int
    error: str | None = Field(description="Of the last attempt, or why there is none")
    delivered_at: JapanTime | None

    @classmethod
    def of(cls, status: DeliveryStatus) -> "DeliveryOut":
        """Show it."""
        return cls(
            channel="mail" if status.webhook_id is None else "webhook",
            webhook_id=status.webhook_id,
            state=status.state,
            due_at=status.due_at,
            attempts=status.attempts,
            error=status.error,
            delivered_at=status.delivered_at,
        )


class NotificationOut(ResponseBody):
    """A notification about a handoff."""

    notification_id: UUID
    handoff_id: str
    recipient: Recipient
    member_id: str | None = Field(description="Who is notified; null: nobody was found")
    reason: NotifyReason
    text: str = Field(description="In Japanese")
    act_by: JapanTime | None
    urgent: bool
    created_at: JapanTime
    deliveries: list[DeliveryOut]

    @classmethod
    def of(cls, stored: StoredNotification) -> "NotificationOut":
        """Show it."""
        return cls(
            notification_id=stored.notification_id,
            handoff_id=stored.handoff_id,
            recipient=stored.recipient,
            member_id=stored.member_id,
            reason=stored.reason,
            text=stored.text,
            act_by=stored.act_by,
            urgent=stored.urgent,
            created_at=stored.created_at,
            deliveries=[DeliveryOut.of(each) for each in stored.deliveries],
        )
