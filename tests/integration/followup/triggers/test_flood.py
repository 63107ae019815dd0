"""Ten thousand reasons for one municipality, as Kafka brings them."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from followup.container import Container
from followup.triggers.consumer import reasons_consumer
from followup.triggers.repository import DayOfReasons
from kakehashi_common.clock import FixedClock, japan_day
from kakehashi_common.cloudevents.codec import Outgoing, encode
from kakehashi_common.contracts.events import Event, Label
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.contracts.topics import FOLLOWUP_TRIGGERS
from tests.support import kafka
from tests.support.waiting import eventually

NOW = datetime.now(UTC)
TODAY = japan_day(NOW)
FLOOD: Final = 10_000
IMPORTANT: Final = 12
FLOODED, OTHER = "102032", "131016"


def arisen(event_id: str, **differences: Any) -> Outgoing:
    values: dict[str, Any] = {
        "municipality_code": FLOODED,
        "reason": "before_request_deadline",
        "label": Label(ja="締切が近づいています。", en="The deadline is near."),
        "good_from": TODAY,
        "good_until": TODAY,
    }
    data = ReasonArisen(**values | differences)
    event = Event(event_id, "//kakehashi/tests", NOW, data)
    return encode(event, key=str(data.municipality_code))


@asynccontextmanager
async def consuming(
    container: Container, records: Sequence[Outgoing], distinct: int
) -> AsyncIterator[None]:
    """The consumer of reasons has read these records, from a topic of its own."""
    prefix = f"test-{uuid.uuid4().hex[:8]}-"
    topic = replace(FOLLOWUP_TRIGGERS, name=prefix + FOLLOWUP_TRIGGERS.name)
    async with kafka.test_broker() as broker:
        await broker.create([topic])
        await broker.publish(topic, records)
        settings = container.settings.model_copy(
            update={
                "kafka": broker.settings,
                "topic_prefix": prefix,
                "group_id": f"{prefix}followup",
            }
        )
        consumer = reasons_consumer(settings, container.reasons.save_reasons)
        stop = asyncio.Event()
        running = asyncio.create_task(consumer.run(stop))

        async def has_read_all() -> bool:
            async with container.database.raw_transaction() as connection:
                known = await connection.fetchval("select count(*) from inbox")
            return bool(known == distinct)

        try:
            await eventually(has_read_all, within=60, what="all was read", every=0.1)
            yield
        finally:
            stop.set()
            await running


async def test_a_flood_leaves_room_for_what_is_most_important_and_for_others(
    container: Container, clock: FixedClock
) -> None:
    clock.instant = NOW
    flood = [arisen(f"flood-{n}", importance=1 + n % 2) for n in range(FLOOD)]
    important = [arisen(f"important-{n}", importance=3) for n in range(IMPORTANT)]
    others = [arisen(f"other-{n}", municipality_code=OTHER) for n in range(5)]
    again = flood[:1000]
    distinct = FLOOD + IMPORTANT + len(others)

    async with consuming(container, [*flood, *again, *others, *important], distinct):
        good = await container.reasons.good_today(municipality_code=FLOODED)
        elsewhere = await container.reasons.good_today(municipality_code=OTHER)
        aside = await container.reasons.set_aside_today()

    assert Counter(each.reason.importance == 3 for each in good) == {True: 10, False: 40}
    assert len(elsewhere) == len(others)
    assert aside.throttled == [
        DayOfReasons(FLOODED, TODAY, taken=50, too_many=FLOOD - 40 + IMPORTANT - 10)
    ]
