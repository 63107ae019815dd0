"""Measures, as the API shows them."""

from pydantic import Field

from followup.domain.measures.experiments import Counted, Standing
from followup.domain.measures.report import ContactChannel, Cut, Guard, Row
from followup.domain.measures.satisfaction import Satisfaction
from followup.domain.playbooks.experiment import Variant, Verdict
from followup.domain.playbooks.steps import OccurrenceKind
from followup.measures.queries import MeasuredExperiment
from kakehashi_common.domain.satisfaction import HIGHEST_SCORE, LOWEST_SCORE, SurveySubject
from kakehashi_common.http.fields import JapanTime, WeekName
from kakehashi_common.http.rates import RateOut
from kakehashi_common.http.requests import ResponseBody


class RefusedForOut(ResponseBody):
    """The number of contacts that were not made for one reason."""

    reason: str = Field(
        description="Of the send policy, or `rejected`, `approval_expired`, `skipped`",
        examples=["suppressed"],
    )
    count: int


class SatisfactionOut(ResponseBody):
    """The satisfaction of those who answered; the mean is null with fewer than 10 answers."""

    n: int
    mean: float | None = Field(
        ge=LOWEST_SCORE, le=HIGHEST_SCORE, description="From 1, very dissatisfied, to 5"
    )
    low: float | None = Field(description="Of the 95 % interval, which is rather too wide")
    high: float | None
    too_few: bool
    scores: dict[int, int] = Field(description="How often each score was given")

    @classmethod
    def of(cls, found: Satisfaction) -> "SatisfactionOut":
        """Show it."""
        interval = found.interval
        return cls(
            n=found.n,
            mean=found.mean,
            low=interval and interval.low,
            high=interval and interval.high,
            too_few=found.too_few,
            scores={
                score: found.counts.get(score, 0)
                for score in range(LOWEST_SCORE, HIGHEST_SCORE + 1)
            },
        )


class SubjectSatisfactionOut(ResponseBody):
    """Customers' satisfaction with one subject."""

    about: SurveySubject
    satisfaction: SatisfactionOut


class MeasuresRowOut(ResponseBody):
    """The outcomes of the contacts in one row."""

    key: str | None = Field(
        description="Of the cut; null for what has none of it", examples=["welcome/introduction"]
    )
    planned: int = Field(description="Times that a playbook came to such a step")
    sent: int = Field(description="Mails that went; of tasks those that were done")
    failed: int = Field(description="Mails that no server took")
    open: int = Field(
        description="Waiting for their time, an approval or a person, or overtaken by the end of "
        "their sequence"
    )
    refused: list[RefusedForOut] = Field(description="What will not go, the most frequent first")
    awaited: int = Field(description="Went in the last 14 days: not in the next three rates yet")
    answered: RateOut = Field(description="Within 14 days")
    declined: RateOut = Field(description="Answers that decline, within 14 days")
    booked: RateOut = Field(description="Meetings booked within 14 days")
    opted_out: RateOut = Field(description="Of all that went; complaints are among them")
    complained: RateOut = Field(description="Reported as spam, of all that went")
    bounced: RateOut = Field(description="Came back for good, of all that went")
    guard: Guard = Field(
        description="`exceeded`: opt-outs lie above 2 % or complaints above 0.3 %, and that is not "
        "chance. See why before more is sent"
    )

    satisfaction: SatisfactionOut | None = Field(
        description="Of the cuts `playbook` and `all`: the answers to surveys of these weeks. Null "
        "where there are none"
    )

    @classmethod
    def of(cls, row: Row, satisfaction: Satisfaction | None) -> "MeasuresRowOut":
        """Show it."""
        return cls(
            key=row.key,
            planned=row.planned,
            sent=row.sent,
            failed=row.failed,
            open=row.open,
            refused=[
                RefusedForOut(reason=reason, count=count) for reason, count in row.refused.items()
            ],
            awaited=row.awaited,
            answered=RateOut.of(row.answered),
            declined=RateOut.of(row.declined),
            booked=RateOut.of(row.booked),
            opted_out=RateOut.of(row.opted_out),
            complained=RateOut.of(row.complained),
            bounced=RateOut.of(row.bounced),
            guard=row.guard,
            satisfaction=None if satisfaction is None else SatisfactionOut.of(satisfaction),
        )


class MeasuresOut(ResponseBody):
    """One page of measures."""

    first_week: WeekName
    last_week: WeekName
    cut: Cut
    channel: ContactChannel
    items: list[MeasuresRowOut]
    satisfaction: list[SubjectSatisfactionOut] = Field(
        description="The answers to surveys of these weeks, by what was asked about"
    )
    next_cursor: str | None = Field(
        default=None, description="Pass it as `cursor` for the next page; absent on the last one"
    )


class VariantOut(ResponseBody):
    """The mails of one variant, or the tasks that were done."""

    variant: Variant
    reacted: RateOut = Field(
        description="Of the first mails or tasks, as many as were declared, those reacted to "
        "within 14 days"
    )
    sent: int = Field(description="All that went or were done, beyond those that count too")

    @classmethod
    def of(cls, found: Counted) -> "VariantOut":
        """Show it."""
        return cls(variant=found.variant, reacted=RateOut.of(found.reacted), sent=found.sent)


class ExperimentOut(ResponseBody):
    """An experiment of a playbook, the rule by which it is decided, and its state."""

    playbook_id: str
    playbook_version: int = Field(
        description="Of which mails or tasks count; a further version begins from nothing"
    )
    steps: list[str] = Field(description="Whose mails or tasks have two templates")
    measure: OccurrenceKind
    mails_per_variant: int = Field(
        description="Declared beforehand: so many first mails or tasks of each variant decide"
    )
    share_b: float
    variants: list[VariantOut]
    standing: Standing
    verdict: Verdict | None = Field(
        description="Null until it is decided. Better is only what lies above the other with its "
        "whole 95 % interval"
    )
    decided_at: JapanTime | None

    @classmethod
    def of(cls, found: MeasuredExperiment) -> "ExperimentOut":
        """Show it."""
        return cls(
            playbook_id=found.playbook.id,
            playbook_version=found.playbook.version,
            steps=list(found.steps),
            measure=found.experiment.measure,
            mails_per_variant=found.experiment.mails_per_variant,
            share_b=found.experiment.share_b,
            variants=[VariantOut.of(found.variants[each]) for each in Variant],
            standing=found.judged.standing,
            verdict=found.judged.verdict,
            decided_at=found.judged.decided_at,
        )


class ExperimentsOut(ResponseBody):
    """The experiments of all playbooks in force."""

    items: list[ExperimentOut]
