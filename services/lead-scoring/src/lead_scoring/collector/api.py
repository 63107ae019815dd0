"""``POST /v1/lead-events``: the collector, in every way CloudEvents travel over HTTP.

Source: CloudEvents 1.0.2, HTTP protocol binding (binary, structured and batched content mode).
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from email.message import Message
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, Field

from kakehashi_common.auth import Principal, require_scope
from kakehashi_common.cloudevents.codec import STRUCTURED
from kakehashi_common.cloudevents.errors import MAX_PROBLEMS, NotJsonError, RejectedEventError
from kakehashi_common.cloudevents.http_binding import attributes_in
from kakehashi_common.contracts.texts import Text
from kakehashi_common.errors import PermanentError
from kakehashi_common.http.idempotency import IdempotentRequest, idempotent_request
from kakehashi_common.http.problems import FieldError, Problem, problem
from kakehashi_common.http.requests import UnsupportedMediaTypeError
from kakehashi_common.json_reader import Limits, MalformedJsonError, read_json
from lead_scoring.collector.service import Accepted, Collector, NotAnEventError, Result

WRITE = "lead-scoring:events:write"
PATH: Final = "/v1/lead-events"
BATCHED: Final = "application/cloudevents-batch+json"
JSON: Final = "application/json"

MAX_EVENTS: Final = 1000
"""Events in one request: enough to make the round trip cheap, few enough to answer for each."""

BODY_LIMITS: Final = Limits(values=200_000)
"""Of a request: two hundred values for each of its events."""

_OF_ONE_ATTEMPT: Final = frozenset({"traceparent", "tracestate"})
"""Attributes that differ when the same request is sent again."""

EVENT_SCHEMA: Final = "LeadEvent"
"""The component of the API's description that says what an event looks like."""

_EVENT: Final = {"$ref": f"#/components/schemas/{EVENT_SCHEMA}"}


class EventResult(BaseModel):
    """The result of one event."""

    position: int = Field(description="In the array, from 0")
    status: Literal["accepted", "rejected"]
    id: str | None = Field(default=None, description="Of an accepted event")
    source: str | None = None
    lead_id: str | None = None
    errors: list[FieldError] = Field(default_factory=list, description="Of a rejected event")
    more_errors: int | None = Field(
        default=None, description="Mistakes beside those listed; absent when all are"
    )


class EventAccepted(BaseModel):
    """The event is on the broker, and will be scored."""

    id: str
    source: str
    lead_id: str


class EventsCollected(BaseModel):
    """The results of several events, one each."""

    accepted: int
    rejected: int
    results: list[EventResult]


class NoneAcceptedProblem(Problem):
    """Every event of an array was refused."""

    results: list[EventResult]


_ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {
        "model": EventAccepted | EventsCollected,
        "description": "The broker has acknowledged all events; an array gets a result for each",
    },
    207: {"model": EventsCollected, "description": "Some events of the array were refused"},
    400: {"model": Problem, "description": "The body is not JSON"},
    413: {"model": Problem, "description": "The event or the body is too large"},
    415: {"model": Problem, "description": "The media type is not one that events travel in"},
    422: {
        "model": NoneAcceptedProblem | Problem,
        "description": "No event was accepted; `errors` names each field",
    },
    503: {
        "model": Problem,
        "description": "The broker is away: send the same request again after `Retry-After`",
    },
}

_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            STRUCTURED: {"schema": _EVENT},
            BATCHED: {
                "schema": {
                    "type": "array",
                    "items": _EVENT,
                    "minItems": 1,
                    "maxItems": MAX_EVENTS,
                },
            },
            JSON: {
                "schema": {
                    "description": "One event, an array of them, or (binary mode, with the "
                    "attributes in `ce-` headers) only an event's data",
                    "type": ["object", "array"],
                },
            },
        },
    }
}
"""Its examples depend on the day: :mod:`lead_scoring.http.description` adds them."""


def router(collector: Collector) -> APIRouter:
    """The routes that hand events to ``collector``."""
    routes = APIRouter(tags=["events"])

    @routes.post(PATH, status_code=202, responses=_ANSWERS, openapi_extra=_BODY)
    async def publish_lead_events(
        request: Request,
        who: Annotated[Principal, Depends(require_scope(WRITE))],
        idempotency_key: Annotated[
            Text | None,
            Header(
                min_length=1,
                max_length=255,
                description="Stands in for the ids of events that have none: a request repeated "
                "with the same key and body counts once. With another body within 24 hours it is "
                "refused (`idempotency_key_reused`)",
            ),
        ] = None,
    ) -> Response:
        """Publish what leads did, or what was learnt about them.

        An event is a CloudEvents 1.0 message in structured, batched or binary mode. Its identity
        is (`source`, `id`): sent again with the same `type`, `time` and `data` it counts once;
        other content under a known identity is a conflict, which is accepted here and does not
        count: what came first does. `time` is when it happened, not when it is sent. 202 is
        answered only after the broker has acknowledged.
        """
        parsed, several = _events(request, await request.body())
        asked = await idempotent_request(request, who, idempotency_key)
        results = await collector.collect(parsed, asked and _with_attributes(asked, request))
        return _answer_several(request, results) if several else _answer_one(results[0])

    return routes


