"""Every metric of ``kakehashi_common``, declared once. A service declares its own likewise.

Names follow OpenTelemetry; Prometheus shows ``kakehashi.outbox.published`` as
``kakehashi_outbox_published_total``. Durations are in seconds. Attributes stay few and bounded:
topics, groups, outcomes; never a lead, a key or a message.

The instruments work before :func:`kakehashi_common.telemetry.set_up`, and count from then on.
"""

from opentelemetry.metrics import get_meter

_meter = get_meter("kakehashi_common")

# --- Consuming (attributes: topic, group) -------------------------------------------------------

CONSUMED = _meter.create_counter(
    "kakehashi.consumer.consumed", description="Records whose offset was committed"
)
DEAD_LETTERED = _meter.create_counter(
    "kakehashi.consumer.dead_lettered", description="Records put on the dead-letter topic, by code"
)
RETRIED = _meter.create_counter(
    "kakehashi.consumer.retried",
    description="Batches tried again after a transient error",
)
BATCH_SECONDS = _meter.create_histogram(
    "kakehashi.consumer.batch.duration",
    unit="s",
    description="From the batch in hand to its commit",
    explicit_bucket_boundaries_advisory=[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
)
BATCH_RECORDS = _meter.create_histogram(
    "kakehashi.consumer.batch.records",
    description="Records per batch",
    explicit_bucket_boundaries_advisory=[1, 2, 5, 10, 50, 100, 500, 1000, 2000, 5000],
)
DROPPED = _meter.create_counter(
    "kakehashi.consumer.dropped",
    description="Records read and not committed, since their partitions were taken away",
)
DELAY_SECONDS = _meter.create_histogram(
    "kakehashi.consumer.delay",
    unit="s",
    description="From the broker's timestamp of a batch's first record to the batch's commit",
    explicit_bucket_boundaries_advisory=[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600],
)
HALTED = _meter.create_gauge(
    "kakehashi.consumer.halted", description="1 while the dead-letter limit holds the consumer"
)
IMPLAUSIBLE_TIMESTAMPS = _meter.create_counter(
    "kakehashi.consumer.implausible_timestamps",
    description="Batches left out of the delay: their timestamp is in the future, or older than "
    "the topic keeps records",
)
HELD = _meter.create_gauge(
    "kakehashi.consumer.held",
    description="1 while a partition waits in front of a batch that can't be unpacked "
    "(attribute: partition)",
)
LAG = _meter.create_gauge(
    "kakehashi.consumer.lag",
    description="Records behind the end of a partition (attribute: partition)",
)

# --- Inbox (attributes: topic) ------------------------------------------------------------------

DUPLICATES = _meter.create_counter(
    "kakehashi.inbox.duplicates", description="Events seen before, with the same content"
)
CONFLICTS = _meter.create_counter(
    "kakehashi.inbox.conflicts", description="Events seen before, with other content"
)

# --- Outbox (attribute: outbox) -----------------------------------------------------------------

OUTBOX_PUBLISHED = _meter.create_counter(
    "kakehashi.outbox.published", description="Messages acknowledged by the broker and deleted"
)
OUTBOX_FAILURES = _meter.create_counter(
    "kakehashi.outbox.failures",
    description="Rounds rolled back: Kafka or PostgreSQL was unavailable",
)
OUTBOX_SET_ASIDE = _meter.create_counter(
    "kakehashi.outbox.set_aside", description="Messages that no broker takes, kept for an operator"
)
OUTBOX_BACKLOG = _meter.create_gauge(
    "kakehashi.outbox.backlog", description="Messages waiting, counted up to 100,000"
)
OUTBOX_AGE = _meter.create_gauge(
    "kakehashi.outbox.age", unit="s", description="Age of the oldest message waiting"
)
OUTBOX_UNMEASURED = _meter.create_gauge(
    "kakehashi.outbox.unmeasured",
    unit="s",
    description="How long backlog and age could not be measured; 0 when they are up to date",
)
OUTBOX_ACTIVE = _meter.create_gauge(
    "kakehashi.outbox.active", description="1 where the relay is active, 0 on stand-by"
)

# --- Retention (attribute: table) ---------------------------------------------------------------

PURGED = _meter.create_counter(
    "kakehashi.retention.purged", description="Rows deleted because they were old enough"
)

# --- Temporal (attributes: task_queue) ---------------------------------------------------------

TEMPORAL_STUCK = _meter.create_gauge(
    "kakehashi.temporal.stuck_workflows",
    description="Running workflows whose workflow tasks keep failing",
)

# --- HTTP and tokens ----------------------------------------------------------------------------

HTTP_PROBLEMS = _meter.create_counter(
    "kakehashi.http.problems", description="Problem answers, by status and code"
)
JWKS_FAILURES = _meter.create_counter(
    "kakehashi.auth.jwks_failures", description="Times the issuer's keys could not be fetched"
)
