"""A municipality's own rules are entered against the version seen, and used for planning."""

from typing import Any

import pytest

from tests.support.budget_calendar_api import Service

KIRYU = "102032"
RULES = f"/v1/municipalities/{KIRYU}/contract-rules"
CEILINGS: dict[str, Any] = {
    "works": 1_300_000,
    "purchase": 800_000,
    "lease": 400_000,
    "services": 500_000,
    "valid_from": "2020-04-01",
    "source": "桐生市契約規則",
}
ENTERED: dict[str, Any] = {
    "ceilings": [CEILINGS],
    "long_term_years": 7,
    "council_votes": {"works": 150_000_000, "purchase": 30_000_000, "source": "議決条例"},
    "source": "例規集",
    "reason": "nobody had entered them",
}
NOTHING = {"ceilings": [], "long_term_years": 5, "council_votes": None}
PLAN: dict[str, Any] = {
    "municipality_code": KIRYU,
    "goal": {
        "policy_area": "digital",
        "amount": 900_000,
        "wanted_start": "2027-02-01",
        "category": "services",
    },
}


async def small_route(service: Service) -> dict[str, Any]:
    """The reallocation of this year, as it is planned now."""
    planned = await service.http.post("/v1/plans", json=PLAN)
    return next(r for r in planned.json()["routes"] if r["id"] == "reallocation:2026")


async def test_rules_are_entered_against_the_version_seen_audited_and_planned_by(
    service: Service,
) -> None:
    before = await service.http.get(RULES)
    assert before.json() == NOTHING
    assert (await small_route(service))["reason"] == "fits"
    seen = {"if-match": before.headers["etag"]}
    entered = await service.http.put(RULES, json=ENTERED, headers=seen)
    assert entered.status_code == 200, entered.text
    after = await service.http.get(RULES)
    assert after.json() == entered.json()
    assert ENTERED | after.json() == ENTERED
    assert after.headers["etag"] == entered.headers["etag"] != seen["if-match"]
    same = await service.http.get(RULES, headers={"if-none-match": after.headers["etag"]})
    assert same.status_code == 304
    route = await small_route(service)
    assert route["reason"] == "above_ceiling"
    assert "桐生市契約規則" in route["explanation"]["ja"]
    again = await service.http.put(RULES, json=ENTERED, headers=seen)
    assert (again.status_code, again.json()) == (200, entered.json())
    assert again.headers["etag"] == entered.headers["etag"]
    other = ENTERED | {"long_term_years": 6}
    assert (await service.http.put(RULES, json=other, headers=seen)).status_code == 412
    assert (await service.http.put(RULES, json=ENTERED)).status_code == 428
    [row] = await service.fetch("select who, what, subject, before, after from audit")
    assert (row["who"], row["what"]) == ("tester", "enter_contract_rules")
    assert row["subject"] == f"municipality/{KIRYU}"
    assert row["before"]["long_term_years"] == 5
    assert (row["after"]["long_term_years"], row["after"]["source"]) == (7, "例規集")


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        (
            {"ceilings": [CEILINGS | {"services": 500_001}]},
            "/ceilings/0/services",
            "above_legal_ceiling",
        ),
        ({"ceilings": [CEILINGS, CEILINGS]}, "/ceilings/1/valid_from", "given_twice"),
        ({"ceilings": [CEILINGS | {"source": " "}]}, "/ceilings/0/source", "reason_missing"),
        ({"ceilings": [CEILINGS | {"lease": -1}]}, "/ceilings/0/lease", None),
        ({"long_term_years": 11}, "/long_term_years", "years_out_of_range"),
        (
            {"council_votes": ENTERED["council_votes"] | {"purchase": 19_999_999}},
            "/council_votes/purchase",
            "below_legal_threshold",
        ),
        ({"reason": " "}, "/reason", "reason_missing"),
        ({"source": ""}, "/source", "reason_missing"),
        ({"ceiling": []}, "/ceiling", None),
    ],
)
async def test_rules_that_cannot_be_change_nothing(
    service: Service, changed: dict[str, Any], pointer: str, code: str | None
) -> None:
    seen = {"if-match": (await service.http.get(RULES)).headers["etag"]}
    answer = await service.http.put(RULES, json=ENTERED | changed, headers=seen)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert code is None or answer.json()["code"] == code
    assert (await service.http.get(RULES)).json() == NOTHING
    assert await service.rows("local_rules", "audit") == 0


async def test_an_unknown_municipality_has_no_rules(service: Service) -> None:
    answer = await service.http.get("/v1/municipalities/999997/contract-rules")
    assert answer.status_code in {404, 422}


async def test_entering_needs_its_scope(service: Service) -> None:
    answer = await service.http.put(
        RULES, json=ENTERED, headers=service.token("budget-calendar:read")
    )
    assert answer.status_code == 403
