"""Events of sequences, as followup publishes them."""

from datetime import datetime
from typing import Any, Final

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.followups import FollowupChanged
from tests.support.received import received

_SAID: Final[dict[str, dict[str, Any]]] = {
    "started": {"by": "behaviours", "reason": "price_viewed_twice"},
    "scheduled": {"step_id": "introduction", "due_at": "2026-11-20T04:00:00Z"},
    "sent": {"step_id": "introduction", "message_id": "<m-1@mail.example.jp>"},
    "task_completed": {"step_id": "call", "task_id": "t-1", "by": "s-1", "outcome": "done"},
    "occurred": {"by": "mail"},
    "stopped": {"by": "mail", "reason": "answered", "goal_reached": False},
}
"""Required fields of each fact, which a test may override."""


def followup_fact(
    kind: str,
    *,
    at: datetime,
    sequence_id: str = "sequence-1",
    lead_id: str = "crm-1",
    version: int = 1,
    **said: Any,
) -> Received[FollowupChanged]:
    """Return the event of one fact of a sequence."""
    data = FollowupChanged.model_validate(
        {
            "sequence_id": sequence_id,
            "lead_id": lead_id,
            "playbook_id": "price-interest",
            "playbook_version": 1,
            "trigger_id": "behaviour-1",
            "version": version,
            "status": "resting",
            "paused": False,
            "sent": 1,
            "fact": {"kind": kind, **_SAID.get(kind, {}), **said},
        }
    )
    return received(
        data, at, event_id=f"{sequence_id}/{version}/{kind}", source="//kakehashi/followup"
    )
