"""Budget calendars, the milestones of many municipalities, and pursuits, as events of a feed.

A calendar program shows what is on a day, so each milestone is an all-day event on its likely day;
the days it may move to stand in its title and description. Phases are events over their likely
days.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from budget_calendar.domain.budget_year.calendar import BudgetCalendar, Milestone, PhaseSpan
from budget_calendar.domain.budget_year.labels import BASES, PHASES, label_of, label_of_key
from budget_calendar.domain.budget_year.wording import (
    Language,
    estimate_lines,
    full_day,
    in_language,
    short_span,
    window_lines,
)
from budget_calendar.domain.fiscal_years import japanese_name
from budget_calendar.domain.municipality import Municipality
from budget_calendar.domain.pursuit import PursuitState
from budget_calendar.domain.pursuit.narrative import summary
from budget_calendar.domain.pursuit.state import Status
from budget_calendar.domain.routes.route import Step
from budget_calendar.domain.stages import DECIDED_BY_OTHERS, STAGE_NAMES
from budget_calendar.domain.windows import Basis, Estimate, Window
from budget_calendar.feeds.icalendar import FeedEvent
from budget_calendar.overview.repository import UpcomingMilestone
from kakehashi_common.domain.texts import Text

_SURE: Final = frozenset({Basis.MANUAL, Basis.OBSERVED, Basis.LAW})
_MILESTONE: Final = Text("節目", "Milestone")
_PHASE: Final = Text("段階", "Phase")
_STEP: Final = Text("案件", "Pursuit")


@dataclass(frozen=True, slots=True)
class FeedCalendar:
    """One version of a municipality's calendar, as a feed needs it."""

    calendar: BudgetCalendar
    name: Text | str
    """The municipality's."""
    version: int
    """Rises with each revision: subscribers take the event with the higher number."""
    computed_at: datetime
    """When this version was computed; aware."""


def calendar_events(
    calendars: Iterable[FeedCalendar], language: Language, *, phases: bool = True
) -> Iterator[FeedEvent]:
    """Yield the events of calendars, one per municipality and fiscal year.

    Each keeps its UID over all versions; its SEQUENCE and LAST-MODIFIED are the version's.
    """
    for each in calendars:
        for milestone in each.calendar.milestones:
            yield _milestone(each, milestone, language)
        if phases:
            for span in each.calendar.phases:
                yield _phase(each, span, language)


def followed_events(
    rows: Iterable[tuple[Municipality, UpcomingMilestone]], language: Language, stamp: datetime
) -> Iterator[FeedEvent]:
    """Yield milestones of many municipalities, with the UIDs that each one's own feed has."""
    for municipality, row in rows:
        estimate = Estimate(
            Window(row.earliest, row.likely, row.latest),
            Basis(row.basis),
            row.source,
            row.confidence,
        )
        title = _milestone_title(label_of_key(row.key), estimate, language)
        yield FeedEvent(
            uid=f"{row.code}.{row.fiscal_year}.{row.key}",
            title=_of(municipality.name, title, language),
            days=(row.likely, row.likely),
            lines=(_year(row.fiscal_year, language), *estimate_lines(estimate, language)),
            sure=_is_sure(estimate),
            categories=(_MILESTONE, municipality.name, BASES[estimate.basis]),
            stamp=stamp,
        )


def pursuit_events(
    pursuits: Iterable[tuple[Municipality, PursuitState, datetime]], language: Language
) -> Iterator[FeedEvent]:
    """Yield the steps of pursuits that nobody has confirmed yet, on the day each is due.

    Those of a pursuit that is paused have no alarm: nobody is asked for anything.

    Args:
        pursuits: each with its municipality and when it last changed.
        language: of all texts.
    """
    for municipality, state, changed_at in pursuits:
        for step in state.remaining_steps:
            yield _step(municipality, state, step, changed_at, language)


