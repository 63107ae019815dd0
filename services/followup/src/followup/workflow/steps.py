"""The activities as a sequence's workflow calls them: each until it works."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from followup.domain.delivery.attempts import LONGEST_ATTEMPT
from followup.domain.playbooks.playbook import Playbook
from followup.domain.sequences.commands import Result
from followup.domain.sequences.narrative import sentence
from followup.domain.sequences.terms import Status
from followup.domain.sequences.words import step_in_words
from followup.sequences.messages import (
    Beginning,
    ReadScript,
    RecordSequence,
    StepResult,
    StepWork,
)
from followup.workflow.activities import SequenceActivities
from kakehashi_common.temporal.heartbeats import HEARTBEAT_TIMEOUT
from kakehashi_common.temporal.refusals import domain_error
from kakehashi_common.temporal.retries import SOON_UNTIL_IT_WORKS
from kakehashi_common.temporal.summaries import shortened

_QUICK: Final = timedelta(seconds=30)
_SENDING: Final = LONGEST_ATTEMPT
"""A mail server may take ten minutes to answer; what ends earlier leaves a mail's fate unknown."""

_WORK: Final[Mapping[Status, tuple[Callable[..., Any], str, timedelta]]] = {
    Status.CHOOSING: (SequenceActivities.choose_channel, "の連絡手段を選択", _QUICK),
    Status.PREPARING: (SequenceActivities.prepare_step, "の承認・タスクを準備", _QUICK),
    Status.PLANNING: (SequenceActivities.plan_step, "の送信時刻を決定", _QUICK),
    Status.SENDING: (SequenceActivities.send_step, "を送信", _SENDING),
}


async def read_script(request: ReadScript) -> Beginning:
    """Return the playbook and the calendar.

    Raises:
        DomainError: there is no such playbook, or no such contact.
    """
    try:
        found: Beginning = await _execute(
            SequenceActivities.read_script, request, "プレイブックと暦を確認"
        )
    except ActivityError as error:
        if isinstance(error.cause, ApplicationError) and error.cause.non_retryable:
            raise domain_error(error.cause) from error
        raise
    return found


async def record(request: RecordSequence, playbook: Playbook | None) -> bool:
    """Store decisions with what is to be published.

    Returns ``False`` if the contact is in the same playbook already.
    """
    facts = [fact for each in request.decisions for fact in each.facts]
    said = "、".join(sentence(fact, playbook) for fact in facts) or "記録"
    recorded: bool = await _execute(SequenceActivities.record_sequence, request, said)
    return recorded


async def work(status: Status, on: StepWork, playbook: Playbook | None) -> Result:
    """Have done what the state asks for."""
    activity, summary, within = _WORK[status]
    done: StepResult = await _execute(
        activity, on, f"{step_in_words(on.step_id, playbook)}{summary}", within
    )
    return done.result


async def _execute(
    activity: Callable[..., Any], request: object, summary: str, within: timedelta = _QUICK
) -> Any:
    return await workflow.execute_activity_method(
        activity,
        request,
        start_to_close_timeout=within,
        heartbeat_timeout=HEARTBEAT_TIMEOUT,
        retry_policy=SOON_UNTIL_IT_WORKS,
        summary=shortened(summary),
    )
