"""One person's data: all of it handed out, all of it gone."""

import json
from datetime import timedelta
from typing import Any

import pytest

from kakehashi_common.audit import Actor
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.errors import ConflictError
from kakehashi_common.outbox.store import decode_headers
from lead_scoring.tables import COMPARABLE
from tests.support.lead_scoring_api import NOW, Service
from tests.support.received import received

LEAD = "crm-1"
PATH = f"/v1/leads/{LEAD}/personal-data"
EMAIL = "taro@city.example.jp"

PROFILE = ProfileChanged(lead_id=LEAD, email=EMAIL, person_name="桐生太郎", department="総務課")
VISIT = ActivityRecorded(lead_id=LEAD, kind="meeting_held", details={"room": "第3会議室"})


async def _outbox(service: Service) -> list[dict[str, Any]]:
    return await service.fetch("select topic, key, value, headers from outbox order by id")


async def test_the_export_holds_everything(service: Service) -> None:
    await service.happened(PROFILE, at=NOW - timedelta(days=1))
    await service.happened(VISIT, ActivityRecorded(lead_id="other", kind="mail_opened"))
    answer = await service.http.get(PATH)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    held = answer.json()
    assert held["profile"]["email"] == {"value": EMAIL, "since": "2026-11-19T12:00:00+09:00"}
    assert held["activity"] == {"meeting_held": {"2026-11-20": 1}}
    assert [event["data"] for event in held["events"]] == [
        json.loads(each.model_dump_json(exclude_unset=True)) for each in (PROFILE, VISIT)
    ]
    assert held["score"]["engagement"] > 0
    assert len(held["announced_scores"]) >= 1
    (row,) = await service.fetch("select * from audit where what = 'export_personal_data'")
    assert (row["who"], row["subject"]) == ("tester", f"lead/{LEAD}")


async def test_erasing_leaves_nothing_and_is_announced(service: Service) -> None:
    await service.happened(PROFILE, VISIT)
    await service.happened(ActivityRecorded(lead_id="other", kind="meeting_held"))
    answer = await service.http.delete(PATH)
    assert answer.status_code == 200
    receipt = answer.json()
    assert (receipt["leads"], receipt["events"], receipt["announced_scores"]) == (1, 2, 1)
    assert receipt["searched"] == [
        "lead",
        "lead_profile",
        "event_log",
        "score_history",
        "qualification",
        "handoff_label",
    ]
    assert "lead-events-v1-dlq" in str(receipt["kept"])
    for table in ("lead", "lead_profile", "event_log", "score_history"):
        rows = await service.fetch(f"select * from {table}")  # noqa: S608
        assert all(row["lead_id"] == "other" for row in rows), table
    tombstone = [row for row in await _outbox(service) if row["key"] == LEAD.encode()][-1]
    assert tombstone["topic"] == f"{service.settings.topic_prefix}lead-scores-v1"
    assert tombstone["value"] is None
    audit = await service.fetch("select * from audit where what = 'erase_personal_data'")
    assert [row["before"] for row in audit] == [
        {"events": 2, "announced_scores": 1, "qualifications": 0, "handoffs": 0}
    ]
    assert EMAIL not in str(await service.fetch("select * from audit"))
    assert (await service.http.get(f"/v1/leads/{LEAD}")).status_code == 404
    assert (await service.http.get(PATH)).status_code == 404


async def test_erasing_again_only_tells_the_topic_again(service: Service) -> None:
    await service.happened(PROFILE)
    await service.http.delete(PATH)
    before = await _outbox(service)
    again = await service.http.delete(PATH)
    assert (again.status_code, again.json()["events"]) == (200, 0)
    (told,) = (await _outbox(service))[len(before) :]
    assert (told["key"], told["value"]) == (LEAD.encode(), None)


async def test_whoever_is_unknown_here_is_erased_by_the_other_services(service: Service) -> None:
    await service.http.delete(PATH)
    (told,) = await _outbox(service)
    assert told["topic"] == f"{service.settings.topic_prefix}lead-scores-v1"
    assert (told["key"], told["value"]) == (LEAD.encode(), None)


