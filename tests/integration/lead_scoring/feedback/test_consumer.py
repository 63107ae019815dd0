"""The consumer reads ``handoffs-v1`` and ``deal-events-v1`` beside the lead events."""

from datetime import timedelta
from typing import Any

from kakehashi_common.cloudevents.codec import Outgoing, Received, encode
from kakehashi_common.contracts.topics import DEAL_EVENTS, HANDOFFS
from tests.support.handoff_events import deal_changed, handoff_step
from tests.support.kafka import broken
from tests.support.lead_scoring import installation
from tests.support.lead_scoring_api import NOW
from tests.support.waiting import eventually

START = NOW - timedelta(days=60)


def sent(*events: Received[Any], key: str = "crm-1") -> list[Outgoing]:
    return [encode(each.event, key=key) for each in events]


async def test_handoffs_and_deals_become_labels_whatever_comes_before_them() -> None:
    async with installation(READ_HANDOFFS="true") as installed:
        handoffs, deals = installed.topic(HANDOFFS), installed.topic(DEAL_EVENTS)
        closed = handoff_step(
            "closed", outcome="lost", deal_id="deal-1", version=3, at=START + timedelta(days=9)
        )
        accepted = handoff_step("accepted", version=2, at=START + timedelta(hours=1))
        requested = handoff_step("requested", qualification_id="q-1", at=START)
        await installed.broker.publish(
            handoffs, [broken(1), *sent(closed, accepted, accepted, requested)]
        )
        won = deal_changed(outcome="won", amount_yen=1_980_000, at=START + timedelta(days=30))
        lost = deal_changed(outcome="lost", at=START + timedelta(days=9))
        await installed.broker.publish(deals, [broken(2), *sent(won, lost, won, key="deal-1")])

        await installed.start("consumer")

        async def known() -> bool:
            rows = await installed.fetch(
                "select lead_id, qualification_id, accepted_at, l.outcome, d.outcome, amount_yen "
                "from handoff_label l join deal d using (deal_id) where ended_as = 'closed'"
            )
            return [tuple(row) for row in rows] == [
                ("crm-1", "q-1", START + timedelta(hours=1), "lost", "won", 1_980_000)
            ]

        await eventually(known, what="the label is stored")
        for topic in (handoffs, deals):
            dead = await installed.broker.read(topic.dead_letter_topic, at_least=1)
            assert len(dead) == 1
