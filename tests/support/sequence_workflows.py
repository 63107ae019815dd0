"""Sequences on Temporal's servers, with activities that keep what they are given in memory."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from temporalio import activity

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import MailStep
from followup.domain.sequences.commands import (
    OpenTask,
    RecordSent,
    RequestApproval,
    Schedule,
)
from followup.domain.sequences.facts import Fact
from followup.domain.sequences.state import SequenceState
from followup.sequences.messages import (
    Beginning,
    ReadScript,
    RecordSequence,
    SequenceScript,
    StepResult,
    StepWork,
)
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.sequences import OFFICE, OFFICE_HOURS, PLAYBOOK


class InMemorySequences:
    """Records sequences; approves nothing, and lets mails go in office hours.

    Args:
        clock: the server's.
        playbook: whatever version is asked for.
    """

    def __init__(self, clock: Clock, playbook: Playbook = PLAYBOOK) -> None:
        self._clock = clock
        self._playbook = playbook
        self.states: dict[str, SequenceState] = {}
        self.facts: dict[str, list[Fact]] = {}

    def activities(self) -> Sequence[Callable[..., Any]]:
        """Return what a worker registers."""
        return (
            self.read_script,
            self.record_sequence,
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
    async def prepare_step(self, work: StepWork) -> StepResult:
        now = self._clock.now()
        if isinstance(self._playbook.step(work.step_id), MailStep):
            expires_at = now + timedelta(days=7)
            return StepResult(RequestApproval(work.attempt, work.name, expires_at))
        due_at = now + timedelta(days=2)
        return StepResult(OpenTask(work.attempt, work.name, work.owner, due_at))

    @activity.defn
    async def plan_step(self, work: StepWork) -> StepResult:
        due_at = OFFICE.hours.next_open(self._clock.now())
        return StepResult(Schedule(work.attempt, due_at, "開庁時間"))

    @activity.defn
    async def send_step(self, work: StepWork) -> StepResult:
        return StepResult(RecordSent(work.attempt, f"<{work.name}@mail.example.jp>"))
