"""A route of a collector: requests in, a result for each event out.

Source: CloudEvents 1.0.2, HTTP protocol binding (binary, structured and batched content mode).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.message import Message
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import Header, Request, Response
from pydantic import BaseModel, Field

from kakehashi_common.auth import Principal
from kakehashi_common.cloudevents.codec import STRUCTURED
from kakehashi_common.cloudevents.errors import MAX_PROBLEMS, NotJsonError, RejectedEventError
from kakehashi_common.cloudevents.http_binding import attributes_in
from kakehashi_common.collector.service import Accepted, Collector, NotAnEventError, Result
from kakehashi_common.contracts.texts import Text
from kakehashi_common.errors import PermanentError
from kakehashi_common.http.idempotency import IdempotentRequest, idempotent_request
from kakehashi_common.http.problems import FieldError, Problem, problem
from kakehashi_common.http.requests import UnsupportedMediaTypeError
from kakehashi_common.json_reader import Limits, MalformedJsonError, read_json

BATCHED: Final = "application/cloudevents-batch+json"
JSON: Final = "application/json"

MAX_EVENTS: Final = 1000
"""Events in one request: enough to make the round trip cheap, few enough to answer for each."""

BODY_LIMITS: Final = Limits(values=200_000)
"""Of a request: two hundred values for each of its events."""

_OF_ONE_ATTEMPT: Final = frozenset({"traceparent", "tracestate"})
"""Attributes that differ when the same request is sent again."""

IdempotencyKey = Annotated[
    Text | None,
    Header(
        min_length=1,
        max_length=255,
        description="Stands in for the ids of events that have none: a request repeated "
        "with the same key and body counts once. With another body within 24 hours it is "
        "refused (`idempotency_key_reused`)",
    ),
]


class EventResult(BaseModel):
    """The result of one event."""

    position: int = Field(description="In the array, from 0")
    status: Literal["accepted", "rejected"]
    id: str | None = Field(default=None, description="Of an accepted event")
    source: str | None = None
    errors: list[FieldError] = Field(default_factory=list, description="Of a rejected event")
    more_errors: int | None = Field(
        default=None, description="Mistakes beside those listed; absent when all are"
    )


class EventAccepted(BaseModel):
    """The event is on the broker."""

    id: str
    source: str


class EventsCollected(BaseModel):
    """The results of several events, one each."""

    accepted: int
    rejected: int
    results: Sequence[EventResult]


class NoneAcceptedProblem(Problem):
    """Every event of an array was refused."""

    results: Sequence[EventResult]


@dataclass(frozen=True, slots=True)
class Answers:
    """The models of a collector's answers, which a service may extend by the event's key."""

    accepted: type[EventAccepted] = EventAccepted
    result: type[EventResult] = EventResult
    collected: type[EventsCollected] = EventsCollected
    none_accepted: type[NoneAcceptedProblem] = NoneAcceptedProblem
    key: str | None = None
    """The field of ``accepted`` and ``result`` that has the topic's key."""

    def described(self) -> dict[int | str, dict[str, Any]]:
        """Return the answers as OpenAPI describes them."""
        return {
            202: {
                "model": self.accepted | self.collected,
                "description": "The broker has acknowledged all events; an array gets a result "
                "for each",
            },
            207: {"model": self.collected, "description": "Some events of the array were refused"},
            400: {"model": Problem, "description": "The body is not JSON"},
            413: {"model": Problem, "description": "The event or the body is too large"},
            415: {
                "model": Problem,
                "description": "The media type is not one that events travel in",
            },
            422: {
                "model": self.none_accepted | Problem,
                "description": "No event was accepted; `errors` names each field",
            },
            503: {
                "model": Problem,
                "description": "The broker is unavailable: send the same request again after "
                "`Retry-After`",
            },
        }

    async def collect(
        self, collector: Collector, request: Request, who: Principal, idempotency_key: str | None
    ) -> Response:
        """Publish the events of a request, and answer for each."""
        parsed, several = _events(request, await request.body())
        asked = await idempotent_request(request, who, idempotency_key)
        results = await collector.collect(parsed, asked and _with_attributes(asked, request))
        return self._of_several(request, results) if several else self._of_one(results[0])

    def _of_one(self, result: Result) -> Response:
        if not isinstance(result, Accepted):
            raise result
        return _json(HTTPStatus.ACCEPTED, self.accepted.model_validate(self._shown(result)))

    def _of_several(self, request: Request, results: Sequence[Result]) -> Response:
        refused = sum(not isinstance(result, Accepted) for result in results)
        listed = max(1, min(MAX_PROBLEMS, MAX_EVENTS // max(1, refused)))
        shown = [self._result(position, result, listed) for position, result in enumerate(results)]
        accepted = len(results) - refused
        if accepted:
            return _json(
                HTTPStatus.MULTI_STATUS if refused else HTTPStatus.ACCEPTED,
                self.collected(accepted=accepted, rejected=refused, results=shown),
            )
        return problem(
            request,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            code="no_event_accepted",
            detail=f"None of the {len(shown):,} events can be accepted; `results` says why for "
            "each.",
            model=self.none_accepted,
            results=shown,
        )

    def _result(self, position: int, result: Result, listed: int) -> EventResult:
        """Return the result of one event, with at most ``listed`` of its mistakes."""
        if isinstance(result, Accepted):
            return self.result.model_validate(
                {"position": position, "status": "accepted", **self._shown(result)}
            )
        errors = field_errors(result, f"/{position}")
        more = result.more + max(0, len(errors) - listed)
        return self.result(
            position=position,
            status="rejected",
            errors=errors[:listed],
            more_errors=more or None,
        )

    def _shown(self, result: Accepted) -> dict[str, str]:
        about = {} if self.key is None else {self.key: result.key}
        return {"id": result.event_id, "source": result.source, **about}


def request_body(schema: str) -> dict[str, Any]:
    """Return a request's body as OpenAPI describes it; its examples are added elsewhere.

    Args:
        schema: the component that says what an event looks like.
    """
    event = {"$ref": f"#/components/schemas/{schema}"}
    several = {"type": "array", "items": event, "minItems": 1, "maxItems": MAX_EVENTS}
    data = {
        "description": "One event, an array of them, or (binary mode, with the attributes in "
        "`ce-` headers) only an event's data",
        "type": ["object", "array"],
    }
    return {
        "requestBody": {
            "required": True,
            "content": {
                STRUCTURED: {"schema": event},
                BATCHED: {"schema": several},
                JSON: {"schema": data},
            },
        }
    }


async def rejected(request: Request, error: Exception) -> Response:
    """Answer for a request with one event, which was refused: an exception handler."""
    if not isinstance(error, RejectedEventError):
        raise TypeError(type(error))
    return problem(
        request,
        error.status,
        detail=error.message,
        code=error.code,
        errors=field_errors(error),
        more_errors=error.more,
    )


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


def _json(status: HTTPStatus, body: BaseModel) -> Response:
    return Response(body.model_dump_json(exclude_none=True), status_code=status, media_type=JSON)