def _step(
    municipality: Municipality,
    state: PursuitState,
    step: Step,
    changed_at: datetime,
    language: Language,
) -> FeedEvent:
    stage = in_language(STAGE_NAMES[step.stage], language)
    if language == "en":
        stage = stage[0].upper() + stage[1:]
    about = state.goal.description or state.pursuit_id
    lines = [about] if about == state.pursuit_id else [f"{about} ({state.pursuit_id})"]
    if step.stage not in DECIDED_BY_OTHERS:
        begins = full_day(step.begin_by, language)
        lines.append(f"着手の目安: {begins}" if language == "ja" else f"Begin by {begins}")
    lines += [*estimate_lines(step.estimate, language), in_language(summary(state), language)]
    if step.note:
        lines.append(in_language(step.note, language))
    return FeedEvent(
        uid=f"pursuit.{state.pursuit_id}.{step.stage}",
        title=_of(
            municipality.name,
            f"{stage}（{about}）" if language == "ja" else f"{stage} ({about})",
            language,
        ),
        days=(step.act_by, step.act_by),
        lines=lines,
        sure=_is_sure(step.estimate),
        categories=(_STEP, municipality.name, state.owner),
        stamp=changed_at,
        sequence=state.version,
        alarm=state.status is not Status.PAUSED,
    )


def _milestone(source: FeedCalendar, milestone: Milestone, language: Language) -> FeedEvent:
    estimate = milestone.estimate
    lines = list(estimate_lines(estimate, language))
    if milestone.note:
        lines.append(in_language(milestone.note, language))
    return FeedEvent(
        uid=_uid(source, milestone.key),
        title=_of(source.name, _milestone_title(label_of(milestone), estimate, language), language),
        days=(estimate.window.likely, estimate.window.likely),
        lines=(_year(source.calendar.fiscal_year, language), *lines),
        sure=_is_sure(estimate),
        categories=(_MILESTONE, source.name, BASES[estimate.basis]),
        stamp=source.computed_at,
        sequence=source.version,
    )


def _phase(source: FeedCalendar, span: PhaseSpan, language: Language) -> FeedEvent:
    begins, ends = span.begins, span.ends
    name = in_language(PHASES[span.phase], language)
    starts, stops = ("開始", "終了") if language == "ja" else ("Begins", "Ends")
    lines: Sequence[str] = (
        *(f"{starts} – {line}" for line in window_lines(begins.window, language)),
        *(f"{stops} – {line}" for line in window_lines(ends, language)),
        *estimate_lines(begins, language)[len(window_lines(begins.window, language)) :],
    )
    return FeedEvent(
        uid=_uid(source, f"phase.{span.phase}"),
        title=_of(
            source.name, f"【段階】{name}" if language == "ja" else f"Phase: {name}", language
        ),
        days=(begins.window.likely, ends.likely),
        lines=(_year(source.calendar.fiscal_year, language), *lines),
        sure=_is_sure(begins) and ends.days == 1,
        categories=(_PHASE, source.name, BASES[begins.basis]),
        stamp=source.computed_at,
        sequence=source.version,
        alarm=False,
    )


def _milestone_title(label: Text, estimate: Estimate, language: Language) -> str:
    title = in_language(label, language)
    window = estimate.window
    if window.days > 1:
        span = short_span(window.earliest, window.latest, language)
        title += f"（見込み {span}）" if language == "ja" else f" (expected {span})"
    return title


def _of(name: Text | str, title: str, language: Language) -> str:
    shown = in_language(name, language)
    return f"{shown} {title}" if language == "ja" else f"{shown}: {title}"


def _uid(source: FeedCalendar, key: str) -> str:
    return f"{source.calendar.code}.{source.calendar.fiscal_year}.{key}"


def _year(fiscal_year: int, language: Language) -> str:
    return japanese_name(fiscal_year) if language == "ja" else f"Fiscal year {fiscal_year}"


def _is_sure(estimate: Estimate) -> bool:
    return estimate.basis in _SURE and estimate.window.days == 1
