"""A year's milestones with their windows, and its sessions, as items of a picture."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from budget_calendar.domain.budget_year.calendar import BudgetCalendar, Milestone
from budget_calendar.domain.budget_year.calendar import MilestoneKind as Kind
from budget_calendar.domain.budget_year.labels import label_of
from budget_calendar.domain.budget_year.wording import (
    SHORT_BASES,
    Language,
    estimate_lines,
    in_language,
    weekday_day,
    weekday_span,
)
from budget_calendar.domain.windows import Basis, Estimate
from budget_calendar.pictures.axis import DayAxis
from kakehashi_common.domain.texts import Text

GROUPS: Final[Mapping[Text, Sequence[Kind]]] = {
    Text("予算編成の節目", "Budget milestones"): (
        Kind.SUMMER_REVIEW_BEGINS,
        Kind.POLICY_ANNOUNCED,
        Kind.QUOTES_WANTED,
        Kind.REQUESTS_BEGIN,
        Kind.REQUEST_DEADLINE,
        Kind.FINANCE_ASSESSMENT_ENDS,
        Kind.HEAD_ASSESSMENT_BEGINS,
        Kind.UNOFFICIAL_NOTICE,
        Kind.RESTORATION_DEADLINE,
        Kind.BUDGET_SUBMITTED,
        Kind.SUBMISSION_DEADLINE,
        Kind.BUDGET_VOTE,
        Kind.BUDGET_TO_HEAD,
    ),
    Text("議会と補正予算", "Council and supplementary budgets"): (
        Kind.SUPPLEMENTARY_REQUEST_DEADLINE,
        Kind.SESSION_NOTICE,
        Kind.SESSION_OPENS,
        Kind.SESSION_VOTE,
        Kind.EXTRAORDINARY_SESSION,
    ),
    Text("選挙", "Elections"): (
        Kind.HEAD_ELECTION,
        Kind.HEAD_TERM_ENDS,
        Kind.POST_ELECTION_SUPPLEMENTARY,
    ),
    Text("年度・決算・国・人事", "Fiscal year, accounts, state, personnel"): (
        Kind.FISCAL_YEAR_BEGINS,
        Kind.CONTACTS_RECONFIRMED,
        Kind.ACCOUNTS_CLOSED,
        Kind.SETTLEMENT_TO_HEAD,
        Kind.SETTLEMENT_RECOGNISED,
        Kind.MINISTRIES_REQUEST,
        Kind.GOVERNMENT_DRAFT,
        Kind.YEAR_END_CLOSURE,
        Kind.PERSONNEL_NOTICE,
    ),
}
"""Every kind of milestone, by the part of the picture that it belongs to."""

EMPHASISED: Final = frozenset({Kind.REQUEST_DEADLINE})
"""Who comes later waits a year."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item with days, its label, and a mark for the basis of each day."""

    day: date
    """Its likely day, the first one of something that lasts."""
    last: date
    """Its last likely day."""
    begins: float
    """Left edge of the earliest day, in pixels."""
    ends: float
    marks: tuple[tuple[float, Basis], ...]
    name: str
    when: str
    basis: str
    emphasised: bool
    tooltip: str
    core: tuple[float, float] | None = None
    """The likely days of something that lasts; ``None`` for what happens on one day."""


def items_of(
    calendar: BudgetCalendar, kinds: Sequence[Kind], axis: DayAxis, language: Language
) -> list[Item]:
    """The items of those kinds, by likely day; opening and last vote of a session are one."""
    chosen = [m for m in calendar.milestones if m.kind in kinds]
    votes = {m.number: m for m in chosen if m.kind is Kind.SESSION_VOTE}
    # Corrections may contradict each other; a vote before the opening is shown as entered.
    lasting = {
        m.number: (m, votes[m.number])
        for m in chosen
        if m.kind is Kind.SESSION_OPENS and m.number in votes and m.likely <= votes[m.number].likely
    }
    return sorted(_items(chosen, lasting, axis, language), key=lambda item: item.day)


def tooltip_of(name: str, estimate: Estimate, language: Language, note: Text | None = None) -> str:
    """Return the tooltip of a date: window, basis, source and certainty."""
    lines = [name, *estimate_lines(estimate, language)]
    if note:
        lines.append(in_language(note, language))
    return "\n".join(lines)


def _items(
    chosen: Sequence[Milestone],
    lasting: Mapping[int | None, tuple[Milestone, Milestone]],
    axis: DayAxis,
    language: Language,
) -> Iterator[Item]:
    for milestone in chosen:
        if milestone not in lasting.get(milestone.number, ()):
            yield _milestone(milestone, axis, language)
        elif milestone.kind is Kind.SESSION_OPENS:
            yield _session(*lasting[milestone.number], axis, language)


def _milestone(milestone: Milestone, axis: DayAxis, language: Language) -> Item:
    name = in_language(label_of(milestone), language)
    estimate = milestone.estimate
    when = weekday_day(milestone.likely, language)
    if milestone.likely < axis.first:
        when = f"← {when}"
    elif milestone.likely > axis.last:
        when = f"→ {when}"
    return Item(
        day=milestone.likely,
        last=milestone.likely,
        begins=axis.begins(estimate.window.earliest),
        ends=axis.ends(estimate.window.latest),
        marks=((axis.middle(milestone.likely), estimate.basis),),
        name=name,
        when=when,
        basis=in_language(SHORT_BASES[estimate.basis], language),
        emphasised=milestone.kind in EMPHASISED,
        tooltip=tooltip_of(name, estimate, language, milestone.note),
    )


def _session(opens: Milestone, vote: Milestone, axis: DayAxis, language: Language) -> Item:
    bases = dict.fromkeys((opens.estimate.basis, vote.estimate.basis))
    separator = "・" if language == "ja" else ", "
    return Item(
        day=opens.likely,
        last=vote.likely,
        begins=axis.begins(opens.estimate.window.earliest),
        ends=axis.ends(vote.estimate.window.latest),
        marks=(
            (axis.middle(opens.likely), opens.estimate.basis),
            (axis.middle(vote.likely), vote.estimate.basis),
        ),
        name=f"第{opens.number}回定例会" if language == "ja" else f"Session {opens.number}",
        when=weekday_span(opens.likely, vote.likely, language),
        basis=separator.join(in_language(SHORT_BASES[basis], language) for basis in bases),
        emphasised=False,
        tooltip="\n".join(
            tooltip_of(in_language(label_of(m), language), m.estimate, language, m.note)
            for m in (opens, vote)
        ),
        core=(axis.begins(opens.likely), axis.ends(vote.likely)),
    )
