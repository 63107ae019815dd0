"""Corrections that people make to a calendar, and the checks that refuse them.

A correction names a milestone by its key, or a phase; a phase is corrected by correcting the
milestone that begins it, so that the two can't contradict each other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from budget_calendar.domain.budget_year.calendar import (
    NUMBERED,
    BudgetCalendar,
    MilestoneKind,
)
from budget_calendar.domain.budget_year.ordering import (
    FISCAL_YEAR_ENDS,
    ONE_DAY,
    ORDERS,
    PHASE_BEGINS,
    Sequel,
)
from budget_calendar.domain.fiscal_years import first_day, last_day
from budget_calendar.domain.windows import Window
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.errors import DomainError, require_text

_SET_BY_LAW = frozenset({MilestoneKind.FISCAL_YEAR_BEGINS, MilestoneKind.ACCOUNTS_CLOSED})
_SESSION_KINDS = NUMBERED - {MilestoneKind.EXTRAORDINARY_SESSION}

CORRECTABLE: Final[tuple[str, ...]] = tuple(
    [
        kind.value
        for kind in MilestoneKind
        if kind not in _SET_BY_LAW | NUMBERED | {MilestoneKind.HEAD_TERM_ENDS}
    ]
    + [f"{kind}:{n}" for kind in MilestoneKind if kind in _SESSION_KINDS for n in (1, 2, 3, 4)]
)
"""The milestone keys that a person may correct."""

_EARLIEST_TERM_END = date(2000, 1, 1)
_FURTHEST_TERM = timedelta(days=4 * 365 + 1 + 30)
"""Four years, from an election that may be held 30 days before the term begins."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One milestone's window as a person knows it. For the same milestone the newest one holds."""

    code: str
    fiscal_year: int
    key: str
    """A milestone's key; ``checked`` turns a phase's name into it."""
    window: Window
    source: str
    """Where the person has it from: an address, a telephone call."""
    reason: str
    """Why the calendar needed it."""
    by: str
    at: datetime
    """When it was entered, UTC."""


@dataclass(frozen=True, slots=True)
class StandingFacts:
    """Facts about a municipality that hold in every year; the newest record replaces older ones."""

    code: str
    head_term_ends: date | None
    """The end of the head's present term (任期満了日)."""
    year_round_session: bool
    """Whether its council sits all year (通年会期, 地方自治法102条の2)."""
    source: str
    reason: str
    by: str
    at: datetime


def newest(corrections: Iterable[Correction], code: str, fiscal_year: int) -> dict[str, Correction]:
    """Return the newest corrections of a municipality and year by milestone key."""
    mine = (c for c in corrections if c.code == code and c.fiscal_year == fiscal_year)
    return {c.key: c for c in sorted(mine, key=lambda c: c.at)}


def repeated(correction: Correction, standing: Iterable[Correction]) -> Correction | None:
    """Return the correction in force that says the same, by the same person, if there is one.

    Raises:
        DomainError: see :func:`milestone_window`.
    """
    key, window = milestone_window(correction.key, correction.window)
    present = newest(standing, correction.code, correction.fiscal_year).get(key)
    if present is None:
        return None
    same = replace(correction, key=key, window=window, at=present.at)
    return present if same == present else None


def milestone_window(key: str, window: Window) -> tuple[str, Window]:
    """The milestone that ``key`` corrects, and its window.

    A phase stands for the milestone that begins it: finance assessment from 1 November is a request
    deadline on 31 October.

    Raises:
        DomainError: no such milestone, session or phase, or one that can't be corrected.
    """
    if key in CORRECTABLE:
        return key, window
    if key in tuple(BudgetPhase):
        if key == BudgetPhase.INFORMATION_GATHERING:
            raise DomainError(
                "information gathering begins with the fiscal year, on 1 April",
                field="key",
                code="set_by_law",
            )
        kind, days_later = PHASE_BEGINS[BudgetPhase(key)]
        return kind, window.shifted(-days_later * ONE_DAY)
    raise _uncorrectable(key)


def _uncorrectable(key: str) -> DomainError:
    kind = key.partition(":")[0]
    if kind in _SET_BY_LAW:
        return DomainError(
            f"{key} is set by law and the same everywhere", field="key", code="set_by_law"
        )
    if kind == MilestoneKind.HEAD_TERM_ENDS:
        return DomainError(
            "the end of the head's term is a fact of the municipality, not of one year's calendar; "
            "set its head_term_ends",
            field="key",
            code="not_correctable",
        )
    if kind == MilestoneKind.EXTRAORDINARY_SESSION:
        return DomainError(
            "an extraordinary session is entered as an observed session",
            field="key",
            code="not_correctable",
        )
    if kind in _SESSION_KINDS:
        return DomainError(
            f"there is no session {key!r}; a year has {kind}:1 to {kind}:4",
            field="key",
            code="unknown_session",
        )
    known = ", ".join((*CORRECTABLE, *BudgetPhase))
    return DomainError(
        f"there is no milestone or phase {key!r}; known are {known}",
        field="key",
        code="unknown_milestone",
    )


