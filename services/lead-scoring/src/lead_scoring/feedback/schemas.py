"""Answers of ``/v1/reports``. Points have one decimal, rates lie between 0 and 1."""

from typing import Literal

from pydantic import Field

from kakehashi_common.contracts.events import Label as Text
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.rates import RateOut
from kakehashi_common.http.requests import ResponseBody
from lead_scoring.domain.rule_feedback import Judged, lift
from lead_scoring.domain.rules import Dimension
from lead_scoring.feedback.queries import JudgedRule, LabelledHandoff, RejectionReport
from lead_scoring.scoring.repository.qualifications import StoredQualification
from lead_scoring.scoring.schemas import Grade, Points, points


class JudgedOut(ResponseBody):
    """Qualifications, and what became of the handoffs that they began."""

    qualified: int
    handed_off: int
    accepted: int
    rejected: dict[str, int] = Field(
        description="By reason, the most frequent first: rejections for what the lead is (recycle, "
        "disqualify), of a handoff the first",
        examples=[{"no_budget_yet": 7, "no_need": 2}],
    )
    returned: int = Field(description="Of those handed off, returned for missing facts")
    won: int
    lost: int
    no_decision: int
    acceptance: RateOut = Field(description="Accepted, of those with an answer")
    win_rate: RateOut = Field(description="Won, of those whose deal has an outcome")

    @classmethod
    def of(cls, judged: Judged) -> "JudgedOut":
        """Show counts."""
        return cls(
            qualified=judged.qualified,
            handed_off=judged.handed_off,
            accepted=judged.accepted,
            rejected=dict(judged.rejected),
            returned=judged.returned,
            won=judged.won,
            lost=judged.lost,
            no_decision=judged.no_decision,
            acceptance=RateOut.of(judged.acceptance),
            win_rate=RateOut.of(judged.wins),
        )


class JudgedRuleOut(JudgedOut):
    """A rule, and what became of the leads to whose qualification it gave points."""

    dimension: Dimension
    rule: str = Field(examples=["whitepaper"])
    label: Text | None = Field(description="Null when the rule can't be found any more")
    in_force: bool
    points: float | None = Field(description="In force, or when it last qualified a lead")
    acceptance_lift: float | None = Field(
        description="How many times as high as the acceptance of all; null: too few to say"
    )
    win_lift: float | None = Field(description="The same of the win rate")
    below: bool = Field(
        description="The whole interval of its acceptance lies below the acceptance of all. Of "
        "many good rules one in forty does so by chance, and a rule may only come with what is at "
        "fault"
    )
    proposed_points: float | None = Field(
        description="To try instead: lowered as far as the acceptance is below that of all"
    )

    @classmethod
    def of_rule(cls, each: JudgedRule, overall: Judged) -> "JudgedRuleOut":
        """Show a rule."""
        dimension, _, rule = each.rule.partition(".")
        described = each.described
        return cls.model_validate(
            {
                **JudgedOut.of(each.judged).model_dump(),
                "dimension": dimension,
                "rule": rule,
                "label": None
                if described is None
                else Text(ja=described.label.ja, en=described.label.en),
                "in_force": each.in_force,
                "points": None if described is None else described.points / 10,
                "acceptance_lift": lift(each.judged.acceptance, overall.acceptance),
                "win_lift": lift(each.judged.wins, overall.wins),
                "below": each.below,
                "proposed_points": None
                if each.proposed_points is None
                else points(each.proposed_points),
            }
        )


class RejectionsOut(ResponseBody):
    """Rejected leads by the rules that qualified them."""

    overall: JudgedOut
    rules: list[JudgedRuleOut] = Field(
        description="The ones with the lowest acceptance first, then those with too few answers"
    )
    without_qualification: int = Field(
        description="Handoffs that no stored qualification began, such as those that a person "
        "requested; they are in no other number"
    )

    @classmethod
    def of(cls, report: RejectionReport) -> "RejectionsOut":
        """Show a report."""

        def worst_first(each: JudgedRule) -> tuple[bool, float, str]:
            rate = each.judged.acceptance.rate
            return rate is None, rate or 0.0, each.rule

        return cls(
            overall=JudgedOut.of(report.overall),
            rules=[
                JudgedRuleOut.of_rule(each, report.overall)
                for each in sorted(report.rules, key=worst_first)
            ],
            without_qualification=report.without_qualification,
        )


