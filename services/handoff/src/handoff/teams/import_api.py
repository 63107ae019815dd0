"""``/v1/members/import``, ``/v1/territories/import``: members and territories from a CSV."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from handoff.scopes import WRITE_TEAMS
from handoff.teams.csv_file import FileError, FileKind, FileRow, Said, read_file
from handoff.teams.member_file import MEMBERS
from handoff.teams.service import FileImport, Teams
from handoff.teams.territory_file import TERRITORIES
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.http.problems import Problem, problem
from kakehashi_common.http.requests import ResponseBody, UnsupportedMediaTypeError

CSV_TYPE: Final = "text/csv"
"""Source: RFC 7111."""

Writer = Annotated[Principal, Depends(require_scope(WRITE_TEAMS))]
DryRun = Annotated[bool, Query(description="Only say what would be created and changed")]


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
    def of(cls, done: FileImport, *, dry_run: bool) -> "MembersImportOut":
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


class ChangedTerritoryOut(ResponseBody):
    """A territory that the file changes."""

    territory_id: str
    fields: list[str] = Field(examples=[["prefectures"]])


class TerritoriesImportOut(ResponseBody):
    """What the file comes to. Territories that it doesn't name stay as they are."""

    dry_run: bool = Field(description="True: nothing was stored")
    created: list[str]
    changed: list[ChangedTerritoryOut]
    unchanged: list[str]

    @classmethod
    def of(cls, done: FileImport, *, dry_run: bool) -> "TerritoriesImportOut":
        """Show it."""
        return cls(
            dry_run=dry_run,
            created=done.created,
            changed=[
                ChangedTerritoryOut(territory_id=territory_id, fields=fields)
                for territory_id, fields in done.changed.items()
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


class FileProblem(Problem):
    """The file isn't taken; nothing has changed."""

    mistakes: list[FileMistake] = Field(description="At most 20; `more_errors` counts the others")


def _document(kind: FileKind[Said]) -> dict[str, Any]:
    schema = {"type": "string", "description": f"UTF-8 or CP932. {kind.description}"}
    return {"requestBody": {"required": True, "content": {CSV_TYPE: {"schema": schema}}}}


_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    422: {
        "model": FileProblem | Problem,
        "description": "Every mistake with line, column and what to do",
    }
}


def router(teams: Teams) -> APIRouter:
    """Return the routes that import members and territories."""
    routes = APIRouter(prefix="/v1")

    @routes.post(
        "/members/import", tags=["members"], openapi_extra=_document(MEMBERS), responses=_REFUSED
    )
    async def import_members(
        request: Request, who: Writer, *, dry_run: DryRun = False
    ) -> MembersImportOut:
        """Create or change every member of a file, or none: what it doesn't say stays as it is."""
        rows = await _rows(request, MEMBERS)
        done = await teams.import_members(rows, actor_of(request, who), dry_run=dry_run)
        return MembersImportOut.of(done, dry_run=dry_run)

    @routes.post(
        "/territories/import",
        tags=["territories"],
        openapi_extra=_document(TERRITORIES),
        responses=_REFUSED,
    )
    async def import_territories(
        request: Request, who: Writer, *, dry_run: DryRun = False
    ) -> TerritoriesImportOut:
        """Create or change every territory of a file, or none: what it doesn't say stays."""
        rows = await _rows(request, TERRITORIES)
        done = await teams.import_territories(rows, actor_of(request, who), dry_run=dry_run)
        return TerritoriesImportOut.of(done, dry_run=dry_run)

    return routes


async def _rows(request: Request, kind: FileKind[Said]) -> list[FileRow[Said]]:
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
        model=FileProblem,
        mistakes=[
            FileMistake(line=each.line, column=each.column, reason=each.reason)
            for each in error.mistakes
        ],
    )
