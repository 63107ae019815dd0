"""Requests that work as they stand: the API's description shows them, and a test sends them.

They happened the day before they are shown, and their ids hold that day: an example of years ago
would be accepted, and score nothing.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from kakehashi_common.clock import japan_day
from kakehashi_common.collector.description import Examples

_LEAD: Final = "crm-48213"


def activity(now: datetime) -> dict[str, Any]:
    """A contact did something."""
    day = _day_before(now)
    return {
        "specversion": "1.0",
        "id": f"web-{day}-000123",
        "source": "https://www.example.co.jp/web",
        "type": "jp.kakehashi.lead.activity_recorded.v1",
        "time": f"{day}T10:15:00+09:00",
        "data": {"lead_id": _LEAD, "kind": "page_viewed", "category": "pricing"},
    }


def profile(now: datetime) -> dict[str, Any]:
    """Something was learnt about a lead."""
    day = _day_before(now)
    return {
        "specversion": "1.0",
        "id": f"{_LEAD}-{day}-7",
        "source": "https://www.example.co.jp/crm",
        "type": "jp.kakehashi.lead.profile_changed.v1",
        "time": f"{day}T09:00:00+09:00",
        "data": {
            "lead_id": _LEAD,
            "municipality_code": "102032",
            "department": "情報政策課",
            "role": "manager",
        },
    }


def outcome(now: datetime) -> dict[str, Any]:
    """An opportunity ended."""
    day = _day_before(now)
    return {
        "specversion": "1.0",
        "id": f"{_LEAD}-{day}-deal-3",
        "source": "https://www.example.co.jp/crm",
        "type": "jp.kakehashi.lead.outcome_recorded.v1",
        "time": f"{day}T17:30:00+09:00",
        "data": {"lead_id": _LEAD, "outcome": "won", "amount_yen": 1980000},
    }


def merge(now: datetime) -> dict[str, Any]:
    """Two records were one person."""
    day = _day_before(now)
    return {
        "specversion": "1.0",
        "id": f"merge-{day}-50377",
        "source": "https://www.example.co.jp/crm",
        "type": "jp.kakehashi.lead.merged.v1",
        "time": f"{day}T18:00:00+09:00",
        "data": {"lead_id": "crm-50377", "into_lead_id": _LEAD},
    }


def one_event(now: datetime) -> Examples:
    """One event of each kind."""
    return {
        "activity": {"summary": "A contact did something", "value": activity(now)},
        "profile": {"summary": "Something was learnt about a lead", "value": profile(now)},
        "outcome": {"summary": "An opportunity ended", "value": outcome(now)},
        "merge": {"summary": "Two records were one person", "value": merge(now)},
    }


def several_events(now: datetime) -> Examples:
    """All of them in one request."""
    together = [profile(now), activity(now), outcome(now)]
    return {"several": {"summary": "Up to 1,000 events", "value": together}}


def _day_before(now: datetime) -> str:
    return (japan_day(now) - timedelta(days=1)).isoformat()