class RulePointsOut(ResponseBody):
    """A rule with the points that it gave, before caps."""

    dimension: Dimension
    rule: str = Field(examples=["reference_quote"])
    points: float = Field(examples=[35.0])


class QualificationOut(ResponseBody):
    """The qualification that began a handoff, as it was then."""

    number: int = Field(ge=1, description="1 for the lead's first")
    qualified_at: JapanTime
    grade: Grade
    fit: Points
    engagement: Points
    rule_version: int
    rules: list[RulePointsOut]

    @classmethod
    def of(cls, stored: StoredQualification) -> "QualificationOut":
        """Show a qualification."""
        named = (rule.partition(".") for rule in stored.rules)
        return cls(
            number=stored.number,
            qualified_at=stored.qualified_at,
            grade=stored.grade,
            fit=points(stored.fit),
            engagement=points(stored.engagement),
            rule_version=stored.rule_version,
            rules=[
                RulePointsOut.model_validate(
                    {"dimension": dimension, "rule": rule, "points": points(tenths)}
                )
                for (dimension, _, rule), tenths in zip(named, stored.points, strict=True)
            ],
        )


class LabelOut(ResponseBody):
    """The outcome of one handoff. Of a step that can be repeated, the first counts."""

    handoff_id: str
    lead_id: str
    from_role: str = Field(examples=["inside_sales"])
    to_role: str = Field(examples=["field_sales"])
    requested_at: JapanTime | None
    qualification: QualificationOut | None = Field(
        description="Null when a person began the handoff, or the qualification is not kept"
    )
    accepted: bool | None = Field(
        description="Whether field sales took the lead on as it was qualified; null: no answer yet"
    )
    accepted_at: JapanTime | None = Field(
        description="Also after a rejection, when the lead had rested"
    )
    rejected_at: JapanTime | None = Field(description="For what the lead is")
    reason: str | None = Field(examples=["no_budget_yet"])
    consequence: Literal["recycle", "disqualify"] | None
    returned_at: JapanTime | None = Field(description="To the sender, for missing facts")
    recycled_at: JapanTime | None
    contacted_at: JapanTime | None
    met_at: JapanTime | None
    ended_at: JapanTime | None
    ended_as: str | None = Field(examples=["closed", "disqualified", "withdrawn"])
    deal_id: str | None
    outcome: Literal["won", "lost", "no_decision"] | None = Field(
        description="The newest of the deal; null while it is open"
    )
    outcome_reason: str | None = Field(examples=["price"])
    amount_yen: int | None = Field(description="Contract value in yen, as the deal says")

    @classmethod
    def of(cls, labelled: LabelledHandoff) -> "LabelOut":
        """Show a label."""
        label, deal = labelled.label, labelled.deal
        rejection, ending = label.rejection, label.ending
        return cls.model_validate(
            {
                "handoff_id": label.handoff_id,
                "lead_id": label.lead_id,
                "from_role": label.from_role,
                "to_role": label.to_role,
                "requested_at": label.requested_at,
                "qualification": labelled.qualification
                and QualificationOut.of(labelled.qualification),
                "accepted": label.accepted,
                "accepted_at": label.accepted_at,
                "rejected_at": rejection and rejection.at,
                "reason": rejection and rejection.reason,
                "consequence": rejection and rejection.consequence,
                "returned_at": label.returned_at,
                "recycled_at": label.recycled_at,
                "contacted_at": label.contacted_at,
                "met_at": label.met_at,
                "ended_at": ending and ending.at,
                "ended_as": ending and ending.status,
                "deal_id": (ending and ending.deal_id) or None,
                "outcome": labelled.outcome,
                "outcome_reason": deal and deal.outcome_reason,
                "amount_yen": deal and deal.amount_yen,
            }
        )
