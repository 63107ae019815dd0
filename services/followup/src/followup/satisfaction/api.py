"""``/v1/survey-answers``: how satisfied customers are."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AwareDatetime, TypeAdapter

from followup.fields import DryRun, Reader, Writer
from followup.satisfaction.answer_file import SURVEY_ANSWERS
from followup.satisfaction.schemas import (
    ReportedAnswerOut,
    SurveyAnswerIn,
    SurveyAnswerOut,
    SurveyAnswersImportOut,
    SurveyCommentOut,
)
from followup.satisfaction.service import SurveyAnswers
from followup.scopes import PERSONAL_DATA
from followup.triggers.schemas import ReportId
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.contracts.events import LeadId, MunicipalityCode
from kakehashi_common.http.csv_files import REFUSED, document, rows_of
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Limit

_LIST: Final = "survey-answers"
_KEY: Final = TypeAdapter(tuple[AwareDatetime, UUID])

AnswerId = Annotated[UUID, Path(description="As the list and the report's answer name it")]


def router(answers: SurveyAnswers) -> APIRouter:
    """Return the routes of answers to surveys."""
    routes = APIRouter(prefix="/v1/survey-answers", tags=["survey answers"])

    @routes.get("", dependencies=[Reader])
    async def list_survey_answers(
        municipality_code: Annotated[MunicipalityCode | None, Query()] = None,
        lead_id: Annotated[LeadId | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[SurveyAnswerOut]:
        """List answers, the newest first, without comments."""
        after = decode_cursor(_LIST, cursor, _KEY)
        found = await answers.list_answers(
            municipality_code=municipality_code,
            lead_id=lead_id,
            after=after,
            limit=limit + 1,
        )
        shown, next_cursor = page(
            _LIST, found, limit, lambda each: (each.answered_at.isoformat(), str(each.answer_id))
        )
        return Page(items=[SurveyAnswerOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.post("/import", openapi_extra=document(SURVEY_ANSWERS), responses=REFUSED)
    async def import_survey_answers(
        request: Request, who: Writer, *, dry_run: DryRun = False
    ) -> SurveyAnswersImportOut:
        """Report every answer of a file, or none; what was reported before changes nothing."""
        reported = SURVEY_ANSWERS.convert(
            await rows_of(request, SURVEY_ANSWERS),
            lambda row: (row.row_id, row.said.answer(), row.said.answered_at),
        )
        done = await answers.report(reported, actor_of(request, who), dry_run=dry_run)
        return SurveyAnswersImportOut(
            dry_run=dry_run, reported=[ReportedAnswerOut.of(each) for each in done]
        )

    @routes.put("/{report_id}")
    async def report_survey_answer(
        request: Request, report_id: ReportId, body: SurveyAnswerIn, who: Writer
    ) -> ReportedAnswerOut:
        """Report an answer; what was reported before under this id changes nothing.

        A score of 1 or 2 is a reason to turn to the customer (`dissatisfaction`).
        """
        (done,) = await answers.report(
            [(report_id, body.answer(), body.answered_at)], actor_of(request, who), dry_run=False
        )
        return ReportedAnswerOut.of(done)

    @routes.get("/{answer_id}/comment")
    async def get_survey_comment(
        request: Request,
        response: Response,
        answer_id: AnswerId,
        who: Annotated[Principal, Depends(require_scope(PERSONAL_DATA))],
    ) -> SurveyCommentOut:
        """Show an answer with its comment; it is audited."""
        found = await answers.read(answer_id, actor_of(request, who))
        response.headers["Cache-Control"] = "no-store"
        return SurveyCommentOut.of(found)

    return routes
