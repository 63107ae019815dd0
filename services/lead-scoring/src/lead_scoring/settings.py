"""The settings of lead-scoring: environment variables with the prefix ``LEAD_SCORING_``."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
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


class LeadScoringSettings(BaseSettings):
    """Everything that one installation of lead-scoring differs in from another."""

    model_config = settings_config("LEAD_SCORING_")

    database: DatabaseSettings
    kafka: KafkaSettings = KafkaSettings()
    consumer: ConsumerSettings = ConsumerSettings()
    temporal: TemporalSettings = TemporalSettings(task_queue="lead-scoring")
    telemetry: TelemetrySettings = TelemetrySettings(service_name="lead-scoring")
    auth: AuthSettings
    http: HttpSettings = HttpSettings(max_body_bytes=8_388_608)  # a thousand events at once
    ops: OpsSettings = OpsSettings()

    topic_prefix: str = Field(
        default="", description="Put before every topic's name: a replay or a test beside the rest"
    )
    workflow_id_prefix: str = Field(
        default="", description="Put before every workflow's id, for the same reason"
    )
    group_id: str = "lead-scoring"
    read_budget_phases: bool = Field(
        default=True,
        description="Whether the consumer reads budget-phases-v1 too, for lists that say whose "
        "deadline is next",
    )
    read_handoffs: bool = Field(
        default=True,
        description="Whether the consumer reads handoffs-v1 and deal-events-v1 too, to judge rules "
        "by what became of the leads that they qualified",
    )
    read_followups: bool = Field(
        default=True,
        description="Whether the consumer reads followups-v1 too, to count answers to follow-ups",
    )
    clock: Literal["wall", "events"] = Field(
        default="wall",
        description="'events' scores a lead as of its own newest event: for replays of the past",
    )
    cached_leads: int = Field(
        default=50_000, ge=0, description="Leads kept in the consumer's memory, about 1.5 KB each"
    )
    event_log_retention: timedelta = Field(
        default=timedelta(days=800), description="How long events can be scored as of and exported"
    )
    inbox_retention: timedelta = Field(
        default=timedelta(days=400), description="How long a redelivered event is known to be one"
    )
    score_history_retention: timedelta = Field(
        default=timedelta(days=800), description="How long announced scores can be looked up"
    )
    label_retention: timedelta = Field(
        default=timedelta(days=1830),
        description="How long it is known by which rules leads qualified, and what became of their "
        "handoffs and deals",
    )
    audit_retention: timedelta | None = Field(
        default=None,
        description="How long it is known who changed rules or asked for personal data; "
        "for ever when not set",
    )
    suppression_key: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Makes the digests of people who were erased and are kept out; keep it for "
        "good. Without it nobody can be kept out",
    )
    sweep_every: timedelta = timedelta(minutes=1)
