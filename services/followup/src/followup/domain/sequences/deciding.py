"""The life of a sequence: a command and an instant in, a new state and facts out."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.playbooks.walk import Occurrence, begin
from followup.domain.sequences import facts
from followup.domain.sequences.advancing import (
    Decision,
    Script,
    after_pause,
    behind_step,
    ended,
    given,
    go_on,
    next_work,
    planned_or_prepared,
    present,
    step_left_out,
)
from followup.domain.sequences.checks import check
from followup.domain.sequences.commands import (
    CLOCK,
    Approve,
    ChangeOwner,
    Command,
    CompleteTask,
    Enter,
    Pause,
    React,
    Reject,
    Resume,
    Skip,
    Stop,
    TimeCame,
)
from followup.domain.sequences.results import apply_result
from followup.domain.sequences.state import OCCURRENCES_KEPT, Pausing, SequenceState
from followup.domain.sequences.terms import WORKING, PauseReason, Status, StopReason, TaskOutcome
from kakehashi_common.domain.errors import StateConflictError


def enter(command: Enter, script: Script, now: datetime) -> Decision:
    """Begin a sequence at the playbook's first step.

    Raises:
        DomainError: see :func:`~followup.domain.sequences.checks.check`.
    """
    check(command)
    state = SequenceState(
        command.sequence_id,
        command.playbook_id,
        command.playbook_version,
        command.lead_id,
        command.trigger_id,
        command.reason,
        started_at=now,
        position=begin(script.playbook, now),
        municipality_code=command.municipality_code,
        owner=command.owner,
        urgent=command.urgent,
        good_until=command.good_until,
        policy_area=command.policy_area,
        one_per_municipality=command.one_per_municipality,
        version=1,
    )
    if command.phase is not None:
        phase = Occurrence(OccurrenceKind.PHASE_BEGAN, now, command.phase)
        state = replace(state, occurrences=(phase,))
    decision = Decision(state).plus(facts.Started(now, command.by, command.reason))
    return go_on(decision, script, now, command.by)


def decide(state: SequenceState, command: Command, script: Script, now: datetime) -> Decision:
    """Return the state after a command, and the facts.

    Args:
        state: where the sequence stands; it is never changed.
        command: what is asked.
        script: the same playbook as before; the calendar may have changed.
        now: the present instant; it never goes back.

    Raises:
        DomainError: the command makes no sense here; it names the field and the fix.
    """
    check(command)
    decision = _decide(state, command, script, now)
    if decision.unchanged:
        return decision
    return decision.at(replace(decision.state, version=state.version + 1))


def _decide(state: SequenceState, command: Command, script: Script, now: datetime) -> Decision:  # noqa: C901, PLR0911 - one line a command
    match command:
        case React():
            return _react(state, command, script, now)
        case Pause():
            return _pause(state, command, now)
        case Resume():
            return _resume(state, command, script, now)
        case Skip():
            return _skip(state, command, script, now)
        case Stop():
            return _stop_by_person(state, command, now)
        case Approve():
            return _approve(state, command, script, now)
        case Reject():
            return _reject(state, command, now)
        case CompleteTask():
            return _complete_task(state, command, script, now)
        case ChangeOwner():
            return _change_owner(state, command, now)
        case TimeCame():
            return _time_came(state, script, now)
        case _:
            return apply_result(state, command, script, now)


# What the clock and programs bring.


def _time_came(state: SequenceState, script: Script, now: datetime) -> Decision:
    """Do what is due; nothing if nothing is."""
    if not is_due(state, now):
        return Decision(state, unchanged=True)
    if state.pause is not None:
        return _resumed(state, CLOCK, script, now)
    step_id, decision = present(state), Decision(state)
    match state.status:
        case Status.SCHEDULED:
            return decision.at(given(state, next_work(state, script)))
        case Status.AWAITING_APPROVAL:
            assert state.approval_id is not None  # noqa: S101 - it awaits one
            expired = decision.plus(facts.ApprovalExpired(now, step_id, state.approval_id))
            return step_left_out(expired, script, now)
        case Status.AWAITING_TASK:
            assert state.task_id is not None  # noqa: S101 - it awaits one
            overdue = facts.TaskOverdue(now, step_id, state.task_id)
            return decision.at(replace(state, due_at=None)).plus(overdue)
        case _:
            return go_on(decision, script, now, CLOCK)


def is_due(state: SequenceState, now: datetime) -> bool:
    """Whether the clock has something to bring."""
    at = next_wakeup(state)
    return at is not None and at <= now


def next_wakeup(state: SequenceState) -> datetime | None:
    """Return when the clock brings something; ``None``: it does not."""
    if state.ended or state.status in WORKING:
        return None
    return state.due_at if state.pause is None else state.pause.until


# What people and events bring.


def _react(state: SequenceState, command: React, script: Script, now: datetime) -> Decision:
    """Take in an occurrence: it ends the sequence, is awaited by a branch, or is kept."""
    occurrence = Occurrence(command.occurrence, command.at, command.name)
    if state.ended or occurrence in state.occurrences:
        return Decision(state, unchanged=True)
    kept = replace(state, occurrences=(*state.occurrences, occurrence))
    fact = facts.Occurred(command.at, command.occurrence, command.by, command.name)
    decision = go_on(Decision(kept).plus(fact), script, now, command.by)
    if not decision.state.ended and len(kept.occurrences) > OCCURRENCES_KEPT:
        return Decision(state, unchanged=True)
    return decision


def _pause(state: SequenceState, command: Pause, now: datetime) -> Decision:
    """Pause the sequence; a further pause takes the place of the one that ends earlier.

    That of a higher playbook takes no other's place, and any other takes its: it comes again as
    long as there is one.
    """
    _require_open(state)
    pause = Pausing(now, command.reason, command.until)
    before = state.pause
    if before is not None and pause.reason is PauseReason.HIGHER_PLAYBOOK:
        return Decision(state, unchanged=True)
    if before is not None and before.reason is not PauseReason.HIGHER_PLAYBOOK:
        same = (before.reason, before.until) == (pause.reason, pause.until)
        longer = before.until is None or (pause.until is not None and pause.until <= before.until)
        if same or longer:
            return Decision(state, unchanged=True)
    paused = facts.Paused(now, command.by, command.reason, command.until)
    return Decision(replace(state, pause=pause)).plus(paused)


def _resume(state: SequenceState, command: Resume, script: Script, now: datetime) -> Decision:
    _require_open(state)
    if state.pause is None or command.reason not in (None, state.pause.reason):
        return Decision(state, unchanged=True)
    if command.reason is None and state.pause.reason is PauseReason.HIGHER_PLAYBOOK:
        raise StateConflictError(
            "the contact is in a playbook of a higher priority: it goes on when that has ended",
            code="higher_playbook_open",
        )
    return _resumed(state, command.by, script, now)


def _resumed(state: SequenceState, by: str, script: Script, now: datetime) -> Decision:
    """Go on: what was scheduled is planned again, since its time may have passed."""
    going_on = replace(state, pause=None, position=after_pause(state, script, now))
    decision = Decision(going_on).plus(facts.Resumed(now, by))
    if state.status is Status.SCHEDULED:
        return decision.at(given(decision.state, planned_or_prepared(decision.state, script)))
    return go_on(decision, script, now, by)


def _skip(state: SequenceState, command: Skip, script: Script, now: datetime) -> Decision:
    """Leave the present step out; a step that is being sent can't be left out."""
    _require_open(state)
    if command.step_id != state.position.step:
        raise StateConflictError(
            f"the present step is {state.position.step}, not {command.step_id}",
            field="step_id",
            code="not_the_present_step",
        )
    if state.status is Status.SENDING:
        raise StateConflictError(
            "the step is being sent at this moment: stop the sequence instead",
            field="step_id",
            code="being_sent",
        )
    skipped = Decision(state).plus(facts.Skipped(now, command.step_id, command.by))
    return step_left_out(skipped, script, now)


