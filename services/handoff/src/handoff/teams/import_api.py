"""``/v1/members/import``: members from a CSV."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from handoff.scopes import WRITE_TEAMS
from handoff.teams.file import MembersFileError, read_members
from handoff.teams.service import MembersImport, Teams
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.http.problems import Problem, problem
from kakehashi_common.http.requests import ResponseBody, UnsupportedMediaTypeError

CSV_TYPE: Final = "text/csv"
"""Source: RFC 7111."""

_DOCUMENT: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            CSV_TYPE: {
                "schema": {
                    "type": "string",
                    "description": "UTF-8 or CP932, with the names of the columns in the first "
                    "line: member_id (社員番号), team_id (チーム), name (氏名), roles (役割), "
                    "capacity (上限), and if wanted functions (職能), skills (専門) and share "
                    "(持ち分). Lists have `;` between their parts",
                }
            }
        },
    }
}


class ChangedMemberOut(ResponseBody):
    """A member whom the file changes."""

    member_id: str
    fields: list[str] = Field(examples=[["capacity", "skills"]])


class MembersImportOut(ResponseBody):
    """What the file comes to. Members that it doesn't name stay as they are."""

    dry_run: bool = Field(description="True: nothing was stored")
    created: list[str]
    changed: list[ChangedMemberOut]
    unchanged: list[str]

    @classmethod
    def of(cls, done: MembersImport, *, dry_run: bool) -> "MembersImportOut":
        """Show it."""
        return cls(
            dry_run=dry_run,
            created=done.created,
            changed=[
                ChangedMemberOut(member_id=member_id, fields=fields)
                for member_id, fields in done.changed.items()
            ],
            unchanged=done.unchanged,
        )


class FileMistake(ResponseBody):
    """One mistake in a file."""

    line: int = Field(description="The first is 1")
    column: str | None = Field(
        default=None, description="As the file calls it; absent: the whole line"
    )
    reason: str = Field(description="What is wrong and how to mend it")


class MembersFileProblem(Problem):
    """The file isn't taken; nothing has changed."""

    mistakes: list[FileMistake] = Field(description="At most 20; `more_errors` counts the others")


def router(teams: Teams) -> APIRouter:
    """Return the route that imports members."""
    routes = APIRouter(prefix="/v1", tags=["members"])

    @routes.post(
        "/members/import",
        openapi_extra=_DOCUMENT,
        responses={
            422: {
                "model": MembersFileProblem | Problem,
                "description": "Every mistake with line, column and what to do",
            }
        },
    )
    async def import_members(
        request: Request,
        who: Annotated[Principal, Depends(require_scope(WRITE_TEAMS))],
        *,
        dry_run: Annotated[
            bool, Query(description="Only say what would be created and changed")
        ] = False,
    ) -> MembersImportOut:
        """Create or change every member of a file, or none: what it doesn't say stays as it is."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != CSV_TYPE:
            raise UnsupportedMediaTypeError(f"send {CSV_TYPE}", field="Content-Type")
        rows = await asyncio.to_thread(read_members, await request.body())
        done = await teams.import_members(rows, actor_of(request, who), dry_run=dry_run)
        return MembersImportOut.of(done, dry_run=dry_run)

    return routes


async def refused(request: Request, error: Exception) -> Response:
    """Answer a file that can't be taken."""
    if not isinstance(error, MembersFileError):
        raise TypeError(type(error))
    others = len(error.mistakes) - 1 + error.more
    more = f" (and {others:,} more)" if others else ""
    return problem(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        code="invalid_members_file",
        detail=f"{error.mistakes[0]}{more}. Nothing has changed.",
        more_errors=error.more,
        model=MembersFileProblem,
        mistakes=[
            FileMistake(line=each.line, column=each.column, reason=each.reason)
            for each in error.mistakes
        ],
    )
