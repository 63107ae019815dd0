"""Play a scenario with the workflow that runs in production, on the time-skipping server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from pathlib import Path
from typing import Final

from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from handoff.domain.assignment.ledger import Ledger
from handoff.domain.handoff.commands import Message, Reassign, Request
from handoff.domain.handoff.facts import Fact
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import OWNED, ReassignReason
from handoff.domain.teams.members import Member, Team
from handoff.handoffs.messages import Handoff, RecordedDecision
from handoff.handoffs.names import workflow_id
from handoff.handoffs.updates import UPDATES
from handoff.simulation.handoffs import SimulatedHandoffs
from handoff.simulation.people import ORIGIN, People, Planned, arrivals
from handoff.simulation.scenario import Scenario
from handoff.workflow.workflow import HandoffWorkflow
from handoff.workflows import PASSED_THROUGH, PERMANENT_ERRORS
from kakehashi_common.clock import japan_day
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.errors import NotFoundError
from kakehashi_common.temporal.error_boundary import rpc_errors
from kakehashi_common.temporal.time_skipping import ShiftedClock, time_skipping
from kakehashi_common.temporal.worker import make_worker

STEP: Final = timedelta(hours=1)
"""The working time skipped at once: nobody reacts sooner to what happens in it."""

LANE: Final = timedelta(seconds=9.7)
"""Offset of each handoff's clock from the one before: several that fall due at one instant are then
handled in the same order every time. It is no multiple of 20 seconds, at which people act.
"""

_LEAVES_AT: Final = time(9, tzinfo=JAPAN)
_QUEUE: Final = "simulation"


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that was refused, such as an answer that came too late."""

    at: datetime
    handoff_id: str
    message: Message
    code: str


@dataclass(frozen=True, slots=True)
class Played:
    """The outcome of a scenario."""

    scenario: Scenario
    teams: Mapping[str, Team]
    members: Mapping[str, Member]
    """As they are at the end."""
    decisions: Sequence[Sequence[RecordedDecision]]
    """Those of each handoff, in the order in which the handoffs began."""
    ledgers: Mapping[str | None, Ledger]
    """By team."""
    refused: Sequence[Refused]


async def play(
    scenario: Scenario, server: Path | None, *, on_day: Callable[[date], None] = lambda _: None
) -> Played:
    """Let the weeks of a scenario pass.

    Args:
        scenario: what happens.
        server: the time-skipping server; ``None`` has the SDK download one.
        on_day: called with the day that has been reached, for a progress bar.

    Raises:
        ServerUnavailableError: the server does not start, or can't be downloaded.
    """
    leads = list(arrivals(scenario))
    lanes = {workflow_id(each.handoff_id): LANE * number for number, each in enumerate(leads)}
    organisation = SimulatedHandoffs(
        scenario.domain_teams(),
        scenario.domain_members(),
        scenario.domain_territories(),
        scenario.rules(),
    )
    async with time_skipping(server) as environment:
        clock = ShiftedClock(environment, behind=lanes.__getitem__)
        await clock.set_to(scenario.span.first.begins)
        async with make_worker(
            clock.client,
            _QUEUE,
            workflows=[HandoffWorkflow],
            activities=organisation.activities(),
            passed_through=PASSED_THROUGH,
            permanent_errors=PERMANENT_ERRORS,
            max_cached_workflows=len(leads) + 1,
        ):
            player = _Player(scenario, clock, organisation, lanes, on_day)
            await player.play(leads)
    return Played(
        scenario,
        organisation.teams,
        organisation.members,
        list(organisation.decisions.values()),
        organisation.ledgers,
        player.refused,
    )


@dataclass
class _Player:
    """Lets time pass, and sends people's messages when they are due."""

    scenario: Scenario
    clock: ShiftedClock
    organisation: SimulatedHandoffs
    lanes: Mapping[str, timedelta]
    on_day: Callable[[date], None]
    refused: list[Refused] = field(default_factory=list)
    _planned: list[Planned] = field(default_factory=list)
    """A heap, by the server's time."""

    def __post_init__(self) -> None:
        self._people = People(self.scenario)
        self._client = self.clock.client
        self.organisation.on_fact = self._react

    async def play(self, leads: Sequence[Planned]) -> None:
        """Let all weeks pass."""
        for each in leads:
            self._plan(each)
        leaving = sorted(
            (datetime.combine(member.leaves, _LEAVES_AT), member_id)
            for member_id, member in self.scenario.members.items()
            if member.leaves
        )
        for at, member_id in leaving:
            await self._play_until(at)
            self._leave(member_id, at)
        await self._play_until(self.scenario.span.last.ends)

    def _react(self, state: HandoffState, fact: Fact) -> None:
        for each in self._people.reactions(state, fact):
            self._plan(each)

    def _plan(self, planned: Planned) -> None:
        at = planned.at + self.lanes[workflow_id(planned.handoff_id)]
        heappush(self._planned, replace(planned, at=at))

    async def _play_until(self, end: datetime) -> None:
        now = await self.clock.now()
        while now < end:
            following = self._planned[0].at if self._planned else end
            if following > now:
                now = min(following, self._people.at_work(now) + STEP, end)
                await self.clock.sleep_until(now)
                self.on_day(japan_day(now))
            else:
                await self._carry_out(heappop(self._planned))

    def _leave(self, member_id: str, at: datetime) -> None:
        """Have the handoffs that a member leaves behind given to others, by each team's lead."""
        member = self.organisation.members[member_id]
        self.organisation.members[member_id] = replace(member, active=False)
        lead = self._people.lead_of(member_id)
        for state in self.organisation.recorded.values():
            if state.owner == member_id and state.status in OWNED:
                message = Reassign(
                    lead, ReassignReason.MEMBER_LEFT, from_member=member_id, origin=ORIGIN
                )
                self._plan(Planned(at, state.handoff_id, message))

    async def _carry_out(self, planned: Planned) -> None:
        message = planned.message
        member = self.organisation.members.get(getattr(message, "by", ""))
        if member is not None and not member.active:
            return
        try:
            with rpc_errors():
                await self._send(planned.handoff_id, message)
        except WorkflowUpdateFailedError as error:
            if not isinstance(error.cause, ApplicationError):
                raise
            code = str(error.cause.type)
        except NotFoundError:
            code = "handoff_ended"
        else:
            return
        at = planned.at - self.lanes[workflow_id(planned.handoff_id)]
        self.refused.append(Refused(at, planned.handoff_id, message, code))

    async def _send(self, handoff_id: str, message: Message) -> None:
        name = workflow_id(handoff_id)
        if isinstance(message, Request):
            handle = await self._client.start_workflow(
                HandoffWorkflow.run, Handoff(message), id=name, task_queue=_QUEUE
            )
            await handle.execute_update("request", message)
            return
        handle = self._client.get_workflow_handle_for(HandoffWorkflow.run, name)
        await handle.execute_update(UPDATES[type(message)].name, message)
