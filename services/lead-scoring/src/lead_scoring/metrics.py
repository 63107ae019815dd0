"""Every metric of lead-scoring, declared once."""

from opentelemetry.metrics import get_meter

_meter = get_meter("lead_scoring")

EVENTS_SCORED = _meter.create_counter(
    "lead_scoring.events.scored", description="New events that were stored and scored"
)
UNSCORED_ACTIVITY = _meter.create_counter(
    "lead_scoring.events.unscored",
    description="New activities that no rule in force gives points: stored, worth nothing yet",
)
EVENTS_SUPPRESSED = _meter.create_counter(
    "lead_scoring.events.suppressed",
    description="Events passed over because the person is on the suppression list",
)
SCORES_CHANGED = _meter.create_counter(
    "lead_scoring.scores.changed", description="Scores announced, by cause"
)
GRADES_CHANGED = _meter.create_counter(
    "lead_scoring.grades.changed", description="Grades that changed, by cause"
)
LEADS_QUALIFIED = _meter.create_counter(
    "lead_scoring.leads.qualified", description="Leads that entered a qualifying grade"
)
STALE_BATCHES = _meter.create_counter(
    "lead_scoring.batches.stale",
    description="Batches repeated because another writer had changed one of their leads",
)
CACHED_LEADS = _meter.create_gauge(
    "lead_scoring.cache.leads", description="Leads in the consumer's memory"
)
CACHE_MISSES = _meter.create_counter(
    "lead_scoring.cache.misses", description="Leads of a batch that had to be read"
)
EVENTS_COLLECTED = _meter.create_counter(
    "lead_scoring.events.collected", description="Events that came over HTTP and are on the broker"
)
EVENTS_REFUSED = _meter.create_counter(
    "lead_scoring.events.refused", description="Events that came over HTTP and were refused"
)
