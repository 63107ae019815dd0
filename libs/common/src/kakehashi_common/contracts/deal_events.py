"""Topic ``deal-events-v1``: deals, as the CRM has them or handoff opens them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import Field, field_validator, model_validator

from kakehashi_common.contracts.budget_phases import PursuitId
from kakehashi_common.contracts.events import EventData, Label, LeadId, MunicipalityCode, Slug
from kakehashi_common.contracts.instants import Day

DealId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$",
        description="The publisher's stable id of the deal; holds no personal data",
        examples=["0065g00000AbCdE"],
    ),
]

Yen = Annotated[
    int,
    Field(ge=0, le=10**15),  # what every reader's numbers hold exactly
]


class DealStage(StrEnum):
    """The stage of the customer's decision; all services use this one list."""

    AWARENESS = "awareness"
    """認知: they know that they have a problem, and that the product exists."""
    INTEREST = "interest"
    """興味・比較: they look at it, and at others."""
    EVALUATION = "evaluation"
    """検討: they work out what it would do, cost and need; the budget is prepared."""
    DECISION = "decision"
    """決定: the budget, the procurement and the contract."""
    CONTINUATION = "continuation"
    """継続: they use it; renewal and more."""


DEAL_STAGE_LABELS: Final[Mapping[DealStage, Label]] = {
    DealStage.AWARENESS: Label(ja="認知", en="awareness"),
    DealStage.INTEREST: Label(ja="興味・比較", en="interest and comparison"),
    DealStage.EVALUATION: Label(ja="検討", en="evaluation"),
    DealStage.DECISION: Label(ja="決定", en="decision"),
    DealStage.CONTINUATION: Label(ja="継続", en="continuation"),
}
"""The stages as people read them, in order."""


class DealOutcome(StrEnum):
    """The outcome of a deal."""

    WON = "won"
    LOST = "lost"
    """The customer bought from somebody else."""
    NO_DECISION = "no_decision"
    """The customer bought nothing."""


class DealChanged(EventData):
    """A deal was opened, or something about it changed: all that is known of it now.

    It is a full statement: what it leaves out isn't known. The statement with the latest ``time``
    counts, of two at the same time the one whose event has the greater identity, in whatever order
    they arrive. So ``time`` is when the deal changed, not when the event is sent.
    """

    TYPE: ClassVar[str] = "jp.kakehashi.deal.deal_changed.v1"

    deal_id: DealId
    stage: DealStage
    municipality_code: MunicipalityCode | None = None
    lead_ids: tuple[LeadId, ...] = Field(
        default=(), max_length=50, description="The leads that it came from, each once"
    )
    product: Slug | None = Field(
        default=None, description="What is to be sold", examples=["resident_portal"]
    )
    amount_yen: Yen | None = Field(default=None, description="Contract value in yen, as expected")
    owner: str | None = Field(
        default=None, min_length=1, max_length=64, description="Staff number, never a name"
    )
    competitors: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = Field(
        default=(), max_length=20, description="Companies, never persons"
    )
    budget_ceiling_yen: Yen | None = Field(
        default=None, description="The most that the customer can spend, where it is known"
    )
    expected_close_on: Day | None = Field(
        default=None,
        description="The day in Japan on which the outcome is expected; with an outcome, on which "
        "it was decided",
    )
    pursuit_id: PursuitId | None = Field(
        default=None, description="The pursuit of the budget in budget-calendar"
    )
    outcome: DealOutcome | None = Field(default=None, description="Absent while the deal is open")
    outcome_reason: Slug | None = Field(
        default=None,
        description="Why it was won or lost; the list is open",
        examples=["price", "competitor", "no_budget", "no_need", "postponed"],
    )
    contract_ends_on: Day | None = Field(
        default=None,
        description="The last day in Japan of the contract that was won, where it is known. "
        "followup speaks of the next one well before",
    )
    superseded_by: DealId | None = Field(
        default=None,
        description="The deal that took its place, as when two were merged. This one is not open, "
        "and has no outcome",
    )

    @field_validator("lead_ids")
    @classmethod
    def _each_lead_once(cls, lead_ids: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(lead_ids)) < len(lead_ids):
            raise ValueError("names a lead twice")
        return lead_ids

    @model_validator(mode="after")
    def _reason_of_an_outcome(self) -> "DealChanged":
        if self.outcome_reason is not None and self.outcome is None:
            raise ValueError("outcome_reason is the reason for an outcome: give outcome too")
        return self

    @model_validator(mode="after")
    def _superseded_by_another(self) -> "DealChanged":
        if self.superseded_by == self.deal_id:
            raise ValueError("superseded_by names the deal itself")
        if self.superseded_by is not None and self.outcome is not None:
            raise ValueError("a superseded deal has no outcome: state it of superseded_by")
        return self
