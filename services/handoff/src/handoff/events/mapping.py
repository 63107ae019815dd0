"""Map what has happened to a handoff to events on ``handoffs-v1``."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from handoff.domain.handoff.facts import Closed, Fact, Resubmitted, Returned
from handoff.domain.handoff.state import HandoffState
from handoff.domain.packet.fields import FIELDS
from kakehashi_common.contracts.handoffs import HandoffChanged

SOURCE: Final = "//kakehashi/handoff"

_slug: Final = re.compile(r"[a-z0-9][a-z0-9_.-]*").fullmatch


def event_data(state: HandoffState, fact: Fact) -> HandoffChanged:
    """Return the event of one fact; its key is the lead, its time ``fact.at``.

    Texts in a person's own words stay here: notes, and reasons that are no code.

    Args:
        state: after the decision that the fact belongs to.
        fact: what has happened.
    """
    return HandoffChanged.model_validate(
        {
            "handoff_id": state.handoff_id,
            "lead_id": state.lead_id,
            "from_role": state.kind.from_role,
            "to_role": state.kind.to_role,
            "version": state.version,
            "round": state.round,
            "status": state.status,
            "owner": state.owner,
            "sender": state.sender,
            "municipality_code": state.municipality_code,
            "policy_area": state.policy_area,
            "grade": state.grade,
            "qualification_id": state.qualifications[-1] if state.qualifications else None,
            "step": asdict(fact) | _in_codes(fact),
        }
    )


def _in_codes(fact: Fact) -> dict[str, Any]:
    """Return what the event says otherwise than the fact."""
    match fact:
        case Returned():
            fields = _fields(fact.missing_facts)
            return {"missing_fields": fields, "questions": len(fact.missing_facts) - len(fields)}
        case Resubmitted():
            fields = _fields(fact.supplied_facts)
            return {"supplied_fields": fields, "answers": len(fact.supplied_facts) - len(fields)}
        case Closed():
            of_deal = fact.deal_id is not None and _slug(fact.reason)
            return {"reason": fact.reason if of_deal else None}
    return {}


def _fields(named: Sequence[str]) -> list[str]:
    return [each for each in named if each in FIELDS]
