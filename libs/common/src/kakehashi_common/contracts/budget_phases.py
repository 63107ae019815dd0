"""Topic ``budget-phases-v1``: where municipalities stand in their budget year, and pursuits in it.

Days are days in Japan. Fiscal year N runs from 1 April N to 31 March N+1; its events are about
preparing the budget of N+1.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kakehashi_common.contracts.events import EventData, Label, MunicipalityCode, Slug

FiscalYear = Annotated[int, Field(ge=1989, le=2200, description="年度", examples=[2026])]

PursuitId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="The stable id of a pursuit; holds no personal data",
        examples=["0199b7c2-6f1d-7c3a-9a54-1f0d3b8f2c11"],
    ),
]


class DateBasis(StrEnum):
    """The basis of a date, the most certain first."""

    MANUAL = "manual"
    OBSERVED = "observed"
    LAW = "law"
    PREDICTED = "predicted"
    PRACTICE = "practice"


class DateWindow(BaseModel):
    """The window in which something happens, with its basis and confidence."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    earliest: date
    likely: date
    latest: date
    basis: DateBasis
    source: str = Field(description="Law and article, a publication, or 'common practice'")
    confidence: float = Field(ge=0, le=1, description="Share of cases in which such a window holds")

    @model_validator(mode="after")
    def _in_order(self) -> "DateWindow":
        if not self.earliest <= self.likely <= self.latest:
            raise ValueError("give earliest ≤ likely ≤ latest")
        return self


class CouncilSession(BaseModel):
    """A regular session of the council (定例会), from its opening to its last vote."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    opens: DateWindow
    votes: DateWindow


class PhaseEntered(EventData):
    """A municipality entered a phase of preparing next year's budget."""

    TYPE: ClassVar[str] = "jp.kakehashi.budget-calendar.phase_entered.v1"

    municipality_code: MunicipalityCode
    fiscal_year: FiscalYear
    phase: Slug
    label: Label
    begins: DateWindow
    ends_likely_on: date
    standing: bool = Field(
        default=False,
        description="True when it began earlier: the municipality has only now been followed, or "
        "its calendar was revised",
    )


class MilestoneNear(EventData):
    """A milestone is so many business days away."""

    TYPE: ClassVar[str] = "jp.kakehashi.budget-calendar.milestone_near.v1"

    municipality_code: MunicipalityCode
    fiscal_year: FiscalYear
    milestone: str = Field(
        min_length=1,
        max_length=64,
        description="What names it in its year; sessions are numbered",
        examples=["request_deadline", "session_vote:3"],
    )
    label: Label
    window: DateWindow
    business_days_left: int = Field(ge=0, description="Until the likely day")
    session: CouncilSession | None = Field(
        default=None, description="The session of a numbered milestone; absent: it has none"
    )


class MovedMilestone(BaseModel):
    """One milestone before and after a revision."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    milestone: str
    label: Label
    before: DateWindow | None = Field(default=None, description="Absent: it is new")
    after: DateWindow | None = Field(default=None, description="Absent: it fell away")


class RevisionCause(StrEnum):
    """The cause of a calendar's revision."""

    CORRECTION = "correction"
    """A person corrected a date."""
    OBSERVATION = "observation"
    """Council sessions were imported."""
    REGISTRY = "registry"
    """The municipality's facts changed: its type, the end of its head's term."""
    METHOD = "method"
    """The platform computes differently: a new release, another template."""


class CalendarRevised(EventData):
    """A municipality's calendar was recalculated and has moved."""

    TYPE: ClassVar[str] = "jp.kakehashi.budget-calendar.calendar_revised.v1"

    municipality_code: MunicipalityCode
    fiscal_year: FiscalYear
    version: int = Field(ge=2, description="Counts the versions of this year's calendar")
    cause: RevisionCause
    moved: tuple[MovedMilestone, ...]


class PursuitBudgeted(EventData):
    """The money for a pursuit has been voted or otherwise secured."""

    TYPE: ClassVar[str] = "jp.kakehashi.budget-calendar.pursuit_budgeted.v1"

    pursuit_id: PursuitId
    municipality_code: MunicipalityCode
    policy_area: Slug
    route: Slug
    fiscal_year: FiscalYear = Field(description="The year whose budget holds the money")
    amount_yen: int = Field(ge=1)
    budgeted_on: date


class PursuitCut(EventData):
    """A pursuit was cut; the platform proposes what next."""

    TYPE: ClassVar[str] = "jp.kakehashi.budget-calendar.pursuit_cut.v1"

    pursuit_id: PursuitId
    municipality_code: MunicipalityCode
    policy_area: Slug
    route: Slug
    stage: Slug = Field(description="Where it was cut", examples=["assessment"])
    cut_on: date
    proposed_next: Slug | None = Field(
        default=None, description="What is proposed now", examples=["restoration"]
    )
