"""The reports over HTTP: rejected leads by rule, a draft of better rules, labels to learn from."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from kakehashi_common.cloudevents.codec import event_key
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.outbox.store import decode_headers
from lead_scoring.feedback.service import save_feedback
from tests.support.handoff_events import deal_changed, handoff_step
from tests.support.lead_scoring_api import NOW, Service

RULES = """\
name: small
description: Three signals, any of which qualifies.
horizon_days: 365
grades: {fit: {A: 65, B: 35}, engagement: {1: 10, 2: 5}}
qualification: {grades: [C1], cool_down_days: 0}
engagement:
  groups:
    all: {cap: 100, label: {ja: すべて, en: Everything}}
  rules:
    quote:
      group: all
      kinds: [reference_quote_requested]
      points: 35  # asked for by those who mean it
      label: {ja: 参考見積の依頼, en: Asked for a quote}
    download:
      group: all
      kinds: [document_downloaded]
      points: 20  # everybody downloads
      label: {ja: 資料ダウンロード, en: Downloaded a document}
    seminar:
      group: all
      kinds: [seminar_attended]
      points: 15
      label: {ja: セミナー参加, en: Attended a seminar}
fit:
  groups:
    municipality: {cap: 30, label: {ja: 自治体, en: Municipality}}
  rules:
    unknown: {group: municipality, field: municipality_code, present: false, points: -15,
      label: {ja: 自治体不明, en: Municipality unknown}}