def field_errors(error: RejectedEventError, at: str = "") -> list[FieldError]:
    """The mistakes in a refused event that are listed, below the JSON Pointer ``at``."""
    return [
        FieldError(pointer=at + each.pointer, code=each.code, detail=each.message)
        for each in error.problems
    ]


def _events(request: Request, body: bytes) -> tuple[Sequence[object], bool]:
    """The parsed events of a request, and whether they came as an array."""
    media_type = _media_type(request)
    attributes = attributes_in(request.headers.raw)
    if media_type not in {JSON, STRUCTURED, BATCHED} and not (
        attributes and media_type.endswith("+json")
    ):
        raise UnsupportedMediaTypeError(
            f"send {STRUCTURED}, {BATCHED} or {JSON}", field="Content-Type"
        )
    try:
        parsed = read_json(body, BODY_LIMITS)
    except MalformedJsonError as error:
        raise NotJsonError(error.message) from None
    if attributes and media_type not in {STRUCTURED, BATCHED}:
        return [{**attributes, "data": parsed}], False
    if isinstance(parsed, list) and media_type != STRUCTURED:
        return _checked_number(parsed), True
    if not isinstance(parsed, dict) or media_type == BATCHED:
        wanted = "a JSON array of events" if media_type == BATCHED else "one event, a JSON object"
        raise NotAnEventError(f"the body has to be {wanted}")
    return [parsed], False


def _with_attributes(asked: IdempotentRequest, request: Request) -> IdempotentRequest:
    """Count the attributes in headers as what was asked: in binary mode the body is only data."""
    said = {
        name: value
        for name, value in attributes_in(request.headers.raw).items()
        if name not in _OF_ONE_ATTEMPT
    }
    if not said:
        return asked
    return replace(asked, body=json.dumps(said, sort_keys=True).encode() + b"\n" + asked.body)


def _media_type(request: Request) -> str:
    given = request.headers.getlist("content-type")
    if len(given) > 1:
        raise UnsupportedMediaTypeError(
            "Content-Type is given twice: send it once", field="Content-Type"
        )
    message = Message()
    message["content-type"] = given[0] if given else JSON
    charset = message.get_content_charset("utf-8")
    if charset not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMediaTypeError(
            "JSON is UTF-8 (RFC 8259): send it so, without another charset", field="Content-Type"
        )
    return message.get_content_type()


def _checked_number(events: list[object]) -> list[object]:
    if not 0 < len(events) <= MAX_EVENTS:
        raise PermanentError(
            f"the array holds {len(events):,} events: send 1 to {MAX_EVENTS:,} in a request",
            code="number_of_events",
        )
    return events


def _answer_one(result: Result) -> Response:
    if not isinstance(result, Accepted):
        raise result
    accepted = EventAccepted(id=result.event_id, source=result.source, lead_id=result.lead_id)
    return _json(HTTPStatus.ACCEPTED, accepted)


def _answer_several(request: Request, results: Sequence[Result]) -> Response:
    refused = sum(not isinstance(result, Accepted) for result in results)
    listed = max(1, min(MAX_PROBLEMS, MAX_EVENTS // max(1, refused)))
    shown = [_result(position, result, listed) for position, result in enumerate(results)]
    accepted = sum(each.status == "accepted" for each in shown)
    if accepted:
        rejected = len(shown) - accepted
        return _json(
            HTTPStatus.MULTI_STATUS if rejected else HTTPStatus.ACCEPTED,
            EventsCollected(accepted=accepted, rejected=rejected, results=shown),
        )
    return problem(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        code="no_event_accepted",
        detail=f"None of the {len(shown):,} events can be accepted; `results` says why for each.",
        model=NoneAcceptedProblem,
        results=shown,
    )


def _result(position: int, result: Result, listed: int) -> EventResult:
    """Return the result of one event, with at most ``listed`` of its mistakes."""
    if isinstance(result, Accepted):
        return EventResult(
            position=position,
            status="accepted",
            id=result.event_id,
            source=result.source,
            lead_id=result.lead_id,
        )
    errors = field_errors(result, f"/{position}")
    more = result.more + max(0, len(errors) - listed)
    return EventResult(
        position=position,
        status="rejected",
        errors=errors[:listed],
        more_errors=more or None,
    )


def _json(status: HTTPStatus, body: BaseModel) -> Response:
    return Response(body.model_dump_json(exclude_none=True), status_code=status, media_type=JSON)
