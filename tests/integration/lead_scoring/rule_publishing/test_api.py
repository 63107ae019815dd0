"""Rules over HTTP: published once, in force at once, refused with line and reason."""

import asyncio
import threading
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest

from kakehashi_common.contracts.lead_events import ActivityRecorded
from lead_scoring.rule_publishing import queries
from lead_scoring.rule_publishing.api import RulesWithContentOut
from lead_scoring.rule_publishing.preview import Preview
from lead_scoring.rules import file as rules_file
from lead_scoring.rules import repository as rules
from lead_scoring.rules.file import shipped
from tests.support.lead_scoring_api import Service
from tests.support.waiting import eventually

YAML = "application/yaml"
_ANSWERED_WITHIN: Final = 30
"""Seconds."""


def _changed(horizon: int = 300) -> str:
    return shipped().replace("horizon_days: 540", f"horizon_days: {horizon}")


async def _publish(
    service: Service, document: str, key: str | None = None
) -> tuple[int, dict[str, Any]]:
    headers = {"content-type": YAML} | ({} if key is None else {"idempotency-key": key})
    answer = await service.http.post("/v1/rules", content=document.encode(), headers=headers)
    return answer.status_code, answer.json()


async def test_published_rules_are_in_force_for_the_next_event(service: Service) -> None:
    await service.happened(ActivityRecorded(lead_id="crm-1", kind="meeting_held"))
    status, body = await _publish(service, _changed())
    assert status == 202
    assert body == {
        "version": 2,
        "name": "municipal",
        "created": True,
        "workflow_id": "rescore/2",
        "rescore_started": True,
    }
    assert service.rescoring.started == [2]
    await service.happened(ActivityRecorded(lead_id="crm-1", kind="seminar_attended"))
    lead = (await service.http.get("/v1/leads/crm-1")).json()
    assert lead["rule_version"] == 2
    (row,) = await service.fetch("select * from audit where subject = 'rule-set/2'")
    assert (row["who"], row["what"]) == ("tester", "publish_rules")
    assert (row["before"]["version"], row["after"]["version"]) == (1, 2)


async def test_a_preview_counts_the_leads_that_would_change_grade_and_changes_nothing(
    service: Service,
) -> None:
    await service.happened(
        *(ActivityRecorded(lead_id=f"crm-{n}", kind="reference_quote_requested") for n in range(3)),
        ActivityRecorded(lead_id="quiet", kind="mail_opened"),
    )
    stored = "select lead_id, grade, version from lead order by lead_id"
    before = await service.fetch(stored)
    worth_nothing = shipped().replace("points: 35", "points: 1")

    answer = await service.http.post(
        "/v1/rules/preview", content=worth_nothing.encode(), headers={"content-type": YAML}
    )
    same = await service.http.post(
        "/v1/rules/preview", content=shipped().encode(), headers={"content-type": YAML}
    )

    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["leads"], shown["scored"], shown["changed_grades"]) == (4, 4, 3)
    [move] = shown["moves"]
    assert move["leads"] == 3
    assert move["before"] < move["after"]
    assert same.json()["changed_grades"] == 0
    assert (
        await service.fetch("select lead_id, grade, version from lead order by lead_id") == before
    )
    assert len((await service.http.get("/v1/rules")).json()["items"]) == 1


