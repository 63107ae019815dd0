"""The results of what programs were given to do: an approval, a task, a time, a message."""

from dataclasses import replace
from datetime import datetime

from followup.domain.playbooks.steps import BestChannelStep, MailStep, channel_of, kind_of
from followup.domain.sequences import facts
from followup.domain.sequences.advancing import (
    Decision,
    Script,
    go_on,
    present,
    step_done,
    step_left_out,
)
from followup.domain.sequences.commands import (
    CLOCK,
    OpenTask,
    RecordFailure,
    RecordSent,
    RefuseStep,
    RequestApproval,
    Result,
    Schedule,
    TakeChannel,
)
from followup.domain.sequences.state import SequenceState
from followup.domain.sequences.terms import WORKING, Status


def apply_result(state: SequenceState, command: Result, script: Script, now: datetime) -> Decision:  # noqa: PLR0911 - one line a result
    """Apply the result of work.

    What comes too late, since the sequence has moved on, changes nothing; but a message that went
    is on record in any case.
    """
    late = state.status not in WORKING or command.attempt != state.attempt
    known = isinstance(command, RecordSent) and _sent_before(state, command.message_id)
    if known or (late and not isinstance(command, RecordSent)):
        return Decision(state, unchanged=True)  # behind the last step there is no present one
    step_id, decision = present(state), Decision(state)
    channel = kind_of(script.playbook.step(step_id))
    match command:
        case RecordSent():
            sent = facts.Sent(now, step_id, command.message_id, command.variant, command.role)
            is_mail = isinstance(script.playbook.step(step_id), MailStep)
            thread = command.message_id if is_mail else state.last_message_id
            recorded = decision.at(
                replace(state, sent=state.sent + 1, last_message_id=thread)
            ).plus(sent)
            return recorded if late else step_done(recorded, script, now)
        case TakeChannel():
            return _channel_taken(state, command, script, now)
        case RequestApproval():
            requested = replace(
                state,
                status=Status.AWAITING_APPROVAL,
                approved=False,
                approval_id=command.approval_id,
                due_at=command.expires_at,
            )
            return decision.at(requested).plus(
                facts.ApprovalRequested(
                    now, step_id, command.approval_id, command.expires_at, channel
                )
            )
        case OpenTask():
            opened = replace(
                state,
                status=Status.AWAITING_TASK,
                task_id=command.task_id,
                due_at=command.due_at,
            )
            return decision.at(opened).plus(
                facts.TaskOpened(
                    now,
                    step_id,
                    command.task_id,
                    command.owner,
                    command.due_at,
                    command.variant,
                )
            )
        case Schedule():
            scheduled = replace(state, status=Status.SCHEDULED, due_at=command.due_at)
            return decision.at(scheduled).plus(
                facts.Scheduled(now, step_id, command.due_at, command.why)
            )
        case RefuseStep(until=None):
            refused = facts.Refused(now, step_id, command.reason, None, command.why, channel)
            return step_left_out(decision.plus(refused), script, now)
        case RefuseStep():
            postponed = replace(state, status=Status.SCHEDULED, due_at=command.until)
            return decision.at(postponed).plus(
                facts.Refused(now, step_id, command.reason, command.until, command.why, channel)
            )
        case RecordFailure():
            failed = facts.DeliveryFailed(now, step_id, command.message_id, command.code)
            return step_left_out(decision.plus(failed), script, now)


def _channel_taken(
    state: SequenceState, command: TakeChannel, script: Script, now: datetime
) -> Decision:
    """Put a channel in the step's place, and go on with it as with any other step."""
    step = script.playbook.step(present(state))
    assert isinstance(step, BestChannelStep)  # noqa: S101 - nothing is chosen of another step
    channel = next(each for each in step.channels if each.id == command.step_id)
    taken = replace(state, position=replace(state.position, step=channel.id), status=Status.RESTING)
    chosen = facts.ChannelChosen(now, step.id, channel.id, channel_of(channel), command.why)
    return go_on(Decision(taken).plus(chosen), script, now, CLOCK)


def _sent_before(state: SequenceState, message_id: str) -> bool:
    """Whether it is on record that a message went."""
    return any(
        isinstance(fact, facts.Sent) and fact.message_id == message_id for fact in state.history
    )
