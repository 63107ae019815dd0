"""``POST /v1/deal-events``: what a CRM says of deals."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from handoff.scopes import WRITE_EVENTS
from kakehashi_common.auth import Principal, require_scope
from kakehashi_common.collector.api import Answers, IdempotencyKey, request_body
from kakehashi_common.collector.service import Collector

PATH: Final = "/v1/deal-events"
EVENT_SCHEMA: Final = "DealEvent"
"""The component of the API's description that says what an event looks like."""

_ANSWERS: Final = Answers()


def router(collector: Collector) -> APIRouter:
    """Return the route that hands events to ``collector``."""
    routes = APIRouter(tags=["events"])

    @routes.post(
        PATH,
        status_code=202,
        responses=_ANSWERS.described(),
        openapi_extra=request_body(EVENT_SCHEMA),
    )
    async def publish_deal_events(
        request: Request,
        who: Annotated[Principal, Depends(require_scope(WRITE_EVENTS))],
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Publish deals as they stand, such as a CRM's changes.

        An event is a CloudEvents 1.0 message in structured, batched or binary mode. It states the
        whole deal; `time` is when the deal changed, and the latest one counts, in whatever order
        they arrive. An outcome closes the handoffs of the deal's leads; a deal that acceptance
        opened for one of them, and nobody has changed, is superseded. 202 is answered only after
        the broker has acknowledged.
        """
        return await _ANSWERS.collect(collector, request, who, idempotency_key)

    return routes
