"""Counts what a transaction does, and records it as metrics after the commit.

A transaction that is rolled back and repeated would otherwise be counted twice.
"""

from dataclasses import dataclass, field
from typing import Any

import structlog

from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.metrics import CONFLICTS, DUPLICATES
from lead_scoring import metrics
from lead_scoring.domain.decision import Cause

log = structlog.get_logger(__name__)

_TOPIC = {"topic": LEAD_EVENTS.name}


@dataclass(slots=True)
class BatchMetrics:
    """The counts of one transaction."""

    cause: Cause
    events: int = 0
    """New ones, which were stored and scored."""
    unscored: int = 0
    """Of these, activities that no rule in force gives points."""
    duplicates: int = 0
    conflicts: list[Event[Any]] = field(default_factory=list)
    """Events whose id came before with other content."""
    suppressed: int = 0
    """Dropped, since the person is suppressed."""
    scores: int = 0
    """Announced."""
    grades: int = 0
    """Of these, with another grade than announced before."""
    qualified: int = 0

    def record(self) -> None:
        """Add to the metrics, and log each conflict."""
        cause = {"cause": self.cause}
        metrics.EVENTS_SCORED.add(self.events)
        metrics.UNSCORED_ACTIVITY.add(self.unscored)
        metrics.EVENTS_SUPPRESSED.add(self.suppressed)
        metrics.SCORES_CHANGED.add(self.scores, cause)
        metrics.GRADES_CHANGED.add(self.grades, cause)
        metrics.LEADS_QUALIFIED.add(self.qualified)
        DUPLICATES.add(self.duplicates, _TOPIC)
        CONFLICTS.add(len(self.conflicts), _TOPIC)
        for event in self.conflicts:
            log.warning(
                "event id used twice with other content: the first one counts",
                source=event.source,
                event_id=event.event_id,
            )
