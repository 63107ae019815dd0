"""Requests that work as they stand: the API's description shows them, and a test sends them.

They are about the fiscal year to come, so that no date in them lies in the past.
"""

from datetime import date, timedelta
from typing import Any, Final

from budget_calendar.domain.fiscal_years import fiscal_year_of, japanese_name
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

CODE: Final = "102032"
SUBSIDY: Final = "digital-example"
PURSUIT: Final = "deal-4711"

Examples = dict[str, dict[str, Any]]
"""The type of OpenAPI's ``examples``."""


def path_values(today: date) -> dict[str, Any]:
    """Return an example for each path parameter, by name."""
    return {
        "code": CODE,
        "fiscal_year": coming_year(today),
        "key": "request_deadline",
        "subsidy_id": SUBSIDY,
        "pursuit_id": PURSUIT,
    }


def bodies(today: date) -> dict[str, Examples]:
    """The bodies of requests, by operation."""
    year = coming_year(today)
    return {
        "correct_calendar": _one(
            "The guideline says until when departments request",
            {
                "earliest": _open_day(year, 10, 27),
                "likely": _open_day(year, 10, 30),
                "latest": _open_day(year, 10, 30),
                "source": "予算編成方針 (市公式サイト)",
                "reason": "The guideline has been published",
            },
        ),
        "what_if": _one(
            "If requests were due a month earlier",
            {"assumptions": [{"key": "request_deadline", "likely": _open_day(year, 9, 30)}]},
        ),
        "enter_facts": _one(
            "When the mayor's term ends",
            {
                "head_term_ends": str(today + timedelta(days=500)),
                "year_round_session": False,
                "source": "選挙管理委員会のサイト",
                "reason": "Nobody had entered it",
            },
        ),
        "enter_contract_rules": _one(
            "Its rules raised the ceilings half a year after the law",
            {
                "ceilings": [
                    {
                        "works": 2_000_000,
                        "purchase": 1_500_000,
                        "lease": 800_000,
                        "services": 1_000_000,
                        "valid_from": "2025-10-01",
                        "source": "桐生市財務規則",
                    }
                ],
                "long_term_years": 7,
                "source": "例規集",
                "reason": "Nobody had entered them",
            },
        ),
        "follow": {
            "one": {"summary": "One municipality", "value": {"codes": [CODE]}},
            "prefecture": {"summary": "A prefecture", "value": {"prefecture": "群馬県"}},
            "all": {"summary": "All of Japan", "value": {"all": True}},
        },
        "subscribe": {
            "municipality": {
                "summary": "A municipality, in Japanese",
                "value": {"code": CODE, "language": "ja"},
            },
            "prefecture": {
                "summary": "What is followed in a prefecture, with alarms five days before",
                "value": {"prefecture": "群馬県", "alarm_days": 5},
            },
            "owner": {
                "summary": "The steps of an owner's pursuits",
                "value": {"owner": "fs-east", "alarm_days": 5},
            },
        },
        "add_subsidy": _one("A call for the year to come", {"id": SUBSIDY} | _subsidy(year)),
        "edit_subsidy": _one("With a cap", _subsidy(year) | {"cap_yen": 50_000_000}),
        "unfollow": _one("One municipality", {"codes": [CODE]}),
        "open_pursuit": _one(
            "A system for the coming fiscal year",
            {
                "id": PURSUIT,
                "municipality_code": CODE,
                "owner": "fs-east",
                "goal": _goal(year),
            },
        ),
        "plan_routes": {
            "today": {
                "summary": "As of today",
                "value": {"municipality_code": CODE, "goal": _goal(year)},
            },
            "assumed": {
                "summary": "If requests were due earlier next year",
                "value": {
                    "municipality_code": CODE,
                    "goal": _goal(year + 1),
                    "assumptions": [
                        {
                            "fiscal_year": year,
                            "key": "request_deadline",
                            "likely": _open_day(year, 9, 30),
                        }
                    ],
                },
            },
        },
        "confirm_stage": _one(
            "A study session was held today",
            {"stage": "study_sessions", "outcome": "done", "on": str(today), "note": "8 officers"},
        ),
        "choose_route": _one(
            "The supplementary budget of June", {"route_id": f"supplementary_budget:{year}:2"}
        ),
        "revise_goal": _one("A smaller start", _goal(year) | {"amount": 4_800_000}),
        "pause_pursuit": _one(
            "Until the new fiscal year", {"until": f"{year}-04-01", "note": "予算凍結"}
        ),
        "cancel_pursuit": _one("The need is gone", {"note": "他社製品を継続利用"}),
        "observe_sessions": _one("A session with its supplementary budget", _session(today)),
    }


def coming_year(today: date) -> int:
    """The fiscal year after the one of ``today``."""
    return fiscal_year_of(today) + 1


def _one(summary: str, value: object) -> Examples:
    return {"example": {"summary": summary, "value": value}}


def _goal(year: int) -> dict[str, Any]:
    return {
        "policy_area": "digital",
        "amount": 12_000_000,
        "wanted_start": f"{year}-06-01",
        "category": "services",
        "description": "窓口の予約システム",
    }


def _session(today: date) -> dict[str, Any]:
    year = today.year - 1
    return {
        "sessions": [
            {
                "kind": "regular",
                "year": year,
                "number": 3,
                "opens_on": f"{year}-09-02",
                "last_vote_on": f"{year}-09-26",
                "bills": [
                    {
                        "kind": "supplementary",
                        "fiscal_year": year,
                        "account": "一般会計",
                        "number": 4,
                        "passed": True,
                        "title": f"{japanese_name(year)}桐生市一般会計補正予算（第4号）",
                    }
                ],
                "source": "https://www.city.kiryu.lg.jp/",
            }
        ]
    }


def _open_day(year: int, month: int, day: int) -> str:
    """Return that day, or the last business day before it: examples are dates that can be."""
    return str(BUSINESS_DAYS.on_or_before(date(year, month, day)))


def _subsidy(year: int) -> dict[str, Any]:
    return {
        "name": "デジタル実装交付金",
        "ministry": "内閣府",
        "rate": "1/2",
        "policy_areas": ["digital"],
        "call_opens": _open_day(year - 1, 12, 5),
        "call_closes": _open_day(year, 2, 10),
        "consultation": {
            "earliest": _open_day(year - 1, 12, 15),
            "likely": _open_day(year, 1, 15),
            "latest": _open_day(year, 2, 5),
        },
        "decision": {
            "earliest": _open_day(year, 3, 20),
            "likely": _open_day(year, 4, 1),
            "latest": _open_day(year, 4, 20),
        },
        "completed_by": f"{year + 1}-03-31",
        "source": "https://www.chisou.go.jp/",
    }
