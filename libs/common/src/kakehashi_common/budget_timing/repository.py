"""SQL for municipalities' phases and milestones of the budget year, from ``budget-phases-v1``."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Column, Date, DateTime, Index, MetaData, SmallInteger, String, Table, Text

from kakehashi_common.db import RawConnection


@dataclass(frozen=True, slots=True)
class Phase:
    """The phase that a municipality is in."""

    municipality_code: str
    said_at: datetime
    """When it was announced; what was announced later wins."""
    fiscal_year: int
    phase: str
    label_ja: str
    label_en: str
    ends_likely_on: date


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone with its days in Japan; without days, it fell away."""

    municipality_code: str
    fiscal_year: int
    milestone: str
    said_at: datetime
    label_ja: str
    label_en: str
    earliest_on: date | None
    likely_on: date | None
    latest_on: date | None


def phase_table(metadata: MetaData) -> Table:
    """Declare the table of phases in ``metadata``."""
    return Table(
        "municipality_phase",
        metadata,
        Column("municipality_code", String(6), primary_key=True),
        Column("said_at", DateTime(timezone=True), nullable=False, doc="The latest wins"),
        Column("fiscal_year", SmallInteger, nullable=False),
        Column("phase", Text, nullable=False),
        Column("label_ja", Text, nullable=False),
        Column("label_en", Text, nullable=False),
        Column("ends_likely_on", Date, nullable=False),
    )


def milestone_table(metadata: MetaData) -> Table:
    """Declare the table of milestones in ``metadata``."""
    milestone = Table(
        "municipality_milestone",
        metadata,
        Column("municipality_code", String(6), primary_key=True),
        Column("fiscal_year", SmallInteger, primary_key=True, autoincrement=False),
        Column("milestone", Text, primary_key=True),
        Column("said_at", DateTime(timezone=True), nullable=False, doc="The latest wins"),
        Column("label_ja", Text, nullable=False),
        Column("label_en", Text, nullable=False),
        Column("earliest_on", Date),
        Column("likely_on", Date, doc="Null: it fell away"),
        Column("latest_on", Date),
    )
    Index("ix_municipality_milestone_next", milestone.c.municipality_code, milestone.c.likely_on)
    return milestone


async def save_phases(connection: RawConnection, phases: Sequence[Phase]) -> None:
    """Keep what is newer than what is known."""
    await connection.executemany(
        "insert into municipality_phase as known values ($1, $2, $3, $4, $5, $6, $7) "
        "on conflict (municipality_code) do update set said_at = excluded.said_at, "
        "fiscal_year = excluded.fiscal_year, phase = excluded.phase, "
        "label_ja = excluded.label_ja, label_en = excluded.label_en, "
        "ends_likely_on = excluded.ends_likely_on where known.said_at < excluded.said_at",
        [_values(phase) for phase in phases],
    )


async def save_milestones(connection: RawConnection, milestones: Sequence[Milestone]) -> None:
    """Keep what is newer than what is known."""
    await connection.executemany(
        "insert into municipality_milestone as known values ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        "on conflict (municipality_code, fiscal_year, milestone) do update set "
        "said_at = excluded.said_at, label_ja = excluded.label_ja, label_en = excluded.label_en, "
        "earliest_on = excluded.earliest_on, likely_on = excluded.likely_on, "
        "latest_on = excluded.latest_on where known.said_at < excluded.said_at",
        [_values(milestone) for milestone in milestones],
    )


async def phases_of(connection: RawConnection, codes: Collection[str]) -> dict[str, Phase]:
    """Return the phase of each of these municipalities that one is known of."""
    rows = await connection.fetch(
        f"select {', '.join(Phase.__dataclass_fields__)} from municipality_phase "  # noqa: S608
        "where municipality_code = any($1::text[])",
        list(codes),
    )
    return {row[0]: Phase(*row) for row in rows}


async def next_milestones(
    connection: RawConnection, codes: Collection[str], today: date
) -> dict[str, Milestone]:
    """Return the first milestone from ``today`` on of each municipality that has one."""
    rows = await connection.fetch(
        "select distinct on (municipality_code) "  # noqa: S608 - our own columns
        f"{', '.join(Milestone.__dataclass_fields__)} from municipality_milestone "
        "where municipality_code = any($1::text[]) and likely_on >= $2 "
        "order by municipality_code, likely_on, milestone",
        list(codes),
        today,
    )
    return {row[0]: Milestone(*row) for row in rows}


async def coming_milestones(
    connection: RawConnection, code: str, today: date, limit: int
) -> list[Milestone]:
    """Return the first milestones of a municipality from ``today`` on."""
    rows = await connection.fetch(
        f"select {', '.join(Milestone.__dataclass_fields__)} "  # noqa: S608 - our own columns
        "from municipality_milestone where municipality_code = $1 and likely_on >= $2 "
        "order by likely_on, milestone limit $3",
        code,
        today,
        limit,
    )
    return [Milestone(*row) for row in rows]


def _values(row: Phase | Milestone) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in row.__dataclass_fields__)
