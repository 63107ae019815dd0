"""Answers to surveys, as the API and files say them."""

from datetime import datetime, time
from typing import Annotated
from uuid import UUID

from pydantic import Field

from followup.domain.satisfaction import SurveyAnswer
from followup.satisfaction.repository import StoredAnswer
from followup.satisfaction.service import ReportedAnswer
from kakehashi_common.contracts.events import LeadId, MunicipalityCode, Slug
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.checks import require_name
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.satisfaction import HIGHEST_SCORE, LOWEST_SCORE, SurveySubject
from kakehashi_common.http.fields import DayWithinReach, Id, JapanTime
from kakehashi_common.http.requests import RequestBody, ResponseBody, Whole

LONGEST_COMMENT = 2000


class SurveyAnswerIn(RequestBody):
    """A customer's answer to a short survey."""

    about: SurveySubject
    score: Whole = Field(
        ge=LOWEST_SCORE,
        le=HIGHEST_SCORE,
        description="From 1, very dissatisfied, to 5, very satisfied",
        examples=[4],
    )
    municipality_code: MunicipalityCode | None = None
    lead_id: LeadId | None = Field(default=None, description="Absent if the survey was anonymous")
    playbook_id: Slug | None = Field(
        default=None, description="Of the follow-up; otherwise that of the sequence"
    )
    sequence_id: Id | None = Field(default=None, description="The sequence that asked")
    answered_on: DayWithinReach | None = Field(default=None, description="Today when absent")
    comment: Annotated[str, Field(min_length=1, max_length=LONGEST_COMMENT)] | None = Field(
        default=None, description="In the person's own words"
    )
    owner: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Who looks after a dissatisfied customer: team or staff number, never a name",
    )

    @property
    def answered_at(self) -> datetime | None:
        """The beginning of the day in Japan on which it was given, if one is named."""
        on = self.answered_on
        return None if on is None else datetime.combine(on, time(), JAPAN)

    def answer(self) -> SurveyAnswer:
        """Return the answer.

        Raises:
            DomainError: it is nobody's (``about_nobody``), or the comment is no text.
        """
        if self.municipality_code is None and self.lead_id is None:
            raise DomainError(
                "give municipality_code or lead_id",
                field="municipality_code",
                code="about_nobody",
            )
        if self.comment is not None:
            require_name(self.comment, "comment", longest=LONGEST_COMMENT)
        return SurveyAnswer(
            about=self.about,
            score=self.score,
            municipality_code=self.municipality_code,
            lead_id=self.lead_id,
            playbook_id=self.playbook_id,
            sequence_id=self.sequence_id,
            comment=self.comment,
            owner=self.owner,
        )


class SurveyAnswerOut(ResponseBody):
    """An answer without the person's own words."""

    answer_id: UUID
    about: SurveySubject
    score: int
    municipality_code: str | None
    lead_id: str | None
    playbook_id: str | None
    sequence_id: str | None
    owner: str | None
    answered_at: JapanTime
    has_comment: bool = Field(
        description="`GET /v1/survey-answers/{answer_id}/comment` shows it, with the scope "
        "`followup:personal-data`"
    )

    @classmethod
    def of(cls, stored: StoredAnswer) -> "SurveyAnswerOut":
        """Show it."""
        answer = stored.answer
        return cls(
            answer_id=stored.answer_id,
            about=answer.about,
            score=answer.score,
            municipality_code=answer.municipality_code,
            lead_id=answer.lead_id,
            playbook_id=answer.playbook_id,
            sequence_id=answer.sequence_id,
            owner=answer.owner,
            answered_at=stored.answered_at,
            has_comment=answer.comment is not None,
        )


class SurveyCommentOut(ResponseBody):
    """An answer with the person's own words."""

    answer: SurveyAnswerOut
    comment: str | None

    @classmethod
    def of(cls, stored: StoredAnswer) -> "SurveyCommentOut":
        """Show it."""
        return cls(answer=SurveyAnswerOut.of(stored), comment=stored.answer.comment)


class ReportedAnswerOut(ResponseBody):
    """The result for a reported answer."""

    report_id: str
    answer_id: UUID
    outcome: str = Field(
        description="`taken`, or `known`: it was reported before", examples=["taken"]
    )

    @classmethod
    def of(cls, reported: ReportedAnswer) -> "ReportedAnswerOut":
        """Show it."""
        return cls(
            report_id=reported.report_id,
            answer_id=reported.answer_id,
            outcome="taken" if reported.new else "known",
        )


class SurveyAnswersImportOut(ResponseBody):
    """The result of importing a file."""

    dry_run: bool = Field(description="True: nothing was stored")
    reported: list[ReportedAnswerOut]
