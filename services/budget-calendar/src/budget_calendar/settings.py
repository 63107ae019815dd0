"""The settings of budget-calendar: environment variables with the prefix ``BUDGET_CALENDAR_``."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from budget_calendar.domain.budget_year.scheduled_events import LEAD_BUSINESS_DAYS
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

BusinessDays = Annotated[int, Field(ge=0, le=250)]


class BudgetCalendarSettings(BaseSettings):
    """Everything that one installation of budget-calendar differs in from another."""

    model_config = settings_config("BUDGET_CALENDAR_")

    database: DatabaseSettings
    kafka: KafkaSettings = KafkaSettings()
    temporal: TemporalSettings = TemporalSettings(
        task_queue="budget-calendar",
        # Every municipality at 0.1 MB each (measured), so that none is replayed as it wakes.
        max_cached_workflows=2_000,
    )
    telemetry: TelemetrySettings = TelemetrySettings(service_name="budget-calendar")
    auth: AuthSettings
    http: HttpSettings = HttpSettings()
    ops: OpsSettings = OpsSettings()

    topic_prefix: str = Field(
        default="", description="Put before every topic's name: a test beside the rest"
    )
    workflow_id_prefix: str = Field(
        default="", description="Put before every workflow's id, for the same reason"
    )
    template: Literal["published", "textbook"] = Field(
        default="published", description="The template of calendars without better data"
    )
    lead_business_days: tuple[BusinessDays, ...] = Field(
        default=LEAD_BUSINESS_DAYS, description="How long before a milestone it is announced"
    )
    tell_every: timedelta = Field(
        default=timedelta(minutes=1),
        description="How often pending notifications of workflows are sent",
    )
    announced_retention: timedelta = Field(
        default=timedelta(days=800), description="How long announced events are remembered"
    )
    replaced_calendar_retention: timedelta | None = Field(
        default=None,
        description="How long a calendar's old versions can be read, since a newer one took their "
        "place; for ever when not set",
    )
    audit_retention: timedelta | None = Field(
        default=None,
        description="How long audit records are kept; for ever when not set",
    )
