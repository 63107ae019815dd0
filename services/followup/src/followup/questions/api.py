"""``/v1/questions``: answers out of the catalogue, and what waits for a person."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import TypeAdapter

from followup.fields import ByWhom, Reader, Writer
from followup.questions.schemas import QuestionIn, QuestionOut, ReplyOut
from followup.questions.service import Questions
from kakehashi_common.audit import Actor
from kakehashi_common.auth import origin_of
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Id, Limit

_KEY: Final = TypeAdapter(tuple[datetime, UUID])


def router(questions: Questions) -> APIRouter:
    """Return the routes of questions."""
    routes = APIRouter(prefix="/v1/questions", tags=["questions"])

    @routes.post("")
    async def ask_question(response: Response, body: QuestionIn, _: Writer) -> ReplyOut:
        """Answer a question with passages of the catalogue, each with its source, or hand it over.

        Nothing is written by a program: passages are quoted as somebody entered them. Where none
        is near enough, a seller is to answer within four hours of office time: it stands in their
        daily list. A question that is answered is not stored.
        """
        response.headers["Cache-Control"] = "no-store"
        return ReplyOut.of(await questions.ask(body.asked()))

    @routes.get("", dependencies=[Reader])
    async def list_questions(
        response: Response,
        owner: Annotated[Id | None, Query(description="With those that are anybody's")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[QuestionOut]:
        """List the questions that wait for a person, by due time."""
        response.headers["Cache-Control"] = "no-store"
        after = decode_cursor("questions", cursor, _KEY)
        rows = await questions.open_questions(owner, after=after, limit=limit + 1)
        shown, next_cursor = page(
            "questions", rows, limit, lambda row: (row.due_at.isoformat(), str(row.question_id))
        )
        return Page(items=[QuestionOut.of(row) for row in shown], next_cursor=next_cursor)

    @routes.post("/{question_id}/answered")
    async def answer_question(
        request: Request, question_id: Annotated[UUID, Path()], body: ByWhom, who: Writer
    ) -> QuestionOut:
        """Say that a person has answered it. Enter the answer as `faq`, and it is known then."""
        by = body.by or who.subject
        actor = Actor(by, origin_of(request, who, body.by))
        return QuestionOut.of(await questions.answered(question_id, by, actor))

    return routes
