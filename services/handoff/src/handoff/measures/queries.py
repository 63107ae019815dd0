"""Queries for the measures of handoffs."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handoff.domain.measures.pairs import Pairs, pairs
from handoff.domain.measures.report import Cut, Members, Row, report
from handoff.domain.measures.rounds import Entry, Round, Subject, rounds_of
from handoff.domain.teams.members import Member, Role, Team
from handoff.domain.teams.working_time import OFFICE_HOURS
from handoff.measures import repository
from handoff.measures.names import Names
from handoff.measures.repository import BEGINNINGS, Chosen
from handoff.teams import repository as teams
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.business_time import BusinessTime
from kakehashi_common.domain.weeks import Span, Week
from kakehashi_common.japanese_holidays import BUSINESS_DAYS


@dataclass(frozen=True, slots=True)
class Measured:
    """A report, and the names of its keys."""

    rows: Sequence[Row]
    names: Names


@dataclass(frozen=True, slots=True)
class MeasuredPairs:
    """The pairs of sender and owner, and the names of members."""

    pairs: Pairs
    names: Names


class MeasureQueries:
    """Measures, computed from the facts when they are asked for."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @property
    def this_week(self) -> Week:
        """The present week in Japan."""
        return Week.of(self._clock.now())

    async def report(
        self, span: Span, cut: Cut, from_role: Role | None, to_role: Role | None
    ) -> Measured:
        """Return the measures of the rounds that began in ``span``."""
        read = await self._read(span, from_role, to_role)
        rows = await asyncio.to_thread(lambda: report(read.rounds(), span, cut, read.members()))
        return Measured(rows, read.names())

    async def pairs(
        self, span: Span, from_role: Role | None, to_role: Role | None
    ) -> MeasuredPairs:
        """Return which pairs succeeded in the rounds that began in ``span``."""
        read = await self._read(span, from_role, to_role)
        found = await asyncio.to_thread(
            lambda: pairs(each for each in read.rounds() if each.began in span)
        )
        return MeasuredPairs(found, read.names())

    async def _read(self, span: Span, from_role: Role | None, to_role: Role | None) -> "_Read":
        chosen = Chosen(BEGINNINGS, span.first.begins, span.last.ends, from_role, to_role)
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            return _Read(
                await repository.subjects(raw, chosen),
                await repository.entries(raw, chosen),
                await teams.members(connection),
                await teams.teams(connection),
                self._clock.now(),
            )


_USUAL_HOURS: Final = BusinessTime(BUSINESS_DAYS.__contains__, OFFICE_HOURS)
"""Of a deleted member."""


@dataclass(frozen=True, slots=True)
class _Read:
    """The rows that a report is computed from."""

    subjects: Sequence[Subject]
    entries: Sequence[Entry]
    all_members: Sequence[Member]
    all_teams: Sequence[Team]
    at: datetime

    def rounds(self) -> Iterator[Round]:
        return rounds_of(self.subjects, self.entries, self.at)

    def members(self) -> Members:
        return measured(self.all_members, self.all_teams)

    def names(self) -> Names:
        return Names.of_organisation(self.all_members, self.all_teams)


def measured(all_members: Iterable[Member], all_teams: Iterable[Team]) -> Members:
    """Return the attributes of these members that a report needs."""
    team_of = {each.member_id: each.team_id for each in all_members}
    works = {
        each.team_id: BusinessTime(BUSINESS_DAYS.__contains__, each.hours) for each in all_teams
    }
    return Members(
        team_of, lambda member_id: works.get(team_of.get(member_id or "", ""), _USUAL_HOURS)
    )
