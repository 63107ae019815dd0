"""The values that a budget cycle's workflow receives and passes to its activities."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.domain.windows import Window
from budget_calendar.events.mapping import EventToPublish
from kakehashi_common.contracts.budget_phases import FiscalYear


@dataclass(frozen=True, slots=True)
class Announce:
    """Events to publish."""

    code: str
    due: tuple[EventToPublish, ...]


@dataclass(frozen=True, slots=True)
class Correct:
    """A correction as an operator enters it in the Temporal UI."""

    fiscal_year: FiscalYear
    milestone: Annotated[str, Field(min_length=1, max_length=64)]
    """Its key, such as ``request_deadline`` or ``session_vote:3``, or a phase."""
    earliest: date
    likely: date
    latest: date
    source: Annotated[str, Field(max_length=500)]
    """The source of the date."""
    reason: Annotated[str, Field(max_length=500)]
    by: Annotated[str, Field(min_length=1, max_length=255)]
    """A staff number, never a name."""


@dataclass(frozen=True, slots=True)
class CorrectCalendar:
    """A correction of one municipality's calendar."""

    code: str
    entered: Correct
    request_id: str
    """Of two requests with the same id the second one changes nothing."""

    def correction(self, at: datetime) -> Correction:
        """Return it as the domain's type.

        Raises:
            DomainError: the days are not in order.
        """
        entered = self.entered
        return Correction(
            code=self.code,
            fiscal_year=entered.fiscal_year,
            key=entered.milestone,
            window=Window(entered.earliest, entered.likely, entered.latest),
            source=entered.source,
            reason=entered.reason,
            by=entered.by,
            at=at,
        )
