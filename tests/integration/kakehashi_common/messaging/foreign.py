"""What other clients can do to a topic and aiokafka can't."""

from unittest.mock import patch

from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from kakehashi_common.contracts.topics import Topic
from kakehashi_common.messaging.cloudevents import Outgoing
from tests.support.kafka import TestBroker


class _Latin1(str):
    """A text that another client encodes in its own way."""

    __slots__ = ()

    def encode(self, *_arguments: object) -> bytes:
        return b"caf\xe9"


async def publish_with_unreadable_header_name(
    broker: TestBroker, topic: Topic, record: Outgoing
) -> None:
    """Publish to partition 1 a record with a header whose name is not UTF-8.

    librdkafka sends such names. Here aiokafka's record builder in Python is used in place of the
    compiled one, which takes nothing but a ``str``.
    """
    builder = _DefaultRecordBatchBuilderPy
    with (
        patch("aiokafka.producer.message_accumulator.DefaultRecordBatchBuilder", builder),
        patch("aiokafka.producer.producer.DefaultRecordBatchBuilder", builder),
    ):
        odd = Outgoing(record.key, record.value, [*record.headers, (_Latin1("caf"), b"1")])
        await broker.publish(topic, [odd], partition=1)
