"""Pursuits over HTTP, on a real Temporal and a real PostgreSQL. Workflows live in real time."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client

from budget_calendar.domain.fiscal_years import first_day, fiscal_year_of
from budget_calendar.http import examples
from budget_calendar.pursuits.client import PursuitWorkflows
from budget_calendar.workflows import PASSED_THROUGH
from kakehashi_common.clock import WallClock, japan_day
from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.errors import NotFoundError
from kakehashi_common.settings import TemporalSettings
from kakehashi_common.temporal.client import lazy_client
from kakehashi_common.temporal.error_boundary import rpc_errors
from kakehashi_common.temporal.search_attributes import (
    MUNICIPALITY_CODE,
    MUNICIPALITY_NAME,
    OWNER,
    POLICY_AREA,
    PURSUIT_STAGE,
    register_search_attributes,
)
from tests.support.broken_pursuits import BrokenPursuitWorkflow
from tests.support.budget_calendar_api import Service
from tests.support.budget_calendar_temporal import Operated
from tests.support.temporal import temporal_server
from tests.support.waiting import eventually

KIRYU = "102032"


@pytest_asyncio.fixture
async def operated(service: Service) -> AsyncIterator[Operated]:
    temporal = await temporal_server()
    await register_search_attributes(temporal.client)
    made = Operated(service, temporal)
    try:
        yield made
    finally:
        await made.end()


@pytest_asyncio.fixture
async def http(operated: Operated) -> AsyncIterator[httpx.AsyncClient]:
    async with operated.working(), operated.http() as client:
        yield client


def today() -> date:
    return japan_day(WallClock().now())


def a_pursuit(**more: Any) -> dict[str, Any]:
    """One that has more than a year, so that it begins with what prepares a request."""
    body = {
        "id": "deal-1",
        "municipality_code": KIRYU,
        "owner": "fs-east",
        "goal": {
            "policy_area": "digital",
            "amount": 12_000_000,
            "wanted_start": str(first_day(fiscal_year_of(today()) + 2)),
            "category": "services",
        },
    }
    return body | more


async def opened(http: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await http.post("/v1/pursuits", json=a_pursuit(**more))
    assert answer.status_code == 201, answer.text
    pursuit = await http.get(answer.headers["location"])
    return dict(pursuit.json())


async def test_a_pursuit_is_opened_and_confirmed_and_shows_its_history(
    http: httpx.AsyncClient, operated: Operated
) -> None:
    pursuit = await opened(http)
    assert pursuit["municipality"]["name"] == "桐生市"
    assert pursuit["status"] == "active"
    assert pursuit["routes"][0]["rank"] == 1
    first = pursuit["open_stages"][0]
    confirmation = {"stage": first, "outcome": "done", "on": str(today()), "note": "8 officers"}
    answer = await http.post("/v1/pursuits/deal-1/confirmations", json=confirmation)
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] > pursuit["version"]
    after = (await http.get("/v1/pursuits/deal-1")).json()
    assert after["confirmed"] == [confirmation | {"by": "tester"}]
    assert any("8 officers" in line["en"] for line in after["story"])
    assert after["story"][0]["ja"].endswith("案件を開始しました。")
    audited = await operated.service.fetch(
        "select who, what, origin, after from audit where subject = 'pursuit/deal-1' order by id"
    )
    who = [(row["who"], row["what"]) for row in audited if row["who"] == "tester"]
    assert who == [("tester", "open_pursuit"), ("tester", "confirm_stage")]
    assert "8 officers" not in str([dict(row) for row in audited])


async def test_an_operator_finds_and_reads_a_pursuit_in_temporal(
    http: httpx.AsyncClient, operated: Operated
) -> None:
    pursuit = await opened(http)
    handle = operated.client.get_workflow_handle(operated.pursuits.workflow_id("deal-1"))
    description = await handle.describe()
    assert await description.static_summary() == (
        "群馬県桐生市：デジタル分野の案件（担当 fs-east）"
    )
    found = description.typed_search_attributes
    keys = (MUNICIPALITY_CODE, MUNICIPALITY_NAME, OWNER, POLICY_AREA, PURSUIT_STAGE)
    values = [KIRYU, "群馬県桐生市", "fs-east", "digital", pursuit["stage"]]
    assert [found[key] for key in keys] == values
    story = await handle.query("story")
    assert story["en"] == [line["en"] for line in pursuit["story"]]


async def test_duplicates_open_one_pursuit_and_are_answered_alike(
    http: httpx.AsyncClient, operated: Operated
) -> None:
    answers = await asyncio.gather(
        *(http.post("/v1/pursuits", json=a_pursuit()) for _ in range(10))
    )
    assert {each.status_code for each in answers} == {201}
    assert await _opened(operated) == 1
    other = a_pursuit(owner="fs-west")
    refused = await http.post("/v1/pursuits", json=other)
    assert (refused.status_code, refused.json()["code"]) == (409, "pursuit_exists")


async def test_a_repeated_key_opens_one_pursuit_whose_id_was_made(
    http: httpx.AsyncClient, operated: Operated
) -> None:
    key = {"idempotency-key": "k-1"}
    body = a_pursuit()
    del body["id"]
    first, second = [await http.post("/v1/pursuits", json=body, headers=key) for _ in range(2)]
    assert first.json() == second.json()
    assert await _opened(operated) == 1
    reused = await http.post("/v1/pursuits", json=body | {"owner": "x"}, headers=key)
    assert reused.json()["code"] == "idempotency_key_reused"


async def test_a_repeated_confirmation_is_done_once_even_if_its_answer_was_lost(
    http: httpx.AsyncClient, operated: Operated
) -> None:
    pursuit = await opened(http)
    path, key = "/v1/pursuits/deal-1/confirmations", {"idempotency-key": "k-1"}
    body = {"stage": pursuit["open_stages"][0], "outcome": "done", "on": str(today())}
    first = await http.post(path, json=body, headers=key)
    async with operated.service.database.raw_transaction() as connection:
        await connection.execute("delete from idempotency_key")  # as if it had died before
    second = await http.post(path, json=body, headers=key)
    assert (first.status_code, first.json()) == (second.status_code, second.json())


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("confirmations", {"stage": "vote", "outcome": "done"}, 409, "stage_not_reached"),
        ("confirmations", {"stage": "quote", "outcome": "cut"}, 422, "outcome_unknown"),
        ("route", {"route_id": "lottery"}, 422, "route_unknown"),
        ("pause", {"until": "2020-01-01"}, 422, "date_in_past"),
        ("pause", {"until": "2099-01-01"}, 422, "pause_too_long"),
        ("resume", {}, 409, "not_paused"),
        ("goal", a_pursuit()["goal"], 409, "goal_unchanged"),
        ("goal", a_pursuit()["goal"] | {"amount": -1}, 422, "amount_too_low"),
        ("goal", a_pursuit()["goal"] | {"description": "\0"}, 422, "validation_failed"),
        ("pause", {"until": "2099-01-01", "note": "\0"}, 422, "validation_failed"),
        ("goal", a_pursuit()["goal"] | {"wanted_start": "2020-04-01"}, 422, "date_in_past"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    http: httpx.AsyncClient, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    before = await opened(http)
    if path == "confirmations":
        body = body | {"on": str(today())}
    answer = await http.post(f"/v1/pursuits/deal-1/{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["detail"].isascii(), "the Japanese is for the Temporal UI"
    assert (await http.get("/v1/pursuits/deal-1")).json() == before


@pytest.mark.parametrize("owner", ["  ", "　"])
async def test_what_the_workflow_would_refuse_is_refused_before_it_starts(
    http: httpx.AsyncClient, owner: str
) -> None:
    answer = await http.post("/v1/pursuits", json=a_pursuit(owner=owner))
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/owner", "empty")]
    assert (await opened(http))["owner"] == "fs-east"  # the id is still free


async def test_a_confirmation_of_tomorrow_names_the_field(http: httpx.AsyncClient) -> None:
    pursuit = await opened(http)
    body = {
        "stage": pursuit["open_stages"][0],
        "outcome": "done",
        "on": str(today() + timedelta(days=2)),
    }
    answer = await http.post("/v1/pursuits/deal-1/confirmations", json=body)
    assert answer.json()["errors"][0] == {
        "pointer": "/on",
        "code": "date_in_future",
        "detail": answer.json()["detail"],
    }


async def test_pursuits_pause_resume_and_end_and_an_ended_one_is_left_alone(
    http: httpx.AsyncClient,
) -> None:
    await opened(http)
    until = str(today() + timedelta(days=60))
    paused = await http.post("/v1/pursuits/deal-1/pause", json={"until": until})
    assert (paused.json()["status"], paused.json()["next_action_on"]) == ("paused", until)
    resumed = await http.post("/v1/pursuits/deal-1/resume")
    assert resumed.json()["status"] == "active"
    cancelled = await http.post("/v1/pursuits/deal-1/cancel", json={"note": "no need"})
    assert cancelled.json()["stage"] == "ended"

    async def refused() -> bool:
        again = await http.post("/v1/pursuits/deal-1/cancel", json={})
        return (again.status_code, again.json()["code"]) == (409, "pursuit_ended")

    await eventually(refused)
    reopened = await http.post("/v1/pursuits", json=a_pursuit())
    assert (reopened.status_code, reopened.json()["code"]) == (409, "pursuit_exists")


async def test_unknown_pursuits_and_municipalities_are_not_found(http: httpx.AsyncClient) -> None:
    unknown = [
        await http.get("/v1/pursuits/nobody"),
        await http.post("/v1/pursuits/nobody/cancel", json={}),
        await http.post("/v1/pursuits", json=a_pursuit(municipality_code="999997")),
    ]
    assert {(each.status_code, each.json()["code"]) for each in unknown[:2]} == {(404, "not_found")}
    assert unknown[2].status_code in {404, 422}


async def test_lists_are_filtered_and_paged(http: httpx.AsyncClient) -> None:
    for number in range(3):
        await opened(http, id=f"deal-{number}", owner="fs-east" if number else "fs-west")
    found = await http.get("/v1/pursuits", params={"owner": "fs-east", "limit": 1})
    page = found.json()
    assert [each["id"] for each in page["items"]] == ["deal-1"]
    assert page["items"][0]["route_id"]
    rest = await http.get(
        "/v1/pursuits", params={"owner": "fs-east", "cursor": page["next_cursor"]}
    )
    assert [each["id"] for each in rest.json()["items"]] == ["deal-2"]
    none = await http.get("/v1/pursuits", params={"status": "ended"})
    assert none.json()["items"] == []


async def test_a_corrected_calendar_reaches_its_pursuits_at_once(
    http: httpx.AsyncClient, operated: Operated
) -> None:
    before = await opened(http)
    await _correct(http)
    await eventually(lambda: _planned_anew(http, before), what="the pursuit planned anew")
    assert await operated.notifier.notify_pending() == 0


async def test_a_pursuit_that_could_not_be_notified_is_notified_later(
    http: httpx.AsyncClient, operated: Operated
) -> None:
    before = await opened(http)
    operated.line.cut = True
    await _correct(http)
    assert (await http.get("/v1/pursuits/deal-1")).json() == before
    operated.line.cut = False
    assert await operated.notifier.notify_pending() == 1
    await eventually(lambda: _planned_anew(http, before), what="the pursuit planned anew")


async def test_local_rules_reach_a_municipalitys_pursuits_at_once(
    http: httpx.AsyncClient, operated: Operated
) -> None:
    goal = a_pursuit()["goal"] | {"years": 7}
    before = await opened(http, goal=goal)
    assert _reason(before, "long_term_contract") == "term_too_long"
    path = f"/v1/municipalities/{KIRYU}/contract-rules"
    seen = {"if-match": (await http.get(path)).headers["etag"]}
    rules = {"long_term_years": 7, "source": "条例", "reason": "it allows seven"}
    assert (await http.put(path, json=rules, headers=seen)).status_code == 200
    await eventually(lambda: _planned(http, "long_term_contract", "fits"))
    assert await operated.notifier.notify_pending() == 0


async def test_a_subsidy_reaches_every_pursuit_when_it_is_entered_edited_and_removed(
    http: httpx.AsyncClient, operated: Operated
) -> None:
    await opened(http)
    year = fiscal_year_of(today()) + 2
    subsidy = examples.bodies(today())["add_subsidy"]["example"]["value"]
    content = {
        **{name: value for name, value in subsidy.items() if name != "id"},
        "call_opens": f"{year - 1}-12-05",
        "call_closes": f"{year}-02-10",
        "consultation": None,
        "decision": {"likely": f"{year}-04-01"},
        "completed_by": f"{year + 1}-03-31",
    }
    path = "/v1/subsidies/digital"
    added = await http.post("/v1/subsidies", json=content | {"id": "digital"})
    assert added.status_code == 201, added.text
    assert await operated.notifier.notify_pending() == 1
    await eventually(lambda: _planned(http, "subsidy", "fits"))
    seen = {"if-match": added.headers["etag"]}
    sooner = content | {"completed_by": f"{year}-04-02"}
    edited = await http.put(path, json=sooner, headers=seen)
    assert edited.status_code == 200, edited.text
    assert await operated.notifier.notify_pending() == 1
    await eventually(lambda: _planned(http, "subsidy", "not_completed_in_time"))
    await http.delete(path, headers={"if-match": edited.headers["etag"]})
    assert await operated.notifier.notify_pending() == 1
    await eventually(lambda: _planned(http, "subsidy", "no_subsidy_fits"))
    assert await operated.notifier.notify_pending() == 0


async def test_plans_store_nothing_and_take_assumed_dates(
    http: httpx.AsyncClient, operated: Operated
) -> None:
    for example in examples.bodies(today())["plan_routes"].values():
        answer = await http.post("/v1/plans", json=example["value"])
        assert answer.status_code == 200, answer.text
        ranks = [route["rank"] for route in answer.json()["routes"]]
        assert ranks == list(range(1, len(ranks) + 1))
    assert await operated.service.rows("calendar", "pursuit", "correction", "outbox") == 0


async def test_while_temporal_is_away_reads_answer_and_changes_say_come_back(
    operated: Operated,
) -> None:
    async with operated.working(), operated.http() as http:
        before = await opened(http)
    away = PursuitWorkflows(_nowhere(), "work")
    async with operated.http(away) as http:
        assert (await http.get("/v1/pursuits/deal-1")).json() == before
        for path, body in (
            ("/v1/pursuits", a_pursuit(id="deal-2")),
            ("/v1/pursuits/deal-1/cancel", {}),
        ):
            answer = await http.post(path, json=body)
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
            assert "unavailable" in answer.json()["detail"]
            assert int(answer.headers["retry-after"]) > 0
    assert await operated.service.rows("pursuit") == 1


def impatient(operated: Operated) -> PursuitWorkflows:
    return PursuitWorkflows(
        operated.client,
        operated.temporal.task_queue,
        operated.temporal.prefix,
        answers_within=timedelta(seconds=1),
    )


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (a_pursuit(), {}),
        (a_pursuit(id=None), {"Idempotency-Key": "k-1"}),
        (a_pursuit(id=None), {}),
    ],
    ids=["an id of the caller's", "a key", "neither"],
)
async def test_a_pursuit_that_no_worker_opened_in_time_is_joined_by_the_id_in_the_answer(
    operated: Operated, body: dict[str, Any], headers: dict[str, str]
) -> None:
    sent = {name: value for name, value in body.items() if value is not None}
    async with operated.http(impatient(operated)) as http:
        answer = await http.post("/v1/pursuits", json=sent, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    named = re.search(r"with the id ([\w-]+):", answer.json()["detail"])
    assert named is not None
    again = sent if headers else sent | {"id": named[1]}
    async with operated.working(), operated.http() as http:
        opened = await http.post("/v1/pursuits", json=again, headers=headers)
        assert (opened.status_code, opened.json()["id"]) == (201, named[1])
    assert await _opened(operated) == 1


async def test_whoever_waits_for_a_pursuit_goes_before_hundreds_of_cycles_that_start(
    operated: Operated,
) -> None:
    everybody = list(municipalities())[:300]
    workflow = operated.client.get_workflow_handle(operated.pursuits.workflow_id("deal-1"))

    async def begun() -> bool:
        with suppress(NotFoundError), rpc_errors():
            await workflow.describe()
            return True
        return False

    async with operated.http() as http:
        await operated.line.start(everybody)  # nobody works on them yet
        waiting = asyncio.create_task(http.post("/v1/pursuits", json=a_pursuit()))
        await eventually(begun)
        async with operated.working():
            answer = await waiting
            before = operated.budget_cycles.looks
    assert answer.status_code == 201, answer.text
    assert before < len(everybody) / 2


async def test_a_change_of_a_stuck_pursuit_says_so_and_not_to_try_again(
    operated: Operated,
) -> None:
    async with operated.working(), operated.http() as http:
        await opened(http)
    answers: list[httpx.Response] = []

    async def stuck() -> bool:
        answers.append(await http.post("/v1/pursuits/deal-1/cancel", json={}))
        return answers[-1].status_code != 503

    async with (
        operated.temporal.worker([BrokenPursuitWorkflow], [], PASSED_THROUGH),
        operated.http(impatient(operated)) as http,
    ):
        await eventually(stuck)
    problem = answers[-1].json()
    assert (problem["status"], problem["code"]) == (500, "workflow_stuck")
    assert operated.pursuits.workflow_id("deal-1") in problem["detail"]
    assert "retry-after" not in answers[-1].headers


async def test_a_change_of_a_pursuit_whose_workflow_was_terminated_says_so(
    http: httpx.AsyncClient, operated: Operated
) -> None:
    await opened(http)
    await operated.client.get_workflow_handle(operated.pursuits.workflow_id("deal-1")).terminate()
    answer = await http.post("/v1/pursuits/deal-1/cancel", json={})
    assert (answer.status_code, answer.json()["code"]) == (500, "workflow_not_running")


async def test_a_worker_that_dies_between_commit_and_report_publishes_nothing_twice(
    operated: Operated,
) -> None:
    operated.recording.dies = 1
    async with operated.working(), operated.http() as http:
        await opened(http)
    assert operated.recording.dies == 0
    assert await _opened(operated) == 1
    rows = await operated.service.fetch("select headers from outbox")
    announced = await operated.service.rows("announced")
    assert len(rows) == announced > 0


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/pursuits"), ("POST", "/v1/pursuits/deal-1/cancel")]
)
async def test_writing_needs_its_scope(service: Service, method: str, path: str) -> None:
    answer = await service.http.request(
        method, path, json={}, headers=service.token("budget-calendar:read")
    )
    assert answer.status_code == 403


async def _correct(http: httpx.AsyncClient) -> None:
    year = fiscal_year_of(today()) + 1
    dates = {"likely": f"{year}-10-07", "source": "telephone", "reason": "they told us"}
    answer = await http.put(
        f"/v1/calendars/{KIRYU}/{year}/corrections/request_deadline", json=dates
    )
    assert answer.status_code == 200, answer.text


async def _planned_anew(http: httpx.AsyncClient, before: dict[str, Any]) -> bool:
    now = (await http.get("/v1/pursuits/deal-1")).json()
    moved = "-10-07" in str(now["routes"])
    return bool(now["version"] > before["version"] and moved)


def _reason(pursuit: dict[str, Any], kind: str) -> str:
    return next(str(r["reason"]) for r in pursuit["routes"] if r["kind"] == kind)


async def _planned(http: httpx.AsyncClient, kind: str, reason: str) -> bool:
    return _reason((await http.get("/v1/pursuits/deal-1")).json(), kind) == reason


async def _opened(operated: Operated) -> int:
    rows = await operated.service.fetch("select 1 from audit where what = 'open_pursuit'")
    return len(rows)


def _nowhere() -> Client:
    return lazy_client(TemporalSettings(address="127.0.0.1:9"))
