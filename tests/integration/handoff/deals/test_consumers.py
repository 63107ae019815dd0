"""Deals and activities from Kafka to a handoff's workflow: real Kafka, PostgreSQL and Temporal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio

from handoff.deals.consumer import deal_events_consumer
from handoff.seller_activities.consumer import seller_activities_consumer
from kakehashi_common.cloudevents.codec import Outgoing, encode
from kakehashi_common.consumer.lifecycle import Consumer
from kakehashi_common.contracts.deal_events import DealChanged
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.seller_activities import SellerActivityRecorded
from kakehashi_common.contracts.topics import DEAL_EVENTS, SELLER_ACTIVITIES, Topic
from tests.support import kafka
from tests.support.handoff_api import Service
from tests.support.kafka import TestBroker, broken
from tests.support.waiting import eventually

DAY = ["09:00-12:00", "13:00-18:00"]
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), DAY)


@asynccontextmanager
async def running(*consumers: Consumer) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(consumer.run(stop)) for consumer in consumers]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


@pytest_asyncio.fixture
async def owned(service: Service) -> AsyncIterator[str]:
    """A handoff that its only field seller was asked to accept."""
    await service.put("/teams/east", {"name": "東日本営業部", "hours": WEEK})
    member = {"team_id": "east", "name": "佐藤 花子", "roles": ["field_sales"], "capacity": 5}
    await service.put("/members/fs-1", member)
    async with service.working():
        answer = await service.http.post(
            "/handoffs", json={"lead_id": "crm-1", "municipality_code": "102032", "grade": "A1"}
        )
        assert answer.is_success, answer.text
        yield answer.json()["handoff_id"]
    await service.end()


def record_of(data: DealChanged | SellerActivityRecorded, event_id: str) -> Outgoing:
    event = Event(event_id, "https://crm.example.jp", datetime.now(UTC), data)
    return encode(event, key="crm-1")


async def status_of(service: Service, handoff_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await service.http.get(f"/handoffs/{handoff_id}")).json()
    return shown


async def test_a_call_is_the_first_contact_which_opens_a_deal_whose_outcome_closes_the_handoff(
    service: Service, owned: str
) -> None:
    deals, activities = (
        replace(topic, name=service.settings.topic_prefix + topic.name)
        for topic in (DEAL_EVENTS, SELLER_ACTIVITIES)
    )
    async with kafka.test_broker() as broker:
        await broker.create([deals, activities])
        async with running(
            deal_events_consumer(service.settings, service.deal_statements),
            seller_activities_consumer(service.settings, service.seller_activities),
        ):
            call = SellerActivityRecorded(
                activity_id="a-1",
                member_id="fs-1",
                role="field_sales",
                kind="call",
                reached=True,
                lead_id="crm-1",
            )
            called = record_of(call, "e-1")
            await broker.publish(activities, [broken(1), called, called], partition=0)

            async def contacted() -> bool:
                return bool((await status_of(service, owned))["status"] == "contacted")

            await eventually(contacted, what="the call is the first contact")
            [opened] = (await service.http.get("/deals?lead_id=crm-1")).json()["items"]
            assert (opened["owner"], opened["stage"]) == ("fs-1", "interest")
            assert (opened["municipality_code"], opened["outcome"]) == ("102032", None)

            won = DealChanged.model_validate(
                {"deal_id": opened["deal_id"], "stage": "decision", "lead_ids": ["crm-1"]}
                | {"outcome": "won", "amount_yen": 4_800_000}
            )
            of_nobody = won.model_copy(update={"deal_id": "d-9", "lead_ids": ("crm-9",)})
            decided = record_of(won, "e-2")
            await broker.publish(
                deals, [broken(2), record_of(of_nobody, "e-3"), decided, decided], partition=0
            )

            async def closed() -> bool:
                return bool((await status_of(service, owned))["status"] == "closed")

            await eventually(closed, what="the deal closes the handoff")
            for topic in (deals, activities):
                await _one_dead_letter(broker, topic)
    history = (await service.http.get(f"/handoffs/{owned}/history")).json()["items"]
    assert [each["kind"] for each in history] == [
        "requested",
        "assigned",
        "accepted",
        "first_contact_made",
        "closed",
    ]
    assert (await service.deals.find("d-9")).stated.outcome == "won"
    [activity] = (await service.http.get("/seller-activities?lead_id=crm-1")).json()["items"]
    assert activity["recognition"]["recognised_as"] == "first_contact_made"


async def _one_dead_letter(broker: TestBroker, topic: Topic) -> None:
    assert len(await broker.read(topic.dead_letter_topic, at_least=1)) == 1
