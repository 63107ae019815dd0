"""The whole story on running processes: events in over HTTP, explained scores out on Kafka."""

import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest_asyncio

from kakehashi_common.contracts.lead_events import (
    ActivityRecorded,
    OutcomeRecorded,
    ProfileChanged,
)
from kakehashi_common.contracts.lead_scores import LeadQualified, ScoreChanged
from kakehashi_common.contracts.topics import LEAD_EVENTS, LEAD_QUALIFIED, LEAD_SCORES, Topic
from lead_scoring.rules.file import shipped
from tests.e2e.outcome import text_headers
from tests.support.collecting_spans import SpanCollector, collecting_spans
from tests.support.installations import Installation
from tests.support.issuing import SCOPES, issuing, settings_of
from tests.support.kafka import Record
from tests.support.lead_scoring import in_this_process, installation
from tests.support.received import received
from tests.support.waiting import eventually

NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass
class Running:
    """All processes of one installation, and a client of its API."""

    installed: Installation
    http: httpx.AsyncClient
    spans: SpanCollector

    async def publish(self, *events: dict[str, Any], **headers: str) -> None:
        """Send events to the collector, which acknowledges all of them."""
        answer = await self.http.post("/v1/lead-events", json=list(events), headers=headers)
        assert (answer.status_code, answer.json()["accepted"]) == (202, len(events))

    async def lead(self, lead_id: str) -> dict[str, Any] | None:
        """The lead as the API shows it; ``None`` when nothing is known of it."""
        answer = await self.http.get(f"/v1/leads/{lead_id}")
        return None if answer.status_code == 404 else dict(answer.json())

    async def settled(self) -> None:
        """Wait until everything that was sent is scored and published."""
        await self.installed.handled()
        await self.installed.published()

    async def told(self, topic: Topic, lead_id: str) -> list[Record]:
        """The records of one lead on a topic."""
        records = await self.installed.broker.read(self.installed.topic(topic).name)
        return [record for record in records if record.key == lead_id.encode()]


@pytest_asyncio.fixture(scope="module")
async def running() -> AsyncIterator[Running]:
    async with issuing() as issuer, collecting_spans() as spans:
        settings = {"TELEMETRY__OTLP_ENDPOINT": spans.endpoint, "SWEEP_EVERY": "PT1S"}
        async with installation(**settings_of(issuer), **settings) as installed:
            processes = await installed.start("api", "consumer", "relay", "worker")
            token = issuer.token("tester", list(SCOPES))
            async with httpx.AsyncClient(
                base_url=processes[0].address,
                headers={"authorization": f"Bearer {token}"},
                timeout=30,
            ) as http:
                yield Running(installed, http, spans)
            for process in processes:
                assert await process.stop() == 0


def event(type_: str, at: datetime = NOW, **data: Any) -> dict[str, Any]:
    """A CloudEvent in structured mode."""
    return {
        "specversion": "1.0",
        "id": secrets.token_hex(8),
        "source": "https://crm.example.jp",
        "type": type_,
        "time": at.isoformat(),
        "data": data,
    }


def ready_for_sales(lead_id: str) -> list[dict[str, Any]]:
    """Return events that qualify a lead: the right person, who asks for proposals."""
    return [
        event(
            ProfileChanged.TYPE,
            lead_id=lead_id,
            municipality_code="102032",
            department="情報政策課",
            role="manager",
            person_name="桐生 太郎",
        ),
        event(ActivityRecorded.TYPE, lead_id=lead_id, kind="rfp_received"),
        event(ActivityRecorded.TYPE, lead_id=lead_id, kind="meeting_held"),
        event(ActivityRecorded.TYPE, lead_id=lead_id, kind="page_viewed", category="pricing"),
        event(ActivityRecorded.TYPE, lead_id=lead_id, kind="dreamt_of", category="us"),
    ]


def shown_sums(lines: list[dict[str, Any]]) -> dict[str, Decimal]:
    """Sum the shown points of each dimension, as a person adds them up."""
    sums = {"fit": Decimal(0), "engagement": Decimal(0)}
    for line in lines:
        sums[line["dimension"]] += Decimal(str(line["points"]))
    return sums


async def test_events_over_http_become_an_explained_score_on_kafka(running: Running) -> None:
    lead_id = "crm-story"
    events = ready_for_sales(lead_id)
    await running.publish(*events)
    await running.settled()
    lead = await running.lead(lead_id)
    assert lead is not None
    assert (lead["grade"], lead["qualified"], lead["qualifications"]) == ("A1", True, 1)
    assert lead["municipality"]["name"] == "桐生市"
    stated = {name: Decimal(str(lead[name])) for name in ("fit", "engagement")}
    assert shown_sums(lead["contributions"]) == stated

    explained = (await running.http.get(f"/v1/leads/{lead_id}/explanation")).json()
    assert shown_sums(explained["contributions"]) == stated

    *_, newest = await running.told(LEAD_SCORES, lead_id)
    score = ScoreChanged.model_validate_json(newest.value or b"", strict=True)
    assert (score.fit, score.engagement, score.grade) == (
        lead["fit"],
        lead["engagement"],
        lead["grade"],
    )
    assert [line.model_dump(mode="json") for line in score.contributions] == [
        {"count": None, "last_on": None, **line} for line in lead["contributions"]
    ]
    (record,) = await running.told(LEAD_QUALIFIED, lead_id)
    qualified = LeadQualified.model_validate_json(record.value or b"", strict=True)
    assert (qualified.lead_id, qualified.qualification) == (lead_id, 1)

    await running.publish(*events)
    await running.settled()
    assert await running.lead(lead_id) == lead
    assert len(await running.told(LEAD_QUALIFIED, lead_id)) == 1


