"""Reads the consumer's counters and its dead-letter topic."""

from dataclasses import dataclass, fields
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from kakehashi_common.dead_letters.reader import DeadLetterQueue, StoredLetter
from kakehashi_common.kafka.settings import KafkaSettings

_METRICS: Final = {
    "scored": "lead_scoring_events_scored_total",
    "unscored": "lead_scoring_events_unscored_total",
    "duplicates": "kakehashi_inbox_duplicates_total",
    "conflicts": "kakehashi_inbox_conflicts_total",
    "scores_changed": "lead_scoring_scores_changed_total",
    "qualified": "lead_scoring_leads_qualified_total",
}
"""The Prometheus name of each field; `metrics.py` declares them."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Totals at one moment, or what was added between two."""

    scored: int
    """New events that were stored and scored."""
    unscored: int
    """Of these, activities that no rule gives points."""
    duplicates: int
    conflicts: int
    scores_changed: int
    qualified: int
    dead_letters: int
    """Records that the dead-letter topic has ever had."""

    def __sub__(self, earlier: "Tally") -> "Tally":
        """Return what was added since ``earlier``."""
        names = [each.name for each in fields(self)]
        return Tally(**{name: getattr(self, name) - getattr(earlier, name) for name in names})


def tally(metrics: str, dead_letters: int) -> Tally:
    """Read the consumer's ``/metrics`` (Prometheus text); what has not happened yet is 0."""
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    counted = {field: int(sums.get(name, 0)) for field, name in _METRICS.items()}
    return Tally(dead_letters=dead_letters, **counted)


async def dead_letters(settings: KafkaSettings, topic: str, since: int) -> list[StoredLetter]:
    """The dead letters of ``topic`` from the offset ``since`` on; the queue has one partition.

    A record that several services read, and none can, is shown once.
    """
    found: dict[tuple[str | None, str | None], StoredLetter] = {}
    async for letter in DeadLetterQueue(settings, topic).letters():
        if letter.record.offset >= since:
            record = (letter.ours.get("dlq-partition"), letter.ours.get("dlq-offset"))
            found.setdefault(record, letter)
    return list(found.values())
