"""Readiness over HTTP, as it stood when handoffs were recorded, and against their outcome."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from handoff.domain.handoff.commands import Accept, Close, OverrideReadiness
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import Outcome
from handoff.domain.readiness import Answer, Criterion
from handoff.handoffs.messages import RecordedDecision, RecordHandoff
from handoff.packets import snapshots
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from tests.support.handoff_api import NOW, Service
from tests.support.handoffs import Life
from tests.support.received import received

MISSING = ("政策分野と課題", "今引き継ぐ理由", "予算の段階と次の期日", "次の一手", "約束したこと")
TARO = ProfileChanged(
    lead_id="lead-1",
    municipality_code="102032",
    role="manager",
    attributes={"consent": False},
)


@pytest_asyncio.fixture
async def known(service: Service) -> Service:
    """A lead that met somebody two days ago."""
    met = ActivityRecorded(lead_id="lead-1", kind="meeting_held")
    await service.leads.save_lead_events(
        [received(TARO, NOW), received(met, NOW - timedelta(days=2))]
    )
    return service


async def criteria(service: Service, path: str) -> dict[str, dict[str, Any]]:
    answer = await service.http.get(path)
    assert answer.status_code == 200, answer.text
    return {each["criterion"]: each for each in answer.json()["criteria"]}


async def test_each_criterion_of_a_lead_is_answered_with_its_evidence(known: Service) -> None:
    found = await criteria(known, "/leads/lead-1/readiness")
    assert {name: (each["answer"], each["evidence"]) for name, each in found.items()} == {
        "grade": ("unknown", "スコアがまだありません"),
        "people": ("not_met", "直近90日に動きのあった人は 1 人（基準は 2 人以上）"),
        "decision_roles": (
            "met",
            "関わっている立場は 管理職（財政担当・首長・副首長・管理職のいずれかが必要）",
        ),
        "budget_phase": ("unknown", "予算編成の段階が分かりません"),
        "deadline": ("unknown", "次の締切が分かりません"),
        "recent_contact": ("met", "最後の接触は 2026-11-18、2 日前（基準は 30 日以内）"),
        "consent": ("not_met", "連絡の同意なし"),
        "required_fields": (
            "not_met",
            f"未入力の必須項目: {'、'.join(MISSING)}",
        ),
    }


async def test_of_an_unknown_lead_nothing_is_known_but_what_is_missing(service: Service) -> None:
    found = await criteria(service, "/leads/nobody/readiness?to=inside_sales")
    assert {each["answer"] for name, each in found.items() if name != "required_fields"} == {
        "unknown"
    }


async def test_an_override_is_in_force_and_the_computed_answer_stays(known: Service) -> None:
    life = Life("2026-11-20 11:00")
    life.do(OverrideReadiness("is-1", Criterion.CONSENT, Answer.MET, "名刺を交換した"))
    await known.record(life.state)
    consent = (await criteria(known, "/handoffs/h-1/readiness"))["consent"]
    assert (consent["answer"], consent["in_force"]) == ("not_met", "met")
    assert consent["override"]["reason"] == "名刺を交換した"


async def take(service: Service, state: HandoffState) -> None:
    async with service.database.transaction() as connection:
        await snapshots.take(connection, state, NOW)


async def test_readiness_is_kept_as_it_stood_and_once_a_version(known: Service) -> None:
    life = Life("2026-11-20 11:00")
    requested = replace(life.state, version=1, accepted_at=None)
    life.do(Accept("fs-1"))
    await known.record(life.state)
    for state in (requested, requested, life.state, life.state):
        await take(known, state)
    rows = await known.fetch("select version, moment, missing from readiness_snapshot order by 1")
    assert [(row["version"], row["moment"]) for row in rows] == [
        (1, "requested"),
        (life.state.version, "accepted"),
    ]
    assert "need" in rows[0]["missing"]


async def test_recording_a_handoff_keeps_its_readiness_at_request_and_acceptance(
    known: Service,
) -> None:
    life = Life("2026-11-20 11:00")
    life.do(Accept("fs-1"))
    decisions = tuple(RecordedDecision.of(each, at, None) for at, each in life.decisions)
    for _ in range(2):
        await known.handoff_activities.record_handoff(RecordHandoff("h-1", decisions, None))
    rows = await known.fetch("select moment from readiness_snapshot order by version")
    assert [row["moment"] for row in rows] == ["requested", "accepted"]


async def lived(
    service: Service, number: int, *, accepted: bool, won: bool | None, overridden: bool = False
) -> None:
    life = Life("2026-11-20 11:00", handoff_id=f"h-{number}", lead_id=f"lead-{number}")
    requested = replace(life.state, version=1)
    if overridden:
        life.do(OverrideReadiness("is-1", Criterion.CONSENT, Answer.MET, "名刺を交換した"))
    if accepted:
        life.do(Accept("fs-1"))
    if won is not None:
        life.do(Close("fs-1", Outcome.WON if won else Outcome.LOST, "価格"))
    await service.record(life.state, *life.facts())
    await take(service, requested)


async def test_each_criterion_is_compared_with_acceptance_and_win(service: Service) -> None:
    for number in range(12):
        await lived(service, number, accepted=True, won=number < 3)
    for number in range(12, 15):
        await lived(service, number, accepted=False, won=None)
    await lived(service, 15, accepted=True, won=None, overridden=True)
    report = (await service.http.get("/reports/criteria?since=2026-11-01")).json()
    consent = [each for each in report["items"] if each["criterion"] == "consent"]
    assert [(each["answer"], each["in_force"]) for each in consent] == [
        ("unknown", "met"),
        ("unknown", "unknown"),
    ]
    overridden, computed = consent
    assert (overridden["accepted"]["n"], overridden["accepted"]["too_few"]) == (1, True)
    assert overridden["accepted"]["rate"] is None
    assert (computed["accepted"]["count"], computed["accepted"]["n"]) == (12, 12)
    won = computed["won"]
    assert (won["count"], won["n"], won["rate"]) == (3, 12, 0.25)
    assert won["low"] < 0.25 < won["high"]


async def test_a_report_is_of_the_days_that_were_asked_for(service: Service) -> None:
    await lived(service, 1, accepted=True, won=True)
    for query, items in {
        "since=2026-11-20&until=2026-11-20": True,
        "since=2026-11-21": False,
        "until=2026-11-19": False,
        "to_role=customer_success": False,
    }.items():
        report = (await service.http.get(f"/reports/criteria?{query}")).json()
        assert bool(report["items"]) is items


@pytest.mark.parametrize("path", ["/handoffs/h-9/readiness", "/handoffs/h-9/packet"])
async def test_there_is_nothing_of_a_handoff_that_does_not_exist(
    service: Service, path: str
) -> None:
    assert (await service.http.get(path)).status_code == 404


BY_THE_TEAM = {"required": {"field_sales": [{"field": "need", "responsible": "inside_sales"}]}}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/policies/packet", BY_THE_TEAM),
        ("/policies/readiness", {"least_people": 1, "grades": ["A1"]}),
    ],
)
async def test_a_policy_is_replaced_by_whoever_has_seen_it(
    service: Service, path: str, body: dict[str, Any]
) -> None:
    seen = {"if-match": (await service.http.get(path)).headers["etag"]}
    assert (await service.http.put(path, json=body)).status_code == 428
    answer = await service.http.put(path, json=body, headers=seen)
    assert answer.status_code == 200, answer.text
    assert body.items() <= answer.json().items()
    assert (await service.http.get(path)).json() == answer.json()
    assert (await service.http.put(path, json=body, headers=seen)).status_code == 200


async def test_readiness_goes_by_the_policy_in_force(known: Service) -> None:
    anybody = {"if-match": "*"}
    await known.http.put("/policies/packet", json={"required": {}}, headers=anybody)
    await known.http.put("/policies/readiness", json={"least_people": 1}, headers=anybody)
    found = await criteria(known, "/leads/lead-1/readiness")
    assert found["people"]["answer"] == "met"
    assert found["required_fields"]["evidence"] == "必須項目はすべて入力済み"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (
            "/policies/packet",
            {"required": {"field_sales": BY_THE_TEAM["required"]["field_sales"] * 2}},
            "repeated",
        ),
        (
            "/policies/packet",
            {"required": {"field_sales": [{"field": "nedd", "responsible": "inside_sales"}]}},
            "validation_failed",
        ),
        ("/policies/readiness", {"grades": ["Z9"]}, "validation_failed"),
        ("/policies/readiness", {"least_people": -1}, "validation_failed"),
    ],
)
async def test_a_policy_that_makes_no_sense_is_refused(
    service: Service, path: str, body: dict[str, Any], code: str
) -> None:
    answer = await service.http.put(path, json=body, headers={"if-match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text


async def judged(service: Service, number: int, verdict: str) -> None:
    life = Life("2026-11-20 11:00", handoff_id=f"h-{number}", lead_id=f"lead-{number}")
    await service.record(life.state)
    headers = {"if-match": "*"}
    path = f"/handoffs/h-{number}/packet/need"
    entry = await service.http.put(path, json={"text": "窓口のDX"}, headers=headers)
    assert entry.status_code == 200, entry.text
    said = {"verdict": verdict, "by": "fs-1"}
    answer = await service.http.post(f"{path}/verdict", json=said, headers=headers)
    assert answer.status_code == 200, answer.text
    life.do(Accept("fs-1"))
    await take(service, life.state)


async def test_quality_is_reported_by_field_and_person_with_intervals(service: Service) -> None:
    for number in range(12):
        await judged(service, number, "wrong" if number == 0 else "confirmed")
    report = (await service.http.get("/reports/packet-quality")).json()
    assert (report["quality"]["count"], report["quality"]["n"]) == (11, 12)
    assert (report["quality_target"], report["entry_rate_target"]) == (0.8, 0.9)
    assert [(each["field"], each["verdicts"]["n"]) for each in report["fields"]] == [("need", 12)]
    assert [(each["source"], each["verdicts"]["n"]) for each in report["people"]] == [
        ("tester", 12)
    ]
    rates = {each["field"]: each["filled"]["count"] for each in report["entry_rates"]}
    assert (rates["need"], rates["promises"]) == (12, 0)
    assert (report["entry_rate"]["count"], report["entry_rate"]["n"]) == (12, 84)


async def test_the_week_s_review_lists_what_was_missing_and_wrong(service: Service) -> None:
    await judged(service, 1, "wrong")
    await judged(service, 2, "confirmed")
    review = (await service.http.get("/reports/packet-review")).json()
    assert (review["since"], review["until"]) == ("2026-11-14", "2026-11-20")
    assert [(each["handoff_id"], each["wrong"]) for each in review["items"]] == [
        ("h-1", ["need"]),
        ("h-2", []),
    ]
    assert "promises" in review["items"][0]["missing"]
    later = (await service.http.get("/reports/packet-review?since=2026-11-21")).json()
    assert later["items"] == []
