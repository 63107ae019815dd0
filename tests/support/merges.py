"""Events that say that two leads are one person."""

from datetime import UTC, datetime
from typing import Any

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.lead_events import LeadMerged
from tests.support.received import received

CRM = "https://crm.example.jp"


def merged(lead_id: str, into: str, at: datetime | None = None) -> Received[Any]:
    """Return what a CRM says when one id goes into another."""
    data = LeadMerged(lead_id=lead_id, into_lead_id=into)
    return received(data, at or datetime(2026, 11, 20, 3, tzinfo=UTC), source=CRM)
