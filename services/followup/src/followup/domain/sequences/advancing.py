"""Advance a sequence: past a step, to the next one, to its end."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import (
    ActionStep,
    Approval,
    BestChannelStep,
    BranchStep,
    MailStep,
    PerformedStep,
    PocCheckStep,
    TaskStep,
    WaitStep,
    WebhookStep,
)
from followup.domain.playbooks.walk import (
    Ending,
    Finished,
    Office,
    Perform,
    Position,
    Rest,
    performed,
    walk,
)
from followup.domain.sequences import facts
from followup.domain.sequences.commands import CLOCK
from followup.domain.sequences.facts import Fact
from followup.domain.sequences.state import HISTORY_KEPT, SequenceState
from followup.domain.sequences.terms import Status


@dataclass(frozen=True, slots=True)
class Script:
    """The rules of a sequence: its playbook, and the municipality's office hours."""

    playbook: Playbook
    office: Office
    pauses_stop_clocks: bool = True
    """Whether the time of a pause counts neither as a wait nor as silence; it did for sequences
    that began before this was known, until they next read the calendar."""
    left_out_is_no_contact: bool = True
    """Whether a step that was left out leaves the last contact as it was; likewise."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The state after a command, and the facts."""

    state: SequenceState
    facts: tuple[Fact, ...] = ()
    unchanged: bool = False
    """Nothing has changed, mostly because the command was carried out before."""

    def plus(self, *more: Fact) -> "Decision":
        """Return the decision with more facts, in its state's history too."""
        history = (*self.state.history, *more)[-HISTORY_KEPT:]
        return replace(self, state=replace(self.state, history=history), facts=(*self.facts, *more))

    def at(self, state: SequenceState) -> "Decision":
        """Return the decision with another state."""
        return replace(self, state=state)


def go_on(decision: Decision, script: Script, now: datetime, by: str) -> Decision:
    """Find the next step by the playbook; a step that is under way stays under way.

    Occurrences that end the sequence end it in any case, paused or not.
    """
    state = decision.state
    move = walk(script.playbook, state.position, state.occurrences, now, script.office)
    if isinstance(move, Finished):
        if move.ending is Ending.COMPLETED:
            return ended(decision, move.ending.value, by, now)
        goal_reached = move.ending is Ending.GOAL_REACHED
        return ended(decision, move.reason, by, now, goal_reached=goal_reached)
    if state.pause is not None:
        return decision
    moved = move.position.step != state.position.step or move.position.since != state.position.since
    if not moved and state.status is not Status.RESTING:
        return decision
    state = replace(state, position=move.position)
    if moved:
        state = replace(state, approval_id=None, approved=False, task_id=None)
    match move:
        case Rest(until=until):
            return decision.at(replace(state, status=Status.RESTING, due_at=until))
        case Perform(step=step):
            return decision.at(given(state, _first_work(step)))


def after_pause(state: SequenceState, script: Script, resumed_at: datetime) -> Position:
    """Return where a paused sequence stands once it goes on: what waited goes on waiting."""
    position = state.position
    waits = isinstance(script.playbook.step(present(state)), WaitStep | BranchStep)
    if state.pause is None or not (waits and script.pauses_stop_clocks):
        return position
    paused = resumed_at - max(state.pause.since, position.since)
    return replace(position, stood_still=position.stood_still + max(paused, timedelta()))


def _first_work(step: PerformedStep) -> Status:
    """Return the first work on a step.

    Its channel is chosen, a person is asked, or its time is found.
    """
    if isinstance(step, BestChannelStep):
        return Status.CHOOSING
    return Status.PREPARING if _needs_person(step) else Status.PLANNING


def next_work(state: SequenceState, script: Script) -> Status:
    """Return the work when a step's time has come: it may have been put off before approval."""
    step = script.playbook.step(present(state))
    if isinstance(step, TaskStep | PocCheckStep):
        return Status.PREPARING
    ready = state.approved or isinstance(step, _NOT_CARRIED_OUT) or not _needs_person(step)
    return Status.SENDING if ready else Status.PREPARING


def planned_or_prepared(state: SequenceState, script: Script) -> Status:
    """Return the work on a step whose time has to be found: a task is opened at once."""
    is_task = isinstance(script.playbook.step(present(state)), TaskStep | PocCheckStep)
    return Status.PREPARING if is_task else Status.PLANNING


_NOT_CARRIED_OUT = WaitStep | BranchStep | BestChannelStep


def _needs_person(step: ActionStep) -> bool:
    """Whether a person has to do or to approve it."""
    sends = isinstance(step, MailStep | WebhookStep)
    return not (sends and step.approval is Approval.NONE)


def step_done(decision: Decision, script: Script, now: datetime) -> Decision:
    """Go on behind the present step, which was carried out."""
    decision = decision.at(behind_step(decision.state, script, now))
    return go_on(decision, script, now, CLOCK)


def step_left_out(decision: Decision, script: Script, now: datetime) -> Decision:
    """Go on behind the present step, which was not carried out."""
    carried_out = not script.left_out_is_no_contact
    decision = decision.at(behind_step(decision.state, script, now, carried_out=carried_out))
    return go_on(decision, script, now, CLOCK)


def behind_step(
    state: SequenceState, script: Script, now: datetime, *, carried_out: bool = True
) -> SequenceState:
    """Return the state after the present step, before the next one is known."""
    return replace(
        state,
        position=performed(script.playbook, state.position, now, carried_out=carried_out),
        status=Status.RESTING,
        due_at=None,
        approval_id=None,
        approved=False,
        task_id=None,
    )


def given(state: SequenceState, work: Status) -> SequenceState:
    """Give a program work, whose result names the attempt."""
    return replace(state, status=work, attempt=state.attempt + 1, due_at=None)


def ended(
    decision: Decision, reason: str, by: str, now: datetime, *, goal_reached: bool = False
) -> Decision:
    """End a sequence for a reason."""
    completed = reason == Ending.COMPLETED
    state = replace(
        decision.state,
        status=Status.COMPLETED if completed else Status.STOPPED,
        due_at=None,
        pause=None,
        ended_at=now,
        end_reason=str(reason),
    )
    fact: Fact = facts.Completed(now)
    if not completed:
        fact = facts.Stopped(now, by, str(reason), goal_reached)
    return decision.at(state).plus(fact)


def present(state: SequenceState) -> str:
    """Return the present step of a sequence that has not completed."""
    assert state.position.step is not None  # noqa: S101 - only an ended sequence has none
    return state.position.step
