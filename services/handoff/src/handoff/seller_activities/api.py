"""``/v1/seller-activities``, and the collector of their events."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from handoff.scopes import READ, WRITE_EVENTS
from handoff.seller_activities.queries import SellerActivityQueries
from handoff.seller_activities.repository import ActivityFilter
from handoff.seller_activities.schemas import SellerActivityOut
from kakehashi_common.auth import Principal, require_scope
from kakehashi_common.collector.api import Answers, IdempotencyKey, request_body
from kakehashi_common.collector.service import Collector
from kakehashi_common.contracts.deal_events import DealId
from kakehashi_common.contracts.events import LeadId
from kakehashi_common.contracts.seller_activities import ActivityId, MemberId
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Limit

PATH: Final = "/v1/seller-activities"
EVENT_SCHEMA: Final = "SellerActivityEvent"
"""The component of the API's description that says what an event looks like."""

_ANSWERS: Final = Answers()
_KEY: Final = TypeAdapter(tuple[datetime, ActivityId])


def router(queries: SellerActivityQueries, collector: Collector) -> APIRouter:
    """Return the routes of sellers' activities."""
    routes = APIRouter()

    @routes.get(
        "/v1/seller-activities", tags=["activities"], dependencies=[Depends(require_scope(READ))]
    )
    async def list_seller_activities(
        member_id: Annotated[MemberId | None, Query()] = None,
        lead_id: Annotated[LeadId | None, Query()] = None,
        deal_id: Annotated[DealId | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[SellerActivityOut]:
        """List what sellers did, the newest first, and what it said of handoffs."""
        found = await queries.list_activities(
            ActivityFilter(member_id, lead_id, deal_id),
            before=decode_cursor("seller-activities", cursor, _KEY),
            limit=limit + 1,
        )
        shown, next_cursor = page(
            "seller-activities",
            found,
            limit,
            lambda each: (each.at.isoformat(), each.recorded.activity_id),
        )
        return Page(items=[SellerActivityOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.post(
        PATH,
        tags=["events"],
        status_code=202,
        responses=_ANSWERS.described(),
        openapi_extra=request_body(EVENT_SCHEMA),
    )
    async def publish_seller_activities(
        request: Request,
        who: Annotated[Principal, Depends(require_scope(WRITE_EVENTS))],
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Publish what sellers did: calls, mails, visits, meetings, proposals, administration.

        An event is a CloudEvents 1.0 message in structured, batched or binary mode; `time` is when
        it took place. A further event with the same `activity_id` corrects it. Where it reached
        the customer, the first contact, the first meeting and the first answer to a lead are
        recognised from it. 202 is answered only after the broker has acknowledged.
        """
        return await _ANSWERS.collect(collector, request, who, idempotency_key)

    return routes
