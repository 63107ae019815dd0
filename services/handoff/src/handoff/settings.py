"""The settings of handoff: environment variables with the prefix ``HANDOFF_``."""

from datetime import time, timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from kakehashi_common.consumer.settings import ConsumerSettings
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.mail.settings import MailSettings
from kakehashi_common.settings import (
    AuthSettings,
    DatabaseSettings,
    Group,
    HttpSettings,
    HttpUrl,
    OpsSettings,
    TelemetrySettings,
    TemporalSettings,
    settings_config,
)
from kakehashi_common.webhooks.settings import WebhookSettings

MIGRATIONS = Path(__file__).parent / "migrations"


class NotificationSettings(Group):
    """Who is notified where nobody else is found, and when notices are gathered."""

    fallback_member: str | None = Field(
        default=None, description="Who is notified where no member, lead or manager is found"
    )
    handoff_url: HttpUrl | None = Field(
        default=None, description="A link to a handoff without its id; the API's own if absent"
    )
    digest_after: int = Field(
        default=3, ge=0, le=100, description="Mails of one day that go singly, urgent ones aside"
    )
    digest_at: time = Field(default=time(8, 30), description="When the others go, in Japan's time")


class HandoffSettings(BaseSettings):
    """Everything that one installation of handoff differs in from another."""

    model_config = settings_config("HANDOFF_")

    database: DatabaseSettings
    kafka: KafkaSettings = KafkaSettings()
    consumer: ConsumerSettings = ConsumerSettings()
    temporal: TemporalSettings = TemporalSettings(task_queue="handoff")
    telemetry: TelemetrySettings = TelemetrySettings(service_name="handoff")
    auth: AuthSettings
    http: HttpSettings = HttpSettings()
    ops: OpsSettings = OpsSettings()
    notifications: NotificationSettings = NotificationSettings()
    mail: MailSettings = MailSettings()
    webhooks: WebhookSettings = WebhookSettings()

    topic_prefix: str = Field(
        default="", description="Put before every topic's name: a test beside the rest"
    )
    workflow_id_prefix: str = Field(
        default="", description="Put before every workflow's id, for the same reason"
    )
    group_id: str = "handoff"
    handoff_retention: timedelta = Field(
        default=timedelta(days=1830),
        ge=timedelta(days=90),
        description="How long a handoff that has ended is kept, with all that belongs to it",
    )
    lead_retention: timedelta = Field(
        default=timedelta(days=800),
        description="How long a lead is kept of which nothing is heard and nothing is open",
    )
    deal_retention: timedelta = Field(
        default=timedelta(days=1830),
        description="How long deals and sellers' activities are kept, unless a handoff is open",
    )
    notification_retention: timedelta = Field(
        default=timedelta(days=400),
        description="How long notifications are kept that were delivered",
    )
    audit_retention: timedelta | None = Field(
        default=None, description="How long audit records are kept; for ever when not set"
    )