async def test_previews_come_one_after_the_other_and_none_waits_for_long(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way: list[str] = []
    most: list[int] = []
    finish = asyncio.Event()

    async def slowly(*_: object) -> Preview:
        under_way.append("preview")
        most.append(len(under_way))
        await finish.wait()
        under_way.pop()
        return Preview(0, 0, {})

    async def asked() -> httpx.Response:
        return await service.http.post(
            "/v1/rules/preview", content=shipped().encode(), headers={"content-type": YAML}
        )

    monkeypatch.setattr(queries, "preview", slowly)
    first = asyncio.create_task(asked())
    await eventually(lambda: bool(under_way), within=_ANSWERED_WITHIN)
    with monkeypatch.context() as patch:
        patch.setattr(queries, "PREVIEW_TIMEOUT", timedelta(0))
        busy = await asked()
    assert (busy.status_code, busy.json()["code"]) == (503, "busy")
    assert busy.headers["retry-after"]
    others = [asyncio.create_task(asked()) for _ in range(2)]
    finish.set()
    assert [each.status_code for each in await asyncio.gather(first, *others)] == [200] * 3
    assert most == [1] * 3


async def test_a_preview_of_a_bad_file_names_its_line(service: Service) -> None:
    answer = await service.http.post(
        "/v1/rules/preview",
        content=_changed(5400).encode(),
        headers={"content-type": YAML},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_rules")


async def test_a_stored_score_is_explained_by_the_rules_that_made_it(service: Service) -> None:
    await service.happened(ActivityRecorded(lead_id="crm-1", kind="meeting_held"))
    before = (await service.http.get("/v1/leads/crm-1")).json()
    await _publish(service, shipped().replace("points: 15", "points: 16"))
    after = (await service.http.get("/v1/leads/crm-1")).json()
    assert after == before
    by_new = (await service.http.get("/v1/leads/crm-1/explanation")).json()
    by_old = await service.http.get("/v1/leads/crm-1/explanation", params={"rule_version": 1})
    assert by_new["rule_version"] == 2
    assert by_old.json()["contributions"] == before["contributions"]


async def test_the_same_rules_make_no_new_version(service: Service) -> None:
    status, body = await _publish(service, "# Another comment.\n" + shipped())
    assert (status, body["version"], body["created"]) == (200, 1, False)
    assert service.rescoring.started == []
    assert len(await service.fetch("select from rule_set")) == 1


async def test_a_repeated_request_is_answered_alike_and_done_once(service: Service) -> None:
    first = await _publish(service, _changed(300), key="k")
    await _publish(service, _changed(200))
    again = await _publish(service, _changed(300), key="k")
    assert again == first
    assert len(await service.fetch("select from rule_set")) == 3
    status, problem = await _publish(service, _changed(200), key="k")
    assert (status, problem["code"]) == (422, "idempotency_key_reused")


async def test_publishers_at_the_same_time_take_turns(service: Service) -> None:
    answers = await asyncio.gather(*(_publish(service, _changed(n)) for n in range(100, 108)))
    assert [status for status, _ in answers] == [202] * 8
    assert sorted(body["version"] for _, body in answers) == list(range(2, 10))
    twice = await asyncio.gather(*(_publish(service, _changed(50)) for _ in range(4)))
    assert sorted(status for status, _ in twice) == [200, 200, 200, 202]
    assert {body["version"] for _, body in twice} == {10}


async def test_with_temporal_away_the_rules_are_in_force_all_the_same(service: Service) -> None:
    service.rescoring.away = True
    status, body = await _publish(service, _changed())
    assert (status, body["rescore_started"]) == (202, False)
    listed = (await service.http.get("/v1/rules")).json()["items"]
    assert [(each["version"], each["in_force"]) for each in listed] == [(2, True), (1, False)]
    assert "rescored_at" not in listed[0] or listed[0]["rescored_at"] is None


@pytest.mark.parametrize(
    ("document", "line", "reason"),
    [
        ("name: [", 1, "YAML"),
        ("", 1, "empty"),
        (shipped().replace("horizon_days: 540", "horizon_days: soon"), None, "horizon_days"),
    ],
)
async def test_a_bad_file_is_refused_with_line_and_reason(
    service: Service, document: str, line: int | None, reason: str
) -> None:
    if line is None:
        line = document.splitlines().index("horizon_days: soon") + 1
    status, problem = await _publish(service, document)
    assert (status, problem["code"]) == (422, "invalid_rules")
    assert problem["problems"][0]["line"] == line
    assert reason in problem["problems"][0]["reason"]
    assert f"line {line}" in problem["detail"]
    assert len(await service.fetch("select from rule_set")) == 1


async def test_a_file_that_is_no_text_or_of_another_type_is_refused(service: Service) -> None:
    answer = await service.http.post(
        "/v1/rules", content=b"\xff\xfe", headers={"content-type": YAML}
    )
    assert answer.status_code == 400
    answer = await service.http.post("/v1/rules", json={"name": "municipal"})
    assert answer.status_code == 415


async def test_versions_are_read_as_json_and_as_published(service: Service) -> None:
    document = "# Why: a shorter memory.\n" + _changed()
    await _publish(service, document)
    as_json = (await service.http.get("/v1/rules/2")).json()
    assert as_json["content"]["horizon_days"] == 300
    assert as_json["document"] == document
    as_yaml = await service.http.get("/v1/rules/2", params={"format": "yaml"})
    assert (as_yaml.text, as_yaml.headers["content-type"]) == (document, YAML)
    assert (await service.http.get("/v1/rules/3")).status_code == 404


async def test_versions_are_listed_in_pages(service: Service) -> None:
    for horizon in (100, 101, 102):
        await _publish(service, _changed(horizon))
    first = (await service.http.get("/v1/rules", params={"limit": 3})).json()
    rest = (await service.http.get("/v1/rules", params={"cursor": first["next_cursor"]})).json()
    versions = [each["version"] for each in first["items"] + rest["items"]]
    assert versions == [4, 3, 2, 1]


async def test_two_versions_are_compared(service: Service) -> None:
    await _publish(service, _changed())
    answer = await service.http.get("/v1/rules/1/diff/2")
    assert answer.json() == {
        "before": 1,
        "after": 2,
        "differences": [{"where": "horizon_days", "before": "540", "after": "300"}],
    }
    assert (await service.http.get("/v1/rules/1/diff/9")).status_code == 404


@pytest.mark.parametrize(
    ("path", "owner", "reader"),
    [
        ("/v1/rules/2", RulesWithContentOut, "of"),
        ("/v1/rules/2/diff/2", rules_file, "published"),
    ],
    ids=["content", "diff"],
)
async def test_others_are_answered_while_a_long_rule_file_is_read(
    service: Service, path: str, owner: object, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _publish(service, _changed())
    read = getattr(owner, reader)
    begun, others_answered = threading.Event(), threading.Event()

    def read_slowly(*args: Any) -> Any:
        begun.set()
        assert others_answered.wait(_ANSWERED_WITHIN), "reading it keeps everybody waiting"
        return read(*args)

    monkeypatch.setattr(owner, reader, read_slowly)
    reading = asyncio.create_task(service.http.get(path))
    await eventually(begun.is_set)
    assert (await service.http.get("/v1/rules")).status_code == 200
    others_answered.set()
    assert (await reading).status_code == 200


async def test_rules_in_force_stay_so_when_checks_become_stricter(service: Service) -> None:
    """A file that was published by an older release, which let it pass."""
    document = shipped().replace("horizon_days: 540", "horizon_days: 5400")
    async with service.database.raw_transaction() as connection:
        await rules.add(
            connection, name="old", document=document, checksum="", published_by="an older release"
        )
    assert (await _publish(service, document))[0] == 422
    await service.happened(ActivityRecorded(lead_id="crm-1", kind="meeting_held"))
    lead = await service.http.get("/v1/leads/crm-1")
    assert (lead.status_code, lead.json()["rule_version"]) == (200, 2)
    differences = await service.http.get("/v1/rules/1/diff/2")
    assert differences.json()["differences"] == [
        {"where": "horizon_days", "before": "540", "after": "5400"}
    ]


async def test_publishing_needs_its_scope(service: Service) -> None:
    answer = await service.http.post(
        "/v1/rules", content=b"", headers=service.token("lead-scoring:read")
    )
    assert answer.status_code == 403
    assert "lead-scoring:rules:publish" in answer.text
