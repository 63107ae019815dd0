"""The consumer of the hot path: batches."""

from kakehashi_common.consumer.lifecycle import Consumer
from kakehashi_common.errors import TransientError


class BatchConsumer(Consumer):
    """Hands a topic's events to a handler in batches, at least once.

    ::

        consumer = BatchConsumer(kafka, [LEAD_EVENTS], "lead-scoring", service.score_leads)
        await consumer.run(stop)  # an asyncio.Event; or Component("consumer", consumer.run)

    * Two decoded batches wait while the handler has one; polls that wait become one batch, up to
      ``max_records``. A batch mixes partitions.
    * What can't be decoded goes to ``<topic>-dlq``; so does the record that makes the handler
      raise :class:`PermanentError` (or any exception that is not transient), found by halving the
      batch. The rest is handled, in order.
    * :class:`TransientError`, ``OSError`` and ``TimeoutError`` are retried in place.
    * Offsets move after the handler has returned and the dead letters are acknowledged. Whatever
      is not committed comes again: the handler has to know an event it has seen.
    * When partitions come or go, ``on_assigned`` and ``on_revoked`` are awaited, never while the
      handler runs; every rebalance takes all partitions first and gives them again.
    * A partition whose next record batch can't be unpacked waits in front of it, and the others go
      on; :attr:`problem` names it.
    * When no source is read well and too many records are dead letters the consumer halts: it stays
      in its group, handles nothing, and :attr:`problem` says why and what to do.
    """

    async def check(self) -> None:
        """Prove that events are handled; for ``/readyz``.

        Raises:
            TransientError: they are not; it says why.
        """
        if self.problem is not None:
            raise TransientError(self.problem)