"""
REJECTIONS = "/v1/reports/rejections"
DRAFT = "/v1/reports/rejections/rule-draft"
LABELS = "/v1/reports/labels"


@pytest_asyncio.fixture(autouse=True)
async def _rules(service: Service) -> None:
    answer = await service.http.post(
        "/v1/rules", content=RULES, headers={"content-type": "application/yaml"}
    )
    assert answer.status_code == 202


async def qualified(service: Service, lead_id: str, *kinds: str) -> str:
    """Qualify a lead, and return the id by which its handoff names that."""
    await service.happened(*(ActivityRecorded(lead_id=lead_id, kind=kind) for kind in kinds))
    rows = await service.fetch(
        "select headers from outbox where topic like '%lead-qualified-v1' and key = $1 "
        "order by id desc limit 1",
        lead_id.encode(),
    )
    headers = dict(decode_headers(rows[0]["headers"]))
    source, event_id = headers["ce_source"], headers["ce_id"]
    assert source is not None
    assert event_id is not None
    return event_key(source.decode(), event_id.decode()).hex


async def handed_off(service: Service, lead_id: str, kinds: Sequence[str], *ends: str) -> None:
    """A lead that qualifies by ``kinds`` of activity, is handed off, and ends like that."""
    step: dict[str, Any] = {"handoff_id": f"h-{lead_id}", "lead_id": lead_id}
    identity = await qualified(service, lead_id, *kinds)
    batch: list[Any] = [handoff_step("requested", qualification_id=identity, **step)]
    for version, end in enumerate(ends, start=2):
        kind, _, reason = end.partition(":")
        said: dict[str, Any] = {}
        if kind == "rejected":
            said = {"reason": reason, "consequence": "disqualify"}
        elif kind == "closed":
            said = {"outcome": reason, "deal_id": f"deal-{lead_id}"}
            batch.append(deal_changed(deal_id=f"deal-{lead_id}", outcome=reason, amount_yen=7))
        batch.append(handoff_step(kind, version=version, **step, **said))
    await save_feedback(service.database, None, batch)


@pytest_asyncio.fixture
async def judged(service: Service) -> None:
    """Quotes are accepted and half of them won; downloads are rejected but for one in five."""
    for n in range(10):
        quote = ["reference_quote_requested"]
        won = "closed:won" if n % 2 else "closed:lost"
        await handed_off(service, f"quote-{n}", quote, "accepted", won)
        end = "accepted" if n % 5 == 0 else "rejected:no_need" if n % 2 else "rejected:too_early"
        await handed_off(service, f"download-{n}", ["document_downloaded"], end)
    await handed_off(service, "both", ["document_downloaded", "seminar_attended"], "returned")
    await qualified(service, "never-handed-off", "document_downloaded")
    person = handoff_step("requested", handoff_id="h-person", lead_id="x", qualification_id="x")
    await save_feedback(service.database, None, [person])


def counts(judged: dict[str, Any]) -> tuple[int, ...]:
    names = ("qualified", "handed_off", "accepted", "returned", "won", "lost", "no_decision")
    return tuple(judged[name] for name in names)


@pytest.mark.usefixtures("judged")
async def test_rejected_leads_are_counted_by_the_rules_that_qualified_them(
    service: Service,
) -> None:
    answer = await service.http.get(REJECTIONS)
    assert answer.status_code == 200
    report = answer.json()
    rules = {rule["rule"]: rule for rule in report["rules"]}

    assert list(rules) == ["download", "quote", "seminar"]
    assert counts(report["overall"]) == (22, 21, 12, 1, 5, 5, 0)
    assert counts(rules["quote"]) == (10, 10, 10, 0, 5, 5, 0)
    assert counts(rules["download"]) == (12, 11, 2, 1, 0, 0, 0)
    assert counts(rules["seminar"]) == (1, 1, 0, 1, 0, 0, 0)
    assert rules["download"]["rejected"] == {"no_need": 4, "too_early": 4}
    assert report["without_qualification"] == 1

    assert report["overall"]["acceptance"] == {
        "count": 12,
        "n": 20,
        "too_few": False,
        "rate": 0.6,
        "low": pytest.approx(0.387, abs=0.001),
        "high": pytest.approx(0.781, abs=0.001),
    }
    assert rules["download"]["acceptance_lift"] == pytest.approx(1 / 3)
    assert rules["quote"]["win_lift"] == 1
    assert rules["quote"]["win_rate"]["rate"] == 0.5
    assert rules["seminar"]["acceptance"]["too_few"]
    assert {name: rule["below"] for name, rule in rules.items()} == {
        "download": True,
        "quote": False,
        "seminar": False,
    }
    assert rules["download"]["points"] == 20
    assert rules["download"]["proposed_points"] == 6.7
    assert rules["download"]["label"] == {"ja": "資料ダウンロード", "en": "Downloaded a document"}


@pytest.mark.usefixtures("judged")
async def test_a_draft_of_the_rules_goes_to_the_preview_as_it_is(service: Service) -> None:
    draft = await service.http.get(DRAFT)
    assert draft.headers["content-type"].startswith("application/yaml")
    assert draft.text == RULES.replace("points: 20 ", "points: 6.7 ")

    preview = await service.http.post(
        "/v1/rules/preview", content=draft.text, headers={"content-type": "application/yaml"}
    )
    # Eleven that only downloaded something, ten handed off and one not.
    assert preview.json()["moves"] == [{"before": "C1", "after": "C2", "leads": 11}]
    (in_force,) = (await service.http.get("/v1/rules")).json()["items"][:1]
    assert in_force["version"] == 2


async def test_there_is_no_draft_when_nothing_speaks_against_the_rules(service: Service) -> None:
    answer = await service.http.get(DRAFT)
    assert (answer.status_code, answer.json()["code"]) == (404, "nothing_to_propose")
    report = (await service.http.get(REJECTIONS)).json()
    assert (report["rules"], report["overall"]["acceptance"]["too_few"]) == ([], True)


@pytest.mark.usefixtures("judged")
async def test_a_report_begins_on_a_day_in_japan(service: Service) -> None:
    today = (await service.http.get(REJECTIONS, params={"since": "2026-11-20"})).json()
    tomorrow = (await service.http.get(REJECTIONS, params={"since": "2026-11-21"})).json()
    assert today["overall"]["qualified"] == 22
    assert (tomorrow["overall"]["qualified"], tomorrow["without_qualification"]) == (0, 0)


@pytest.mark.usefixtures("judged")
async def test_a_rule_that_is_no_longer_in_force_is_named_and_not_proposed(
    service: Service,
) -> None:
    renamed = RULES.replace("    download:", "    paper:")
    yaml = {"content-type": "application/yaml"}
    await service.http.post("/v1/rules", content=renamed, headers=yaml)
    report = (await service.http.get(REJECTIONS)).json()
    (rule,) = (each for each in report["rules"] if each["rule"] == "download")

    assert (rule["in_force"], rule["below"], rule["proposed_points"]) == (False, True, None)
    assert rule["label"]["en"] == "Downloaded a document"
    assert (await service.http.get(DRAFT)).status_code == 404


@pytest.mark.usefixtures("judged")
async def test_labels_are_paged_with_the_rules_that_qualified_the_lead(service: Service) -> None:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        query = {"limit": "8"} if cursor is None else {"limit": "8", "cursor": cursor}
        page = (await service.http.get(LABELS, params=query)).json()
        found += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    by_id = {label["handoff_id"]: label for label in found}

    assert len(found) == len(by_id) == 22
    won = by_id["h-quote-1"]
    assert (won["accepted"], won["outcome"], won["amount_yen"]) == (True, "won", 7)
    assert won["qualification"]["grade"] == "C1"
    assert won["qualification"]["rules"] == [
        {"dimension": "fit", "rule": "unknown", "points": -15.0},
        {"dimension": "engagement", "rule": "quote", "points": 35.0},
    ]
    lost = by_id["h-download-1"]
    assert (lost["accepted"], lost["reason"]) == (False, "no_need")
    assert by_id["h-person"]["qualification"] is None


async def test_a_deal_that_is_opened_again_has_no_outcome_any_more(service: Service) -> None:
    quote = ["reference_quote_requested"]
    await handed_off(service, "crm-1", quote, "accepted", "closed:lost")
    again = deal_changed(deal_id="deal-crm-1", at=NOW + timedelta(days=1))
    await save_feedback(service.database, None, [again])

    (label,) = (await service.http.get(LABELS)).json()["items"]
    assert (label["ended_as"], label["outcome"]) == ("closed", None)
    overall = (await service.http.get(REJECTIONS)).json()["overall"]
    assert (overall["accepted"], overall["win_rate"]["n"]) == (1, 0)


async def test_each_qualification_keeps_its_own_rules(service: Service) -> None:
    one = await qualified(service, "crm-1", "reference_quote_requested")
    service.clock.instant = NOW + timedelta(days=400)
    await service.scoring.sweep_due()
    other = await qualified(service, "crm-1", "seminar_attended")

    rows = await service.fetch(
        "select number, qualification_id, rules, rule_version from qualification order by number"
    )
    assert [tuple(row.values()) for row in rows] == [
        (1, one, ["fit.unknown", "engagement.quote"], 2),
        (2, other, ["fit.unknown", "engagement.seminar"], 2),
    ]


async def test_a_person_sees_what_was_learnt_of_the_handoff(service: Service) -> None:
    await service.happened(ProfileChanged(lead_id="crm-1", email="taro@city.example.jp"))
    await handed_off(service, "crm-1", ["reference_quote_requested"], "accepted")
    path = "/v1/leads/crm-1/personal-data"
    held = (await service.http.get(path)).json()
    assert [each["number"] for each in held["qualifications"]] == [1]
    assert [each["handoff_id"] for each in held["handoffs"]] == ["h-crm-1"]

    erased = (await service.http.delete(path)).json()
    assert (erased["qualifications"], erased["handoffs"]) == (1, 1)
    assert (
        await service.fetch("select from qualification union all select from handoff_label") == []
    )


async def test_a_day_out_of_reach_is_refused_by_name(service: Service) -> None:
    for path in (REJECTIONS, DRAFT):
        answer = await service.http.get(path, params={"since": "0001-01-01"})
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "since")


async def test_reports_need_the_scope_to_read(service: Service) -> None:
    for path in (REJECTIONS, DRAFT, LABELS):
        answer = await service.http.get(path, headers=service.token("lead-scoring:events:write"))
        assert answer.status_code == 403
