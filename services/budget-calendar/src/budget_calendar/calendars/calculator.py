"""Compute the calendars of municipalities: the domain with Japan's holidays and predictions."""

from dataclasses import dataclass
from datetime import date

from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.domain.budget_year.templates import TEMPLATES
from budget_calendar.domain.calculation.calendar import compute_calendar
from budget_calendar.domain.calculation.context import CalendarFacts
from budget_calendar.domain.calculation.elections import entered_elections
from budget_calendar.domain.council.prediction import Council, SessionHistory
from budget_calendar.domain.council.sessions import ObservedSession
from budget_calendar.domain.municipality import Municipality
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.japanese_holidays import BUSINESS_DAYS


@dataclass(frozen=True, slots=True)
class CalendarInputs:
    """Everything that one municipality's calendars are computed from."""

    municipality: Municipality
    observed: tuple[ObservedSession, ...] = ()
    corrections: tuple[Correction, ...] = ()
    head_term_ends: date | None = None
    year_round_session: bool = False


@dataclass(frozen=True, slots=True)
class CalendarCalculator:
    """Computes calendars by one template."""

    template: str
    """``published`` or ``textbook``."""
    business_days: BusinessDays = BUSINESS_DAYS

    def calendar(self, inputs: CalendarInputs, fiscal_year: int) -> BudgetCalendar:
        """Return the calendar of a municipality for a fiscal year."""
        municipality = inputs.municipality
        council = Council(
            municipality.type,
            municipality.japanese_residents,
            inputs.head_term_ends,
            entered_elections(inputs.corrections, municipality.code),
        )
        history = SessionHistory(inputs.observed, council)
        return compute_calendar(
            municipality,
            fiscal_year,
            CalendarFacts(
                observed=inputs.observed,
                predicted=history.predict_fiscal_year(fiscal_year, self.business_days).sessions,
                corrections=inputs.corrections,
                head_term_ends=inputs.head_term_ends,
                year_round_session=inputs.year_round_session,
            ),
            business_days=self.business_days,
            template=TEMPLATES[self.template],
        )
