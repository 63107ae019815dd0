"""``/v1/members/import``, ``/v1/territories/import``: members and territories from a CSV."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from handoff.scopes import WRITE_TEAMS
from handoff.teams.member_file import MEMBERS
from handoff.teams.service import FileImport, Teams
from handoff.teams.territory_file import TERRITORIES
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.http.csv_files import REFUSED, document, rows_of
from kakehashi_common.http.requests import ResponseBody

Writer = Annotated[Principal, Depends(require_scope(WRITE_TEAMS))]
DryRun = Annotated[bool, Query(description="Only say what would be created and changed")]


class ChangedMemberOut(ResponseBody):
    """A member whom the file changes."""

    member_id: str
    fields: list[str] = Field(examples=[["capacity", "skills"]])


class MembersImportOut(ResponseBody):
    """The result of importing members. Those that the file doesn't name stay as they are."""

    dry_run: bool = Field(description="True: nothing was stored")
    created: list[str]
    changed: list[ChangedMemberOut]
    unchanged: list[str]

    @classmethod
    def of(cls, done: FileImport, *, dry_run: bool) -> "MembersImportOut":
        """Show the result."""
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
    """The result of importing territories. Those that the file doesn't name stay as they are."""

    dry_run: bool = Field(description="True: nothing was stored")
    created: list[str]
    changed: list[ChangedTerritoryOut]
    unchanged: list[str]

    @classmethod
    def of(cls, done: FileImport, *, dry_run: bool) -> "TerritoriesImportOut":
        """Show the result."""
        return cls(
            dry_run=dry_run,
            created=done.created,
            changed=[
                ChangedTerritoryOut(territory_id=territory_id, fields=fields)
                for territory_id, fields in done.changed.items()
            ],
            unchanged=done.unchanged,
        )


def router(teams: Teams) -> APIRouter:
    """Return the routes that import members and territories."""
    routes = APIRouter(prefix="/v1")

    @routes.post(
        "/members/import", tags=["members"], openapi_extra=document(MEMBERS), responses=REFUSED
    )
    async def import_members(
        request: Request, who: Writer, *, dry_run: DryRun = False
    ) -> MembersImportOut:
        """Create or change every member of a file, or none; what it leaves out stays as it is."""
        rows = await rows_of(request, MEMBERS)
        done = await teams.import_members(rows, actor_of(request, who), dry_run=dry_run)
        return MembersImportOut.of(done, dry_run=dry_run)

    @routes.post(
        "/territories/import",
        tags=["territories"],
        openapi_extra=document(TERRITORIES),
        responses=REFUSED,
    )
    async def import_territories(
        request: Request, who: Writer, *, dry_run: DryRun = False
    ) -> TerritoriesImportOut:
        """Create or change every territory of a file, or none; what it leaves out stays."""
        rows = await rows_of(request, TERRITORIES)
        done = await teams.import_territories(rows, actor_of(request, who), dry_run=dry_run)
        return TerritoriesImportOut.of(done, dry_run=dry_run)

    return routes
