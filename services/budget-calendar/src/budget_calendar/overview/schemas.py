"""Followed municipalities side by side, as the API shows them."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Final

from pydantic import Field

from budget_calendar.domain.budget_year.calendar import MilestoneKind
from budget_calendar.domain.budget_year.labels import PHASES, label_of_key
from budget_calendar.domain.budget_year.scheduled_events import begin_by
from budget_calendar.domain.budget_year.wording import Language, in_language
from budget_calendar.domain.municipality import Municipality
from budget_calendar.events.mapping import label
from budget_calendar.fields import BEGIN_BY
from budget_calendar.overview.repository import MunicipalityStatus, NextMilestone, UpcomingMilestone
from budget_calendar.registry.schemas import BriefMunicipality
from kakehashi_common.contracts.budget_phases import DateBasis, DateWindow
from kakehashi_common.contracts.events import Label
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.http.requests import ResponseBody
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

_PHASES: Final = {phase.value: phase for phase in BudgetPhase}
_BASES: Final = {basis.value: basis for basis in DateBasis}

# One answer holds up to 1,788 of what follows: dataclasses, which nobody validates, took a third of
# the time that models took.


@dataclass(slots=True)
class NextMilestoneOut:
    """The next milestone of the kinds asked for."""

    key: Annotated[str, Field(examples=["request_deadline"])]
    label: str
    earliest: date
    likely: date
    latest: date
    basis: DateBasis
    days_left: Annotated[int, Field(description="Until the likely day")]
    begin_by: Annotated[date | None, Field(description=BEGIN_BY)]

    @classmethod
    def of(cls, coming: NextMilestone, day: date, language: Language) -> "NextMilestoneOut":
        """Show it as of ``day``."""
        return cls(
            coming.key,
            _milestone_label(coming.key, language),
            coming.earliest,
            coming.likely,
            coming.latest,
            _BASES[coming.basis],
            (coming.likely - day).days,
            _begin_by(coming.key, coming.likely),
        )


@dataclass(slots=True)
class MunicipalityStatusOut:
    """The present phase of one municipality, and its next milestone."""

    code: Annotated[str, Field(examples=["102032"])]
    name: Annotated[str, Field(examples=["桐生市"])]
    prefecture: Annotated[str, Field(examples=["群馬県"])]
    fiscal_year: int
    phase: BudgetPhase
    phase_label: str
    phase_begins: date
    phase_ends: date
    phase_basis: DateBasis
    next: Annotated[
        NextMilestoneOut | None,
        Field(description="Null when none of these kinds is to come"),
    ]

    @classmethod
    def of(
        cls, municipality: Municipality, standing: MunicipalityStatus, day: date, language: Language
    ) -> "MunicipalityStatusOut":
        """Show it as of ``day``."""
        phase = _PHASES[standing.phase]
        coming = standing.next
        return cls(
            standing.code,
            municipality.name,
            municipality.prefecture,
            standing.fiscal_year,
            phase,
            in_language(PHASES[phase], language),
            standing.phase_begins,
            standing.phase_ends,
            _BASES[standing.phase_basis],
            None if coming is None else NextMilestoneOut.of(coming, day, language),
        )


class MunicipalityStatusesOut(ResponseBody):
    """The present phases of followed municipalities on a day."""

    day: date
    total: int = Field(description="On all pages")
    without_calendar: int = Field(
        description="Followed, but their calendar of that day's year has not been opened: just "
        "followed, or a day too far away"
    )
    items: list[MunicipalityStatusOut]
    next_cursor: str | None = Field(
        default=None, description="Pass it as `cursor` for the next page; null on the last one"
    )


class UpcomingMilestoneOut(ResponseBody):
    """One milestone of one municipality."""

    municipality: BriefMunicipality
    fiscal_year: int
    key: str = Field(examples=["request_deadline"])
    label: Label
    window: DateWindow
    days_left: int = Field(description="From the first day asked for until the likely day")
    begin_by: date | None = Field(description=BEGIN_BY)

    @classmethod
    def of(
        cls, municipality: Municipality, milestone: UpcomingMilestone, first: date
    ) -> "UpcomingMilestoneOut":
        """Show it."""
        return cls(
            municipality=BriefMunicipality.of(municipality),
            fiscal_year=milestone.fiscal_year,
            key=milestone.key,
            label=label(label_of_key(milestone.key)),
            window=DateWindow(
                earliest=milestone.earliest,
                likely=milestone.likely,
                latest=milestone.latest,
                basis=DateBasis(milestone.basis),
                source=milestone.source,
                confidence=milestone.confidence,
            ),
            days_left=(milestone.likely - first).days,
            begin_by=_begin_by(milestone.key, milestone.likely),
        )


@lru_cache(maxsize=512)
def _milestone_label(key: str, language: Language) -> str:
    return in_language(label_of_key(key), language)


@lru_cache(maxsize=4096)
def _begin_by(key: str, likely: date) -> date | None:
    return begin_by(MilestoneKind(key.partition(":")[0]), likely, BUSINESS_DAYS)
