"""The consumer counts answers to follow-ups beside lead events: real Kafka and PostgreSQL."""

import random
from datetime import timedelta
from typing import Any

from kakehashi_common.cloudevents.codec import Outgoing, Received, encode
from kakehashi_common.contracts.lead_events import ActivityRecorded
from kakehashi_common.contracts.topics import FOLLOWUPS, LEAD_EVENTS
from lead_scoring.scoring.followups import lead_events_of
from tests.support.followup_events import followup_fact
from tests.support.kafka import broken
from tests.support.lead_scoring import installation
from tests.support.lead_scoring_api import NOW, Service
from tests.support.received import received
from tests.support.waiting import eventually

AT = NOW - timedelta(days=2)
ANSWERED = followup_fact("occurred", at=AT, occurrence="answered")
BY_ANOTHER = followup_fact("occurred", at=AT, occurrence="answered", sequence_id="s-2")
OPTED_OUT = followup_fact("occurred", at=AT + timedelta(hours=1), occurrence="opted_out")
SENT = followup_fact("sent", at=AT - timedelta(days=1))
VISIT = received(ActivityRecorded(lead_id="crm-1", kind="page_viewed", category="pricing"), AT)


async def test_an_answer_counts_once_and_is_explained(service: Service) -> None:
    batch: list[Received[Any]] = [SENT, ANSWERED, BY_ANOTHER, ANSWERED, OPTED_OUT, VISIT]
    for seed in range(3):  # in any order, and again
        shuffled = random.Random(seed).sample(batch, len(batch))  # noqa: S311 - no secret
        await service.scoring.score_batch(lead_events_of(shuffled))
    logged = await service.fetch("select occurred_at, data from event_log order by occurred_at")
    kinds = [ActivityRecorded.model_validate_json(bytes(row["data"])).kind for row in logged]
    assert sorted(kinds) == ["mail_answered", "opted_out", "page_viewed"]
    explained = (await service.http.get("/v1/leads/crm-1/explanation")).json()
    [answer] = [each for each in explained["contributions"] if each["rule"] == "mail_answer"]
    assert (answer["count"], answer["points"] > 0) == (1, True)


def sent(*events: Received[Any]) -> list[Outgoing]:
    return [encode(each.event, key="crm-1") for each in events]


async def test_the_consumer_reads_both_topics() -> None:
    async with installation(READ_FOLLOWUPS="true") as installed:
        followups = installed.topic(FOLLOWUPS)
        await installed.broker.publish(
            followups, [broken(1), *sent(SENT, ANSWERED, BY_ANOTHER, ANSWERED)]
        )
        await installed.broker.publish(installed.topic(LEAD_EVENTS), sent(VISIT))
        await installed.start("consumer")

        async def counted() -> bool:
            rows = await installed.fetch("select data from event_log where lead_id = 'crm-1'")
            kinds = [ActivityRecorded.model_validate_json(row["data"]).kind for row in rows]
            return sorted(kinds) == ["mail_answered", "page_viewed"]

        await eventually(counted, what="the answer and the visit are counted")
        dead = await installed.broker.read(followups.dead_letter_topic, at_least=1)
        assert len(dead) == 1