def _stop_by_person(state: SequenceState, command: Stop, now: datetime) -> Decision:
    if state.ended:
        return Decision(state, unchanged=True)
    return ended(Decision(state), StopReason.PERSON, command.by, now)


def _change_owner(state: SequenceState, command: ChangeOwner, now: datetime) -> Decision:
    """Have another seller own it; again, or if it is somebody else's: nothing changes."""
    if state.ended or state.owner != command.before or command.owner == command.before:
        return Decision(state, unchanged=True)
    changed = facts.OwnerChanged(now, command.by, command.before, command.owner)
    return Decision(replace(state, owner=command.owner)).plus(changed)


def _approve(state: SequenceState, command: Approve, script: Script, now: datetime) -> Decision:
    """Have the step planned, or its task opened; the same approval again: nothing changes."""
    if state.approval_id == command.approval_id and state.approved:
        return Decision(state, unchanged=True)
    step_id = _require_approval(state, command.approval_id)
    approved = given(replace(state, approved=True), planned_or_prepared(state, script))
    return Decision(approved).plus(
        facts.Approved(now, step_id, command.approval_id, command.by, command.edited)
    )


def _reject(state: SequenceState, command: Reject, now: datetime) -> Decision:
    """End the sequence: who must not get this message should not get the next one either."""
    if state.end_reason == StopReason.REJECTED and state.approval_id == command.approval_id:
        return Decision(state, unchanged=True)
    step_id = _require_approval(state, command.approval_id)
    rejected = Decision(state).plus(facts.Rejected(now, step_id, command.approval_id, command.by))
    return ended(rejected, StopReason.REJECTED, command.by, now)


