"""Every metric of handoff, declared once."""

from opentelemetry.metrics import get_meter

_meter = get_meter("handoff")

# --- Notifications (attribute: channel, mail or webhook) ----------------------------------------

DELIVERED = _meter.create_counter(
    "handoff.notifications.delivered", description="Notifications that were delivered"
)
RETRIED = _meter.create_counter(
    "handoff.notifications.retried", description="Attempts that failed and are made again"
)
UNDELIVERED = _meter.create_gauge(
    "handoff.notifications.undelivered",
    description="Deliveries still to come: until working hours or a digest, or under way",
)
FAILED = _meter.create_gauge(
    "handoff.notifications.failed",
    description="Deliveries that are dead or undeliverable, until somebody retries them",
)
OLDEST = _meter.create_gauge(
    "handoff.notifications.age",
    unit="s",
    description="How long the oldest delivery under way has been so",
)
