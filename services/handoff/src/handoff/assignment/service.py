"""Decide who gets a handoff, keep why, and charge it to the rotation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.assignment import repository
from handoff.assignment.repository import StoredAssignment, rotation_of
from handoff.domain.assignment.choice import Assignment
from handoff.domain.assignment.choice import assign as choose
from handoff.domain.assignment.eligibility import Load
from handoff.domain.handoff.assigning import demand_of, result_of
from handoff.domain.handoff.commands import Assign, LeaveUnassigned
from handoff.domain.handoff.policy import ClockPolicy, Sla
from handoff.domain.handoff.state import HandoffState
from handoff.domain.teams.territories import territory_of
from handoff.domain.teams.working_time import OFFICE_HOURS, working_times
from handoff.teams import repository as teams
from handoff.teams.places import place_of
from kakehashi_common.domain.business_time import BusinessTime
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

_is_business_day: Final[Callable[[date], bool]] = BUSINESS_DAYS.__contains__


class Assignments:
    """Assigns handoffs, within the transaction of the caller and one handoff per transaction.

    Assignments wait for each other, and for whoever changes teams.
    """

    async def assign(
        self, connection: AsyncConnection, state: HandoffState, now: datetime, policy: ClockPolicy
    ) -> Assign | LeaveUnassigned:
        """Choose who gets a handoff, and return what to tell it.

        The same assignment again gets the stored result, and nothing is charged twice. While
        nobody is eligible the handoff asks again with the same number, and another
        ``assignment_wanted_at``: then it is decided again.

        Args:
            connection: within a transaction.
            state: of a handoff that awaits an assignment.
            now: when it is assigned.
            policy: of its clocks.

        Raises:
            NotFoundError: there is no such handoff; it is recorded before it is assigned.
            ValueError: no assignment is wanted.
        """
        await repository.lock(connection, state.handoff_id)
        stored = await repository.find(connection, state.handoff_id, state.attempt)
        if stored and (
            isinstance(stored.found, Assignment) or stored.wanted_at == state.assignment_wanted_at
        ):
            return result_of(state.attempt, stored.found)
        if state.assignment_wanted_at is None:
            raise ValueError(f"{state.handoff_id} awaits no assignment")
        decided = await self._decide(connection, state, now, policy)
        await repository.put(connection, decided)
        chosen = decided.found.member_id if isinstance(decided.found, Assignment) else None
        await repository.carry(connection, state.handoff_id, chosen)
        return result_of(state.attempt, decided.found)

    async def release(self, connection: AsyncConnection, handoff_id: str, attempt: int) -> None:
        """Take back an assignment that the handoff no longer wanted when it was made.

        The rotation is as if it had not been made, and the member's capacity is free again. Again,
        or when nobody was found: nothing changes. Who rejects a handoff, or lets the time to
        accept pass, had a turn all the same: that isn't taken back.

        Args:
            connection: within a transaction.
            handoff_id: the handoff.
            attempt: the number of the assignment.

        Raises:
            NotFoundError: there is no such handoff.
        """
        await repository.lock(connection, handoff_id)
        stored = await repository.find(connection, handoff_id, attempt)
        if stored is None or stored.released or not isinstance(stored.found, Assignment):
            return
        ledger = await repository.ledger(connection, stored.rotation)
        refunded = ledger.refunded(stored.found.member_id, stored.found.shares)
        await repository.put_ledger(connection, stored.rotation, refunded)
        await repository.put(connection, replace(stored, released=True))
        await repository.put_down(connection, handoff_id, stored.found.member_id, attempt)

    @staticmethod
    async def _decide(
        connection: AsyncConnection, state: HandoffState, now: datetime, policy: ClockPolicy
    ) -> StoredAssignment:
        """Decide by what is stored now, and charge the rotation."""
        members = await teams.members(connection)
        all_teams = await teams.teams(connection)
        place = place_of(state.municipality_code, state.policy_area)
        territory = territory_of(place, await teams.territories(connection))
        team_id = None if territory is None else territory.team_id
        hours = {each.team_id: each.hours for each in all_teams}.get(team_id or "", OFFICE_HOURS)
        sla = Sla(policy, BusinessTime(_is_business_day, hours))
        demand = demand_of(state, team_id, now, sla)
        related = await repository.related(
            connection, state.municipality_code, without=state.handoff_id
        )
        ledger = await repository.ledger(connection, rotation_of(demand))
        left = ledger.accounts.keys() - {each.member_id for each in members if each.active}
        ledger = ledger.without(left)
        found = choose(
            demand,
            members,
            working_times(members, all_teams, _is_business_day, since=now),
            Load(await repository.load(connection, without=state.handoff_id)),
            ledger,
            related=related | {state.preferred} if state.preferred else related,
            now=now,
        )
        if isinstance(found, Assignment):
            charged = ledger.charged(found.member_id, found.shares)
            await repository.put_ledger(connection, rotation_of(demand), charged)
        return StoredAssignment(
            state.handoff_id, state.attempt, state.assignment_wanted_at or now, now, demand, found
        )
