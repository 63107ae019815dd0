"""Events in: real Kafka, PostgreSQL and Temporal, with consumers and a worker in this process."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest_asyncio

from handoff.domain.handoff.commands import Reject
from handoff.domain.handoff.rejections import RejectionReason
from handoff.handoffs.consumer import budget_phases_consumer, lead_qualified_consumer
from handoff.settings import HandoffSettings
from kakehashi_common.clock import japan_day
from kakehashi_common.cloudevents.codec import Outgoing, encode
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.contracts.budget_phases import DateBasis, DateWindow, PhaseEntered
from kakehashi_common.contracts.events import Event, EventData, Label
from kakehashi_common.contracts.lead_scores import LeadQualified
from kakehashi_common.contracts.topics import BUDGET_PHASES, LEAD_QUALIFIED, Topic
from tests.support import kafka
from tests.support.handoff_api import Service
from tests.support.kafka import TestBroker, broken
from tests.support.waiting import eventually

KIRYU = "102032"
NOW = datetime.now(UTC)


@pytest_asyncio.fixture
async def broker() -> AsyncIterator[TestBroker]:
    async with kafka.test_broker() as opened:
        yield opened


@pytest_asyncio.fixture
async def at_work(service: Service) -> AsyncIterator[Service]:
    """An organisation of one field seller, and a worker."""
    await service.put("/teams/east", {"name": "東日本営業部", "hours": {"monday": ["09:00-18:00"]}})
    seller = {"team_id": "east", "name": "佐藤 花子", "roles": ["field_sales"], "capacity": 50}
    await service.put("/members/fs-1", seller)
    async with service.working():
        yield service
    await service.end()


@asynccontextmanager
async def reading(
    service: Service,
    broker: TestBroker,
    topic: Topic,
    made: Callable[[HandoffSettings], BatchConsumer],
    records: Sequence[Outgoing],
) -> AsyncIterator[Topic]:
    """A consumer of a topic of its own that holds these records, until the block ends."""
    prefix = f"test-{uuid.uuid4().hex[:8]}-"
    own = replace(topic, name=prefix + topic.name)
    await broker.create([own])
    await broker.publish(own, records)
    settings = service.settings.model_copy(
        update={
            "kafka": broker.settings,
            "topic_prefix": prefix,
            "group_id": f"{prefix}handoff",
        }
    )
    stop = asyncio.Event()
    running = asyncio.create_task(made(settings).run(stop))
    try:
        yield own
    finally:
        stop.set()
        await running


def event(data: EventData, key: str, event_id: str) -> Outgoing:
    return encode(Event(event_id, "//kakehashi/tests", NOW, data), key=key)


def qualified(lead_id: str, number: int = 1) -> Outgoing:
    data = LeadQualified(
        lead_id=lead_id,
        municipality_code=KIRYU,
        fit=80.0,
        engagement=75.0,
        grade="A1",
        qualified_at=NOW,
        qualification=number,
        rule_set="municipal",
        rule_version=3,
        contributions=(),
    )
    return event(data, lead_id, f"{lead_id}/{number}")


async def test_qualifications_begin_handoffs_once_and_join_open_ones(
    at_work: Service, broker: TestBroker
) -> None:
    records = [
        qualified("crm-1"),
        broken(1),
        qualified("crm-1"),  # delivered twice
        qualified("crm-2"),
        qualified("crm-1", 2),
    ]
    made = partial(lead_qualified_consumer, handoffs=at_work.handoffs)
    async with reading(at_work, broker, LEAD_QUALIFIED, made, records) as topic:

        async def begun() -> bool:
            return await rows(at_work) == [
                ("crm-1", "fs-1", ["requested", "assigned", "joined"]),
                ("crm-2", "fs-1", ["requested", "assigned"]),
            ]

        await eventually(begun, what="two handoffs, one of them joined")
        assert len(await broker.read(topic.dead_letter_topic, at_least=1)) == 1


async def rows(service: Service) -> list[tuple[Any, ...]]:
    found = await service.fetch(
        "select lead_id, handoff.owner, array_agg(kind order by handoff_fact.version, position) "
        "as kinds from handoff join handoff_fact using (handoff_id) group by 1, 2 order by 1"
    )
    return [(row["lead_id"], row["owner"], row["kinds"]) for row in found]


async def test_the_phase_that_a_recycled_handoff_rests_until_wakes_it(
    at_work: Service, broker: TestBroker
) -> None:
    phases = ("department_requests", "budget_policy")
    for lead_id, phase in zip(("crm-1", "crm-2"), phases, strict=True):
        answer = await at_work.http.post(
            "/handoffs", json={"lead_id": lead_id, "municipality_code": KIRYU}
        )
        handoff_id = answer.json()["handoff_id"]
        until = japan_day(NOW) + timedelta(days=200)
        reason = RejectionReason.TOO_EARLY
        await at_work.handoffs.send(handoff_id, Reject("fs-1", reason, until, phase))
    begins = japan_day(NOW) + timedelta(days=30)
    window = DateWindow(
        earliest=begins,
        likely=begins,
        latest=begins,
        basis=DateBasis.PRACTICE,
        source="common practice",
        confidence=0.6,
    )
    entered = PhaseEntered(
        municipality_code=KIRYU,
        fiscal_year=2027,
        phase="department_requests",
        label=Label(ja="予算要求", en="Departments' requests"),
        begins=window,
        ends_likely_on=begins,
    )
    record = event(entered, KIRYU, "p-1")
    made = partial(budget_phases_consumer, waking=at_work.waking)
    async with reading(at_work, broker, BUDGET_PHASES, made, [record, record]):

        async def woken() -> bool:
            await at_work.waking.look()
            states = await at_work.fetch("select lead_id, status from handoff order by lead_id")
            return [row["status"] for row in states] == ["assigned", "recycled"]

        await eventually(woken, what="the one that rests until this phase is assigned again")
