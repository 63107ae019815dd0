"""What a simulation plays: who is followed, what is known, and what happens on which day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from budget_calendar.calendars.calculator import CalendarInputs
from budget_calendar.domain.council.sessions import ObservedSession
from budget_calendar.domain.days import years_later
from budget_calendar.domain.errors import DomainError
from budget_calendar.domain.routes.subsidies import Subsidy
from budget_calendar.domain.texts import Text
from budget_calendar.domain.windows import Window
from budget_calendar.pursuits.messages import (
    CancelPursuit,
    ChoosePursuitRoute,
    ConfirmStage,
    OpenPursuit,
    PausePursuit,
    ResumePursuit,
    RevisePursuitGoal,
)

DEFAULT_YEARS = 5
MOST_YEARS = 15


ToldPursuit = (
    ConfirmStage
    | ChoosePursuitRoute
    | RevisePursuitGoal
    | PausePursuit
    | ResumePursuit
    | CancelPursuit
)


@dataclass(frozen=True, slots=True)
class CorrectMilestone:
    """A person corrects a date of a municipality's calendar."""

    code: str
    fiscal_year: int
    key: str
    """A milestone's key, or a phase."""
    window: Window
    source: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class ObserveSession:
    """A council session becomes known: it was held, or has been called."""

    session: ObservedSession


@dataclass(frozen=True, slots=True)
class TermBecomesKnown:
    """It becomes known when the head's term ends."""

    code: str
    head_term_ends: date


@dataclass(frozen=True, slots=True)
class TellPursuit:
    """A person says something about a deal; its day is the day of the event."""

    pursuit_id: str
    code: str
    """The municipality's."""
    message: ToldPursuit


ScenarioEvent = CorrectMilestone | ObserveSession | TermBecomesKnown | OpenPursuit | TellPursuit


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the scenario has happen."""

    on: date
    """The day in Japan."""
    happening: ScenarioEvent


@dataclass(frozen=True, slots=True)
class Scenario:
    """Whose budget years pass, from when to when, and what happens meanwhile."""

    title: Text
    starts: date
    """The first day in Japan."""
    years: int
    sources: tuple[CalendarInputs, ...]
    """What is known of the followed municipalities on the first day, by code."""
    subsidies: tuple[Subsidy, ...] = ()
    """On record from the first day on."""
    events: tuple[Event, ...] = ()
    """By day; those of one day in the order of the file."""

    @property
    def ends(self) -> date:
        """The day after the last one."""
        return years_later(self.starts, self.years)

    def following(self, more: Iterable[CalendarInputs]) -> "Scenario":
        """The same, with more municipalities; those that it has already stay as they are."""
        known = {each.municipality.code for each in self.sources}
        new = (each for each in more if each.municipality.code not in known)
        sources = sorted((*self.sources, *new), key=lambda each: each.municipality.code)
        return replace(self, sources=tuple(sources))

    def starting(self, day: date) -> "Scenario":
        """The same from another first day on.

        Raises:
            DomainError: something happens before that day.
        """
        early = next((event for event in self.events if event.on < day), None)
        if early:
            raise DomainError(
                f"the scenario has something happen on {early.on}, before it starts on {day}",
                field="starts",
                code="event_before_start",
            )
        return replace(self, starts=day)

    def lasting(self, years: int) -> "Scenario":
        """The same for so many years, with what happens in them."""
        shorter = replace(self, years=years)
        events = tuple(event for event in self.events if event.on < shorter.ends)
        return replace(shorter, events=events)
