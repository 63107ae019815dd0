"""Kafka in: five topics that say what sequences have to know."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from followup.occurrences.consumer import TOPICS, occurrences_consumer
from followup.triggers.consumer import lead_events, lead_events_consumer
from kakehashi_common.cloudevents.codec import Received, encode
from kakehashi_common.consumer.delivery import in_turn
from kakehashi_common.contracts.lead_events import ActivityRecorded
from kakehashi_common.contracts.seller_activities import SellerActivityRecorded
from kakehashi_common.contracts.topics import LEAD_EVENTS
from tests.integration.kakehashi_common.consumer.running import QUICK, running
from tests.support import kafka
from tests.support.budget_events import phase_entered
from tests.support.followup_api import Service
from tests.support.handoff_events import deal_changed, handoff_step
from tests.support.received import received
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
MET = SellerActivityRecorded.model_validate(
    {
        "activity_id": "a-1",
        "member_id": "s-1",
        "role": "field_sales",
        "kind": "visit",
        "reached": True,
        "lead_id": "crm-1",
    }
)
SAID: Final[Mapping[str, Received[Any]]] = {
    "handoffs-v1": handoff_step("accepted", at=NOW),
    "lead-events-v1": received(ActivityRecorded(lead_id="crm-1", kind="meeting_held"), NOW),
    "seller-activities-v1": received(MET, NOW),
    "budget-phases-v1": phase_entered("deliberation", at=NOW),
    "deal-events-v1": deal_changed(lead_ids=("crm-1",), outcome="won", at=NOW),
}


async def test_what_each_topic_says_is_stored_once(installed: Service) -> None:
    await installed.fresh()
    async with kafka.test_broker() as broker:
        prefix = f"{(await broker.topic()).name}-"
        topics = {
            each.name: replace(each, name=prefix + each.name) for each in (*TOPICS, LEAD_EVENTS)
        }
        await broker.create(list(topics.values()))
        settings = installed.settings.model_copy(
            update={
                "kafka": broker.settings,
                "consumer": QUICK,
                "topic_prefix": prefix,
                "group_id": f"{prefix}followup",
            }
        )
        for name, event in SAID.items():
            again = encode(event.event, key="crm-1")
            await broker.publish(topics[name], [kafka.broken(1), again, again])

        async def stored() -> bool:
            async with installed.database.raw_transaction() as connection:
                rows = await connection.fetch("select said_by from occurrence order by said_by")
                days = await connection.fetch("select day_id from known_day order by day_id")
                council = await connection.fetch("select milestone from council_day order by 1")
            return (
                [row["said_by"] for row in rows] == sorted(SAID)
                and [row["day_id"] for row in days] == ["contract/deal-1", "first-meeting/crm-1"]
                and [row["milestone"] for row in council] == ["session_opens", "session_vote"]
            )

        save = in_turn(
            installed.occurrences.save,
            installed.found_reasons.save,
            installed.council_sessions.save,
        )
        handle = lead_events(installed.contacts, installed.behaviours, save)
        async with (
            running(occurrences_consumer(settings, save)),
            running(lead_events_consumer(settings, handle)),
        ):
            await eventually(stored, what="each is stored once")
        for topic in topics.values():
            assert len(await broker.read(topic.dead_letter_topic, at_least=1)) == 1
