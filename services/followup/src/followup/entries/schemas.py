"""Decisions on entries, as the API shows them."""

from followup.entries.repository import EntryDecision
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import ResponseBody


class EntryDecisionOut(ResponseBody):
    """Whether a contact entered a playbook for one reason or behaviour, and why not."""

    trigger_id: str
    lead_id: str
    playbook_id: str
    playbook_version: int
    entered: bool
    sequence_id: str | None
    why_ja: str
    why_en: str
    decided_at: JapanTime

    @classmethod
    def of(cls, decision: EntryDecision) -> "EntryDecisionOut":
        """Return what is shown of a decision."""
        return cls(
            trigger_id=decision.trigger_id,
            lead_id=decision.lead_id,
            playbook_id=decision.playbook_id,
            playbook_version=decision.playbook_version,
            entered=decision.sequence_id is not None,
            sequence_id=decision.sequence_id,
            why_ja=decision.why_ja,
            why_en=decision.why_en,
            decided_at=decision.decided_at,
        )
