from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from lead_scoring.domain.explanation import Contribution
from lead_scoring.domain.lead import Fact, Lead
from lead_scoring.domain.scoring import CompiledRules

Cause = Literal["events", "decay", "rules"]


class ScoreChanged(NamedTuple):
    """A score that others must hear of. Scores in tenths of a point."""

    fit: int
    engagement: int
    grade: str
    previous_grade: str | None
    scored_at: datetime
    cause: Cause
    contributions: tuple[Contribution, ...]


class LeadQualified(NamedTuple):
    """The lead entered a qualifying grade."""

    fit: int
    engagement: int
    grade: str
    qualified_at: datetime
    number: int
    contributions: tuple[Contribution, ...]


class Decision(NamedTuple):
    """What follows from scoring a lead."""

    score_changed: ScoreChanged | None
    lead_qualified: LeadQualified | None


def decide(lead: Lead, rules: CompiledRules, now: datetime, cause: Cause) -> Decision:
    """Score the lead as of ``now``, record the score in it, and say what others must hear.

    For the sweep (cause ``decay``) and the re-scoring after new rules (``rules``).
    """
    raise NotImplementedError


def record(
    lead: Lead, facts: Iterable[Fact], rules: CompiledRules, now: datetime | None
) -> Decision:
    """Fold new facts of one batch into the lead and :func:`decide`; for the consumer.

    ``now`` is the wall clock, or ``None`` to score the lead as of its own latest fact (replays).
    Grade changes by decay that were due before ``now`` are taken first, before the facts count.
    """
    raise NotImplementedError


def lead_as_of(lead_id: str, facts: Iterable[Fact], at: datetime) -> Lead:
    """The lead as the facts up to and including ``at`` shape it; evaluate it on ``at``'s day."""
    raise NotImplementedError
