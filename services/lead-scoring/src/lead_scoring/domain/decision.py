"""Decides what follows from scoring a lead: an announcement, a qualification, or nothing.

These functions record the new score in the lead as they decide: a lead is scored thousands of
times a second, and its copies would cost more than its score.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from lead_scoring.domain.days import day_start, japan_day
from lead_scoring.domain.explanation import Contribution
from lead_scoring.domain.lead import Fact, Lead, Published, Qualification, Score
from lead_scoring.domain.scoring import CompiledRules, Evaluation

Cause = Literal["events", "decay", "rules"]

MIN_ANNOUNCED_CHANGE: Final = 10
"""Tenths of a point by which a score must have moved to be announced."""


class ScoreChanged(NamedTuple):
    """A score to announce. Scores in tenths of a point."""

    fit: int
    engagement: int
    grade: str
    previous_grade: str | None
    """The grade that was announced last; ``None`` the first time."""
    scored_at: datetime
    cause: Cause
    contributions: tuple[Contribution, ...]


class LeadQualified(NamedTuple):
    """The lead entered a qualifying grade. Scores in tenths of a point."""

    fit: int
    engagement: int
    grade: str
    qualified_at: datetime
    number: int
    """1 for the first time."""
    contributions: tuple[Contribution, ...]


class Decision(NamedTuple):
    """The announcements after scoring a lead; mostly none."""

    score_changed: ScoreChanged | None
    lead_qualified: LeadQualified | None


def record(
    lead: Lead, facts: Iterable[Fact], rules: CompiledRules, now: datetime | None
) -> Decision:
    """Fold new facts of one batch into the lead and decide what follows; for the consumer.

    ``now`` is the wall clock, or ``None`` to score the lead as of its own latest fact (replays).
    A grade that decayed before ``now`` counts as left then, even when nobody looked at the lead
    in between and these facts bring it back.

    Raises:
        ValueError: ``now`` is ``None`` and there is no fact at all.
    """
    facts = tuple(facts)
    if now is None:
        known = [lead.last_event_at] if lead.last_event_at else []
        now = max([*known, *(fact.occurred_at for fact in facts)])
    _notice_leaving(lead, rules, now)
    for fact in facts:
        lead.apply(fact)
    return _score(lead, rules, now, "events")


def decide(lead: Lead, rules: CompiledRules, now: datetime, cause: Cause) -> Decision:
    """Score the lead as of ``now`` and decide what follows.

    For the sweep (``decay``) and for scoring again after a change of rules (``rules``); facts are
    :func:`record`'s.
    """
    _notice_leaving(lead, rules, now)
    return _score(lead, rules, now, cause)


def lead_as_of(lead_id: str, facts: Iterable[Fact], at: datetime) -> Lead:
    """The lead as its facts up to and including ``at`` shape it.

    ``rules.evaluate(lead_as_of(…, at), japan_day(at))`` is the score it had, or would have had,
    at that instant under those rules.
    """
    lead = Lead(lead_id)
    for fact in facts:
        if fact.occurred_at <= at:
            lead.apply(fact)
    return lead


def _score(lead: Lead, rules: CompiledRules, now: datetime, cause: Cause) -> Decision:
    day = japan_day(now)
    evaluation, changes_on = rules.evaluate_and_forecast(lead, day)
    fit, engagement, grade = evaluation
    lead.score = Score(
        fit,
        engagement,
        grade,
        now,
        rules.version,
        None if changes_on is None else day_start(changes_on),
    )
    published = lead.published
    announced = (
        published is None
        or grade != published.grade
        or abs(fit - published.fit) >= MIN_ANNOUNCED_CHANGE
        or abs(engagement - published.engagement) >= MIN_ANNOUNCED_CHANGE
    )
    qualified = _qualify(lead, rules, evaluation, now)
    if not (announced or qualified):
        return _NOTHING
    contributions = rules.explain(lead, day)
    score_changed = None
    if announced:
        previous_grade = published.grade if published else None
        lead.published = Published(fit, engagement, grade)
        score_changed = ScoreChanged(
            fit, engagement, grade, previous_grade, now, cause, contributions
        )
    lead_qualified = None
    if qualified:
        number = lead.qualification.number
        lead_qualified = LeadQualified(fit, engagement, grade, now, number, contributions)
    return Decision(score_changed, lead_qualified)


_NOTHING = Decision(None, None)


def _qualify(lead: Lead, rules: CompiledRules, evaluation: Evaluation, now: datetime) -> bool:
    """Move the lead into or out of qualification; whether it has newly qualified."""
    state = lead.qualification
    rule = rules.rules.qualification
    if evaluation.grade not in rule.grades:
        if state.inside:
            lead.qualification = state._replace(inside=False, left_at=now)
        return False
    if state.inside:
        return False
    cool_down = timedelta(days=rule.cool_down_days)
    if state.left_at is not None and now - state.left_at < cool_down:
        # It came back soon: the same qualification goes on, and no second announcement is made.
        lead.qualification = state._replace(inside=True)
        return False
    lead.qualification = Qualification(True, state.number + 1, now, state.left_at)
    return True


def _notice_leaving(lead: Lead, rules: CompiledRules, now: datetime) -> None:
    """Take a qualified lead out at the instant its grade decayed, however late that is noticed.

    The instant was predicted by the rules that last scored the lead; under other rules it means
    nothing, and the lead leaves, if it does, when they first score it.
    """
    score = lead.score
    if score is None or not lead.qualification.inside or score.rule_version != rules.version:
        return
    due = score.next_grade_change_at
    if due is None or due > now:
        return
    while due is not None and due <= now:
        day = japan_day(due)
        evaluation, changes_on = rules.evaluate_and_forecast(lead, day)
        if evaluation.grade not in rules.rules.qualification.grades:
            lead.qualification = lead.qualification._replace(inside=False, left_at=due)
            return
        due = None if changes_on is None else day_start(changes_on)
