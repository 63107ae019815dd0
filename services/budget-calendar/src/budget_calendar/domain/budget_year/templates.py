"""Named templates of the usual budget year of a prefecture or a municipality.

A template is used where nothing better is known. ``published`` follows calendars that local
governments have published and is the default; ``textbook`` is the older cycle that handbooks show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from budget_calendar.domain.budget_year.calendar import MilestoneKind as Kind
from budget_calendar.domain.fiscal_years import first_day
from budget_calendar.domain.municipality import MunicipalityType
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.texts import Text

MonthDay = tuple[int, int]


class Group(StrEnum):
    """Bodies with the same customs; unlike in law, designated cities go with municipalities."""

    PREFECTURE = "prefecture"
    MUNICIPALITY = "municipality"

    @classmethod
    def of(cls, kind: MunicipalityType) -> "Group":
        """The group of a type."""
        return cls.PREFECTURE if kind is MunicipalityType.PREFECTURE else cls.MUNICIPALITY


@dataclass(frozen=True, slots=True)
class Practice:
    """When something usually happens, as (month, day) within a fiscal year."""

    earliest: MonthDay
    likely: MonthDay
    latest: MonthDay
    source: str = "common practice"
    level: float | None = None
    """The share of cases, 0–1, in which the window holds, where it was measured."""

    def estimate(
        self,
        fiscal_year: int,
        confidence: float,
        business_days: BusinessDays,
        *,
        shifted_earlier: bool,
    ) -> Estimate:
        """Its window in a year, on business days; see ``SHIFTED_EARLIER``.

        ``confidence`` holds where nobody has measured it.
        """
        move = business_days.on_or_before if shifted_earlier else business_days.on_or_after
        first = first_day(fiscal_year)

        def in_year(day: MonthDay) -> date:
            year = fiscal_year if day >= (first.month, first.day) else fiscal_year + 1
            return max(move(date(year, *day)), first)

        window = Window(in_year(self.earliest), in_year(self.likely), in_year(self.latest))
        return Estimate(window, Basis.PRACTICE, self.source, self.level or confidence)


SHIFTED_EARLIER: Final = frozenset(
    {
        Kind.MINISTRIES_REQUEST,
        Kind.QUOTES_WANTED,
        Kind.REQUEST_DEADLINE,
        Kind.FINANCE_ASSESSMENT_ENDS,
        Kind.RESTORATION_DEADLINE,
        Kind.SESSION_VOTE,
        Kind.SUPPLEMENTARY_REQUEST_DEADLINE,
        Kind.CONTACTS_RECONFIRMED,
        Kind.GOVERNMENT_DRAFT,
    }
)
"""Milestones that are deadlines: on a day that is no business day they move to the one before. All
others move to the next business day."""


@dataclass(frozen=True, slots=True)
class LeadTime:
    """Lead times in weeks; the longest gives the earliest day."""

    longest: int
    likely: int
    shortest: int
    source: str


@dataclass(frozen=True, slots=True)
class Template:
    """A year's usual windows for both groups."""

    name: str
    title: Text
    confidence: float
    """Of its windows: a default, as nobody has measured how often they hold."""
    practices: Mapping[Group, Mapping[str, Practice]]
    """By group and milestone key; every dated kind that is not derived from another is there."""


SUPPLEMENTARY_LEAD_TIME: Final[Mapping[Group, LeadTime]] = {
    Group.PREFECTURE: LeadTime(12, 11, 10, "published by a prefecture, 2016"),
    Group.MUNICIPALITY: LeadTime(10, 8, 6, "common practice of cities"),
}
"""From a request for a supplementary budget (補正予算) to the opening of its session."""

QUOTE_LEAD_TIME: Final = LeadTime(5, 3, 1, "common practice: quotes are collected until September")
"""From the last useful reference quote (参考見積) to the departments' request deadline."""


def _session(number: int, opens: Practice, vote: Practice) -> dict[str, Practice]:
    return {f"{Kind.SESSION_OPENS}:{number}": opens, f"{Kind.SESSION_VOTE}:{number}": vote}


_SPRING_MUNICIPALITY = _session(
    1, Practice((2, 15), (2, 22), (3, 3)), Practice((3, 10), (3, 19), (3, 27))
)
_SPRING_PREFECTURE = _session(
    1, Practice((2, 10), (2, 16), (2, 24)), Practice((3, 12), (3, 21), (3, 27))
)

_NATIONAL_AND_PERSONNEL: Final[Mapping[str, Practice]] = {
    Kind.CONTACTS_RECONFIRMED: Practice((4, 1), (4, 8), (4, 15)),
    Kind.MINISTRIES_REQUEST: Practice((8, 25), (8, 31), (8, 31), "概算要求, end of August"),
    Kind.GOVERNMENT_DRAFT: Practice((12, 20), (12, 24), (12, 27), "政府予算案, late December"),
    Kind.PERSONNEL_NOTICE: Practice((3, 10), (3, 18), (3, 25)),
}

