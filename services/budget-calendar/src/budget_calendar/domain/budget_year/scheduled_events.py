"""The events of a budget year that are announced: a milestone is near, a phase is entered."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Final

from budget_calendar.domain.budget_year.calendar import BudgetCalendar, MilestoneKind
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.business_days import BusinessDays

JAPAN: Final = timezone(timedelta(hours=9), "JST")
"""Japan has no summer time."""

ANNOUNCED_AT: Final = time(9, tzinfo=JAPAN)
"""When a day's events are announced: as the offices' and the sellers' day begins."""

LEAD_BUSINESS_DAYS: Final = (90, 30, 7)
"""The default lead times: a quarter to plan, six weeks to act, a last call."""

LONGEST_LEAD: Final[Mapping[MilestoneKind, int]] = {
    MilestoneKind.SUMMER_REVIEW_BEGINS: 90,
    MilestoneKind.QUOTES_WANTED: 90,
    MilestoneKind.POLICY_ANNOUNCED: 30,
    MilestoneKind.REQUEST_DEADLINE: 90,
    MilestoneKind.GOVERNMENT_DRAFT: 7,
    MilestoneKind.UNOFFICIAL_NOTICE: 30,
    MilestoneKind.RESTORATION_DEADLINE: 30,
    MilestoneKind.BUDGET_SUBMITTED: 30,
    MilestoneKind.BUDGET_VOTE: 30,
    MilestoneKind.PERSONNEL_NOTICE: 30,
    MilestoneKind.CONTACTS_RECONFIRMED: 7,
    MilestoneKind.SUPPLEMENTARY_REQUEST_DEADLINE: 30,
    MilestoneKind.SESSION_VOTE: 7,
    MilestoneKind.HEAD_ELECTION: 90,
    MilestoneKind.POST_ELECTION_SUPPLEMENTARY: 90,
}
"""The milestones a seller acts on, and from how many business days ahead; all others are shown but
not announced."""


def begin_by(kind: MilestoneKind, likely: date, business_days: BusinessDays) -> date | None:
    """Return the day on which to begin with what a milestone asks of a seller.

    It lies ``LONGEST_LEAD`` business days before the likely day, as the first announcement does.
    ``None``: nothing is to be done for that kind.
    """
    lead = LONGEST_LEAD.get(kind)
    return None if lead is None else business_days.shift(likely, -lead)


class ScheduledEventKind(StrEnum):
    """The kind of a scheduled event."""

    MILESTONE_NEAR = "milestone_near"
    PHASE_ENTERED = "phase_entered"


@dataclass(frozen=True, slots=True)
class ScheduledEvent:
    """One announcement."""

    day: date
    """When it is announced, in Japan."""
    kind: ScheduledEventKind
    key: str
    """The key of the milestone, or the phase."""
    about: date
    """The likely day of the milestone; the day on which the phase begins."""
    fiscal_year: int
    lead: int | None = None
    """Business days ahead; ``None`` when a phase is entered."""

    @property
    def at(self) -> datetime:
        """The instant: 09:00 in Japan on its day."""
        return datetime.combine(self.day, ANNOUNCED_AT)

    @property
    def id(self) -> str:
        """The same however often the announcement is computed; a moved date is another one."""
        lead = "" if self.lead is None else f":{self.lead}"
        return f"{self.fiscal_year}:{self.kind}:{self.key}{lead}:{self.about}"


def day_announced(now: datetime) -> date:
    """The last day whose events have come: today in Japan from 09:00 on, until then yesterday."""
    local = now.astimezone(JAPAN)
    return local.date() if local.timetz() >= ANNOUNCED_AT else local.date() - timedelta(days=1)


def scheduled_events(
    calendar: BudgetCalendar,
    business_days: BusinessDays,
    lead_business_days: Iterable[int] = LEAD_BUSINESS_DAYS,
) -> tuple[ScheduledEvent, ...]:
    """Every event of the calendar, by instant.

    Long leads of the first months lie in the fiscal year before: whoever waits for events takes
    those of this year's and of the next year's calendar together.
    """
    found = [*_phases(calendar), *_milestones(calendar, business_days, set(lead_business_days))]
    return tuple(sorted(found, key=lambda each: (each.day, each.about, each.id)))


def due(
    found: Iterable[ScheduledEvent], after: datetime, until: datetime
) -> tuple[ScheduledEvent, ...]:
    """The events later than ``after`` up to and including ``until``, by instant.

    ``after`` is how far has been announced. Whoever starts late sets it to the present, so that
    nothing past is announced; once the due ones are published it becomes ``until``. A revision that
    brings an event before it leaves that unannounced: the revision itself says what moved.
    """
    return tuple(
        sorted(
            (each for each in found if after < each.at <= until),
            key=lambda each: (each.day, each.id),
        )
    )


def next_instant(found: Iterable[ScheduledEvent], after: datetime) -> datetime | None:
    """When the first event later than ``after`` is, for a timer; ``None`` when none is left."""
    return min((each.at for each in found if each.at > after), default=None)


def _phases(calendar: BudgetCalendar) -> Iterator[ScheduledEvent]:
    for span in calendar.phases:
        day = span.begins.window.likely
        yield ScheduledEvent(
            day,
            ScheduledEventKind.PHASE_ENTERED,
            BudgetPhase(span.phase),
            day,
            calendar.fiscal_year,
        )


def _milestones(
    calendar: BudgetCalendar, business_days: BusinessDays, leads: set[int]
) -> Iterator[ScheduledEvent]:
    for milestone in calendar.milestones:
        longest = LONGEST_LEAD.get(milestone.kind, 0)
        for lead in leads:
            if 0 < lead <= longest:
                yield ScheduledEvent(
                    business_days.shift(milestone.likely, -lead),
                    ScheduledEventKind.MILESTONE_NEAR,
                    milestone.key,
                    milestone.likely,
                    calendar.fiscal_year,
                    lead,
                )
