"""Dates of the budget year set by statute. A reading for planning, not legal advice.

Where a period counts backwards, readings differ by one day (1 or 2 March, 11 or 12 March); the
earlier day is given, because nobody comes too late with it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from budget_calendar.domain.fiscal_years import first_day
from budget_calendar.domain.municipality import MunicipalityType
from budget_calendar.domain.windows import Window
from kakehashi_common.domain.texts import Text

FISCAL_YEAR = "地方自治法208条1項"
CLOSURE = "地方自治法4条の2第2項3号と各団体の休日条例"
SUBMISSION = "地方自治法211条1項"
SESSION_NOTICE = "地方自治法101条7項"
REGULAR_SESSIONS = "地方自治法102条2項"
BUDGET_TO_HEAD = "地方自治法219条1項"
ACCOUNTS_CLOSED = "地方自治法235条の5"
SETTLEMENT = "地方自治法233条1項"
SETTLEMENT_RECOGNISED = "地方自治法233条3項"
TERM_OF_HEAD = "地方自治法140条1項"
ELECTION_BEFORE_TERM_ENDS = "公職選挙法33条1項"
UNIFIED_ELECTIONS = "統一地方選挙の期日等の臨時特例に関する法律（4年ごとに制定）"

YEARS_OF_A_TERM = 4
_UNIFIED_REMAINDER = 3
_SUNDAY = 6
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LegalDate:
    """A day that a statute sets, or the last one that it allows."""

    day: date
    article: str
    note: Text | None = None


def submission_deadline(kind: MunicipalityType, budget_year: int) -> LegalDate:
    """The last day on which the budget of ``budget_year`` should be submitted (211条1項).

    30 days before the fiscal year for prefectures and designated cities, 20 days for all others;
    special wards follow the rule for cities (283条).
    """
    days = 30 if kind.as_prefecture else 20
    return LegalDate(
        first_day(budget_year) - timedelta(days=days + 1),
        SUBMISSION,
        Text(
            ja=f"年度開始前{days}日までに提出するよう努める期限（努力義務）。"
            "1日後とする数え方もあり、早い方の日を示す。",
            en=f"{days} days before the fiscal year; a duty of effort, so it may be missed. "
            "Some count one day later; the earlier day is shown.",
        ),
    )


def session_notice(kind: MunicipalityType, opens: date) -> LegalDate:
    """The last day for giving notice (告示) of a session that opens on ``opens`` (101条7項).

    Seven days before for prefectures and cities, special wards among them; three for towns and
    villages.
    """
    days = 3 if kind.town_or_village else 7
    return LegalDate(
        opens - timedelta(days=days),
        SESSION_NOTICE,
        Text(
            ja=f"開会{days}日前までに告示。緊急を要する場合を除く。",
            en=f"At the latest {days} days before the session opens, urgent cases excepted.",
        ),
    )


def budget_to_head(voted: date) -> LegalDate:
    """The last day for sending the budget voted on ``voted`` to the head (219条1項: 3 days)."""
    return LegalDate(voted + timedelta(days=3), BUDGET_TO_HEAD)


def accounts_closed(fiscal_year: int) -> LegalDate:
    """The day in ``fiscal_year`` on which the accounts of the year before close (235条の5)."""
    return LegalDate(date(fiscal_year, 5, 31), ACCOUNTS_CLOSED)


def settlement_to_head(fiscal_year: int) -> LegalDate:
    """The last day in ``fiscal_year`` for handing over the settlement (233条1項: 3 months)."""
    return LegalDate(date(fiscal_year, 8, 31), SETTLEMENT)


def year_end_closure(fiscal_year: int) -> LegalDate:
    """The first day of the closure of 29 December – 3 January (4条の2)."""
    return LegalDate(date(fiscal_year, 12, 29), CLOSURE)


def next_term_ends(term_ends: date, terms: int = 1) -> date:
    """When the term that is ``terms`` terms later ends, if each is served out (140条1項)."""
    year = term_ends.year + YEARS_OF_A_TERM * terms
    try:
        return term_ends.replace(year=year)
    except ValueError:  # 29 February of a year such as 2100
        return date(year, 2, 28)


def election_window(kind: MunicipalityType, term_ends: date) -> tuple[Window, str]:
    """When the election of the head is held, and the source.

    Within the 30 days before the end of the term (公職選挙法33条1項), on a Sunday; likely the last
    one at least a fortnight before the end (common practice). A term that ends from March to May of
    a year with unified local elections joins them.
    """
    if is_unified_election_year(term_ends.year) and term_ends.month in (3, 4, 5):
        return unified_election_window(kind, term_ends.year), UNIFIED_ELECTIONS
    likely = _sunday_on_or_before(term_ends - timedelta(days=14))
    window = Window(term_ends - timedelta(days=30), likely, term_ends - timedelta(days=1))
    return window, ELECTION_BEFORE_TERM_ENDS


def is_unified_election_year(year: int) -> bool:
    """Whether unified local elections (統一地方選挙) fall in the spring of the calendar year."""
    return year % YEARS_OF_A_TERM == _UNIFIED_REMAINDER


def unified_election_window(kind: MunicipalityType, year: int) -> Window:
    """The Sunday in April on which ``kind`` votes in unified local elections of ``year``.

    A special act sets it each time: for prefectures and designated cities the second Sunday (2019:
    the first), for all others the fourth (2019: the third).
    """
    first_sunday = _sunday_on_or_before(date(year, 4, 7))
    likely = first_sunday + _WEEK * (1 if kind.as_prefecture else 3)
    return Window(likely - _WEEK, likely, likely)


def _sunday_on_or_before(day: date) -> date:
    return day - timedelta(days=(day.weekday() - _SUNDAY) % 7)
