"""A scenario: the followed municipalities, their inputs, and what happens on which day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from budget_calendar.calendars.calculator import CalendarInputs
from budget_calendar.cycles.messages import Correct
from budget_calendar.domain.council.sessions import ObservedSession
from budget_calendar.domain.days import years_later
from budget_calendar.domain.pursuit.commands import Message
from budget_calendar.domain.routes.subsidies import Subsidy
from budget_calendar.pursuits.messages import OpenPursuit
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text

DEFAULT_YEARS = 5
MOST_YEARS = 15


@dataclass(frozen=True, slots=True)
class CorrectMilestone:
    """A person corrects a date of a municipality's calendar."""

    code: str
    correction: Correct


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
class SendMessage:
    """A person sends a message to a pursuit."""

    pursuit_id: str
    code: str
    """The municipality's."""
    message: Message


ScenarioAction = CorrectMilestone | ObserveSession | TermBecomesKnown | OpenPursuit | SendMessage


@dataclass(frozen=True, slots=True)
class ScenarioEvent:
    """An action and its day."""

    on: date
    """The day in Japan."""
    action: ScenarioAction


@dataclass(frozen=True, slots=True)
class Scenario:
    """The years to simulate, for which municipalities, and the events in them."""

    title: Text
    starts: date
    """The first day in Japan."""
    years: int
    inputs: tuple[CalendarInputs, ...]
    """Of the followed municipalities as known on the first day, by code."""
    subsidies: tuple[Subsidy, ...] = ()
    """On record from the first day on."""
    events: tuple[ScenarioEvent, ...] = ()
    """By day; those of one day in the order of the file."""

    @property
    def ends(self) -> date:
        """The day after the last one."""
        return years_later(self.starts, self.years)

    def following(self, more: Iterable[CalendarInputs]) -> "Scenario":
        """Return the scenario with more municipalities; those that it has stay as they are."""
        known = {each.municipality.code for each in self.inputs}
        new = (each for each in more if each.municipality.code not in known)
        inputs = sorted((*self.inputs, *new), key=lambda each: each.municipality.code)
        return replace(self, inputs=tuple(inputs))

    def starting(self, day: date) -> "Scenario":
        """Return the scenario from another first day on.

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
        """Return the scenario for ``years``, without later events."""
        shorter = replace(self, years=years)
        events = tuple(event for event in self.events if event.on < shorter.ends)
        return replace(shorter, events=events)
