"""Metrics of each batch that was handled."""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import structlog

from kakehashi_common import metrics
from kakehashi_common.consumer.read_ahead import Batch
from kakehashi_common.contracts.topics import Topic
from kakehashi_common.dead_letters.writer import DeadLetter

log = structlog.get_logger(__name__)

_CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""The most by which a record's timestamp may be in the future."""

_COMPACTED_KEPT: Final = timedelta(days=400)
"""Older records of a topic without retention don't count in the delay."""


class BatchMetrics:
    """Counts what one consumer handled.

    Args:
        topics: What it reads.
        attributes: Of every measurement.
    """

    def __init__(self, topics: Sequence[Topic], attributes: Mapping[str, str]) -> None:
        self._attributes = attributes
        self._kept = {t.name: (t.retention or _COMPACTED_KEPT).total_seconds() for t in topics}

    def record(self, batch: Batch, letters: Sequence[DeadLetter], seconds: float) -> None:
        """Count a batch that was committed, ``seconds`` after it was taken in hand."""
        a = self._attributes
        metrics.CONSUMED.add(len(batch.records), a)
        for letter in letters:
            metrics.DEAD_LETTERED.add(1, {**a, "code": letter.code})
            log.warning(
                "dead-lettered",
                topic=letter.record.topic,
                partition=letter.record.partition,
                offset=letter.record.offset,
                code=letter.code,
            )
        metrics.BATCH_SECONDS.record(seconds, a)
        metrics.BATCH_RECORDS.record(len(batch.records), a)
        first = batch.records[0]
        delay = time.time() - first.timestamp / 1000  # by the publisher's clock, or anything
        if -_CLOCKS_DIFFER.total_seconds() <= delay <= self._kept[first.topic]:
            metrics.DELAY_SECONDS.record(max(0.0, delay), a)
        else:
            metrics.IMPLAUSIBLE_TIMESTAMPS.add(1, a)
