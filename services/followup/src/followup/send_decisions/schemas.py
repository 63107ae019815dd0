"""Decisions of the send policy, as the API shows them."""

from pydantic import Field

from followup.domain.send_policy.decision import Allowed
from followup.send_decisions.repository import SendDecision, Stage
from followup.send_decisions.service import DecisionsOfLead
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import ResponseBody


class EarlierDecisionOut(ResponseBody):
    """A decision on the mail of a step, and its reason."""

    sequence_id: str
    step_id: str
    stage: Stage = Field(description="When the mail was planned, or when it was about to go")
    decided_at: JapanTime
    allowed: bool
    reason: str | None
    goes_at: JapanTime | None = Field(description="Or is tried again; null: never")
    ja: str
    en: str

    @classmethod
    def of(cls, decision: SendDecision) -> "EarlierDecisionOut":
        """Show a decision."""
        return cls(
            sequence_id=decision.sequence_id,
            step_id=decision.step_id,
            stage=decision.stage,
            decided_at=decision.decided_at,
            allowed=decision.reason is None,
            reason=decision.reason,
            goes_at=decision.goes_at,
            ja=decision.text.ja,
            en=decision.text.en,
        )


class DecisionOut(ResponseBody):
    """Whether a mail could go now, and why; with earlier decisions."""

    allowed: bool
    reason: str | None
    until: JapanTime | None
    ja: str
    en: str
    earlier: list[EarlierDecisionOut] = Field(description="The newest first, at most 50")

    @classmethod
    def of(cls, found: DecisionsOfLead) -> "DecisionOut":
        """Show decisions."""
        decision, earlier = found.now, [EarlierDecisionOut.of(each) for each in found.earlier]
        text = decision.text
        if isinstance(decision, Allowed):
            return cls(
                allowed=True, reason=None, until=None, ja=text.ja, en=text.en, earlier=earlier
            )
        return cls(
            allowed=False,
            reason=decision.reason.value,
            until=decision.until,
            ja=text.ja,
            en=text.en,
            earlier=earlier,
        )
