"""Bodies that are YAML files, and the answer to one that can't be used."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from pydantic import BaseModel

from kakehashi_common.errors import BadRequestError
from kakehashi_common.http.problems import Problem, problem
from kakehashi_common.http.requests import UnsupportedMediaTypeError
from kakehashi_common.yaml_reader import InvalidFileError

YAML_TYPE: Final = "application/yaml"
"""Source: RFC 9512."""
_YAML_TYPES: Final = frozenset({YAML_TYPE, "application/x-yaml", "text/yaml", "text/x-yaml"})


class LineProblem(BaseModel):
    """One mistake in a file."""

    line: int
    column: int
    reason: str


class FileProblem(Problem):
    """A file that can't be used; nothing has changed."""

    problems: list[LineProblem]


def yaml_body(description: str, examples: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Describe the body of an operation that takes a file; for ``openapi_extra``."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                YAML_TYPE: {
                    "schema": {"type": "string", "description": description},
                    "examples": dict(examples or {}),
                }
            },
        }
    }


async def read_yaml_body(request: Request) -> str:
    """Return the file that a request holds, a byte order mark left out.

    Raises:
        UnsupportedMediaTypeError: it is said to be something else than YAML.
        BadRequestError: it is not UTF-8.
    """
    media_type = request.headers.get("content-type", YAML_TYPE).partition(";")[0].strip().lower()
    if media_type not in _YAML_TYPES:
        raise UnsupportedMediaTypeError(f"send {YAML_TYPE}", field="Content-Type")
    try:
        return (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequestError(f"the file is not UTF-8 (byte {error.start})") from None


def line_problems(error: InvalidFileError) -> list[LineProblem]:
    """Return the mistakes of a file that are listed."""
    return [
        LineProblem(line=each.line, column=each.column, reason=each.reason)
        for each in error.problems
    ]


def answer_file(
    request: Request,
    error: InvalidFileError,
    *,
    code: str,
    stays: str,
    model: type[FileProblem] = FileProblem,
) -> Response:
    """Answer a file that can't be used with its mistakes; ``stays`` says what did not change."""
    first = error.problems[0]
    others = len(error.problems) - 1 + error.more
    more = f" (and {others:,} more)" if others else ""
    return problem(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        code=code,
        detail=f"{first}{more}. {stays}",
        more_errors=error.more,
        model=model,
        problems=line_problems(error),
    )