async def test_a_redelivered_event_brings_nothing_back(service: Service) -> None:
    event = received(PROFILE, NOW, event_id="e-1")
    await service.scoring.score_batch([event])
    await service.http.delete(PATH)
    await service.scoring.score_batch([event])
    assert await service.fetch("select from lead") == []
    assert await service.fetch("select from event_log") == []


async def test_a_consumer_that_remembers_the_lead_starts_it_from_scratch(service: Service) -> None:
    service.scoring.cache.size = 10
    try:
        await service.happened(PROFILE, VISIT)
        await service.http.delete(PATH)
        service.clock.instant += timedelta(hours=1)
        await service.happened(VISIT)
    finally:
        service.scoring.cache.size = 0
    held = (await service.http.get(PATH)).json()
    assert held["profile"] == {}
    assert held["activity"] == {"meeting_held": {"2026-11-20": 1}}


async def test_what_is_announced_of_a_lead_created_again_is_no_repeat(service: Service) -> None:
    await service.happened(VISIT)
    await service.http.delete(PATH)
    service.clock.instant += timedelta(days=1)
    await service.happened(VISIT)
    rows = [row for row in await _outbox(service) if row["value"] is not None]
    ids = [dict(decode_headers(row["headers"]))["ce_id"] for row in rows]
    assert len(ids) == len(set(ids)) == 2


@pytest.mark.parametrize(
    "sought",
    [
        {"email": "TARO@City.Example.jp"},
        {"email": " ｔａｒｏ@city.example.jp "},
        {"phone": "+81 277-46-1111"},
        {"phone": "０２７７（４６）１１１１　内線２３"},
        {"person_name": "桐生　太郎"},
        {"person_name": "桐生太郎", "email": EMAIL},
    ],
)
async def test_a_person_is_found_however_the_identifier_is_typed(
    service: Service, sought: dict[str, str]
) -> None:
    await service.happened(
        PROFILE.model_copy(update={"phone": "0277-46-1111", "municipality_code": "102032"}),
        ProfileChanged(lead_id="crm-2", email="hanako@city.example.jp", person_name="桐生花子"),
    )

    answer = await service.http.post("/v1/personal-data/search", json=sought)

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    [found] = answer.json()["items"]
    assert (found["lead_id"], found["email"], found["municipality"]["name"]) == (
        LEAD,
        EMAIL,
        "桐生市",
    )
    (row,) = await service.fetch("select * from audit where what = 'find_personal_data'")
    assert row["after"] == {"lead_ids": [LEAD]}
    assert not any(value in str(row) for value in (*sought.values(), EMAIL))


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ({"email": "nobody@city.example.jp"}, []),
        ({"email": EMAIL, "person_name": "somebody else"}, []),
    ],
)
async def test_all_identifiers_must_fit(
    service: Service, sought: dict[str, str], found: list[str]
) -> None:
    await service.happened(PROFILE)
    answer = await service.http.post("/v1/personal-data/search", json=sought)
    assert answer.json()["items"] == found


@pytest.mark.parametrize("sought", [{}, {"phone": "内線"}, {"email": None}])
async def test_a_search_for_nobody_is_refused(
    service: Service, sought: dict[str, str | None]
) -> None:
    answer = await service.http.post("/v1/personal-data/search", json=sought)
    assert answer.status_code == 422, answer.text


async def test_every_lead_with_an_address_is_erased_and_the_receipt_says_so(
    service: Service,
) -> None:
    second = PROFILE.model_copy(update={"lead_id": "web-7", "email": EMAIL.upper()})
    await service.happened(PROFILE, VISIT, second)
    await service.happened(ActivityRecorded(lead_id="other", kind="meeting_held"))

    answer = await service.http.post("/v1/personal-data/erasures", json={"email": EMAIL})

    receipt = answer.json()
    assert answer.status_code == 200, answer.text
    rest = {"announced_scores": 1, "qualifications": 0, "handoffs": 0}
    assert receipt["erased"] == {
        LEAD: {"leads": 1, "events": 2, **rest},
        "web-7": {"leads": 1, "events": 1, **rest},
    }
    assert receipt["suppressed"] is False
    assert [row["lead_id"] for row in await service.fetch("select lead_id from lead")] == ["other"]
    again = await service.http.post("/v1/personal-data/erasures", json={"email": EMAIL})
    assert (again.status_code, again.json()["erased"]) == (200, {})


