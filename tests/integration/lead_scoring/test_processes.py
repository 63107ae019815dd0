"""The processes together: an event over HTTP, rules over HTTP, and a worker that is killed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest_asyncio
from temporalio.client import WorkflowExecutionStatus

from kakehashi_common.contracts.lead_events import ActivityRecorded
from kakehashi_common.runtime.issuer import Issuer
from lead_scoring.http import examples
from lead_scoring.rules.file import shipped
from tests.support.installations import Installation, Process
from tests.support.issuing import SCOPES, issuing, settings_of
from tests.support.lead_scoring import in_this_process, installation
from tests.support.received import received
from tests.support.temporal import temporal_server
from tests.support.waiting import eventually

LEADS = 20_000


@pytest_asyncio.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with issuing() as issuer:
        yield issuer


@pytest_asyncio.fixture
async def installed(issuer: Issuer) -> AsyncIterator[Installation]:
    async with installation(**settings_of(issuer)) as made:
        yield made


def _client(api: Process, issuer: Issuer) -> httpx.AsyncClient:
    token = issuer.token("tester", list(SCOPES))
    return httpx.AsyncClient(
        base_url=api.address, headers={"authorization": f"Bearer {token}"}, timeout=30
    )


async def _many_leads(installed: Installation) -> None:
    async with in_this_process(installed) as container:
        now = container.clock.now()
        for start in range(0, LEADS, 2_000):
            await container.scoring.score_batch(
                [
                    received(ActivityRecorded(lead_id=f"crm-{n}", kind="meeting_held"), now)
                    for n in range(start, start + 2_000)
                ]
            )


async def test_an_event_over_http_is_scored(installed: Installation, issuer: Issuer) -> None:
    api, _, _ = await installed.start("api", "consumer", "relay")
    async with _client(api, issuer) as http:
        several = examples.several_events(datetime.now(UTC))["several"]["value"]
        answer = await http.post("/v1/lead-events", json=several)
        assert (answer.status_code, answer.json()["accepted"]) == (202, 3)
        lead_id = several[0]["data"]["lead_id"]

        async def scored() -> dict[str, Any] | None:
            found = await http.get(f"/v1/leads/{lead_id}")
            return dict(found.json()) if found.status_code == 200 else None

        await eventually(scored, what="the lead is scored")
        lead = await scored()
        docs = await http.get("/docs")
    assert lead is not None
    assert lead["municipality"]["name"] == "桐生市"
    assert (docs.status_code, "cdn." in docs.text) == (200, False)


async def test_a_killed_worker_costs_a_re_score_nothing(
    installed: Installation, issuer: Issuer
) -> None:
    await _many_leads(installed)
    ids = {"WORKFLOW_ID_PREFIX": installed.prefix}
    api, first = (installed.launch(name, **ids) for name in ("api", "worker"))
    await asyncio.gather(api.ready(), first.ready())
    laxer = shipped().replace("engagement: {1: 50, 2: 20}", "engagement: {1: 15, 2: 5}")
    async with _client(api, issuer) as http:
        answer = await http.post(
            "/v1/rules", content=laxer.encode(), headers={"content-type": "application/yaml"}
        )
        assert (answer.status_code, answer.json()["rescore_started"]) == (202, True)

        async def progress() -> dict[str, Any]:
            return dict((await http.get("/v1/rules/2")).json())

        async def begun() -> bool:
            return bool((await progress())["rescored_leads"])

        await eventually(begun, what="the re-score has begun")
        first.kill()
        assert (await progress())["rescored_at"] is None, "killed too late to prove anything"
        installed.launch("worker", **ids)

        async def finished() -> bool:
            return (await progress())["rescored_at"] is not None

        await eventually(finished, within=120, what="another worker finishes the re-score")
        done = await progress()
    assert (done["rescored_leads"], done["changed_grades"]) == (LEADS, LEADS)
    rows = await installed.fetch("select rule_version, count(*) from lead group by 1")
    assert [tuple(row) for row in rows] == [(2, LEADS)]
    rows = await installed.fetch("select count(*) from score_history where cause = 'rules'")
    assert rows[0][0] == LEADS
    temporal = (await temporal_server()).client
    described = await temporal.get_workflow_handle(answer.json()["workflow_id"]).describe()
    assert described.status is WorkflowExecutionStatus.COMPLETED
    for schedule in ("sweep-due-leads", "maintain-event-log"):
        await temporal.get_schedule_handle(f"{installed.prefix}lead-scoring/{schedule}").delete()
