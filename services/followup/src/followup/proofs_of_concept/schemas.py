"""Proofs of concept, as the API takes and shows them."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from followup.domain.playbooks.audience import Role
from followup.domain.playbooks.proof_of_concept import (
    Conclusion,
    Metric,
    Outcome,
    ProofOfConcept,
    Result,
)
from followup.fields import ByWhom
from followup.proofs_of_concept.service import Proof
from followup.tasks.record_schemas import MOST, Number
from kakehashi_common.http.fields import DayWithinReach, JapanTime
from kakehashi_common.http.requests import RequestBody, ResponseBody, Whole

Name = Annotated[str, Field(min_length=1, max_length=60)]


class MetricIn(RequestBody):
    """A metric, with its present value and its target."""

    name: Name = Field(description="As the weekly check asks for it", examples=["作業時間"])
    unit: Name = Field(examples=["時間/週"])
    baseline: Number
    target: Number = Field(description="Below the baseline where less is better")


class ProofIn(ByWhom):
    """The agreement made before the first week."""

    begins: DayWithinReach
    weeks: Whole = Field(description="As many as the playbook checks")
    metrics: tuple[MetricIn, ...] = Field(max_length=MOST)
    participants: tuple[Role, ...] = Field(
        max_length=len(Role),
        description="Who takes part; officer, manager and finance do from the beginning",
    )

    def agreed(self) -> ProofOfConcept:
        """Return the agreement."""
        return ProofOfConcept(
            self.begins,
            self.weeks,
            tuple(
                Metric(each.name, each.unit, Decimal(each.baseline), Decimal(each.target))
                for each in self.metrics
            ),
            frozenset(self.participants),
        )


class WeekOut(ResponseBody):
    """The value of a metric in a week that was checked."""

    week: int
    value: str | None = Field(description="Null: it was not measured")


class ResultOut(ResponseBody):
    """One metric: the agreement, the measured values, and the outcome."""

    name: str
    unit: str
    baseline: str
    target: str
    weekly: list[WeekOut]
    value: str | None = Field(description="The last that was measured")
    share_of_the_way: float | None = Field(
        description="From baseline to target: 1 is all, below 0 back"
    )
    outcome: Outcome = Field(description="By the last value")

    @classmethod
    def of(cls, result: Result, proof: Proof) -> "ResultOut":
        """Show it."""
        metric, value = result.metric, result.value
        return cls(
            name=metric.name,
            unit=metric.unit,
            baseline=str(metric.baseline),
            target=str(metric.target),
            weekly=[
                WeekOut(
                    week=week, value=None if metric.name not in values else str(values[metric.name])
                )
                for week, values in sorted(proof.weekly.items())
            ],
            value=None if value is None else str(value),
            share_of_the_way=None if value is None else float(metric.share_of_the_way(value)),
            outcome=result.outcome,
        )


class ProofOut(ResponseBody):
    """A proof of concept: the agreement, and the results so far."""

    sequence_id: str
    lead_id: str
    municipality_code: str | None
    begins: date
    ends: date
    weeks: int
    participants: list[Role]
    agreed_by: str
    agreed_at: JapanTime
    results: list[ResultOut]
    conclusion: Conclusion = Field(
        description="`running` until the last week was checked or the last day has passed"
    )

    @classmethod
    def of(cls, proof: Proof) -> "ProofOut":
        """Show it."""
        stored, agreed = proof.stored, proof.stored.agreed
        return cls(
            sequence_id=stored.sequence_id,
            lead_id=stored.lead_id,
            municipality_code=stored.municipality_code,
            begins=agreed.begins,
            ends=agreed.ends,
            weeks=agreed.weeks,
            participants=sorted(agreed.participants, key=list(Role).index),
            agreed_by=stored.agreed_by,
            agreed_at=stored.agreed_at,
            results=[ResultOut.of(each, proof) for each in proof.results],
            conclusion=proof.conclusion,
        )
