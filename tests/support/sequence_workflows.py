"""Sequences on Temporal's servers, with activities that keep what they are given in memory."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import BestChannelStep, MailStep
from followup.domain.sequences.commands import (
    Message,
    OpenTask,
    RecordSent,
    RequestApproval,
    Schedule,
    TakeChannel,
)
from followup.domain.sequences.facts import Fact
from followup.domain.sequences.state import SequenceState
from followup.sequences.messages import (
    Beginning,
    ReadScript,
    RecordSequence,
    SequenceScript,
    SequenceStatus,
    StepResult,
    StepWork,
)
from followup.sequences.messages import Sequence as SequenceInput
from followup.sequences.names import workflow_id
from followup.sequences.updates import UPDATES
from followup.workflow.workflow import SequenceWorkflow
from followup.workflows import PASSED_THROUGH, PERMANENT_ERRORS
from kakehashi_common.clock import japan_day
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from kakehashi_common.temporal.time_skipping import ShiftedClock
from tests.support.sequences import OFFICE, OFFICE_HOURS, PLAYBOOK, WHY_THIS_CHANNEL, an_entry, at
from tests.support.workers import unhurried_worker


class InMemorySequences:
    """Records sequences; approves nothing, and lets mails go in office hours.

    Args:
        now: tells the server's time.
        playbook: whatever version is asked for.
    """

    def __init__(
        self, now: Callable[[], Awaitable[datetime]], playbook: Playbook = PLAYBOOK
    ) -> None:
        self._now = now
        self._playbook = playbook
        self.states: dict[str, SequenceState] = {}
        self.facts: dict[str, list[Fact]] = {}

    def activities(self) -> Sequence[Callable[..., Any]]:
        """Return what a worker registers."""
        return (
            self.read_script,
            self.record_sequence,
            self.choose_channel,
            self.prepare_step,
            self.plan_step,
            self.send_step,
        )

    @activity.defn
    async def read_script(self, request: ReadScript) -> Beginning:
        holidays = BUSINESS_DAYS.holidays(japan_day(request.now).year, 3)
        script = SequenceScript(self._playbook, OFFICE_HOURS, holidays)
        return Beginning(script, self.states.get(request.enter.sequence_id))

    @activity.defn
    async def record_sequence(self, request: RecordSequence) -> bool:
        for decision in request.decisions:
            before = self.states.get(request.sequence_id)
            if before is None or before.version < decision.state.version:
                self.states[request.sequence_id] = decision.state
                self.facts.setdefault(request.sequence_id, []).extend(decision.facts)
        return True

    @activity.defn
    async def choose_channel(self, work: StepWork) -> StepResult:
        step = self._playbook.step(work.step_id)
        assert isinstance(step, BestChannelStep)
        return StepResult(TakeChannel(work.attempt, step.channels[-1].id, WHY_THIS_CHANNEL))

    @activity.defn
    async def prepare_step(self, work: StepWork) -> StepResult:
        now = await self._now()
        if isinstance(self._playbook.step(work.step_id), MailStep):
            expires_at = now + timedelta(days=7)
            return StepResult(RequestApproval(work.attempt, work.name, expires_at))
        due_at = now + timedelta(days=2)
        return StepResult(OpenTask(work.attempt, work.name, work.owner, due_at))

    @activity.defn
    async def plan_step(self, work: StepWork) -> StepResult:
        due_at = OFFICE.hours.next_open(await self._now())
        return StepResult(Schedule(work.attempt, due_at, "開庁時間"))

    @activity.defn
    async def send_step(self, work: StepWork) -> StepResult:
        return StepResult(RecordSent(work.attempt, f"<{work.name}@mail.example.jp>"))


Handle = WorkflowHandle[SequenceWorkflow, str]


@dataclass
class SequenceLives:
    """The sequences of one test on the time-skipping server."""

    environment: WorkflowEnvironment
    name: str
    playbook: Playbook = PLAYBOOK
    keep: type[InMemorySequences] = InMemorySequences
    started: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = ShiftedClock(self.environment)
        self.kept = self.keep(self.clock.now, self.playbook)

    @asynccontextmanager
    async def working(self, *, max_cached_workflows: int = 1000) -> AsyncIterator[Worker]:
        """A worker, until the block ends."""
        worker = unhurried_worker(
            self.clock.client,
            self.name,
            workflows=[SequenceWorkflow],
            activities=self.kept.activities(),
            passed_through=PASSED_THROUGH,
            permanent_errors=PERMANENT_ERRORS,
            max_cached_workflows=max_cached_workflows,
        )
        async with worker:
            yield worker
            for each in self.started:
                await self.handle(each).describe()

    async def enter(self, now: str, **differences: Any) -> SequenceState:
        """Have a contact enter at that instant in Japan."""
        await self.clock.set_to(at(now).astimezone(UTC))
        enter = an_entry(**differences)
        self.started.append(enter.sequence_id)
        await self.environment.client.start_workflow(
            SequenceWorkflow.run,
            SequenceInput(enter),
            id=workflow_id(enter.sequence_id, f"{self.name}/"),
            task_queue=self.name,
        )
        await self._update(enter.sequence_id, "enter", enter)
        return self.state(enter.sequence_id)

    def handle(self, sequence_id: str = "s-1") -> Handle:
        return self.environment.client.get_workflow_handle_for(
            SequenceWorkflow.run, workflow_id(sequence_id, f"{self.name}/")
        )

    async def until(self, text: str) -> None:
        """Let time pass until an instant in Japan."""
        await self.clock.sleep_until(at(text).astimezone(UTC))

    async def send(self, message: Message, sequence_id: str = "s-1") -> SequenceStatus:
        """Send a message as an update."""
        return await self._update(sequence_id, UPDATES[type(message)].name, message)

    async def _update(self, sequence_id: str, name: str, message: Message) -> SequenceStatus:
        status: SequenceStatus = await self.handle(sequence_id).execute_update(
            name, message, result_type=SequenceStatus
        )
        return status

    def state(self, sequence_id: str = "s-1") -> SequenceState:
        """The state as last recorded."""
        return self.kept.states[sequence_id]

    def kinds(self, sequence_id: str = "s-1") -> list[str]:
        """The kinds of what has happened, in order."""
        return [fact.kind for fact in self.kept.facts[sequence_id]]

    async def end(self) -> None:
        """Leave no life behind: their timers would be waited for by others."""
        for each in self.started:
            handle = self.handle(each)
            if (await handle.describe()).close_time is None:
                await handle.terminate()


@asynccontextmanager
async def sequence_lives(environment: WorkflowEnvironment) -> AsyncIterator[SequenceLives]:
    """Sequences without a worker."""
    lives = SequenceLives(environment, f"test-{uuid.uuid4().hex[:12]}")
    try:
        yield lives
    finally:
        await lives.end()
