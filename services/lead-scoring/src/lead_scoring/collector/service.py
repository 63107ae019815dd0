"""The collector of lead events."""

from datetime import timedelta

from kakehashi_common.clock import Clock
from kakehashi_common.collector.publisher import ACKNOWLEDGE_TIMEOUT, EventPublisher
from kakehashi_common.collector.service import Collector
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.db import Database
from kakehashi_common.kafka.settings import KafkaSettings
from lead_scoring import metrics, tables


class LeadEventPublisher(EventPublisher):
    """Publishes to ``lead-events-v1``. Nothing connects before the first use."""

    def __init__(
        self,
        kafka: KafkaSettings,
        *,
        topic_prefix: str = "",
        acknowledged_within: timedelta = ACKNOWLEDGE_TIMEOUT,
    ) -> None:
        super().__init__(
            kafka, LEAD_EVENTS, topic_prefix=topic_prefix, acknowledged_within=acknowledged_within
        )


def lead_event_collector(
    publisher: LeadEventPublisher, clock: Clock, database: Database
) -> Collector:
    """Return what accepts lead events over HTTP."""
    return Collector(
        LEAD_EVENTS,
        publisher,
        clock,
        database,
        tables.idempotency_table,
        lambda data: str(data.lead_id),
        _count,
    )


def _count(accepted: int, refused: int) -> None:
    metrics.EVENTS_COLLECTED.add(accepted)
    if refused:
        metrics.EVENTS_REFUSED.add(refused)
