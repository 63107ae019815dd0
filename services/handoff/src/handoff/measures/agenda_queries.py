"""Queries for the agenda of the weekly meeting."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from handoff.domain.measures.agenda import Agenda, agenda
from handoff.domain.measures.rounds import KINDS, Subject, rounds_of
from handoff.measures import repository
from handoff.measures.names import Names
from handoff.measures.repository import RATED, Chosen
from handoff.teams import repository as teams
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.weeks import Week
from kakehashi_common.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class ReadAgenda:
    """An agenda, and what else is needed to show it."""

    agenda: Agenda
    names: Names
    team: str | None
    """The name of the team that meets; ``None``: everybody."""
    now: datetime


class AgendaQueries:
    """Agendas, made from the facts when they are asked for."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @property
    def this_week(self) -> Week:
        """The present week in Japan."""
        return Week.of(self._clock.now())

    async def agenda(self, week: Week, team_id: str | None) -> ReadAgenda:
        """Return the agenda of a week, for one team or everybody.

        Raises:
            NotFoundError: there is no such team.
        """
        chosen = Chosen([*KINDS, RATED], week.begins, week.ends, or_open=True)
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            subjects = await repository.subjects(raw, chosen)
            entries = await repository.entries(raw, chosen)
            waiting = await repository.waiting(raw)
            by_id = {each.handoff_id: each for each in subjects}
            ratings = await repository.low_ratings(raw, by_id, week)
            all_members = await teams.members(connection)
            all_teams = {each.team_id: each.name for each in await teams.teams(connection)}
        if team_id is not None and team_id not in all_teams:
            raise NotFoundError(f"there is no team {team_id}", field="team")
        team_of = {each.member_id: each.team_id for each in all_members}

        def concerns(subject: Subject, owner: str | None) -> bool:
            return team_id is None or team_id in {
                team_of.get(subject.sender or ""),
                team_of.get(owner or ""),
            }

        now = self._clock.now()
        made = await asyncio.to_thread(
            lambda: agenda(rounds_of(subjects, entries, now), waiting, ratings, week, concerns)
        )
        names = Names({each.member_id: each.name for each in all_members}, all_teams)
        team = None if team_id is None else all_teams[team_id]
        return ReadAgenda(made, names, team, now)
