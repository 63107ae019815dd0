"""The activities of handoffs. Each can be repeated at any point."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio import activity

from handoff import tables
from handoff.assignment.service import Assignments
from handoff.deals.service import open_by_acceptance
from handoff.domain.handoff.commands import Assign
from handoff.domain.handoff.facts import Accepted, Requested
from handoff.domain.handoff.policy import ClockPolicy
from handoff.events.publisher import publish
from handoff.handoffs import repository as handoffs
from handoff.handoffs.messages import (
    AssignmentResult,
    Beginning,
    HandoffRecorded,
    ReadServiceLevels,
    RecordedDecision,
    RecordHandoff,
    ReleaseAssignment,
)
from handoff.notifications import repository as notifications
from handoff.packets import snapshots
from handoff.workflow.service_levels import hours_of, service_levels
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database


class HandoffActivities:
    """The activities of handoffs.

    Args:
        database: where everything is stored.
        assignments: finds owners.
        topic_prefix: before every topic's name.
    """

    def __init__(
        self, database: Database, assignments: Assignments, *, topic_prefix: str = ""
    ) -> None:
        self._database = database
        self._assignments = assignments
        self._topic_prefix = topic_prefix

    def all(self) -> Sequence[Callable[..., Any]]:
        """Return what a worker registers."""
        return (
            self.read_service_levels,
            self.record_handoff,
            self.release_assignment,
        )

    @activity.defn
    async def read_service_levels(self, request: ReadServiceLevels) -> Beginning:
        """Return the policy and working hours in force; to one that begins, its stored state too.

        Raises:
            DomainError: the owner has to be a member of the receiving role and isn't
                (``unknown_member``).
        """
        async with self._database.transaction() as connection:
            levels = await service_levels(connection, request)
            stored = (
                await handoffs.find(connection, request.request.handoff_id)
                if request.begins
                else None
            )
        return Beginning(levels, None if stored is None else stored.state)

    @activity.defn
    async def record_handoff(self, request: RecordHandoff) -> HandoffRecorded:
        """Store decisions that are newer than what is stored, with all that follows from them.

        One transaction; a repeated or late call changes nothing, and finds the same owner.
        """
        try:
            async with self._database.transaction() as connection:
                if not request.decisions:
                    await handoffs.put_due(connection, request.handoff_id, request.next_due_at)
                for each in request.decisions:
                    if await handoffs.put(connection, each, next_due_at=request.next_due_at):
                        await self._record(connection, each)
                if request.assign_by is None:
                    return HandoffRecorded()
                last = request.decisions[-1]
                return HandoffRecorded(
                    assigned=await self._assign(connection, last, request.assign_by)
                )
        except handoffs.OpenElsewhereError:
            return HandoffRecorded(opened_elsewhere=True)

    async def _record(self, connection: AsyncConnection, decision: RecordedDecision) -> None:
        """Store, publish and announce what a decision that was stored has brought about."""
        state = decision.state
        await handoffs.add_facts(connection, decision)
        if any(isinstance(fact, Requested | Accepted) for _, fact in decision.facts):
            await snapshots.take(connection, state, decision.at)
        await publish(
            connection,
            state,
            [(decision.identity(position), fact) for position, fact in decision.facts],
            topic_prefix=self._topic_prefix,
        )
        for _, fact in decision.facts:
            if isinstance(fact, Accepted):
                await open_by_acceptance(connection, state, fact, topic_prefix=self._topic_prefix)
        await notifications.queue(
            connection,
            state,
            [(decision.identity(position), notice) for position, notice in decision.notices],
            decision.at,
        )
        if (act := decision.audit) is not None:
            await Actor(act.who, act.origin).record(
                connection,
                tables.audit_table,
                act.what,
                f"handoff/{state.handoff_id}",
                before=act.before,
                after=act.after,
            )

    async def _assign(
        self, connection: AsyncConnection, wanting: RecordedDecision, policy: ClockPolicy
    ) -> AssignmentResult:
        """Find an owner, charge the rotation, and return who it is and when they work."""
        command = await self._assignments.assign(connection, wanting.state, wanting.at, policy)
        owner = command.member_id if isinstance(command, Assign) else None
        return AssignmentResult(command, await hours_of(connection, owner))

    @activity.defn
    async def release_assignment(self, request: ReleaseAssignment) -> None:
        """Undo an assignment that the handoff did not wait for."""
        async with self._database.transaction() as connection:
            await self._assignments.release(connection, request.handoff_id, request.attempt)
