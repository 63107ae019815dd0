"""The remaining steps of a sequence, as an estimate."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from followup.domain.playbooks.ahead import PlannedStep, look_ahead
from followup.domain.playbooks.steps import MailStep, PocCheckStep, TaskStep
from followup.domain.sequences.advancing import Script, after_pause
from followup.domain.sequences.narrative import moment
from followup.domain.sequences.state import SequenceState
from followup.domain.sequences.terms import Status
from followup.domain.sequences.words import step_in_words


def planned(
    state: SequenceState,
    script: Script,
    now: datetime,
    channels: Mapping[str, str] = MappingProxyType({}),
) -> tuple[PlannedStep, ...]:
    """Return the present step, if it is still to be done, and the steps behind it.

    It is an estimate: as if nobody reacted, people did their work at once, and a pause without an
    end were over now. A scheduled step keeps its time. For a step with several channels,
    ``channels`` has the one that would be chosen now.
    """
    if state.ended:
        return ()
    earliest, position = [now, state.position.since], state.position
    if state.pause is not None:
        earliest.append(state.pause.until or now)
        position = after_pause(state, script, max(earliest))
    if state.status is Status.SCHEDULED and state.due_at is not None:
        earliest.append(state.due_at)
    ahead = look_ahead(
        script.playbook,
        position,
        max(earliest),
        script.office,
        known=state.occurrences,
        channels=channels,
    )
    return ahead.steps


def planned_sentence(step: PlannedStep, script: Script) -> str:
    """Return a planned step in a few words that call it an estimate."""
    declared = script.playbook.step(step.step)
    match declared:
        case MailStep():
            what = "メールを送信"
        case TaskStep(title=title) | PocCheckStep(title=title):
            what = f"担当者の作業：{title}"
        case _:
            what = "外部システムに通知"
    return f"早くて{moment(step.at)}に{step_in_words(step.step, script.playbook)}の見込み（{what}）"
