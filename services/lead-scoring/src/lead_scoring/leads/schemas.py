"""Answers about leads. Points have one decimal; instants are Japan's (+09:00)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import Field

from kakehashi_common.contracts.events import Label, Scalar
from kakehashi_common.contracts.lead_scores import Contribution, Dimension
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import ResponseBody
from lead_scoring.domain import explanation
from lead_scoring.domain.profile import ATTRIBUTE
from lead_scoring.leads.queries import Explained, MunicipalityView
from lead_scoring.leads.repository import ListedLead
from lead_scoring.scoring.repository.leads import StoredLead
from lead_scoring.scoring.schemas import (
    Grade,
    MunicipalityOut,
    OutcomeOut,
    Points,
    municipality_of,
    points,
)


class LeadOut(ResponseBody):
    """A lead as lists show it: no personal data."""

    lead_id: str = Field(examples=["crm-48213"])
    grade: Grade
    fit: Points
    engagement: Points
    scored_at: JapanTime
    rule_version: int
    next_grade_change_at: JapanTime | None = Field(
        default=None, description="When the grade will change if nothing happens"
    )
    qualified: bool = Field(description="Whether it is in a grade that is ready for field sales")
    last_activity_at: JapanTime | None = None
    municipality: MunicipalityOut | None = None
    department: str | None = Field(default=None, examples=["情報政策課"])
    role: str | None = Field(default=None, examples=["manager"])

    @classmethod
    def of(cls, listed: ListedLead) -> "LeadOut":
        """Show one lead of a list."""
        return cls(
            lead_id=listed.lead_id,
            grade=listed.grade,
            fit=points(listed.fit),
            engagement=points(listed.engagement),
            scored_at=listed.scored_at,
            rule_version=listed.rule_version,
            next_grade_change_at=listed.next_grade_change_at,
            qualified=listed.qualified,
            last_activity_at=listed.last_activity_at,
            municipality=municipality_of(listed.municipality_code),
            department=listed.department,
            role=listed.role,
        )


class ExplanationOut(ResponseBody):
    """A score, and the lines that it sums up from exactly, dimension by dimension."""

    lead_id: str
    as_of: JapanTime
    grade: Grade
    fit: Points
    engagement: Points
    rule_set: str = Field(examples=["municipal"])
    rule_version: int
    contributions: list[Contribution]

    @classmethod
    def of(cls, lead_id: str, explained: Explained) -> "ExplanationOut":
        """Show why a lead has its score."""
        return cls(
            lead_id=lead_id,
            as_of=explained.as_of,
            grade=explained.grade,
            fit=points(explained.fit),
            engagement=points(explained.engagement),
            rule_set=explained.rule_set,
            rule_version=explained.rule_version,
            contributions=contributions(explained.contributions),
        )


class LeadDetailOut(LeadOut):
    """A lead with its stored score, its explanation, and the profile that it was computed from."""

    rule_set: str = Field(examples=["municipal"])
    contributions: list[Contribution] = Field(
        description="As of `scored_at`; each dimension's points sum to its score exactly"
    )
    qualifications: int = Field(description="How often it became ready for field sales")
    organisation_size: int | None = None
    attributes: dict[str, Scalar] = Field(default_factory=dict)
    outcome: OutcomeOut | None = None

    @classmethod
    def explained(cls, stored: StoredLead, explained: Explained) -> "LeadDetailOut":
        """Show one lead with its explanation."""
        lead = stored.lead
        profile = lead.profile.values()
        return cls.model_validate(
            {
                "lead_id": lead.lead_id,
                "grade": explained.grade,
                "fit": points(explained.fit),
                "engagement": points(explained.engagement),
                "scored_at": explained.as_of,
                "rule_version": explained.rule_version,
                "next_grade_change_at": lead.score and lead.score.next_grade_change_at,
                "qualified": lead.qualification.inside,
                "last_activity_at": lead.last_activity_at,
                "municipality": municipality_of(profile.get("municipality_code")),
                "department": profile.get("department"),
                "role": profile.get("role"),
                "rule_set": explained.rule_set,
                "contributions": contributions(explained.contributions),
                "qualifications": lead.qualification.number,
                "organisation_size": profile.get("organisation_size"),
                "attributes": attributes(profile),
                "outcome": None if lead.outcome is None else OutcomeOut.of(lead.outcome),
            }
        )


class MunicipalityViewOut(ResponseBody):
    """The leads of one municipality side by side. Scores of people are never added up."""

    municipality: MunicipalityOut
    leads_by_grade: dict[str, int] = Field(
        description="How many leads are in each grade that occurs", examples=[{"A1": 1, "B2": 4}]
    )
    active_people_7_days: int = Field(
        description="Leads that did something in the last seven days; several are a strong signal"
    )
    best: LeadOut | None = Field(
        description="The first by grade, then by the sum of fit and engagement"
    )
    items: list[LeadOut]
    next_cursor: str | None = Field(
        default=None, description="Pass it as `cursor` for the next page; absent on the last one"
    )

    @classmethod
    def of(
        cls, view: MunicipalityView, shown: Iterable[ListedLead], next_cursor: str | None
    ) -> "MunicipalityViewOut":
        """Show a municipality with a page of its leads."""
        return cls(
            municipality=MunicipalityOut.of(view.municipality),
            leads_by_grade=view.counts.leads_by_grade,
            active_people_7_days=view.counts.active_people,
            best=None if view.best is None else LeadOut.of(view.best),
            items=[LeadOut.of(listed) for listed in shown],
            next_cursor=next_cursor,
        )


def contributions(lines: Iterable[explanation.Contribution]) -> list[Contribution]:
    """The lines of an explanation, as the events on ``lead-scores-v1`` carry them."""
    return [
        Contribution(
            dimension=Dimension(line.dimension),
            rule=line.rule,
            kind=line.kind,
            label=Label(ja=line.label.ja, en=line.label.en),
            points=points(tenths),
            count=times,
            last_on=None if last_on is None else date.fromordinal(last_on),
        )
        for line, tenths, times, last_on in lines
    ]


def attributes(profile: dict[str, Any]) -> dict[str, Scalar]:
    """The fields that publishers made up, without their prefix."""
    return {
        name.removeprefix(ATTRIBUTE): value
        for name, value in profile.items()
        if name.startswith(ATTRIBUTE)
    }
