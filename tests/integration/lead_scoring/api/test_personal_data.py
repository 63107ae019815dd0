"""One person's data: all of it handed out, all of it gone."""

import json
from datetime import timedelta
from typing import Any

from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.outbox import decode_headers
from tests.support.lead_scoring_api import NOW, Service, received

LEAD = "crm-1"
PATH = f"/v1/leads/{LEAD}/personal-data"
EMAIL = "taro@city.example.jp"

PROFILE = ProfileChanged(lead_id=LEAD, email=EMAIL, person_name="桐生太郎", department="総務課")
VISIT = ActivityRecorded(lead_id=LEAD, kind="meeting_held", details={"room": "第3会議室"})


async def _outbox(service: Service) -> list[dict[str, Any]]:
    return await service.fetch("select topic, key, value, headers from outbox order by shard, id")


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


async def test_erasing_leaves_nothing_and_tells_the_topic(service: Service) -> None:
    await service.happened(PROFILE, VISIT)
    await service.happened(ActivityRecorded(lead_id="other", kind="meeting_held"))
    answer = await service.http.delete(PATH)
    assert answer.status_code == 200
    assert answer.json() == {"leads": 1, "events": 2, "announced_scores": 1}
    for table in ("lead", "lead_profile", "event_log", "score_history"):
        rows = await service.fetch(f"select * from {table}")  # noqa: S608
        assert all(row["lead_id"] == "other" for row in rows), table
    tombstone = [row for row in await _outbox(service) if row["key"] == LEAD.encode()][-1]
    assert tombstone["topic"] == f"{service.prefix}lead-scores-v1"
    assert tombstone["value"] is None
    audit = await service.fetch("select * from audit where what = 'erase_personal_data'")
    assert [row["before"] for row in audit] == [{"events": 2, "announced_scores": 1}]
    assert EMAIL not in str(await service.fetch("select * from audit"))
    assert (await service.http.get(f"/v1/leads/{LEAD}")).status_code == 404
    assert (await service.http.get(PATH)).status_code == 404


async def test_erasing_again_changes_nothing(service: Service) -> None:
    await service.happened(PROFILE)
    await service.http.delete(PATH)
    before = await _outbox(service)
    again = await service.http.delete(PATH)
    assert (again.status_code, again.json()["events"]) == (200, 0)
    assert await _outbox(service) == before


async def test_a_redelivered_event_brings_nothing_back(service: Service) -> None:
    event = received(PROFILE, NOW, event_id="e-1")
    await service.scoring.score_batch([event])
    await service.http.delete(PATH)
    await service.scoring.score_batch([event])
    assert await service.fetch("select from lead") == []
    assert await service.fetch("select from event_log") == []


async def test_a_consumer_that_remembers_the_lead_starts_it_anew(service: Service) -> None:
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


async def test_what_is_announced_of_a_lead_made_anew_is_no_repeat(service: Service) -> None:
    await service.happened(VISIT)
    await service.http.delete(PATH)
    service.clock.instant += timedelta(days=1)
    await service.happened(VISIT)
    rows = [row for row in await _outbox(service) if row["value"] is not None]
    ids = [dict(decode_headers(row["headers"]))["ce_id"] for row in rows]
    assert len(ids) == len(set(ids)) == 2


async def test_personal_data_needs_its_scope(service: Service) -> None:
    for method in ("GET", "DELETE"):
        answer = await service.http.request(
            method, PATH, headers=service.token("lead-scoring:read")
        )
        assert answer.status_code == 403
        assert "lead-scoring:personal-data" in answer.text
