"""The ways through a playbook: each step is reached, and none leads round too fast."""

from collections.abc import Iterator
from enum import IntEnum
from typing import Final

from followup.domain.playbooks.findings import Finding, FindingCode
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import (
    BestChannelStep,
    BranchStep,
    DayOfYear,
    Elapsed,
    GoTo,
    MailStep,
    Silent,
    Step,
    WaitStep,
)

MAILS_AGAIN_AFTER: Final = 20
"""Business days that pass at least before a step mails the same contact again: about a month."""


class _Pause(IntEnum):
    """The time that passes between two steps at least."""

    NONE = 0
    SHORT = 1
    LONG = 2
    """:data:`MAILS_AGAIN_AFTER`, or until a day of the year."""


def path_findings(playbook: Playbook) -> Iterator[Finding]:
    """Yield the mistakes in the order of a playbook's steps; the steps it names are there."""
    ids = [step.id for step in playbook.steps]
    reached: set[str] = set()
    ahead = [ids[0]]
    while ahead:
        step_id = ahead.pop()
        if step_id not in reached:
            reached.add(step_id)
            ahead += (following for following, _ in _following(playbook, step_id))
    places = {step.id: index for index, step in enumerate(playbook.all_steps)}
    for step_id in ids:
        if step_id not in reached:
            message = f"no way leads to {step_id!r}; let a branch go there or leave it out"
            yield Finding(FindingCode.UNREACHABLE_STEP, message, "id", places[step_id])
    for step_id in filter(reached.__contains__, ids):
        if loop := _loop(playbook, step_id, _Pause.NONE):
            message = f"{loop} goes round without waiting; put a wait into it, or a case of silence"
            yield Finding(FindingCode.LOOP_WITHOUT_WAIT, message, "id", places[step_id])
            return
    for step_id in filter(reached.__contains__, ids):
        if _mails(playbook.step(step_id)) and (loop := _loop(playbook, step_id, _Pause.SHORT)):
            message = (
                f"{loop} mails the contact again and again; let the playbook end, or wait"
                f" {MAILS_AGAIN_AFTER} business days or for a day of the year in between"
            )
            yield Finding(FindingCode.MAIL_REPEATED, message, "id", places[step_id])
            return


def _mails(step: Step) -> bool:
    channels = step.channels if isinstance(step, BestChannelStep) else (step,)
    return any(isinstance(each, MailStep) for each in channels)


def _following(playbook: Playbook, step_id: str) -> Iterator[tuple[str, _Pause]]:
    """Yield the steps that may follow, and the pause before each."""
    step = playbook.step(step_id)
    if isinstance(step, BranchStep):
        for case in step.cases:
            if isinstance(case.then, GoTo):
                days = case.on.business_days if isinstance(case.on, Silent) else None
                yield case.then.step, _Pause.NONE if days is None else _pause(days)
    elif (following := playbook.after(step_id)) is not None:
        match step:
            case WaitStep(until=Elapsed(business_days=days)):
                yield following, _pause(days)
            case WaitStep(until=DayOfYear()):
                yield following, _Pause.LONG
            case _:  # a phase may be there already, and a behaviour may be seen at once
                yield following, _Pause.NONE


def _pause(business_days: int) -> _Pause:
    return _Pause.LONG if business_days >= MAILS_AGAIN_AFTER else _Pause.SHORT


def _loop(playbook: Playbook, step_id: str, longest: _Pause) -> str:
    """Return a way from a step back to itself on which no pause is longer; empty if none."""
    ways: list[tuple[str, ...]] = [(step_id,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for following, pause in _following(playbook, way[-1]):
            if pause > longest:
                continue
            if following == step_id:
                return " → ".join((*way, following))
            if following not in seen:
                seen.add(following)
                ways.append((*way, following))
    return ""
