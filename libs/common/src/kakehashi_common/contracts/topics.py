"""Every topic, declared once beside the models that travel on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from kakehashi_common.contracts.budget_phases import (
    CalendarRevised,
    MilestoneNear,
    PhaseEntered,
    PursuitBudgeted,
    PursuitCut,
)
from kakehashi_common.contracts.deal_events import DealChanged
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.followup_triggers import (
    ReasonArisen,
    SatisfactionAnswered,
    UsageReported,
)
from kakehashi_common.contracts.followups import FollowupChanged
from kakehashi_common.contracts.handoffs import HandoffChanged
from kakehashi_common.contracts.lead_events import (
    ActivityRecorded,
    LeadMerged,
    OutcomeRecorded,
    ProfileChanged,
)
from kakehashi_common.contracts.lead_scores import LeadQualified, ScoreChanged
from kakehashi_common.contracts.seller_activities import SellerActivityRecorded

OTHER_SYSTEMS = "other systems"
"""A party to a topic that is no service of ours."""

DEAD_LETTER_SUFFIX = "-dlq"
"""A dead-letter topic has the name of its source topic with this suffix."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One Kafka topic: what it says, who writes and reads it, and how long it keeps."""

    name: str
    says: str
    key: str
    models: tuple[type[EventData], ...]
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    partitions: int
    retention: timedelta | None
    """``None`` for a compacted topic: the newest event per key stays."""

    @property
    def dead_letters(self) -> bool:
        """Whether a consumer of ours reads it, so that ``<name>-dlq`` exists."""
        return not {OTHER_SYSTEMS}.issuperset(self.consumers)

    @property
    def dead_letter_topic(self) -> str:
        """The topic for records that a consumer can't read."""
        return self.name + DEAD_LETTER_SUFFIX


DEAD_LETTER_RETENTION = timedelta(days=90)
"""Long enough to notice, mend and replay after a quarter's holidays."""

MAX_EVENT_BYTES = 1_000_000
"""The largest event a consumer accepts; larger ones are dead-lettered."""

MAX_RECORD_BYTES = 8_388_608
"""The broker's limit: above a consumer's, so that an oversized event is recorded, not lost."""

DEAD_LETTER_RECORD_BYTES = MAX_RECORD_BYTES + 65_536
"""The limit of a dead-letter topic: the largest record, and the headers that explain it."""

LEAD_EVENTS = Topic(
    name="lead-events-v1",
    says="what a contact did, or what was learnt about a lead",
    key="lead",
    models=(ActivityRecorded, ProfileChanged, OutcomeRecorded, LeadMerged),
    producers=(OTHER_SYSTEMS, "lead-scoring"),
    consumers=("lead-scoring", "handoff", "followup"),
    partitions=6,
    retention=timedelta(days=30),
)

LEAD_SCORES = Topic(
    name="lead-scores-v1",
    says="the newest score of a lead, with its explanation",
    key="lead",
    models=(ScoreChanged,),
    producers=("lead-scoring",),
    consumers=("handoff", "followup", OTHER_SYSTEMS),
    partitions=6,
    retention=None,
)

LEAD_QUALIFIED = Topic(
    name="lead-qualified-v1",
    says="a lead is ready for field sales",
    key="lead",
    models=(LeadQualified,),
    producers=("lead-scoring",),
    consumers=("handoff",),
    partitions=6,
    retention=timedelta(days=90),
)

BUDGET_PHASES = Topic(
    name="budget-phases-v1",
    says="where a municipality stands in its budget year, and what became of a pursuit",
    key="municipality",
    models=(PhaseEntered, MilestoneNear, CalendarRevised, PursuitBudgeted, PursuitCut),
    producers=("budget-calendar",),
    consumers=("lead-scoring", "handoff", "followup"),
    partitions=6,
    retention=timedelta(days=400),
)

FOLLOWUP_TRIGGERS = Topic(
    name="followup-triggers-v1",
    says="there is now a reason to contact somebody, or how a customer is satisfied or uses it",
    key="municipality or lead",
    models=(ReasonArisen, SatisfactionAnswered, UsageReported),
    producers=("budget-calendar", OTHER_SYSTEMS),
    consumers=("followup", OTHER_SYSTEMS),
    partitions=6,
    retention=timedelta(days=90),
)

FOLLOWUPS = Topic(
    name="followups-v1",
    says="something has happened to a sequence of follow-ups to a contact",
    key="lead",
    models=(FollowupChanged,),
    producers=("followup",),
    consumers=("lead-scoring", "handoff", OTHER_SYSTEMS),
    partitions=6,
    retention=timedelta(days=400),
)

HANDOFFS = Topic(
    name="handoffs-v1",
    says="a handoff between sales roles moved by a step, and why",
    key="lead",
    models=(HandoffChanged,),
    producers=("handoff",),
    consumers=("lead-scoring", "followup", OTHER_SYSTEMS),
    partitions=6,
    retention=timedelta(days=400),
)

DEAL_EVENTS = Topic(
    name="deal-events-v1",
    says="a deal was opened or changed: all that is known of it",
    key="deal",
    models=(DealChanged,),
    producers=(OTHER_SYSTEMS, "handoff"),
    consumers=("lead-scoring", "handoff", "followup", OTHER_SYSTEMS),
    partitions=6,
    retention=timedelta(days=400),
)

SELLER_ACTIVITIES = Topic(
    name="seller-activities-v1",
    says="a seller called, wrote, visited, met, proposed or administered",
    key="lead, else deal, else municipality, else member",
    models=(SellerActivityRecorded,),
    producers=(OTHER_SYSTEMS, "handoff"),
    consumers=("handoff", "followup", OTHER_SYSTEMS),
    partitions=6,
    retention=timedelta(days=90),
)

TOPICS: tuple[Topic, ...] = (
    LEAD_EVENTS,
    LEAD_SCORES,
    LEAD_QUALIFIED,
    BUDGET_PHASES,
    FOLLOWUP_TRIGGERS,
    FOLLOWUPS,
    HANDOFFS,
    DEAL_EVENTS,
    SELLER_ACTIVITIES,
)

EVENT_MODELS: Mapping[str, type[EventData]] = {
    model.TYPE: model for topic in TOPICS for model in topic.models
}
"""The model of every event type."""

EVENT_TOPICS: Mapping[str, Topic] = {
    model.TYPE: topic for topic in TOPICS for model in topic.models
}
"""The topic of every event type."""
