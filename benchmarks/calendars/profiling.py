"""Profile the worker while all of Japan is being followed."""

from dataclasses import dataclass
from typing import Final

from benchmarks.profiling import Parts

PARTS: Final[Parts] = (
    ("budget_calendar/cycles/workflow", "workflow code"),
    ("sandbox", "a sandbox for each workflow"),
    ("budget_calendar/domain", "compute calendars and plan cycles"),
    ("budget_calendar/calendars/calculator", "compute calendars and plan cycles"),
    ("jpholiday", "compute calendars and plan cycles"),
    ("budget_calendar/cycles/activities", "compute calendars and plan cycles"),
    ("budget_calendar/cycles/plan", "compute calendars and plan cycles"),
    ("budget_calendar/events", "write events"),
    ("kakehashi_common/outbox", "write events"),
    ("kakehashi_common/contracts", "write events"),
    ("asyncpg/", "database (SQLAlchemy, asyncpg)"),
    ("sqlalchemy/", "database (SQLAlchemy, asyncpg)"),
    ("budget_calendar/calendars/repository", "database (SQLAlchemy, asyncpg)"),
    ("budget_calendar/follows/repository", "database (SQLAlchemy, asyncpg)"),
    ("budget_calendar/notifications/repository", "database (SQLAlchemy, asyncpg)"),
    ("budget_calendar/registry/repository", "database (SQLAlchemy, asyncpg)"),
    ("kakehashi_common/temporal/codec", "encrypt payloads"),
    ("pydantic", "convert payloads"),
    ("temporalio/converter", "convert payloads"),
    ("temporalio/contrib/opentelemetry", "telemetry"),
    ("opentelemetry", "telemetry"),
    ("temporalio/", "Temporal's SDK"),
    ("google/protobuf", "Temporal's SDK"),
)
"""Of the worker. Threads of the SDK's core are not Python and are not sampled."""


@dataclass(frozen=True, slots=True)
class WorkerProfile:
    """The worker's time per municipality, milliseconds, from the start until it stands."""

    municipalities: int
    elapsed_ms: float
    cpu_ms: float
    parts: dict[str, float]
    """Share of the time in Python of each part."""
