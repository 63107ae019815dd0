"""``POST /v1/lead-events``: what leads did, or what was learnt about them."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from kakehashi_common.auth import Principal, require_scope
from kakehashi_common.collector import api as collector_api
from kakehashi_common.collector.api import Answers, IdempotencyKey, request_body
from kakehashi_common.collector.service import Collector
from lead_scoring.scopes import WRITE_EVENTS

PATH: Final = "/v1/lead-events"
EVENT_SCHEMA: Final = "LeadEvent"
"""The component of the API's description that says what an event looks like."""


class EventResult(collector_api.EventResult):
    """The result of one event."""

    lead_id: str | None = None


class EventAccepted(collector_api.EventAccepted):
    """The event is on the broker, and will be scored."""

    lead_id: str


class EventsCollected(collector_api.EventsCollected):
    """The results of several events, one each."""

    results: list[EventResult]


class NoneAcceptedProblem(collector_api.NoneAcceptedProblem):
    """Every event of an array was refused."""

    results: list[EventResult]


_ANSWERS: Final = Answers(
    EventAccepted, EventResult, EventsCollected, NoneAcceptedProblem, key="lead_id"
)


def router(collector: Collector) -> APIRouter:
    """The routes that hand events to ``collector``."""
    routes = APIRouter(tags=["events"])

    @routes.post(
        PATH,
        status_code=202,
        responses=_ANSWERS.described(),
        openapi_extra=request_body(EVENT_SCHEMA),
    )
    async def publish_lead_events(
        request: Request,
        who: Annotated[Principal, Depends(require_scope(WRITE_EVENTS))],
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Publish what leads did, or what was learnt about them.

        An event is a CloudEvents 1.0 message in structured, batched or binary mode. Its identity
        is (`source`, `id`): sent again with the same `type`, `time` and `data` it counts once;
        other content under a known identity is a conflict, which is accepted here and does not
        count: what came first does. `time` is when it happened, not when it is sent. 202 is
        answered only after the broker has acknowledged.
        """
        return await _ANSWERS.collect(collector, request, who, idempotency_key)

    return routes
