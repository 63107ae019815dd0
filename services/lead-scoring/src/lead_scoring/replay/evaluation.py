"""Judges a rule set: scores as of a moment, compared with the leads' outcomes.

A lead is judged only if it was still open at that moment, and scored by nothing that happened
later. Rules are tuned on the leads registered first; the report is about the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lead_scoring.domain.days import japan_day
from lead_scoring.domain.decision import lead_as_of
from lead_scoring.domain.lead import Fact, OutcomeRecorded
from lead_scoring.domain.rules import GRADES
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.replay.lift import Estimate, GradeResult, Misorder, auc, by_grade, misorders

WON = "won"


@dataclass(frozen=True, slots=True)
class Judged:
    """One lead's score as of some time after its registration, and what became of it."""

    lead_id: str
    registered_at: datetime
    fit: int
    """Tenths of a point."""
    engagement: int
    """Tenths of a point."""
    grade: str
    won: bool

    @property
    def points(self) -> int:
        """Fit and engagement together."""
        return self.fit + self.engagement

    @property
    def place(self) -> tuple[int, int]:
        """Larger for a lead that stands further up in the list: by grade, then by the sum."""
        return len(GRADES) - GRADES.index(self.grade), self.points


@dataclass(frozen=True, slots=True)
class Judging:
    """Every lead that was looked at, by what could be said of it."""

    judged: list[Judged]
    """Still open at the moment, and won or not won later."""
    undecided: int
    """Still open at the moment, and without an outcome in the whole history."""
    ended_before: int
    """Had an outcome by the moment."""

    @property
    def still_open(self) -> int:
        """All that were open at the moment, judged or not."""
        return len(self.judged) + self.undecided


def split_by_registration(
    histories: Mapping[str, Sequence[Fact]], first_share: float
) -> tuple[dict[str, Sequence[Fact]], dict[str, Sequence[Fact]]]:
    """The leads registered first, ``first_share`` of all, and the later ones.

    A lead registers with its first fact; leads that register together fall on the same side.
    """
    ordered = sorted(histories, key=lambda lead_id: (_registered_at(histories[lead_id]), lead_id))
    if not ordered:
        return {}, {}
    at = min(int(len(ordered) * first_share), len(ordered) - 1)
    boundary = _registered_at(histories[ordered[at]])
    first = {i: histories[i] for i in ordered if _registered_at(histories[i]) < boundary}
    return first, {i: histories[i] for i in ordered if i not in first}


def judge(
    histories: Mapping[str, Sequence[Fact]], rules: CompiledRules, after: timedelta
) -> Judging:
    """Score each lead as of ``after`` its registration, if it had no outcome until then.

    Leads without any outcome in their history are counted, not judged: nobody knows yet.
    """
    judged, undecided, ended_before = [], 0, 0
    for lead_id, facts in histories.items():
        registered_at = _registered_at(facts)
        moment = registered_at + after
        outcomes = [fact for fact in facts if isinstance(fact, OutcomeRecorded)]
        if not outcomes:
            undecided += 1
            continue
        if any(fact.occurred_at <= moment for fact in outcomes):
            ended_before += 1
            continue
        last = max(outcomes, key=lambda fact: (fact.occurred_at, fact.event_key))
        lead = lead_as_of(lead_id, facts, moment)
        fit, engagement, grade = rules.evaluate(lead, japan_day(moment))
        judged.append(Judged(lead_id, registered_at, fit, engagement, grade, last.outcome == WON))
    return Judging(judged, undecided, ended_before)


def _registered_at(facts: Iterable[Fact]) -> datetime:
    return min(fact.occurred_at for fact in facts)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The quality of some leads' scores as predictions of which leads were won."""

    leads: int
    won: int
    grades: dict[str, GradeResult]
    misorders: list[Misorder]
    by_place: Estimate
    """AUC of the list in which a seller sees the leads: by grade, then by the sum."""
    by_points: Estimate
    """AUC of the sum of fit and engagement: what the list would reach without grades."""
    by_fit: Estimate
    by_engagement: Estimate


def verdict(judged: Sequence[Judged]) -> Verdict:
    """Sum up judged leads.

    Raises:
        ValueError: fewer than two of them were won, or fewer than two were not.
    """
    places = {place: rank for rank, place in enumerate(sorted({lead.place for lead in judged}))}
    grades = by_grade((lead.grade, lead.won) for lead in judged)

    def area(scores: Mapping[str, float]) -> Estimate:
        return auc(
            [scores[lead.lead_id] for lead in judged if lead.won],
            [scores[lead.lead_id] for lead in judged if not lead.won],
        )

    return Verdict(
        leads=len(judged),
        won=sum(lead.won for lead in judged),
        grades=grades,
        misorders=misorders(grades),
        by_place=area({lead.lead_id: places[lead.place] for lead in judged}),
        by_points=area({lead.lead_id: lead.points for lead in judged}),
        by_fit=area({lead.lead_id: lead.fit for lead in judged}),
        by_engagement=area({lead.lead_id: lead.engagement for lead in judged}),
    )