def checked(
    correction: Correction,
    *,
    calendar: BudgetCalendar,
    standing: Iterable[Correction] = (),
    today: date,
) -> Correction:
    """The correction as it is to be stored, with the key of a milestone.

    Refused is, besides what is unknown, a window outside the fiscal year; a window that overlaps
    the manual window of a milestone before or after it; and a revision into the past: the milestone
    has passed in the present calendar (the last day of its window lies before today), or isn't in
    it, and the new window has passed too, so that nothing to come would change. What has passed may
    be moved into the future (it was postponed), and what has not passed may be said to have
    happened already.

    Args:
        correction: what a person said; its key may be a phase.
        calendar: the present calendar of that municipality and year.
        standing: all corrections of the municipality so far.
        today: the day in Japan.

    Raises:
        DomainError: with the codes ``unknown_milestone``, ``unknown_session``, ``set_by_law``,
            ``not_correctable``, ``reason_missing``, ``outside_fiscal_year``,
            ``no_room_in_fiscal_year``, ``revision_into_the_past``, ``overlapping_windows``,
            ``not_text``.
    """
    key, window = milestone_window(correction.key, correction.window)
    _check_reason(correction)
    _check_fiscal_year(key, window, correction.fiscal_year)
    present = calendar.milestone(key)
    if window.latest < today and (present is None or present.estimate.window.latest < today):
        known = f"until {present.estimate.window.latest}" if present else "not at all"
        raise DomainError(
            f"{key} has passed: the calendar has it {known}, and {window.latest} lies before "
            f"today, {today}; only a day to come can change it",
            field="window",
            code="revision_into_the_past",
        )
    manual = newest(standing, correction.code, correction.fiscal_year)
    _check_order(
        key,
        {
            **{k: c.window for k, c in manual.items()},
            key: window,
            MilestoneKind.FISCAL_YEAR_BEGINS: Window.on(first_day(correction.fiscal_year)),
            FISCAL_YEAR_ENDS: Window.on(last_day(correction.fiscal_year)),
        },
    )
    return replace(correction, key=key, window=window)


def checked_facts(facts: StandingFacts, *, today: date) -> StandingFacts:
    """The facts, if the end of the term can be one.

    Raises:
        DomainError: it lies before 2000 or more than four years ahead (``term_out_of_range``), or
            nobody says where it is from and why (``reason_missing``).
    """
    _check_reason(facts)
    ends = facts.head_term_ends
    if ends and not _EARLIEST_TERM_END <= ends <= today + _FURTHEST_TERM:
        raise DomainError(
            f"a head's term lasts four years (地方自治法140条), so it ends between "
            f"{_EARLIEST_TERM_END} and {today + _FURTHEST_TERM}, not on {ends}",
            field="head_term_ends",
            code="term_out_of_range",
        )
    return facts


def _check_reason(entered: Correction | StandingFacts) -> None:
    for field in ("source", "reason", "by"):
        require_text(getattr(entered, field), field)
    if not entered.source.strip() or not entered.reason.strip():
        raise DomainError(
            "a correction needs a source (where it is from) and a reason",
            field="reason" if entered.source.strip() else "source",
            code="reason_missing",
        )


def _check_fiscal_year(key: str, window: Window, fiscal_year: int) -> None:
    first, last = first_day(fiscal_year), last_day(fiscal_year)
    if key == f"{MilestoneKind.SUPPLEMENTARY_REQUEST_DEADLINE}:2":
        first = date(fiscal_year, 1, 1)  # requests for the June session may be due before 1 April
    for field, day in (("earliest", window.earliest), ("latest", window.latest)):
        if not first <= day <= last:
            raise DomainError(
                f"{day} lies outside fiscal year {fiscal_year} for {key}, which runs from {first} "
                f"to {last}",
                field=field,
                code="outside_fiscal_year",
            )


def _check_order(key: str, fixed: Mapping[str, Window]) -> None:
    """Refuse ``key`` if its window overlaps one of those that must lie before or after it."""
    for order in ORDERS:
        for (before, _), (after, gap) in pairwise(_entered(order, fixed)):
            if key not in (before, after):
                continue
            if fixed[before].latest + gap * ONE_DAY <= fixed[after].earliest:
                continue
            field = "earliest" if key == after else "latest"
            if before == MilestoneKind.FISCAL_YEAR_BEGINS or after == FISCAL_YEAR_ENDS:
                raise DomainError(
                    f"{key} on {getattr(fixed[key], field)} leaves no day to what comes "
                    f"{'before' if key == after else 'after'} it in the fiscal year",
                    field=field,
                    code="no_room_in_fiscal_year",
                )
            raise DomainError(
                f"{before} ({fixed[before].earliest} to {fixed[before].latest}) must be over "
                f"before {after} ({fixed[after].earliest} to {fixed[after].latest}); both were "
                "entered by a person: narrow this window or correct the other milestone first",
                field=field,
                code="overlapping_windows",
            )


def _entered(order: Iterable[Sequel], manual: Mapping[str, Window]) -> list[Sequel]:
    entered: list[Sequel] = []
    gap = 0
    for key, days in order:
        gap += days
        if key in manual:
            entered.append((key, gap))
            gap = 0
    return entered
