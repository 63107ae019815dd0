"""Kafka in: merges come in order with what is said of the id that goes, and wrong ones aside."""

from dataclasses import replace
from typing import Any

import pytest

from followup.triggers.consumer import lead_events, lead_events_consumer
from kakehashi_common.cloudevents.codec import encode
from kakehashi_common.consumer.delivery import in_turn
from kakehashi_common.contracts.events import Event, EventData
from kakehashi_common.contracts.lead_events import LeadMerged, ProfileChanged
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.lead_merges.batches import under_surviving_ids
from tests.integration.kakehashi_common.consumer.running import QUICK, running
from tests.support import kafka
from tests.support.followup_api import Service
from tests.support.merges import CRM, merged
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers

NOW = merged("a", "b").event.occurred_at


def said(event_id: str, data: EventData) -> Any:
    return encode(Event(event_id, CRM, NOW, data), key=data.model_dump()["lead_id"])


def itself() -> Any:
    """A merge of an id with itself, as no publisher of ours would make it."""
    data = LeadMerged.model_construct(lead_id="old", into_lead_id="old")
    return said("m-2", data)


async def test_the_id_that_stays_gets_all_and_wrong_merges_are_dead_letters_with_the_field(
    installed: Service,
) -> None:
    await installed.fresh()
    async with kafka.test_broker() as broker:
        prefix = f"{(await broker.topic()).name}-"
        topic = replace(LEAD_EVENTS, name=prefix + LEAD_EVENTS.name)
        await broker.create([topic])
        settings = installed.settings.model_copy(
            update={
                "kafka": broker.settings,
                "consumer": QUICK,
                "topic_prefix": prefix,
                "group_id": f"{prefix}followup",
            }
        )
        before, after = (
            ProfileChanged.model_validate({"lead_id": "old", field: "x@city.example.jp"})
            for field in ("email", "department")
        )
        merge = LeadMerged(lead_id="old", into_lead_id="new")
        records = [said("p-1", before), said("m-1", merge), itself(), said("p-2", after)]
        await broker.publish(topic, records)

        async def stored() -> list[tuple[str, str]]:
            async with installed.database.raw_transaction() as connection:
                rows = await connection.fetch("select lead_id, name from lead_field order by name")
            return [tuple(row) for row in rows]

        async def has_moved() -> bool:
            return await stored() == [("new", "department"), ("new", "email")]

        async def are_dead_letters() -> bool:
            return len(await broker.read(topic.dead_letter_topic, at_least=1)) == 2

        save = in_turn(installed.occurrences.save, installed.found_reasons.save)
        takes_in = lead_events(installed.contacts, installed.behaviours, save)
        handle = in_turn(installed.merges.save, under_surviving_ids(installed.database, takes_in))
        async with running(lead_events_consumer(settings, handle)):
            await eventually(has_moved, what="all is said of the id that stays")
            back = LeadMerged(lead_id="new", into_lead_id="old")
            await broker.publish(topic, [said("m-3", back)])
            await eventually(are_dead_letters, what="wrong merges are set aside")
        letters = await broker.read(topic.dead_letter_topic, at_least=2)
        headers = [dict(each.headers) for each in letters]
    classes = sorted(each["dlq-error-class"].decode() for each in headers)
    assert classes == ["ContradictoryMergeError", "InvalidDataError"]
    assert all(b"into_lead_id" in each["dlq-reason"] for each in headers)
