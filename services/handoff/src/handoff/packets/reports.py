"""Reports over many packets: criteria against outcomes, quality, the weekly review's list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.handoff.terms import Outcome
from handoff.domain.packet.packet import Verdict
from handoff.domain.packet.quality import Entered, JudgedText, Quality, entered, quality
from handoff.domain.readiness import (
    Answer,
    Case,
    Criterion,
    CriterionOutcome,
    Override,
    outcomes_by_criterion,
)
from handoff.domain.teams.members import Role
from handoff.packets.snapshots import ACCEPTED, REQUESTED
from kakehashi_common.clock import Clock, japan_day, japan_midnight
from kakehashi_common.db import Database

MOST_REVIEWED: Final = 200
"""The longest list for a review."""

_overrides: Final[TypeAdapter[tuple[Override, ...]]] = TypeAdapter(tuple[Override, ...])
_handoff: Final = tables.handoff.c
_fact: Final = tables.handoff_fact.c
_snapshot: Final = tables.readiness_snapshot.c
_verdict: Final = tables.packet_verdict.c


@dataclass(frozen=True, slots=True)
class Period:
    """Days in Japan, both included, and the receiving role; ``None``: all of them."""

    since: date
    until: date
    to_role: Role | None = None

    def holds(self, at: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that an instant lies in it and the handoff goes to the role."""
        within = (
            at >= japan_midnight(self.since),
            at < japan_midnight(self.until + timedelta(days=1)),
        )
        return and_(*within, *([_handoff.to_role == self.to_role.value] if self.to_role else []))


@dataclass(frozen=True, slots=True)
class PacketQuality:
    """The quality of packets in a period."""

    entered: Mapping[str, Entered]
    """Required fields, by key, when handoffs were accepted."""
    verdicts: Quality


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A handoff whose packet lacked something, or had something wrong in it."""

    handoff_id: str
    lead_id: str
    sender: str | None
    owner: str | None
    missing: tuple[str, ...]
    wrong: tuple[str, ...]


class PacketReports:
    """Reads reports over many packets."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def period(
        self, days: int, since: date | None, until: date | None, to_role: Role | None
    ) -> Period:
        """Return a period; by default the last ``days`` until today."""
        end = until or japan_day(self._clock.now())
        return Period(since or end - timedelta(days=days - 1), end, to_role)

    async def criteria(self, period: Period) -> tuple[CriterionOutcome, ...]:
        """Compare each criterion, as it stood when handoffs were requested, with their outcome."""
        async with self._database.transaction() as connection:
            return outcomes_by_criterion(await _cases(connection, period))

    async def quality(self, period: Period) -> PacketQuality:
        """Return how complete packets were at acceptance, and the receiving side's verdicts."""
        async with self._database.transaction() as connection:
            packets = await connection.execute(
                select(_snapshot.required, _snapshot.missing)
                .join(tables.handoff, _handoff.handoff_id == _snapshot.handoff_id)
                .where(_snapshot.moment == ACCEPTED, period.holds(_snapshot.at))
            )
            verdicts = await connection.execute(
                select(
                    _verdict.field, _verdict.source, _verdict.entered_by_person, _verdict.verdict
                )
                .join(tables.handoff, _handoff.handoff_id == _verdict.handoff_id)
                .where(period.holds(_verdict.at))
            )
            return PacketQuality(
                entered((row.required, row.missing) for row in packets),
                quality(
                    JudgedText(row.field, row.source, row.entered_by_person, Verdict(row.verdict))
                    for row in verdicts
                ),
            )

    async def review(self, period: Period) -> list[Reviewed]:
        """Return handoffs of a period whose packets lacked a required field or had a wrong one."""
        async with self._database.transaction() as connection:
            missing = await _missing(connection, period)
            wrong: dict[str, list[str]] = {}
            for handoff_id, field in await connection.execute(
                select(_verdict.handoff_id, _verdict.field)
                .join(tables.handoff, _handoff.handoff_id == _verdict.handoff_id)
                .where(_verdict.verdict == Verdict.WRONG.value, period.holds(_verdict.at))
                .order_by(_verdict.handoff_id, _verdict.field)
            ):
                wrong.setdefault(handoff_id, []).append(field)
            concerned = sorted({*missing, *wrong})[:MOST_REVIEWED]
            rows = await connection.execute(
                select(_handoff.handoff_id, _handoff.lead_id, _handoff.sender, _handoff.owner)
                .where(_handoff.handoff_id.in_(concerned))
                .order_by(_handoff.handoff_id)
            )
            return [
                Reviewed(
                    *row,
                    missing=tuple(missing.get(row.handoff_id, ())),
                    wrong=tuple(dict.fromkeys(wrong.get(row.handoff_id, ()))),
                )
                for row in rows
            ]


async def _missing(connection: AsyncConnection, period: Period) -> dict[str, Sequence[str]]:
    rows = await connection.execute(
        select(_snapshot.handoff_id, _snapshot.missing)
        .join(tables.handoff, _handoff.handoff_id == _snapshot.handoff_id)
        .where(period.holds(_snapshot.at))
        .ext(distinct_on(_snapshot.handoff_id))
        .order_by(_snapshot.handoff_id, _snapshot.version.desc())
    )
    return {row.handoff_id: row.missing for row in rows if row.missing}


async def _cases(connection: AsyncConnection, period: Period) -> list[Case]:
    def happened(kind: str) -> ColumnElement[bool]:
        return exists().where(_fact.handoff_id == _handoff.handoff_id, _fact.kind == kind)

    rows = await connection.execute(
        select(
            _snapshot.criteria,
            _handoff.state["overrides"].label("overrides"),
            _handoff.outcome,
            _handoff.ended_at,
            happened("accepted").label("accepted"),
            happened("rejected").label("rejected"),
        )
        .join(tables.handoff, _handoff.handoff_id == _snapshot.handoff_id)
        .where(_snapshot.moment == REQUESTED, period.holds(_handoff.requested_at))
        .ext(distinct_on(_snapshot.handoff_id))
        .order_by(_snapshot.handoff_id, _snapshot.version)
    )
    return [_case(row) for row in rows]


def _case(row: Any) -> Case:
    overridden = {
        each.criterion: each.answer
        for each in _overrides.validate_python(row.overrides, strict=False)
    }
    criteria = {}
    for each in row.criteria:
        criterion, answer = Criterion(each["criterion"]), Answer(each["answer"])
        criteria[criterion] = (answer, overridden.get(criterion, answer))
    answered = row.accepted or row.rejected or row.ended_at is not None
    return Case(
        criteria,
        accepted=row.accepted if answered else None,
        won=None if row.outcome is None else row.outcome == Outcome.WON.value,
    )
