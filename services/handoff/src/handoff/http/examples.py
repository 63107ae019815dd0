"""Requests that work as they stand: the API's description shows them, and a test sends them."""

from typing import Any, Final

from kakehashi_common.collector.description import Examples

TEAM: Final = "kanto"
MEMBER: Final = "s-1042"
LEAD: Final = "crm-48213"
HANDOFF: Final = "h-2027-0114"

_PATH_VALUES: Final = {
    "role": "field_sales",
    "team_id": TEAM,
    "member_id": MEMBER,
    "lead_id": LEAD,
    "handoff_id": HANDOFF,
    "field": "next_step",
    "absence_id": "new-year-2027",
    "territory_id": "gunma-digital",
    "function": "council_liaison",
    "criterion": "people",
    "notification_id": "5a1f3f2e-6c1b-5b52-9d55-3f4f0a3c1d10",
    "webhook_id": "chat",
    "deal_id": "0065g00000AbCdE",
}

_DEAL: Final[dict[str, Any]] = {
    "stage": "evaluation",
    "municipality_code": "102032",
    "lead_ids": ["crm-48213"],
    "product": "resident_portal",
    "amount_yen": 4800000,
    "owner": MEMBER,
    "competitors": ["株式会社北関東システムズ"],
    "budget_ceiling_yen": 5000000,
    "expected_close_on": "2027-03-24",
}
_DEAL_EVENT: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "0065g00000XyZ01-2026-11-16T06:10:00Z",
    "source": "https://www.example.co.jp/crm",
    "type": "jp.kakehashi.deal.deal_changed.v1",
    "time": "2026-11-16T15:10:00+09:00",
    "data": {"deal_id": "0065g00000XyZ01", **_DEAL},
}
_LOST: Final[dict[str, Any]] = {
    **_DEAL_EVENT,
    "id": "0065g00000XyZ02-2026-11-16T06:12:00Z",
    "data": {
        "deal_id": "0065g00000XyZ02",
        "stage": "decision",
        "municipality_code": "131130",
        "outcome": "lost",
        "outcome_reason": "price",
    },
}
_ACTIVITY: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "pbx-20261116-4471",
    "source": "https://www.example.co.jp/pbx",
    "type": "jp.kakehashi.seller.activity_recorded.v1",
    "time": "2026-11-16T14:00:00+09:00",
    "data": {
        "activity_id": "call-4471",
        "member_id": MEMBER,
        "role": "field_sales",
        "kind": "call",
        "reached": True,
        "outcome": "appointment_made",
        "minutes": 12,
        "lead_id": "crm-48213",
    },
}
_ADMINISTRATION: Final[dict[str, Any]] = {
    **_ACTIVITY,
    "id": "crm-20261116-admin",
    "source": "https://www.example.co.jp/crm",
    "data": {
        "activity_id": "admin-20261116",
        "member_id": MEMBER,
        "role": "field_sales",
        "kind": "administration",
        "minutes": 45,
    },
}


def path_values() -> dict[str, Any]:
    """Return what the parameters of paths are, by name."""
    return dict(_PATH_VALUES)


def bodies() -> dict[str, Examples]:
    """Return the bodies of requests, by operation."""
    day = ["09:00-12:00", "13:00-18:00"]
    return {
        "put_team": _one(
            "Monday to Friday, with a lunch break",
            {
                "name": "関東営業部",
                "hours": {
                    "monday": day,
                    "tuesday": day,
                    "wednesday": day,
                    "thursday": day,
                    "friday": day,
                },
            },
        ),
        "put_member": _one(
            "Sells digital services, and accompanies deals through the council",
            {
                "team_id": TEAM,
                "name": "佐藤 花子",
                "roles": ["field_sales"],
                "functions": ["council_liaison"],
                "skills": ["digital", "disaster_prevention"],
                "capacity": 20,
                "email": "hanako.sato@example.jp",
            },
        ),
        "import_members": _one(
            "Two members, as Excel saves them in Japan",
            "社員番号,チーム,氏名,役割,職能,専門,上限,持ち分\r\n"
            f"{MEMBER},{TEAM},佐藤 花子,外勤営業,議会対応,digital;disaster_prevention,20,1\r\n"
            f"s-1043,{TEAM},鈴木 一郎,内勤営業;SDR,,,30,1\r\n",
        ),
        "dry_run_assignments": _one(
            "If she took twice as many",
            {"last": 100, "members": {MEMBER: {"share": 2}}},
        ),
        "reassign_handoffs_of_member": _one(
            "She has left; the assignment decides who gets each",
            {"reason": "member_left"},
        ),
        "put_absence": _one(
            "On leave until 7 January",
            {"starts": "2027-01-04T00:00:00+09:00", "ends": "2027-01-07T00:00:00+09:00"},
        ),
        "import_territories": _one(
            "Two territories: welfare in one city, and the towns and villages of a prefecture",
            "担当地域,チーム,団体コード,都道府県,種別,政策分野\r\n"
            f"kiryu-welfare,{TEAM},102032,,,welfare\r\n"
            f"gunma-towns,{TEAM},,群馬県,町;村,\r\n",
        ),
        "put_territory": _one(
            "Digital services in Gunma",
            {"team_id": TEAM, "prefectures": ["群馬県"], "policy_areas": ["digital"]},
        ),
        "put_packet_policy": _one(
            "What field sales needs, and who sees to it",
            {
                "required": {
                    "field_sales": [
                        {"field": "who_and_where", "responsible": "sales_development"},
                        {"field": "need", "responsible": "inside_sales"},
                        {"field": "next_step", "responsible": "inside_sales"},
                    ]
                }
            },
        ),
        "put_readiness_policy": _one(
            "Two people, and three weeks before the next deadline",
            {"grades": ["A1", "A2"], "least_people": 2, "least_days_to_deadline": 21},
        ),
        "enter_packet_field": _one(
            "What happens next", {"text": "12月3日までに参考見積（3案）を提出する", "by": MEMBER}
        ),
        "judge_packet_field": _one("Field sales agrees", {"verdict": "confirmed", "by": MEMBER}),
        "put_webhook": _one(
            "What is late, and what nobody has",
            {
                "url": "https://hooks.example.jp/kakehashi",
                "secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
                "reasons": ["overdue", "nobody_eligible"],
            },
        ),
        "put_clock_policy": _one(
            "Leads of the best grade are answered within half a day",
            {
                "rules": [
                    {"grade": "A1", "policy": {"accept": {"hours": 4, "reminder_percent": 75}}}
                ]
            },
        ),
        **_of_handoffs(),
        **_of_deals(),
    }


