"""The steps of a playbook file."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Generic, TypeVar

from followup.domain.playbooks.audience import SizeBand
from followup.domain.playbooks.steps import (
    Approval,
    Behaved,
    BehaviourSeen,
    BestChannelStep,
    BranchStep,
    Case,
    Channel,
    ChannelStep,
    DayOfYear,
    Elapsed,
    GoTo,
    MailStep,
    OccurrenceKind,
    PhaseReached,
    PocCheckStep,
    Reacted,
    Recipient,
    Requirement,
    Silent,
    Step,
    StopWith,
    TaskKind,
    TaskStep,
    Until,
    WaitStep,
    WebhookStep,
)
from followup.playbooks.choices import one, several
from kakehashi_common.yaml_reader import Section

_DAY_OF_YEAR: Final = re.compile(r"([0-9]{2})-([0-9]{2})")
_DUE_BUSINESS_DAYS: Final = 2
_MAX_DUE_HOURS: Final = 40
"""About a week of office hours; days are meant beyond."""


_OfKind_co = TypeVar("_OfKind_co", bound=Step, covariant=True)


@dataclass(frozen=True, slots=True)
class _Kind(Generic[_OfKind_co]):
    """A kind of steps: its reader, and its required and optional keys."""

    read: Callable[[Section], _OfKind_co]
    required: str
    optional: str = ""


def read_steps(file: Section) -> tuple[tuple[Step, ...], tuple[Section, ...]]:
    """Return the steps, and the place of each step. Unreadable ones are reported.

    All steps are those of :attr:`~followup.domain.playbooks.playbook.Playbook.all_steps`.
    """
    steps: list[Step] = []
    places: list[Section] = []
    for step, place in _read(file, "steps", _KINDS):
        places.append(place)
        if isinstance(step, BestChannelStep):
            channels = tuple(_read(place, "channels", _CHANNELS))
            steps.append(replace(step, channels=tuple(each for each, _ in channels)))
            places += (each for _, each in channels)
        else:
            steps.append(step)
    return tuple(steps), tuple(places)


def _read(
    section: Section, key: str, kinds: Mapping[str, _Kind[_OfKind_co]]
) -> Iterator[tuple[_OfKind_co, Section]]:
    """Yield the readable steps of a list, with the place of each."""
    for node in section.items(key):
        step = Section(node, section.report, f"each of {key}", "id kind", None)
        name = step.text("kind") if "kind" in step else ""
        if name in kinds:
            kind = kinds[name]
            what = f"step {step.text('id')}"
            place = Section(node, section.report, what, f"id kind {kind.required}", kind.optional)
            yield kind.read(place), place
        elif name:
            step.problem("kind", f"{name!r} is unknown; kinds: {', '.join(kinds)} (unknown_kind)")


def _mail(section: Section) -> MailStep:
    return MailStep(
        id=section.text("id"),
        template=section.text("template"),
        alternative=section.text("alternative") or None,
        to=_recipient(section),
        approval=_approval(section, Approval.REQUIRED),
        key_moment=bool(section.boolean("key_moment")),
        size_bands=several(section, "size_bands", SizeBand),
    )


def _task(kind: TaskKind, section: Section) -> TaskStep:
    return TaskStep(
        id=section.text("id"),
        kind=kind,
        title=section.text("title"),
        due_business_days=_due(section),
        due_business_hours=_due_hours(section),
        template=section.text("template") or None,
        alternative=section.text("alternative") or None,
        fields=section.texts("fields"),
        to=_recipient(section),
        approval=_approval(section, Approval.NONE),
        key_moment=bool(section.boolean("key_moment")),
        size_bands=several(section, "size_bands", SizeBand),
        requires=several(section, "requires", Requirement),
    )


def _poc_check(section: Section) -> PocCheckStep:
    return PocCheckStep(
        id=section.text("id"),
        title=section.text("title"),
        weeks=section.whole("weeks") or 0,
        metrics=section.texts("metrics"),
        due_business_days=_due(section),
        template=section.text("template") or None,
        approval=_approval(section, Approval.NONE),
        key_moment=bool(section.boolean("key_moment")),
    )


def _webhook(section: Section) -> WebhookStep:
    return WebhookStep(
        id=section.text("id"),
        hook=section.text("hook"),
        approval=_approval(section, Approval.NONE),
        key_moment=bool(section.boolean("key_moment")),
    )


def _best_channel(section: Section) -> BestChannelStep:
    return BestChannelStep(id=section.text("id"), channels=())  # they are read beside it


def _recipient(section: Section) -> Recipient:
    return one(section, "to", Recipient) or Recipient.CONTACT


def _approval(section: Section, default: Approval) -> Approval:
    return one(section, "approval", Approval) or default


def _due(section: Section) -> int:
    days = section.whole("due_business_days")
    if days is not None and days < 0:
        section.problem("due_business_days", "due_business_days is 0 or more: 0 is the same day")
    return _DUE_BUSINESS_DAYS if days is None else days


def _due_hours(section: Section) -> int | None:
    hours = section.whole("due_business_hours")
    if hours is not None and not 1 <= hours <= _MAX_DUE_HOURS:
        section.problem("due_business_hours", f"due_business_hours is 1 to {_MAX_DUE_HOURS}")
    if hours is not None and "due_business_days" in section:
        section.problem("due_business_hours", "give either due_business_hours or due_business_days")
    return hours


_WAITS: Final = "business_days, business_hours, phase, behaviour or day_of_year"


def _wait(section: Section) -> WaitStep:
    given = [key for key in _UNTIL if key in section]
    until: Until = Elapsed(business_days=1)
    if len(given) == 1:
        until = _UNTIL[given[0]](section)
    else:
        section.problem("kind", f"a wait has one of {_WAITS} (unknown_wait)")
    if "at_most_days" in section and not isinstance(until, PhaseReached | BehaviourSeen):
        section.problem("at_most_days", "it belongs to a wait for a phase or a behaviour")
    return WaitStep(id=section.text("id"), until=until)


def _at_most(section: Section) -> int:
    if "at_most_days" not in section:
        section.problem("kind", "say how long at most: at_most_days (wait_without_time_out)")
    return section.whole("at_most_days") or 0


def _day_of_year(section: Section) -> DayOfYear:
    found = _DAY_OF_YEAR.fullmatch(section.text("day_of_year"))
    if found is None:
        section.problem("day_of_year", "write month and day in quotes, such as '10-01'")
        return DayOfYear(1, 1)
    return DayOfYear(int(found[1]), int(found[2]))


_UNTIL: Final[Mapping[str, Callable[[Section], Until]]] = {
    "business_days": lambda s: Elapsed(business_days=s.whole("business_days") or 0),
    "business_hours": lambda s: Elapsed(business_hours=s.whole("business_hours") or 0),
    "phase": lambda s: PhaseReached(s.text("phase"), _at_most(s)),
    "behaviour": lambda s: BehaviourSeen(s.text("behaviour"), _at_most(s)),
    "day_of_year": _day_of_year,
}


def _branch(section: Section) -> BranchStep:
    cases = section.sections("cases", "on", "behaviour business_days goto stop")
    return BranchStep(id=section.text("id"), cases=tuple(_cases(cases)))


def _cases(sections: tuple[Section, ...]) -> Iterator[Case]:
    for section in sections:
        if ("goto" in section) is ("stop" in section):
            section.problem("on", "a case has either goto, a step's id, or stop, a reason")
            continue
        then = GoTo(section.text("goto")) if "goto" in section else StopWith(section.text("stop"))
        on = section.text("on")
        if on in _ON:
            yield Case(_ON[on](section), then)
        else:
            known = ", ".join(_ON)
            section.problem("on", f"{on!r} is unknown; a case is on: {known} (unknown_case)")


_ON: Final[Mapping[str, Callable[[Section], Reacted | Behaved | Silent]]] = {
    "answered": lambda _: Reacted(OccurrenceKind.ANSWERED),
    "negative": lambda _: Reacted(OccurrenceKind.NEGATIVE),
    "meeting_booked": lambda _: Reacted(OccurrenceKind.MEETING_BOOKED),
    "behaviour": lambda section: Behaved(section.text("behaviour")),
    "silent": lambda section: Silent(section.whole("business_days") or 0),
}

_OF_A_MAIL: Final = "alternative to approval key_moment"
_OF_A_TASK: Final = (
    "due_business_days due_business_hours template alternative fields to approval key_moment"
)
_CHANNELS: Final[Mapping[str, _Kind[ChannelStep]]] = {
    Channel.MAIL: _Kind(_mail, "template", _OF_A_MAIL),
    Channel.CALL: _Kind(partial(_task, TaskKind.CALL), "title", _OF_A_TASK),
    Channel.LETTER: _Kind(partial(_task, TaskKind.LETTER), "title", _OF_A_TASK),
}
_KINDS: Final[Mapping[str, _Kind[Step]]] = {
    "mail": _Kind(_mail, "template", f"{_OF_A_MAIL} size_bands"),
    **{
        kind.value: _Kind(partial(_task, kind), "title", f"{_OF_A_TASK} size_bands requires")
        for kind in TaskKind
    },
    "poc_check": _Kind(
        _poc_check, "title weeks metrics", "due_business_days template approval key_moment"
    ),
    "webhook": _Kind(_webhook, "hook", "approval key_moment"),
    "best_channel": _Kind(_best_channel, "channels"),
    "wait": _Kind(_wait, "", f"at_most_days {' '.join(_UNTIL)}"),
    "branch": _Kind(_branch, "cases"),
}
