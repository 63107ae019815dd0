"""A proof of concept (実証実験): metrics agreed beforehand, weekly values, computed results."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from followup.domain.playbooks.audience import Role
from followup.domain.playbooks.checks import POC_WEEKS
from kakehashi_common.domain.errors import DomainError

TAKE_PART: Final = (Role.OFFICER, Role.MANAGER, Role.FINANCE)
"""Those who work with it, who decide and who grant the money take part from the beginning."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric, with its value before and the agreed target."""

    name: str
    unit: str
    baseline: Decimal
    target: Decimal
    """Below the baseline where less is better, such as hours of work."""

    def reached_by(self, value: Decimal) -> bool:
        """Whether a value reaches the target."""
        if self.target < self.baseline:
            return value <= self.target
        return value >= self.target

    def share_of_the_way(self, value: Decimal) -> Decimal:
        """The share of the way from baseline to target: 1 is all, below 0 the wrong direction."""
        return (value - self.baseline) / (self.target - self.baseline)


@dataclass(frozen=True, slots=True)
class ProofOfConcept:
    """The agreement made before the first week."""

    begins: date
    weeks: int
    metrics: tuple[Metric, ...]
    participants: frozenset[Role]

    @property
    def ends(self) -> date:
        """The last day."""
        return self.begins + timedelta(weeks=self.weeks) - timedelta(days=1)


class Outcome(StrEnum):
    """The outcome of a metric."""

    REACHED = "reached"
    MISSED = "missed"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True, slots=True)
class Result:
    """One metric at the end."""

    metric: Metric
    outcome: Outcome
    value: Decimal | None
    """The last measured value; ``None``: there is none."""
    weeks_measured: int


class Conclusion(StrEnum):
    """The outcome of the proof as a whole."""

    RUNNING = "running"
    REACHED = "reached"
    """Every metric has reached its target."""
    PARTLY = "partly"
    MISSED = "missed"
    """No metric has."""


def conclusion(
    agreed: ProofOfConcept, found: Sequence[Result], weeks_checked: int, today: date
) -> Conclusion:
    """Judge the whole once its last week was checked, or its last day has passed."""
    if weeks_checked < agreed.weeks and today <= agreed.ends:
        return Conclusion.RUNNING
    reached = [each.outcome is Outcome.REACHED for each in found]
    if all(reached):
        return Conclusion.REACHED
    return Conclusion.PARTLY if any(reached) else Conclusion.MISSED


def check_proof_of_concept(agreed: ProofOfConcept) -> ProofOfConcept:
    """Return ``agreed`` if it can be carried out and judged.

    Raises:
        DomainError: it is too short or too long (``weeks``), measures nothing
            (``metrics_missing``), names a metric twice (``metric_twice``) or one whose target is
            its baseline (``target_is_baseline``), or somebody has to take part who doesn't
            (``participants_missing``).
    """
    if agreed.weeks not in POC_WEEKS:
        raise DomainError(
            f"a proof of concept lasts {POC_WEEKS[0]} to {POC_WEEKS[-1]} weeks",
            field="weeks",
            code="weeks",
        )
    if not agreed.metrics:
        raise DomainError(
            "agree at least one metric beforehand", field="metrics", code="metrics_missing"
        )
    names = [metric.name for metric in agreed.metrics]
    for metric in agreed.metrics:
        if names.count(metric.name) > 1:
            message = f"two metrics are called {metric.name!r}"
            raise DomainError(message, field="metrics", code="metric_twice")
        if metric.target == metric.baseline:
            message = f"the target of {metric.name!r} is its baseline: nothing would be reached"
            raise DomainError(message, field="metrics", code="target_is_baseline")
    if missing := [role for role in TAKE_PART if role not in agreed.participants]:
        raise DomainError(
            f"these take part from the beginning: {', '.join(missing)}",
            field="participants",
            code="participants_missing",
        )
    return agreed


def results(
    agreed: ProofOfConcept, weekly: Mapping[int, Mapping[str, Decimal]]
) -> tuple[Result, ...]:
    """Judge each metric by the last value that was measured of it.

    Args:
        agreed: what was agreed beforehand.
        weekly: the values of each week, by week (from 1) and by the metric's name.
    """
    return tuple(_results(agreed, weekly))


def _results(
    agreed: ProofOfConcept, weekly: Mapping[int, Mapping[str, Decimal]]
) -> Iterator[Result]:
    for metric in agreed.metrics:
        values = [
            weekly[week][metric.name]
            for week in range(1, agreed.weeks + 1)
            if metric.name in weekly.get(week, {})
        ]
        if not values:
            yield Result(metric, Outcome.NOT_MEASURED, None, 0)
            continue
        reached = Outcome.REACHED if metric.reached_by(values[-1]) else Outcome.MISSED
        yield Result(metric, reached, values[-1], len(values))
