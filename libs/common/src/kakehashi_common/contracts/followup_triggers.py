"""Topic ``followup-triggers-v1``: a reason to contact somebody, or what one may follow from."""

from datetime import date
from typing import ClassVar

from pydantic import Field, model_validator

from kakehashi_common.contracts.budget_phases import PursuitId
from kakehashi_common.contracts.events import EventData, Label, LeadId, MunicipalityCode, Slug
from kakehashi_common.domain.reasons import Audience
from kakehashi_common.domain.satisfaction import HIGHEST_SCORE, LOWEST_SCORE, SurveySubject


class ReasonArisen(EventData):
    """There is a reason to contact a municipality or a lead, good for some days."""

    TYPE: ClassVar[str] = "jp.kakehashi.followup.reason_arisen.v1"

    municipality_code: MunicipalityCode | None = None
    lead_id: LeadId | None = None
    pursuit_id: PursuitId | None = None
    owner: str | None = Field(
        default=None, max_length=64, description="Team or staff number, never a name"
    )
    reason: Slug = Field(
        description="Why; the catalogue is open, see ``ReasonKind``",
        examples=["before_request_deadline"],
    )
    label: Label = Field(description="The reason in a sentence, and what to do about it")
    good_from: date = Field(description="First day in Japan on which the contact makes sense")
    good_until: date = Field(description="Last day; after it the reason is stale")
    urgent: bool = False
    audience: tuple[Audience, ...] = Field(
        default=(), max_length=len(Audience), description="Whom it is for; empty: nobody special"
    )
    policy_area: Slug | None = Field(
        default=None, description="Of the pursuit or other subject that it is about, if of one"
    )
    source: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        description="Where what it is about was published, in one line: texts quote it",
    )
    importance: int = Field(default=2, ge=1, le=3, description="From 1 to 3, the most important")

    @model_validator(mode="after")
    def _about_somebody(self) -> "ReasonArisen":
        if self.municipality_code is None and self.lead_id is None:
            raise ValueError("give municipality_code or lead_id")
        if self.good_until < self.good_from:
            raise ValueError("good_until lies before good_from")
        return self


class SatisfactionAnswered(EventData):
    """A customer has answered a short survey: how satisfied they are with one thing."""

    TYPE: ClassVar[str] = "jp.kakehashi.followup.satisfaction_answered.v1"

    municipality_code: MunicipalityCode | None = None
    lead_id: LeadId | None = Field(
        default=None, description="Who answered; without it the survey was anonymous"
    )
    about: SurveySubject
    playbook_id: Slug | None = Field(
        default=None, description="Of the follow-up; otherwise that of the sequence"
    )
    sequence_id: str | None = Field(
        default=None, min_length=1, max_length=64, description="The sequence that asked"
    )
    score: int = Field(
        ge=LOWEST_SCORE,
        le=HIGHEST_SCORE,
        description="From 1, very dissatisfied, to 5, very satisfied",
    )
    comment: str | None = Field(
        default=None, min_length=1, max_length=2000, description="In the person's own words"
    )
    owner: str | None = Field(
        default=None,
        max_length=64,
        description="Who looks after a dissatisfied customer: team or staff number, never a name",
    )

    @model_validator(mode="after")
    def _of_somebody(self) -> "SatisfactionAnswered":
        if self.municipality_code is None and self.lead_id is None:
            raise ValueError("give municipality_code or lead_id")
        return self


class UsageReported(EventData):
    """A municipality's use of a product or service, in one period that is over.

    Each metric comes by periods of one length, such as weeks or months. What is said later of a
    period takes the place of what was said before.
    """

    TYPE: ClassVar[str] = "jp.kakehashi.followup.usage_reported.v1"

    municipality_code: MunicipalityCode
    contract_id: str | None = Field(
        default=None, min_length=1, max_length=64, description="Such as the deal's id"
    )
    metric: Slug = Field(description="What is counted", examples=["logins"])
    begins: date = Field(description="First day of the period in Japan")
    ends: date = Field(description="Its last day")
    value: int = Field(ge=0, le=10**12, description="How much it was in the period")
    licensed_users: int | None = Field(default=None, ge=0, le=10**7)
    active_users: int | None = Field(
        default=None, ge=0, le=10**7, description="Of the users those who used it at all"
    )
    source: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        description="Where the figure is from, in one line: reports quote it",
        examples=["利用ログ集計（2026年11月）"],
    )
    owner: str | None = Field(
        default=None,
        max_length=64,
        description="Who looks after the customer: team or staff number, never a name",
    )

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "UsageReported":
        if self.ends < self.begins:
            raise ValueError("ends lies before begins")
        return self
