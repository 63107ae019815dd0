"""Operations that take a CSV: their description, reading one, and answering what is wrong."""

import asyncio
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from pydantic import Field

from kakehashi_common.csv_file import FileError, FileKind, FileRow, Said, read_file
from kakehashi_common.http.problems import Problem, problem
from kakehashi_common.http.requests import ResponseBody, UnsupportedMediaTypeError

CSV_TYPE: Final = "text/csv"
"""Source: RFC 7111."""


class CsvMistake(ResponseBody):
    """One mistake in a file."""

    line: int = Field(description="The first is 1")
    column: str | None = Field(
        default=None, description="As the file calls it; absent: the whole line"
    )
    reason: str = Field(description="What is wrong and how to mend it")


class CsvProblem(Problem):
    """The file isn't taken; nothing has changed."""

    mistakes: list[CsvMistake] = Field(description="At most 20; `more_errors` counts the others")


def document(kind: FileKind[Said]) -> dict[str, Any]:
    """Return what OpenAPI says of the body."""
    schema = {"type": "string", "description": f"UTF-8, CP932 or ISO-2022-JP. {kind.description}"}
    return {"requestBody": {"required": True, "content": {CSV_TYPE: {"schema": schema}}}}


REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    422: {
        "model": CsvProblem | Problem,
        "description": "Every mistake with line, column and what to do",
    }
}


async def rows_of(request: Request, kind: FileKind[Said]) -> list[FileRow[Said]]:
    """Read the file that a request carries.

    Raises:
        FileError: with every mistake.
        UnsupportedMediaTypeError: it is said to be no CSV.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != CSV_TYPE:
        raise UnsupportedMediaTypeError(f"send {CSV_TYPE}", field="Content-Type")
    return await asyncio.to_thread(read_file, kind, await request.body())


async def refused(request: Request, error: Exception) -> Response:
    """Answer a file that can't be taken."""
    if not isinstance(error, FileError):
        raise TypeError(type(error))
    others = len(error.mistakes) - 1 + error.more
    more = f" (and {others:,} more)" if others else ""
    return problem(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        code=f"invalid_{error.kind}_file",
        detail=f"{error.mistakes[0]}{more}. Nothing has changed.",
        more_errors=error.more,
        model=CsvProblem,
        mistakes=[
            CsvMistake(line=each.line, column=each.column, reason=each.reason)
            for each in error.mistakes
        ],
    )
