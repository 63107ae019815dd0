"""Handoffs on the time-skipping server, each beginning at an instant that the test names."""

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from handoff.domain.handoff.commands import Message
from handoff.domain.handoff.facts import Fact
from handoff.domain.handoff.state import HandoffState
from handoff.domain.teams.members import Member, Role, Team
from handoff.handoffs.messages import Handoff, HandoffStatus
from handoff.handoffs.names import workflow_id
from handoff.handoffs.updates import UPDATES
from handoff.simulation.handoffs import SimulatedHandoffs
from handoff.workflow.workflow import HandoffWorkflow
from handoff.workflows import PASSED_THROUGH, PERMANENT_ERRORS
from kakehashi_common.temporal.time_skipping import ShiftedClock
from tests.support.handoffs import OFFICE, a_request, at
from tests.support.waiting import eventually
from tests.support.workers import unhurried_worker

TEAM = Team("east", "東日本営業部", OFFICE, lead="lead-1", manager="manager-1")

Handle = WorkflowHandle[HandoffWorkflow, str]


def sellers(*member_ids: str, role: Role = Role.FIELD_SALES, **more: Any) -> dict[str, Member]:
    """Members of one team and role."""
    return {
        each: Member(each, TEAM.team_id, frozenset({role}), capacity=10, **more)
        for each in member_ids
    }


ORGANISATION: Mapping[str, Member] = {
    **sellers("fs-1", "fs-2"),
    **sellers("is-1", role=Role.INSIDE_SALES),
}


@dataclass
class HandoffLives:
    """The handoffs of one test, in an organisation of their own."""

    environment: WorkflowEnvironment
    name: str
    organisation: SimulatedHandoffs = field(
        default_factory=lambda: SimulatedHandoffs({TEAM.team_id: TEAM}, dict(ORGANISATION))
    )
    started: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = ShiftedClock(self.environment)

    @asynccontextmanager
    async def working(self, *, max_cached_workflows: int = 1000) -> AsyncIterator[Worker]:
        """A worker, until the block ends."""
        worker = unhurried_worker(
            self.clock.client,
            self.name,
            workflows=[HandoffWorkflow],
            activities=self.organisation.activities(),
            passed_through=PASSED_THROUGH,
            permanent_errors=PERMANENT_ERRORS,
            max_cached_workflows=max_cached_workflows,
        )
        async with worker:
            yield worker
            for each in self.started:
                await self.handle(each).describe()

    async def request(self, now: str, **differences: Any) -> Handle:
        """Request a handoff at that instant in Japan, and wait until it has an owner or none."""
        await self.clock.set_to(at(now).astimezone(UTC))
        request = a_request(**differences)
        self.started.append(request.handoff_id)
        handle = await self.environment.client.start_workflow(
            HandoffWorkflow.run,
            Handoff(request),
            id=workflow_id(request.handoff_id, f"{self.name}/"),
            task_queue=self.name,
        )
        await self.send_update(handle, "request", request)
        return handle

    def handle(self, handoff_id: str = "h-1") -> Handle:
        return self.environment.client.get_workflow_handle_for(
            HandoffWorkflow.run, workflow_id(handoff_id, f"{self.name}/")
        )

    async def recorded(self, handoff_id: str = "h-1", version: int = 1) -> HandoffState:
        """Wait until that version has been recorded."""

        def there() -> bool:
            found = self.organisation.recorded.get(handoff_id)
            return found is not None and found.version >= version

        await eventually(there, what=f"version {version} of {handoff_id}")
        return self.organisation.recorded[handoff_id]

    async def until(self, text: str) -> None:
        """Let time pass until an instant in Japan."""
        await self.clock.sleep_until(at(text).astimezone(UTC))

    async def send(self, message: Message, handoff_id: str = "h-1") -> HandoffStatus:
        """Send a message as an update."""
        return await self.send_update(self.handle(handoff_id), UPDATES[type(message)].name, message)

    async def send_update(self, handle: Handle, name: str, message: Message) -> HandoffStatus:
        status: HandoffStatus = await handle.execute_update(
            name, message, result_type=HandoffStatus
        )
        return status

    async def refusal(self, message: Message, handoff_id: str = "h-1") -> tuple[str, str | None]:
        """The code and the field with which a message is refused."""
        try:
            await self.send(message, handoff_id)
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            assert isinstance(cause, ApplicationError), cause
            field, *_ = cause.details
            return str(cause.type), field
        raise AssertionError("it was accepted")

    def state(self, handoff_id: str = "h-1") -> HandoffState:
        """The state as last recorded."""
        return self.organisation.recorded[handoff_id]

    def facts(self, handoff_id: str = "h-1") -> list[Fact]:
        """Return the facts, in order."""
        decisions = self.organisation.decisions[handoff_id]
        return [fact for each in decisions for _, fact in each.facts]

    def kinds(self, handoff_id: str = "h-1") -> list[str]:
        """Return the kinds of the facts, in order."""
        return [fact.kind for fact in self.facts(handoff_id)]

    async def end(self) -> None:
        """Leave no life behind: their timers would be waited for by others."""
        for each in self.started:
            handle = self.handle(each)
            if (await handle.describe()).close_time is None:
                await handle.terminate()


@asynccontextmanager
async def handoff_lives(environment: WorkflowEnvironment) -> AsyncIterator[HandoffLives]:
    """Handoffs without a worker."""
    lives = HandoffLives(environment, f"test-{uuid.uuid4().hex[:12]}")
    try:
        yield lives
    finally:
        await lives.end()
