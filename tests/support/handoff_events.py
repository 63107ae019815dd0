"""Events of handoffs and deals, as their services publish them."""

import uuid
from datetime import datetime
from typing import Any, Final

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.deal_events import DealChanged
from kakehashi_common.contracts.handoffs import HandoffChanged
from tests.support.lead_scoring_api import NOW
from tests.support.received import received

QUALIFICATION: Final = "6f1d7c3a9a541f0d3b8f2c110199b7c2"
_CLOCK: Final = {
    "name": "accept",
    "started_at": "2026-11-20T01:00:00Z",
    "stopped_at": "2026-11-20T02:00:00Z",
    "due_at": "2026-11-20T03:00:00Z",
    "kept": True,
}
_SAID: Final[dict[str, dict[str, Any]]] = {
    "requested": {"by": "lead-scoring"},
    "joined": {},
    "assigned": {"member_id": "s-1042", "answer_by": "2026-11-20T03:00:00Z", "clock": _CLOCK},
    "accepted": {"member_id": "s-1042", "clock": _CLOCK, "implied": False},
    "rejected": {"member_id": "s-1042", "after_acceptance": False, "clock": _CLOCK},
    "recycled": {"until": "2027-04-01"},
    "woken": {"by": "clock"},
    "returned": {"by": "s-1042", "missing_fields": [], "questions": 1},
    "disqualified": {"by": "s-1042"},
    "first_contact_made": {"member_id": "s-1042", "clock": _CLOCK},
    "meeting_held": {"member_id": "s-1042", "clock": _CLOCK},
    "closed": {"by": "deals"},
    "withdrawn": {"by": "s-2007"},
}
"""Required fields of each step, which a test may override."""


def handoff_step(
    kind: str,
    *,
    at: datetime = NOW,
    handoff_id: str = "h-1",
    lead_id: str = "crm-1",
    version: int = 1,
    event_id: str | None = None,
    **said: Any,
) -> Received[HandoffChanged]:
    """Return the event of one step of a handoff from inside sales to field sales."""
    data = HandoffChanged.model_validate(
        {
            "handoff_id": handoff_id,
            "lead_id": lead_id,
            "from_role": "inside_sales",
            "to_role": "field_sales",
            "version": version,
            "round": 1,
            "status": "requested",
            "step": {"kind": kind, **_SAID.get(kind, {}), **said},
        }
    )
    return received(data, at, event_id=event_id or f"{handoff_id}/{version}/{kind}")


def deal_changed(
    *, at: datetime = NOW, deal_id: str = "deal-1", event_id: str | None = None, **said: Any
) -> Received[DealChanged]:
    """Return a statement about a deal."""
    data = DealChanged.model_validate({"deal_id": deal_id, "stage": "decision", **said})
    return received(data, at, event_id=event_id or uuid.uuid4().hex)
