"""``/v1/reports``: how field sales judged the leads that the score qualified."""

from datetime import date, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field, TypeAdapter

from kakehashi_common.auth import require_scope
from kakehashi_common.clock import japan_midnight
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, DayWithinReach, Limit
from lead_scoring.feedback.queries import FeedbackQueries
from lead_scoring.feedback.schemas import LabelOut, RejectionsOut
from lead_scoring.scopes import READ

_YAML: Final = "application/yaml"
_LABELS: Final = "labels"
_LABEL_KEY: Final = TypeAdapter(tuple[Annotated[str, Field(min_length=1, max_length=64)]])

Since = Annotated[
    DayWithinReach | None,
    Query(description="Only what has qualified since the beginning of that day in Japan"),
]


def router(queries: FeedbackQueries) -> APIRouter:
    """The routes that read reports from ``queries``."""
    routes = APIRouter(
        prefix="/v1/reports", dependencies=[Depends(require_scope(READ))], tags=["reports"]
    )

    @routes.get("/rejections")
    async def report_rejections(since: Since = None) -> RejectionsOut:
        """Rejected leads by the rule that qualified them, with acceptance and wins.

        A rule counts for a lead if it gave points when the lead qualified. These are associations
        are not causes.
        """
        return RejectionsOut.of(await queries.rejections(_start(since)))

    @routes.get(
        "/rejections/rule-draft",
        response_class=Response,
        responses={
            200: {
                "description": "A rule file",
                "content": {_YAML: {"schema": {"type": "string"}}},
            }
        },
    )
    async def draft_rules(since: Since = None) -> Response:
        """The rules in force with the proposed points, to preview, edit and perhaps publish.

        Nothing is published. `POST /v1/rules/preview` takes the answer as it is. 404 when nothing
        is proposed.
        """
        return Response(await queries.rule_draft(_start(since)), media_type=_YAML)

    @routes.get("/labels")
    async def list_labels(cursor: Cursor = None, limit: Limit = 50) -> Page[LabelOut]:
        """List the outcome of each handoff, with the rules that qualified its lead, for training.

        In order of the handoffs' ids. No names, no addresses, no free text.
        """
        last_seen = decode_cursor(_LABELS, cursor, _LABEL_KEY)
        after = None if last_seen is None else last_seen[0]
        rows = await queries.labels(after, limit + 1)
        shown, next_cursor = page(
            _LABELS, rows, limit, lambda labelled: (labelled.label.handoff_id,)
        )
        return Page(items=[LabelOut.of(each) for each in shown], next_cursor=next_cursor)

    return routes


def _start(since: date | None) -> datetime | None:
    return None if since is None else japan_midnight(since)
