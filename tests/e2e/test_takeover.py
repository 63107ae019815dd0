"""A consumer that was killed and started again goes on at once: its session need not end first."""

import pytest

from kakehashi_common.contracts.topics import LEAD_EVENTS
from tests.support.kafka import activity, record
from tests.support.lead_scoring import installation

pytestmark = pytest.mark.servers

SESSION_SECONDS = 300


async def test_a_killed_consumer_goes_on_at_once_when_it_is_started_again() -> None:
    session = {"CONSUMER__SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS)}
    async with installation(**session) as installed:
        topic = installed.topic(LEAD_EVENTS)
        await installed.broker.publish(topic, [record(activity(n)) for n in range(10)])
        [killed] = await installed.start("consumer")
        await installed.handled()
        killed.kill()
        await installed.broker.publish(topic, [record(activity(n)) for n in range(10, 20)])

        [successor] = await installed.start("consumer")
        await installed.handled(within=SESSION_SECONDS / 5)
        assert await successor.metric("kakehashi_consumer_consumed_total") == 10
