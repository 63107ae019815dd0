"""Packets over HTTP: prepared, entered, judged, in three formats."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from handoff.domain.handoff.state import FurtherOwner
from handoff.domain.teams.members import Function
from kakehashi_common.contracts.lead_events import ProfileChanged
from tests.support.followup_events import followup_fact
from tests.support.handoff_api import NOW, Service
from tests.support.handoffs import Life
from tests.support.received import received

PACKET = "/handoffs/h-1/packet"
ANY = {"if-match": "*"}
TARO = ProfileChanged(
    lead_id="lead-1", municipality_code="102032", department="情報政策課", person_name="田中 一郎"
)
DAY = ["09:00-12:00", "13:00-18:00"]


@pytest_asyncio.fixture
async def begun(service: Service) -> Service:
    """A handoff of a known lead, from is-1 to fs-1."""
    await service.put("/teams/kanto", {"name": "関東営業部", "hours": {"monday": DAY}})
    for who, name in (("is-1", "鈴木 一郎"), ("fs-1", "佐藤 花子")):
        member = {"team_id": "kanto", "name": name, "roles": ["field_sales"], "capacity": 20}
        await service.put(f"/members/{who}", member)
    state = Life("2026-11-20 11:00").state
    council = FurtherOwner(Function.COUNCIL_LIAISON, "fs-2")
    await service.record(replace(state, further_owners=(council,)))
    await service.leads.save_lead_events([received(TARO, NOW)])
    return service


async def enter(service: Service, field: str, text: str, by: str | None = "is-1") -> dict[str, Any]:
    answer = await service.http.put(f"{PACKET}/{field}", json={"text": text, "by": by}, headers=ANY)
    assert answer.status_code == 200, answer.text
    return fields(answer)


async def judge(service: Service, field: str, verdict: str, by: str = "fs-1") -> httpx.Response:
    return await service.http.post(
        f"{PACKET}/{field}/verdict", json={"verdict": verdict, "by": by}, headers=ANY
    )


def fields(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {each["field"]: each for each in answer.json()["fields"]}


async def read(service: Service) -> dict[str, Any]:
    return fields(await service.http.get(PACKET))


async def test_a_packet_prepares_itself_and_says_what_is_missing(begun: Service) -> None:
    answer = (await begun.http.get(PACKET)).json()
    assert answer["municipality"] == "群馬県桐生市"
    assert answer["reader"] == "field_sales"
    assert [each["field"] for each in answer["fields"][:5]] == [
        *("who_and_where", "need", "why_now", "budget_and_dates", "next_step")
    ]
    assert answer["fields"][0]["text"] == "群馬県桐生市　情報政策課　田中 一郎 様"
    assert answer["completeness"]["percent"] == 14
    assert {"field": "need", "label": "政策分野と課題", "responsible": "inside_sales"} in answer[
        "completeness"
    ]["missing"]


async def test_what_a_person_enters_stands_until_it_is_cleared(begun: Service) -> None:
    entered = (await enter(begun, "who_and_where", "桐生市 総務課"))["who_and_where"]
    assert entered["text"] == "桐生市 総務課"
    assert (entered["source"], entered["source_name"]) == ("is-1", "鈴木 一郎")
    assert entered["entered_by_person"]
    cleared = (await enter(begun, "who_and_where", " "))["who_and_where"]
    assert cleared["text"] == "群馬県桐生市　情報政策課　田中 一郎 様"
    assert not cleared["entered_by_person"]


async def test_a_repeat_changes_nothing_and_the_audit_holds_no_text(begun: Service) -> None:
    for _ in range(2):
        await enter(begun, "need", "窓口のDX")
        assert (await judge(begun, "need", "confirmed")).status_code == 200
    audit = await begun.fetch("select what, before, after from audit where what like '%packet%'")
    assert [(each["what"], each["after"]) for each in audit] == [
        ("enter_packet_field", {"field": "need", "version": 1}),
        (
            "judge_packet_field",
            {"by": "fs-1", "field": "need", "verdict": "confirmed", "version": 2},
        ),
    ]


async def test_a_verdict_belongs_to_the_text_that_was_judged(begun: Service) -> None:
    assert fields(await judge(begun, "who_and_where", "wrong"))["who_and_where"]["verdict"] == (
        "wrong"
    )
    moved = ProfileChanged(lead_id="lead-1", department="総務課")
    await begun.leads.save_lead_events([received(moved, NOW.replace(hour=4))])
    assert (await read(begun))["who_and_where"]["verdict"] is None
    back = ProfileChanged(lead_id="lead-1", department="情報政策課")
    await begun.leads.save_lead_events([received(back, NOW.replace(hour=5))])
    assert (await read(begun))["who_and_where"]["verdict"] == "wrong"


async def test_a_further_owner_judges_too(begun: Service) -> None:
    shown = fields(await judge(begun, "who_and_where", "unknown", by="fs-2"))["who_and_where"]
    assert (shown["verdict"], shown["verdict_by"]) == ("unknown", "fs-2")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("PUT", f"{PACKET}/nedd", {"text": "a"}, 422, "validation_failed"),
        ("PUT", f"{PACKET}/need", {"text": "a" * 2001}, 422, "validation_failed"),
        ("PUT", f"{PACKET}/need", {"text": "a", "by": "nobody"}, 422, "unknown_member"),
        ("PUT", "/handoffs/h-2/packet/need", {"text": "a"}, 404, "not_found"),
        ("POST", f"{PACKET}/need/verdict", {"verdict": "wrong", "by": "fs-1"}, 422, "field_empty"),
        ("POST", f"{PACKET}/who_and_where/verdict", {"verdict": "right"}, 422, "validation_failed"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_changes(
    begun: Service, method: str, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    before = (await begun.http.get(PACKET)).headers["etag"]
    answer = await begun.http.request(method, path, json=body, headers=ANY)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (await begun.http.get(PACKET)).headers["etag"] == before


async def test_only_owners_of_the_handoff_judge(begun: Service) -> None:
    answer = await judge(begun, "who_and_where", "wrong", by="is-1")
    assert answer.json()["code"] == "not_the_owner"
    assert "the owner is fs-1" in answer.json()["detail"]


async def test_an_edit_of_a_packet_that_has_changed_since_is_refused(begun: Service) -> None:
    seen = {"if-match": (await begun.http.get(PACKET)).headers["etag"]}
    body = {"text": "窓口のDX", "by": "is-1"}
    assert (await begun.http.put(f"{PACKET}/need", json=body, headers=seen)).status_code == 200
    repeated = await begun.http.put(f"{PACKET}/need", json=body, headers=seen)
    assert repeated.status_code == 200
    other = await begun.http.put(f"{PACKET}/need", json={"text": "福祉"}, headers=seen)
    assert other.status_code == 412
    assert (await begun.http.put(f"{PACKET}/need", json=body)).status_code == 428
    verdict = {"verdict": "wrong", "by": "fs-1"}
    judged = await begun.http.post(f"{PACKET}/need/verdict", json=verdict, headers=seen)
    assert judged.status_code == 412


async def test_a_packet_that_is_as_it_was_is_not_sent_again(begun: Service) -> None:
    tag = (await begun.http.get(PACKET)).headers["etag"]
    answer = await begun.http.get(PACKET, headers={"if-none-match": tag})
    assert answer.status_code == 304


async def test_entries_of_several_people_at_once_are_all_kept(begun: Service) -> None:
    wanted = ("need", "next_step", "risks", "promises", "competitors", "open_questions")
    await asyncio.gather(*(enter(begun, each, each) for each in wanted))
    shown = await read(begun)
    assert {each: shown[each]["text"] for each in wanted} == dict(zip(wanted, wanted, strict=True))
    assert (await begun.http.get(PACKET)).json()["version"] == len(wanted)


@pytest.mark.parametrize(
    ("query", "headers", "media_type"),
    [
        ("", {}, "application/json"),
        ("", {"accept": "text/html"}, "text/html; charset=utf-8"),
        ("?format=html", {"accept": "application/json"}, "text/html; charset=utf-8"),
        ("?format=markdown&for=customer_success", {}, "text/markdown; charset=utf-8"),
        ("?internal=false&format=html", {}, "text/html; charset=utf-8"),
    ],
)
async def test_a_packet_is_written_as_asked(
    begun: Service, query: str, headers: dict[str, str], media_type: str
) -> None:
    answer = await begun.http.get(f"{PACKET}{query}", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert "群馬県桐生市" in answer.text
    if "html" in media_type:
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_an_erased_lead_leaves_no_text_about_its_person(begun: Service) -> None:
    await enter(begun, "people", "田中課長は賛成")
    await judge(begun, "people", "confirmed")
    exported = (await begun.http.get("/leads/lead-1/personal-data")).json()
    assert exported["lead"]["profile"]["person_name"]["value"] == "田中 一郎"
    assert [each["text"] for each in exported["packets"]["h-1"]] == ["田中課長は賛成"]
    assert {"lead", "lead_field", "handoff", "packet"} <= set(exported["held"])
    answer = await begun.http.delete("/leads/lead-1/personal-data")
    assert answer.json() == {"leads": 1, "packets": 1}
    shown = await begun.http.get(PACKET)
    assert "田中" not in shown.text
    assert "people" not in fields(shown)


async def test_field_sales_sees_what_was_sent_and_answered_and_the_municipality_does_not(
    begun: Service,
) -> None:
    days = (timedelta(days=n) for n in (9, 6, 3, 1))
    sent, again, answered, booked = (NOW - each for each in days)
    await begun.leads.save_followups(
        [
            followup_fact("sent", at=sent, lead_id="lead-1"),
            followup_fact("sent", at=again, lead_id="lead-1", version=2, message_id="<m-2@x>"),
            followup_fact("occurred", at=answered, lead_id="lead-1", occurrence="answered"),
            followup_fact("occurred", at=booked, lead_id="lead-1", occurrence="meeting_booked"),
        ]
    )
    entry = (await read(begun))["followups"]
    assert (entry["label"], entry["source"]) == ("フォローの経過", "//kakehashi/followup")
    assert entry["text"].splitlines() == [
        "2026/11/19 面談が決定",
        "2026/11/17 返信あり",
        "2026/11/14 メール送信（price-interest：introduction）",
        "2026/11/11 メール送信（price-interest：introduction）",
    ]
    for_the_house = await begun.http.get(PACKET, params={"format": "html"})
    assert "2026/11/17 返信あり" in for_the_house.text
    for_them = await begun.http.get(PACKET, params={"format": "html", "internal": "false"})
    assert "返信あり" not in for_them.text
