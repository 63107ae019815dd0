"""Requests that work as they stand: the API's description shows them, and a test sends them."""

from typing import Any, Final

ACTIVITY: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "web-2026-11-20-000123",
    "source": "https://www.example.co.jp/web",
    "type": "jp.kakehashi.lead.activity_recorded.v1",
    "time": "2026-11-20T10:15:00+09:00",
    "data": {"lead_id": "crm-48213", "kind": "page_viewed", "category": "pricing"},
}

PROFILE: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "crm-48213-7",
    "source": "https://www.example.co.jp/crm",
    "type": "jp.kakehashi.lead.profile_changed.v1",
    "time": "2026-11-20T09:00:00+09:00",
    "data": {
        "lead_id": "crm-48213",
        "municipality_code": "102032",
        "department": "情報政策課",
        "role": "manager",
    },
}

OUTCOME: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "crm-48213-deal-3",
    "source": "https://www.example.co.jp/crm",
    "type": "jp.kakehashi.lead.outcome_recorded.v1",
    "time": "2026-11-20T17:30:00+09:00",
    "data": {"lead_id": "crm-48213", "outcome": "won", "amount_yen": 1980000},
}

ONE_EVENT: Final[dict[str, dict[str, Any]]] = {
    "activity": {"summary": "A contact did something", "value": ACTIVITY},
    "profile": {"summary": "Something was learnt about a lead", "value": PROFILE},
    "outcome": {"summary": "An opportunity ended", "value": OUTCOME},
}

SEVERAL_EVENTS: Final[dict[str, dict[str, Any]]] = {
    "several": {"summary": "Up to 1,000 events", "value": [PROFILE, ACTIVITY, OUTCOME]}
}
