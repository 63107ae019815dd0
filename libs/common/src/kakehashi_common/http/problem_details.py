"""Problem details (RFC 9457), and their codes. It knows nothing of FastAPI, unlike `problems`."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, Field

from kakehashi_common import metrics

MEDIA_TYPE = "application/problem+json"

CODES: Mapping[int, str] = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "request_timeout",
    409: "conflict",
    412: "precondition_failed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "validation_failed",
    428: "precondition_required",
    431: "headers_too_large",
    500: "internal_error",
    501: "not_implemented",
    503: "unavailable",
}
"""The code of an answer that has no more specific one, by status."""


_TOO_MANY: Final = "Input should be less than or equal to 200"
_EXAMPLE_DETAILS: Final = {
    400: "The body is no JSON: Expecting ',' delimiter at character 17.",
    413: "The body is larger than 4,194,304 bytes; send it in parts.",
    415: "send application/json",
    422: f"limit: {_TOO_MANY}",
    503: "Something that this needs is unavailable. Nothing was lost; try again in 5 s.",
}


class FieldError(BaseModel):
    """One mistake in a request."""

    pointer: str | None = Field(
        default=None, description="Where in the body: a JSON Pointer (RFC 6901)", examples=["/kind"]
    )
    parameter: str | None = Field(
        default=None, description="The path or query parameter, or header"
    )
    code: str = Field(examples=["missing"])
    detail: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """An error, as RFC 9457 describes it."""

    type: str = Field(examples=["urn:kakehashi:problem:validation_failed"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    code: str = Field(description="Stable; decide by this one", examples=["validation_failed"])
    detail: str = Field(description="One sentence for people")
    instance: str = Field(description="The request's path", examples=["/v1/lead-events"])
    request_id: str | None = Field(default=None, description="Name it when you ask for help")
    errors: list[FieldError] = Field(default_factory=list)
    more_errors: int | None = Field(
        default=None, description="Mistakes beside those listed; absent when all are"
    )


def problem_details(  # noqa: PLR0913 - one for each member
    status: int,
    *,
    detail: str,
    code: str | None = None,
    instance: str = "",
    request_id: str | None = None,
    errors: Sequence[FieldError] = (),
    more_errors: int = 0,
    model: type[Problem] = Problem,
    **further: object,
) -> Problem:
    """Return the body of the answer for one error, with ``model``'s further fields; count it."""
    code = code or CODES.get(status, "error")
    metrics.HTTP_PROBLEMS.add(1, {"status": status, "code": code})
    return model(
        type=f"urn:kakehashi:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        instance=instance,
        request_id=request_id,
        errors=list(errors),
        more_errors=more_errors or None,
        **further,
    )


def example(status: str) -> dict[str, Any]:
    """Return what an answer with ``status`` looks like, as OpenAPI writes it: ``503``, ``4XX``."""
    number = HTTPStatus(int(status.replace("4XX", "422")))
    code = CODES[number]
    shown = Problem(
        type=f"urn:kakehashi:problem:{code}",
        title=number.phrase,
        status=number,
        code=code,
        detail=_EXAMPLE_DETAILS.get(number, f"{number.description or number.phrase}."),
        instance="/v1/…",
        request_id="d0a2f6c2c1f4457c8a5d3a7f6b1e2c90",
    )
    if number == HTTPStatus.UNPROCESSABLE_ENTITY:
        mistake = FieldError(parameter="limit", code="less_than_equal", detail=_TOO_MANY)
        shown = shown.model_copy(update={"errors": [mistake]})
    return shown.model_dump(mode="json", exclude_none=True)