_OTHER_SESSIONS: Final[Mapping[Group, Mapping[str, Practice]]] = {
    Group.MUNICIPALITY: {
        **_session(2, Practice((5, 28), (6, 6), (6, 15)), Practice((6, 12), (6, 23), (7, 3))),
        **_session(3, Practice((8, 25), (9, 3), (9, 12)), Practice((9, 14), (9, 26), (10, 8))),
        **_session(
            4, Practice((11, 22), (11, 30), (12, 6)), Practice((12, 10), (12, 17), (12, 23))
        ),
    },
    Group.PREFECTURE: {
        **_session(2, Practice((6, 5), (6, 14), (6, 22)), Practice((6, 26), (7, 4), (7, 12))),
        **_session(3, Practice((9, 8), (9, 15), (9, 24)), Practice((10, 1), (10, 10), (10, 20))),
        **_session(4, Practice((11, 25), (12, 3), (12, 8)), Practice((12, 12), (12, 18), (12, 24))),
    },
}

PUBLISHED: Final = Template(
    name="published",
    title=Text(ja="公表日程に基づく標準", en="From published calendars"),
    confidence=0.6,
    practices={
        Group.MUNICIPALITY: {
            **_NATIONAL_AND_PERSONNEL,
            **_OTHER_SESSIONS[Group.MUNICIPALITY],
            **_SPRING_MUNICIPALITY,
            Kind.SUMMER_REVIEW_BEGINS: Practice((6, 20), (7, 1), (7, 20)),
            Kind.POLICY_ANNOUNCED: Practice(
                (8, 15), (10, 1), (10, 18), "Chiba 8 Oct, Sakai mid-Oct, Shibuya mid–late Aug"
            ),
            Kind.REQUESTS_BEGIN: Practice((8, 25), (10, 9), (10, 22), "Tondabayashi early Oct"),
            Kind.REQUEST_DEADLINE: Practice(
                (9, 15),
                (10, 31),
                (11, 10),
                "Shibuya 15 Sep, Chiba 31 Oct, Sakai early Nov, Tondabayashi early Nov",
            ),
            Kind.FINANCE_ASSESSMENT_ENDS: Practice(
                (12, 21), (1, 8), (1, 17), "Tondabayashi: deputy mayor late Dec–mid Jan"
            ),
            Kind.HEAD_ASSESSMENT_BEGINS: Practice(
                (1, 6), (1, 15), (2, 3), "Chiba mid-Jan, Tondabayashi mid–late Jan, Sakai early Feb"
            ),
            Kind.UNOFFICIAL_NOTICE: Practice((1, 18), (1, 26), (2, 6), "Tondabayashi late Jan"),
            Kind.RESTORATION_DEADLINE: Practice((1, 20), (1, 30), (2, 9)),
        },
        Group.PREFECTURE: {
            **_NATIONAL_AND_PERSONNEL,
            **_OTHER_SESSIONS[Group.PREFECTURE],
            **_SPRING_PREFECTURE,
            Kind.SUMMER_REVIEW_BEGINS: Practice((6, 20), (7, 1), (7, 20)),
            Kind.POLICY_ANNOUNCED: Practice((8, 25), (10, 8), (10, 22)),
            Kind.REQUESTS_BEGIN: Practice((9, 1), (10, 15), (10, 26)),
            Kind.REQUEST_DEADLINE: Practice((10, 9), (11, 6), (11, 20)),
            Kind.FINANCE_ASSESSMENT_ENDS: Practice((12, 24), (1, 8), (1, 17)),
            Kind.HEAD_ASSESSMENT_BEGINS: Practice((1, 6), (1, 13), (1, 25)),
            Kind.UNOFFICIAL_NOTICE: Practice((1, 15), (1, 23), (2, 1)),
            Kind.RESTORATION_DEADLINE: Practice((1, 18), (1, 28), (2, 4)),
        },
    },
)

_TEXTBOOK_CYCLE: Final[Mapping[str, Practice]] = {
    Kind.SUMMER_REVIEW_BEGINS: Practice((4, 15), (5, 7), (5, 25)),
    Kind.POLICY_ANNOUNCED: Practice((5, 15), (6, 10), (6, 24)),
    Kind.REQUESTS_BEGIN: Practice((6, 25), (7, 1), (7, 20)),
    Kind.REQUEST_DEADLINE: Practice((8, 31), (9, 25), (9, 30)),
    Kind.FINANCE_ASSESSMENT_ENDS: Practice((11, 30), (12, 11), (12, 25)),
    Kind.HEAD_ASSESSMENT_BEGINS: Practice((12, 7), (12, 16), (1, 6)),
    Kind.UNOFFICIAL_NOTICE: Practice((12, 18), (12, 25), (1, 20)),
    Kind.RESTORATION_DEADLINE: Practice((12, 22), (1, 8), (1, 27)),
}

TEXTBOOK: Final = Template(
    name="textbook",
    title=Text(ja="教科書的な予算編成日程", en="The textbook cycle"),
    confidence=0.4,
    practices={
        Group.MUNICIPALITY: {
            **_NATIONAL_AND_PERSONNEL,
            **_OTHER_SESSIONS[Group.MUNICIPALITY],
            **_SPRING_MUNICIPALITY,
            **_TEXTBOOK_CYCLE,
        },
        Group.PREFECTURE: {
            **_NATIONAL_AND_PERSONNEL,
            **_OTHER_SESSIONS[Group.PREFECTURE],
            **_SPRING_PREFECTURE,
            **_TEXTBOOK_CYCLE,
        },
    },
)

TEMPLATES: Final[Mapping[str, Template]] = {t.name: t for t in (PUBLISHED, TEXTBOOK)}
"""Both, by name; the first is the default."""