async def test_without_suppression_a_new_event_brings_the_person_back(service: Service) -> None:
    await service.happened(PROFILE)
    await service.http.post("/v1/personal-data/erasures", json={"email": EMAIL})
    await service.happened(PROFILE)
    assert len(await service.fetch("select from lead")) == 1


async def test_a_suppressed_person_stays_out_under_the_old_and_a_new_id(service: Service) -> None:
    await service.happened(PROFILE)
    erasure = {"email": EMAIL, "suppress": True}
    receipt = (await service.http.post("/v1/personal-data/erasures", json=erasure)).json()
    assert receipt["suppressed"] is True

    # Next week's export: the same person under the same id, and under another system's.
    other_id = PROFILE.model_copy(update={"lead_id": "web-7", "email": f"  {EMAIL.upper()}"})
    await service.happened(PROFILE, VISIT, ActivityRecorded(lead_id="other", kind="mail_opened"))
    await service.happened(ActivityRecorded(lead_id="web-7", kind="page_viewed"))
    assert {row["lead_id"] for row in await service.fetch("select lead_id from lead")} == {
        "web-7",
        "other",
    }
    await service.happened(other_id)
    await service.happened(ActivityRecorded(lead_id="web-7", kind="page_viewed"))

    for table in ("lead", "lead_profile", "event_log", "score_history"):
        rows = await service.fetch(f"select lead_id from {table}")  # noqa: S608
        assert {row["lead_id"] for row in rows} <= {"other"}, table
    tombstone = [row for row in await _outbox(service) if row["key"] == b"web-7"][-1]
    assert tombstone["value"] is None
    stored = await service.fetch("select digest from suppression")
    assert len(stored) == 3  # the address, the old id, the new one
    assert EMAIL.encode() not in b"".join(row["digest"] for row in stored)


async def test_a_suppressed_person_may_come_back_on_their_own_wish(service: Service) -> None:
    await service.happened(PROFILE)
    await service.http.post("/v1/personal-data/erasures", json={"email": EMAIL, "suppress": True})
    person = {"email": EMAIL, "lead_ids": [LEAD]}

    answer = await service.http.post("/v1/personal-data/readmissions", json=person)
    assert answer.json() == {"removed": 2}
    await service.happened(PROFILE)

    assert len(await service.fetch("select from lead")) == 1


async def test_without_a_key_nobody_can_be_kept_out(service: Service) -> None:
    keyless = service.differing(suppression_key=None).personal_data
    with pytest.raises(ConflictError, match="LEAD_SCORING_SUPPRESSION_KEY"):
        await keyless.erase(email=EMAIL, suppress=True, actor=Actor("tester", "here"))


async def test_a_person_is_found_by_an_index(service: Service) -> None:
    for column, comparable in COMPARABLE.items():
        async with service.database.raw_transaction() as connection:
            await connection.execute("set local enable_seqscan = off")
            plan = await connection.fetch(
                f"explain select from lead_profile where {column} is not null "
                f"and {comparable} = $1",
                "x",
            )
        assert f"ix_lead_profile_{column}" in str(plan), column


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PATH),
        ("DELETE", PATH),
        ("POST", "/v1/personal-data/search"),
        ("POST", "/v1/personal-data/erasures"),
        ("POST", "/v1/personal-data/readmissions"),
    ],
)
async def test_personal_data_needs_its_scope(service: Service, method: str, path: str) -> None:
    answer = await service.http.request(method, path, headers=service.token("lead-scoring:read"))
    assert answer.status_code == 403
    assert "lead-scoring:personal-data" in answer.text