_OCCURRENCES: Final = {
    TaskOutcome.ANSWERED: OccurrenceKind.ANSWERED,
    TaskOutcome.NEGATIVE: OccurrenceKind.NEGATIVE,
    TaskOutcome.MEETING_BOOKED: OccurrenceKind.MEETING_BOOKED,
    TaskOutcome.OPTED_OUT: OccurrenceKind.OPTED_OUT,
}
"""The occurrences that outcomes of tasks mean."""


def _complete_task(
    state: SequenceState, command: CompleteTask, script: Script, now: datetime
) -> Decision:
    """Advance past a person's task, with its outcome; a repetition changes nothing."""
    if any(
        isinstance(fact, facts.TaskCompleted) and fact.task_id == command.task_id
        for fact in state.history
    ):
        return Decision(state, unchanged=True)
    _require_open(state)
    if state.status is not Status.AWAITING_TASK or state.task_id != command.task_id:
        raise StateConflictError(
            f"task {command.task_id} is not open any more: the sequence is {state.status}",
            field="task_id",
            code="task_not_open",
        )
    step_id = present(state)
    decision = Decision(state).plus(
        facts.TaskCompleted(now, step_id, command.task_id, command.by, command.outcome)
    )
    decision = decision.at(behind_step(decision.state, script, now))
    if (occurrence := _OCCURRENCES.get(command.outcome)) is not None:
        kept = (*decision.state.occurrences, Occurrence(occurrence, now))
        decision = decision.at(replace(decision.state, occurrences=kept)).plus(
            facts.Occurred(now, occurrence, command.by)
        )
    return go_on(decision, script, now, command.by)


# What must hold.


def _require_open(state: SequenceState) -> None:
    if state.ended:
        raise StateConflictError(
            f"the sequence has ended ({state.end_reason})", code="sequence_ended"
        )


def _require_approval(state: SequenceState, approval_id: str) -> str:
    _require_open(state)
    if state.status is not Status.AWAITING_APPROVAL or state.approval_id != approval_id:
        raise StateConflictError(
            f"approval {approval_id} is not awaited any more: the sequence is {state.status}",
            field="approval_id",
            code="approval_not_awaited",
        )
    return present(state)
