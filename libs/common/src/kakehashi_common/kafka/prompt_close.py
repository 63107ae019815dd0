"""Close connections to Kafka within a second, whatever the broker does.

aiokafka waits until each connection that it closes has ended. Over TLS that takes the broker's
answer to our ``close_notify``, and a broker that reads it together with the request before it never
answers: Kafka's ``SslTransportLayer`` puts the end off until more bytes come, and none do. This is
what happens to a client that is closed while a request waits behind a fetch. The event loop gives
up after 30 s, which is longer than a process has to end.

Nothing is lost by it: what a client had to send was acknowledged, or given up, before.
"""

from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection

CLOSE_SECONDS: Final = 1.0
"""Enough for a broker that answers: it holds a consumer's fetch for half a second."""

_close = AIOKafkaConnection.close


def _close_in_time(connection: Any, reason: Any = None, exc: Any = None) -> Any:
    writer = connection._writer  # noqa: SLF001 - aiokafka has no other way
    closed = _close(connection, reason, exc)
    if writer is not None:
        # without effect on a connection that has ended
        connection._loop.call_later(CLOSE_SECONDS, writer.transport.abort)  # noqa: SLF001 - same
    return closed


def install() -> None:
    """Have all connections of this process closed in time; harmless when done already."""
    AIOKafkaConnection.close = _close_in_time
