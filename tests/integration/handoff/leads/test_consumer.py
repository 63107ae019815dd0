"""Kafka in: what other services say of leads, and that a lead's score is gone."""

from dataclasses import replace

import pytest

from handoff.leads.consumer import (
    followups_consumer,
    lead_events_consumer,
    lead_scores_consumer,
)
from kakehashi_common.cloudevents.codec import Outgoing, encode
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.topics import FOLLOWUPS, LEAD_EVENTS, LEAD_SCORES
from tests.integration.handoff.leads.test_service import TARO, scored
from tests.integration.kakehashi_common.consumer.running import QUICK, running
from tests.support import kafka
from tests.support.followup_events import followup_fact
from tests.support.handoff_api import NOW, Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers


async def test_leads_are_known_from_kafka_until_their_score_is_gone(service: Service) -> None:
    async with kafka.test_broker() as broker:
        prefix = f"{(await broker.topic()).name}-"
        read = (LEAD_EVENTS, LEAD_SCORES, FOLLOWUPS)
        topics = [replace(each, name=prefix + each.name) for each in read]
        await broker.create(topics)
        settings = service.settings.model_copy(
            update={
                "kafka": broker.settings,
                "consumer": QUICK,
                "topic_prefix": prefix,
                "group_id": f"{prefix}handoff",
            }
        )
        events, scores, followups = topics
        said = Event("p-1", "https://crm.example.jp", NOW, TARO)
        score = Event("s-1", "//kakehashi/lead-scoring", NOW, scored("A1", NOW))
        await broker.publish(events, [encode(said, key="crm-1")])
        await broker.publish(scores, [encode(score, key="crm-1")])
        answered = followup_fact("occurred", at=NOW, occurrence="answered")
        await broker.publish(followups, [encode(answered.event, key="crm-1")] * 2)

        async def known() -> list[tuple[str, str, str]]:
            rows = await service.fetch(
                "select grade, value, kind from lead join lead_field using (lead_id) "
                "join lead_followup using (lead_id) where name = 'person_name'"
            )
            return [(row["grade"], row["value"], row["kind"]) for row in rows]

        async def is_known() -> bool:
            return await known() == [("A1", "田中 一郎", "answered")]

        async def is_erased() -> bool:
            return await known() == []

        async with (
            running(lead_events_consumer(settings, service.leads, service.database)),
            running(lead_scores_consumer(settings, service.leads)),
            running(followups_consumer(settings, service.leads, service.database)),
        ):
            await eventually(is_known, what="the lead is known")
            await broker.publish(scores, [Outgoing(b"crm-1", None, [])])  # type: ignore[arg-type]
            await eventually(is_erased, what="the lead is erased")