async def test_an_outcome_is_remembered_beside_the_score(running: Running) -> None:
    lead_id = "crm-won"
    won = event(OutcomeRecorded.TYPE, lead_id=lead_id, outcome="won", amount_yen=1_980_000)
    await running.publish(*ready_for_sales(lead_id), won)
    await running.settled()
    lead = await running.lead(lead_id)
    assert lead is not None
    assert (lead["outcome"]["outcome"], lead["outcome"]["amount_yen"]) == ("won", 1_980_000)


async def test_one_trace_leads_from_the_request_to_the_score(running: Running) -> None:
    lead_id, trace_id = "crm-traced", secrets.token_hex(16)
    await running.publish(
        *ready_for_sales(lead_id), traceparent=f"00-{trace_id}-{secrets.token_hex(8)}-01"
    )
    await running.settled()
    incoming = await running.told(LEAD_EVENTS, lead_id)
    assert {text_headers(record)["traceparent"].split("-")[1] for record in incoming} == {trace_id}
    scores = await running.told(LEAD_SCORES, lead_id)
    scored_in = {text_headers(record)["traceparent"].split("-")[1] for record in scores}

    async def linked() -> bool:
        consumed = [s for s in running.spans.named("consume ") if trace_id in s.links]
        published = [s for s in running.spans.named("outbox publish") if scored_in & set(s.links)]
        return bool(published) and scored_in <= {span.trace_id for span in consumed}

    await eventually(linked, what="spans of the consumer and the relay link to the request")


async def test_an_erased_person_stays_erased(running: Running) -> None:
    lead_id = "crm-erased"
    events = ready_for_sales(lead_id)
    await running.publish(*events)
    await running.settled()
    answer = await running.http.delete(f"/v1/leads/{lead_id}/personal-data")
    assert (answer.status_code, answer.json()["events"]) == (200, len(events))
    await running.settled()
    *_, last = await running.told(LEAD_SCORES, lead_id)
    assert last.value is None

    # Redelivered, while the consumer still has the lead in its memory.
    await running.publish(*events)
    await running.settled()
    assert await running.lead(lead_id) is None

    await running.publish(event(ActivityRecorded.TYPE, lead_id=lead_id, kind="mail_opened"))
    await running.settled()
    lead = await running.lead(lead_id)
    assert lead is not None
    assert (lead["grade"], lead["municipality"]) == ("C3", None)
    held = (await running.http.get(f"/v1/leads/{lead_id}/personal-data")).json()
    assert "桐生 太郎" not in json.dumps(held, ensure_ascii=False)
    assert len(held["events"]) == 1


async def test_a_grade_decays_while_nothing_happens(running: Running) -> None:
    lead_id, then = "crm-cooling", NOW - timedelta(days=200)
    # Scored as of 200 days ago, as a replay does: its next change of grade is long due.
    async with in_this_process(running.installed, clock="events") as container:
        meeting = ActivityRecorded(lead_id=lead_id, kind="meeting_held")
        asked = ActivityRecorded(lead_id=lead_id, kind="rfp_received")
        await container.scoring.score_batch([received(data, then) for data in (meeting, asked)])

    async def swept() -> bool:
        lead = await running.lead(lead_id)
        return lead is not None and lead["grade"] == "C3"

    await eventually(swept, what="the sweep finds the lead", every=0.1)
    await running.settled()
    first, *_, newest = await running.told(LEAD_SCORES, lead_id)
    before = ScoreChanged.model_validate_json(first.value or b"")
    after = ScoreChanged.model_validate_json(newest.value or b"")
    assert (before.grade, after.grade) == ("C1", "C3")
    assert (after.previous_grade, after.cause) == ("C1", "decay")
    assert after.engagement < before.engagement


async def test_published_rules_score_every_lead_again(running: Running) -> None:
    lead_id = "crm-judged-anew"
    await running.publish(event(ActivityRecorded.TYPE, lead_id=lead_id, kind="meeting_held"))
    await running.settled()
    laxer = shipped().replace("engagement: {1: 50, 2: 20}", "engagement: {1: 15, 2: 5}")
    answer = await running.http.post(
        "/v1/rules", content=laxer.encode(), headers={"content-type": "application/yaml"}
    )
    assert (answer.status_code, answer.json()["rescore_started"]) == (202, True)
    version = answer.json()["version"]

    async def rescored() -> bool:
        found = (await running.http.get(f"/v1/rules/{version}")).json()
        return found.get("rescored_at") is not None

    await eventually(rescored, what="every lead is scored by the new rules", every=0.1)
    await running.settled()
    lead = await running.lead(lead_id)
    assert lead is not None
    assert (lead["grade"], lead["rule_version"]) == ("C1", version)
    *_, newest = await running.told(LEAD_SCORES, lead_id)
    score = ScoreChanged.model_validate_json(newest.value or b"")
    assert (score.grade, score.previous_grade) == ("C1", "C2")
    assert (score.cause, score.rule_version) == ("rules", version)
    rows = await running.installed.fetch("select distinct rule_version from lead")
    assert [row[0] for row in rows] == [version]