def _of_handoffs() -> dict[str, Examples]:
    by = {"by": MEMBER}
    return {
        "request_handoff": _one(
            "A lead of 桐生市 to the field seller who knows it",
            {
                "lead_id": "crm-48213",
                "municipality_code": "102032",
                "grade": "A1",
                "policy_area": "digital",
                "to": MEMBER,
                "lead_created_at": "2026-11-02T09:30:00+09:00",
            },
        ),
        "accept_handoff": _one("The owner takes it on", by),
        "reject_handoff": _one(
            "Facts are missing: it goes back to inside sales",
            {**by, "reason": "facts_missing", "missing_facts": ["people", "budget_ceiling"]},
        ),
        "resubmit_handoff": _one(
            "Inside sales has found out", {"supplied_facts": ["people", "budget_ceiling"]}
        ),
        "record_lead_answer": _one(
            "The enquiry was answered by telephone", {"at": "2026-11-02T10:15:00+09:00"}
        ),
        "record_contact": _one("Called", {**by, "at": "2026-11-03T14:00:00+09:00"}),
        "record_meeting": _one("Visited", {**by, "at": "2026-11-10T10:00:00+09:00"}),
        "pause_clocks": _one(
            "The council is in session",
            {**by, "reason": "council_session", "until": "2026-12-18T17:00:00+09:00"},
        ),
        "resume_clocks": _one("It goes on earlier", by),
        "wake_handoff": _one("The budget came earlier than expected", by),
        "reassign_handoff": _one(
            "Somebody else gets it, by the rotation",
            {"from_member": MEMBER, "reason": "decided", "note": "担当地域の見直し"},
        ),
        "name_further_owner": _one("Accompanies it through the council", {"member_id": MEMBER}),
        "rate_handoff": _one(
            "The packet was complete",
            {
                **by,
                "direction": "receiver_rates_sender",
                "score": 5,
                "reason": "意思決定に関わる人がすべて分かっていた",
            },
        ),
        "override_readiness": _one(
            "Known from a visit", {"answer": "met", "reason": "課長と係長が同席した"}
        ),
        "close_handoff": _one(
            "Lost to a rival", {**by, "outcome": "lost", "reason": "他社の提案を採用"}
        ),
        "withdraw_handoff": _one("A mistake", {"reason": "別のリードと取り違えた"}),
    }


def _of_deals() -> dict[str, Examples]:
    return {
        "put_deal": _one("A proposal, with a rival and the customer's ceiling", _DEAL),
        "publish_deal_events": _one("A deal changed in the CRM", _DEAL_EVENT),
        "publish_seller_activities": _one("A call that reached the customer", _ACTIVITY),
    }


def several_events() -> dict[str, Examples]:
    """Return requests with several events, by operation."""
    return {
        "publish_deal_events": {
            "several": {"summary": "Up to 1,000 events", "value": [_DEAL_EVENT, _LOST]}
        },
        "publish_seller_activities": {
            "several": {"summary": "Up to 1,000 events", "value": [_ACTIVITY, _ADMINISTRATION]}
        },
    }


def _one(summary: str, value: Any) -> Examples:
    return {"example": {"summary": summary, "value": value}}
