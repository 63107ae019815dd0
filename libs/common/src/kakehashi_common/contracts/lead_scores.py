"""Topics ``lead-scores-v1`` and ``lead-qualified-v1``: what lead-scoring says."""

from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from kakehashi_common.contracts.events import EventData, Label, LeadId
from kakehashi_common.contracts.instants import Instant


class Dimension(StrEnum):
    """The two scores, which are never combined."""

    FIT = "fit"
    """From the lead's profile: role, organisation, municipality."""
    ENGAGEMENT = "engagement"
    """From the lead's activity."""


class Cause(StrEnum):
    """The reason why a score was computed again."""

    EVENTS = "events"
    DECAY = "decay"
    RULES = "rules"


class Contribution(BaseModel):
    """One line of an explanation. The points of a dimension's lines sum to its score, exactly."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    dimension: Dimension
    rule: str = Field(description="The rule's id; for a cap, the id of the group or 'total'")
    kind: Literal["rule", "group_cap", "total_cap"] = "rule"
    label: Label
    points: float = Field(
        description="Points now, to one decimal; the line of a cap or bound corrects the sum"
    )
    count: int | None = Field(default=None, description="How often it happened; absent for fit")
    last_on: date | None = Field(default=None, description="The Japan day it last happened")


class ScoreChanged(EventData):
    """A lead's score moved by a point or more, or its grade changed."""

    TYPE: ClassVar[str] = "jp.kakehashi.lead-scoring.score_changed.v1"

    lead_id: LeadId
    municipality_code: str | None = None
    fit: float = Field(ge=0, le=100)
    engagement: float = Field(ge=0, le=100)
    grade: str = Field(pattern=r"^[ABC][123]$")
    previous_grade: str | None = None
    scored_at: Instant
    rule_set: str
    rule_version: int
    cause: Cause
    contributions: tuple[Contribution, ...]


class LeadQualified(EventData):
    """A lead entered a qualifying grade: it is ready for field sales."""

    TYPE: ClassVar[str] = "jp.kakehashi.lead-scoring.lead_qualified.v1"

    lead_id: LeadId
    municipality_code: str | None = None
    fit: float = Field(ge=0, le=100)
    engagement: float = Field(ge=0, le=100)
    grade: str = Field(pattern=r"^[ABC][123]$")
    qualified_at: Instant
    qualification: int = Field(
        ge=1, description="1 for the first time, 2 after it left and returned"
    )
    rule_set: str
    rule_version: int
    contributions: tuple[Contribution, ...]
