"""A producer whose broker hangs is given up in time, and leaves nothing behind that sends."""

from functools import partial

import pytest
from aiokafka.errors import ProducerClosed

from kakehashi_common.kafka import producer as producer_module
from kakehashi_common.kafka.producer import LazyProducer, idempotent_producer
from tests.support import kafka
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("how", ["close", "abandon"])
async def test_what_a_silent_broker_does_not_acknowledge_is_dropped(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(producer_module, "_CLOSE_SECONDS", 0.5)
    monkeypatch.setattr(producer_module, "_ANSWER_SECONDS", 0.1)
    async with kafka.test_broker() as broker:
        topic = await broker.topic()
        lazy = LazyProducer(partial(idempotent_producer, broker.settings, linger_ms=0))
        producer = await lazy.started()
        await (await producer.send(topic.name, b"acknowledged"))
        kafka.silence(producer)
        unacknowledged = await producer.send(topic.name, b"sent")
        await eventually(lambda: producer._sender._in_flight)  # noqa: SLF001
        await getattr(lazy, how)()
        assert producer._sender.sender_task.done()  # noqa: SLF001
        assert not any(each.connected() for each in producer.client._conns.values())  # noqa: SLF001
        with pytest.raises(ProducerClosed):
            await unacknowledged
