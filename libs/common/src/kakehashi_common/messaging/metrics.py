"""Every metric of the consumers, declared once. Attributes: ``topic`` and ``group``."""

from opentelemetry import metrics

_meter = metrics.get_meter("kakehashi.messaging")

RECORDS = _meter.create_counter(
    "kakehashi.consumer.records",
    description="Records whose offset was passed, by outcome: handled or dead_lettered",
)
DEAD_LETTERS = _meter.create_counter(
    "kakehashi.consumer.dead_letters", description="Dead letters written, by error_class"
)
RETRIES = _meter.create_counter(
    "kakehashi.consumer.retries", description="Attempts that failed with a transient error"
)
DROPPED_BATCHES = _meter.create_counter(
    "kakehashi.consumer.dropped_batches",
    description="Batches read and not handled, because their partitions went to another consumer",
)
BATCH_SECONDS = _meter.create_histogram(
    "kakehashi.consumer.batch.duration",
    unit="s",
    description="From handing a batch to the service to its commit",
)
BATCH_RECORDS = _meter.create_histogram(
    "kakehashi.consumer.batch.records", description="Records in a batch"
)
DELAY_SECONDS = _meter.create_histogram(
    "kakehashi.consumer.delay",
    unit="s",
    description="From the broker's timestamp of a batch's oldest record to its commit",
)
LAG = _meter.create_gauge(
    "kakehashi.consumer.lag", description="Records behind the end of a partition, by partition"
)
HALTED = _meter.create_gauge(
    "kakehashi.consumer.halted", description="1 while the dead-letter limit holds a consumer"
)
