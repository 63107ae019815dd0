"""The settings of followup: environment variables with the prefix ``FOLLOWUP_``."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from kakehashi_common.consumer.settings import ConsumerSettings
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.settings import (
    AuthSettings,
    DatabaseSettings,
    HttpSettings,
    OpsSettings,
    TelemetrySettings,
    TemporalSettings,
    settings_config,
)

MIGRATIONS = Path(__file__).parent / "migrations"


class FollowupSettings(BaseSettings):
    """Everything that one installation of followup differs in from another."""

    model_config = settings_config("FOLLOWUP_")

    database: DatabaseSettings
    kafka: KafkaSettings = KafkaSettings()
    consumer: ConsumerSettings = ConsumerSettings()
    temporal: TemporalSettings = TemporalSettings(task_queue="followup")
    telemetry: TelemetrySettings = TelemetrySettings(service_name="followup")
    auth: AuthSettings
    http: HttpSettings = HttpSettings()
    ops: OpsSettings = OpsSettings()

    topic_prefix: str = Field(
        default="", description="Put before every topic's name: a test beside the rest"
    )
    workflow_id_prefix: str = Field(
        default="", description="Put before every workflow's id, for the same reason"
    )
    group_id: str = "followup"
