"""Deals, as the API shows and takes them."""

from datetime import date
from typing import Annotated

from pydantic import Field

from handoff.deals.repository import StoredDeal
from kakehashi_common.contracts.budget_phases import PursuitId
from kakehashi_common.contracts.deal_events import (
    DEAL_STAGE_LABELS,
    DealChanged,
    DealId,
    DealOutcome,
    DealStage,
)
from kakehashi_common.contracts.events import LeadId, MunicipalityCode, Slug
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.http.fields import DayWithinReach, JapanTime
from kakehashi_common.http.requests import RequestBody, ResponseBody, Whole

Yen = Annotated[Whole, Field(ge=0, le=10**15)]


class DealIn(RequestBody):
    """A deal as it stands: what is left out isn't known."""

    stage: DealStage
    municipality_code: MunicipalityCode | None = None
    lead_ids: list[LeadId] = Field(default_factory=list, max_length=50)
    product: Slug | None = Field(default=None, examples=["resident_portal"])
    amount_yen: Yen | None = None
    owner: str | None = Field(default=None, min_length=1, max_length=64, examples=["s-1042"])
    competitors: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list, max_length=20, description="Companies, never persons"
    )
    budget_ceiling_yen: Yen | None = None
    expected_close_on: DayWithinReach | None = None
    pursuit_id: PursuitId | None = None
    outcome: DealOutcome | None = Field(
        default=None, description="It closes the handoffs of the deal's leads"
    )
    outcome_reason: Slug | None = Field(default=None, examples=["price"])
    contract_ends_on: DayWithinReach | None = Field(
        default=None, description="The last day of the contract that was won"
    )
    superseded_by: DealId | None = Field(
        default=None, description="The deal that takes its place: merges two of one lead"
    )

    def stated(self, deal_id: str) -> DealChanged:
        """Return the statement.

        Raises:
            DomainError: a lead is named twice (``repeated``); a reason without an outcome, or a
                loss without a reason (``outcome_reason``); it is superseded by itself, or has an
                outcome beside (``superseded_by``).
        """
        if len(set(self.lead_ids)) < len(self.lead_ids):
            raise DomainError("lead_ids names a lead twice", field="lead_ids", code="repeated")
        if self.outcome_reason is not None and self.outcome is None:
            raise DomainError(
                "outcome_reason is the reason for an outcome: give outcome too",
                field="outcome_reason",
                code="outcome_reason",
            )
        if self.outcome not in {None, DealOutcome.WON} and self.outcome_reason is None:
            raise DomainError(
                f"say why it was {self.outcome}: the reason teaches the score",
                field="outcome_reason",
                code="outcome_reason",
            )
        if self.superseded_by == deal_id or (self.superseded_by and self.outcome):
            raise DomainError(
                "superseded_by names another deal, of which the outcome is stated",
                field="superseded_by",
                code="superseded_by",
            )
        return DealChanged.model_validate({"deal_id": deal_id, **self.model_dump()})


class DealOut(ResponseBody):
    """A deal as it was stated last."""

    deal_id: str
    stage: DealStage
    stage_ja: str
    municipality_code: str | None
    lead_ids: list[str]
    product: str | None
    amount_yen: int | None
    owner: str | None
    competitors: list[str]
    budget_ceiling_yen: int | None
    expected_close_on: date | None
    pursuit_id: str | None
    outcome: DealOutcome | None
    outcome_reason: str | None
    contract_ends_on: date | None
    superseded_by: str | None = Field(description="The deal that took its place")
    changed_at: JapanTime
    decided_at: JapanTime | None = Field(description="Since when it has its outcome")

    @classmethod
    def of(cls, deal: StoredDeal) -> "DealOut":
        """Show it."""
        return cls(
            **deal.stated.model_dump(),
            stage_ja=DEAL_STAGE_LABELS[deal.stated.stage].ja,
            changed_at=deal.said_at,
            decided_at=deal.decided_at,
        )
