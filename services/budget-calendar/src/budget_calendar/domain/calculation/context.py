"""The facts about one municipality from which a calendar is computed."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from budget_calendar.domain.budget_year.calendar import MilestoneKind
from budget_calendar.domain.budget_year.corrections import Correction, newest
from budget_calendar.domain.budget_year.session_customs import session_customs
from budget_calendar.domain.budget_year.templates import SHIFTED_EARLIER, Group, LeadTime, Template
from budget_calendar.domain.council.seasons import in_places
from budget_calendar.domain.council.sessions import ObservedSession, PredictedSession, SessionKind
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.domain.municipality import Municipality
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.texts import Text

MANUAL_CONFIDENCE = 0.95
"""A default: people who know are rarely, but sometimes, wrong."""

MOVED = Text(
    ja="より確かな前後の日程と矛盾するため、日を移しました。",
    en="Moved, because a better known date before or after it left no room.",
)


@dataclass(frozen=True, slots=True)
class CalendarFacts:
    """The facts about one municipality.

    Other municipalities and years in it are passed over; of a session given twice the first counts.
    """

    observed: tuple[ObservedSession, ...] = ()
    predicted: tuple[PredictedSession, ...] = ()
    corrections: tuple[Correction, ...] = ()
    head_term_ends: date | None = None
    """The end of the head's present term; later terms follow from it, earlier ones do not."""
    year_round_session: bool = False
    """通年会期 (地方自治法102条の2): its regular meetings are not called, so there is no notice."""


@dataclass(frozen=True)
class YearContext:
    """One municipality's fiscal year on its way to a calendar."""

    municipality: Municipality
    fiscal_year: int
    facts: CalendarFacts
    template: Template
    business_days: BusinessDays

    @cached_property
    def corrected(self) -> dict[str, Correction]:
        """This year's corrections by milestone key."""
        return newest(self.facts.corrections, self.municipality.code, self.fiscal_year)

    @cached_property
    def held(self) -> tuple[ObservedSession, ...]:
        """The sessions that were observed in this year, of every kind."""
        return tuple(
            session
            for session in self.facts.observed
            if session.code == self.municipality.code
            and fiscal_year_of(session.last_vote_on) == self.fiscal_year
        )

    @cached_property
    def regular_sessions(self) -> dict[int, ObservedSession]:
        """The regular sessions that were observed in this year, by their place in it."""
        regular = (s for s in self.held if s.kind is SessionKind.REGULAR)
        return in_places((s.number, s.last_vote_on, s) for s in regular)

    @cached_property
    def predicted_sessions(self) -> dict[int, PredictedSession]:
        """The regular sessions that were predicted for this year, by their place in it."""
        return in_places(
            (p.number, p.last_vote.window.likely, p)
            for p in self.facts.predicted
            if fiscal_year_of(p.last_vote.window.likely) == self.fiscal_year
        )

    @property
    def group(self) -> Group:
        """Whose customs hold."""
        return Group.of(self.municipality.type)

    def manual(self, key: str) -> Estimate | None:
        """Return the estimate that a person entered for a milestone."""
        correction = self.corrected.get(key)
        return None if correction is None else manual(correction)

    def practice(self, key: str) -> Estimate:
        """Return the template's estimate for a milestone."""
        measured = session_customs(self.municipality.type, self.municipality.japanese_residents)
        practice = measured.get(key) or self.template.practices[self.group][key]
        return practice.estimate(
            self.fiscal_year,
            self.template.confidence,
            self.business_days,
            shifted_earlier=MilestoneKind(key.partition(":")[0]) in SHIFTED_EARLIER,
        )

    def weeks_before(self, origin: Window, lead: LeadTime) -> Window:
        """The business days so many weeks before the earliest, likely and latest day of another."""
        before = self.business_days.on_or_before
        return Window(
            before(origin.earliest - timedelta(weeks=lead.longest)),
            before(origin.likely - timedelta(weeks=lead.likely)),
            before(origin.latest - timedelta(weeks=lead.shortest)),
        )


def manual(correction: Correction) -> Estimate:
    """Return a person's correction as an estimate."""
    source = f"{correction.source} ({correction.by})"
    return Estimate(correction.window, Basis.MANUAL, source, MANUAL_CONFIDENCE)


def observed(day: date, session: ObservedSession) -> Estimate:
    """A day of a session that was held or announced."""
    return Estimate(Window.on(day), Basis.OBSERVED, session.source, 1.0)
