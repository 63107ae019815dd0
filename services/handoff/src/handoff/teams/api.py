"""``/v1/teams``, ``/v1/members``, ``/v1/territories``, ``/v1/coverage``."""

from typing import Annotated, Final, get_args

from fastapi import APIRouter, Depends, Path, Query, Request, status
from pydantic import TypeAdapter

from handoff.domain.teams.members import Role
from handoff.scopes import READ, WRITE_TEAMS
from handoff.teams.queries import TeamQueries
from handoff.teams.repository import StoredAbsence
from handoff.teams.schemas import (
    AbsenceOut,
    CoverageOut,
    EnteredMemberOut,
    MemberIn,
    MemberOut,
    PrefectureIn,
    TeamIn,
    TeamOut,
    TerritoryIn,
    TerritoryOut,
)
from handoff.teams.service import Teams
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.contracts.events import Slug
from kakehashi_common.contracts.municipalities import Kind, municipalities
from kakehashi_common.http.absences import AbsenceIn
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Id, Limit

IdInPath = Annotated[Id, Path()]
_KEY: Final = TypeAdapter(tuple[Id])
_TYPES: Final[tuple[str, ...]] = get_args(Kind)

Reader = Depends(require_scope(READ))
Writer = Annotated[Principal, Depends(require_scope(WRITE_TEAMS))]


def router(teams: Teams, queries: TeamQueries) -> APIRouter:
    """Return the routes of teams, members, territories and their coverage."""
    routes = APIRouter(prefix="/v1")
    _team_routes(routes, teams, queries)
    _member_routes(routes, teams, queries)
    _absence_routes(routes, teams, queries)
    _territory_routes(routes, teams, queries)
    _coverage_routes(routes, queries)
    return routes


def _team_routes(routes: APIRouter, teams: Teams, queries: TeamQueries) -> None:
    @routes.get("/teams", tags=["teams"], dependencies=[Reader])
    async def list_teams(cursor: Cursor = None, limit: Limit = 100) -> Page[TeamOut]:
        """List teams, by id."""
        after = decode_cursor("teams", cursor, _KEY)
        rows = [each for each in await queries.teams() if after is None or each.team_id > after[0]]
        shown, next_cursor = page("teams", rows[: limit + 1], limit, lambda row: (row.team_id,))
        return Page(items=[TeamOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.get("/teams/{team_id}", tags=["teams"], dependencies=[Reader])
    async def get_team(team_id: IdInPath) -> TeamOut:
        """Show a team."""
        return TeamOut.of(await queries.team(team_id))

    @routes.put("/teams/{team_id}", tags=["teams"])
    async def put_team(request: Request, team_id: IdInPath, body: TeamIn, who: Writer) -> TeamOut:
        """Create or replace a team; its lead and manager are members that exist."""
        team = body.team(team_id)
        await teams.put_team(team, actor_of(request, who))
        return TeamOut.of(team)

    @routes.delete("/teams/{team_id}", tags=["teams"], status_code=status.HTTP_204_NO_CONTENT)
    async def delete_team(request: Request, team_id: IdInPath, who: Writer) -> None:
        """Delete a team that nobody belongs to."""
        await teams.delete_team(team_id, actor_of(request, who))


def _member_routes(routes: APIRouter, teams: Teams, queries: TeamQueries) -> None:
    @routes.get("/members", tags=["members"], dependencies=[Reader])
    async def list_members(
        team_id: Annotated[Id | None, Query()] = None, cursor: Cursor = None, limit: Limit = 100
    ) -> Page[MemberOut]:
        """List members, by id."""
        after = decode_cursor("members", cursor, _KEY)
        found = await queries.members(team_id)
        rows = [each for each in found if after is None or each.member_id > after[0]]
        shown, next_cursor = page("members", rows[: limit + 1], limit, lambda row: (row.member_id,))
        return Page(items=[MemberOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.get("/members/{member_id}", tags=["members"], dependencies=[Reader])
    async def get_member(member_id: IdInPath) -> MemberOut:
        """Show a member."""
        return MemberOut.of(await queries.member(member_id))

    @routes.put("/members/{member_id}", tags=["members"])
    async def put_member(
        request: Request, member_id: IdInPath, body: MemberIn, who: Writer
    ) -> EnteredMemberOut:
        """Create or replace a member. Who leaves is made inactive; the absences stay."""
        member = body.member(member_id)
        named = await teams.put_member(member, actor_of(request, who))
        return EnteredMemberOut.entered(member, named)

    @routes.delete("/members/{member_id}", tags=["members"], status_code=status.HTTP_204_NO_CONTENT)
    async def delete_member(request: Request, member_id: IdInPath, who: Writer) -> None:
        """Delete a member who was entered by mistake, whom no open handoff names."""
        await teams.delete_member(member_id, actor_of(request, who))


def _absence_routes(routes: APIRouter, teams: Teams, queries: TeamQueries) -> None:
    @routes.get("/members/{member_id}/absences", tags=["members"], dependencies=[Reader])
    async def list_absences(member_id: IdInPath) -> list[AbsenceOut]:
        """List a member's absences, the earliest first."""
        return [AbsenceOut.of(each) for each in await queries.absences(member_id)]

    @routes.put("/members/{member_id}/absences/{absence_id}", tags=["members"])
    async def put_absence(
        request: Request, member_id: IdInPath, absence_id: IdInPath, body: AbsenceIn, who: Writer
    ) -> AbsenceOut:
        """Enter or replace an absence: the member's clocks stand still, and nothing is assigned."""
        stored = StoredAbsence(member_id, absence_id, body.absence())
        await teams.put_absence(stored, actor_of(request, who))
        return AbsenceOut.of(stored)

    @routes.delete(
        "/members/{member_id}/absences/{absence_id}",
        tags=["members"],
        status_code=status.HTTP_204_NO_CONTENT,
    )
    async def delete_absence(
        request: Request, member_id: IdInPath, absence_id: IdInPath, who: Writer
    ) -> None:
        """Delete an absence."""
        await teams.delete_absence(member_id, absence_id, actor_of(request, who))


def _territory_routes(routes: APIRouter, teams: Teams, queries: TeamQueries) -> None:
    @routes.get("/territories", tags=["territories"], dependencies=[Reader])
    async def list_territories(cursor: Cursor = None, limit: Limit = 100) -> Page[TerritoryOut]:
        """List territories, by id."""
        after = decode_cursor("territories", cursor, _KEY)
        found = await queries.territories()
        rows = [each for each in found if after is None or each.territory_id > after[0]]
        shown, next_cursor = page(
            "territories", rows[: limit + 1], limit, lambda row: (row.territory_id,)
        )
        return Page(items=[TerritoryOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.get("/territories/{territory_id}", tags=["territories"], dependencies=[Reader])
    async def get_territory(territory_id: IdInPath) -> TerritoryOut:
        """Show a territory."""
        return TerritoryOut.of(await queries.territory(territory_id))

    @routes.put("/territories/{territory_id}", tags=["territories"])
    async def put_territory(
        request: Request, territory_id: IdInPath, body: TerritoryIn, who: Writer
    ) -> TerritoryOut:
        """Create or replace a territory; of several the most special one goes first."""
        territory = body.territory(territory_id)
        await teams.put_territory(territory, actor_of(request, who))
        return TerritoryOut.of(territory)

    @routes.delete(
        "/territories/{territory_id}", tags=["territories"], status_code=status.HTTP_204_NO_CONTENT
    )
    async def delete_territory(request: Request, territory_id: IdInPath, who: Writer) -> None:
        """Delete a territory."""
        await teams.delete_territory(territory_id, actor_of(request, who))


def _coverage_routes(routes: APIRouter, queries: TeamQueries) -> None:
    @routes.get("/coverage", tags=["territories"], dependencies=[Reader])
    async def get_coverage(
        policy_area: Annotated[
            list[Slug],
            Query(
                min_length=1,
                max_length=50,
                description="What the products serve; repeat it",
                examples=[["digital", "disaster_prevention"]],
            ),
        ],
        role: Annotated[Role, Query(description="Who receives handoffs")] = Role.FIELD_SALES,
        prefecture: Annotated[
            list[PrefectureIn] | None,
            Query(max_length=47, description="Where the company sells; all when absent"),
        ] = None,
        municipality_type: Annotated[
            list[Kind] | None,
            Query(max_length=5, description="To whom it sells; all when absent"),
        ] = None,
    ) -> CoverageOut:
        """Show the policy areas and types of municipality that nobody covers."""
        every_prefecture = [
            each.code[:2] for each in municipalities().values() if each.kind == "prefecture"
        ]
        return CoverageOut.of(
            await queries.coverage(
                role,
                prefectures=list(dict.fromkeys(prefecture or every_prefecture)),
                municipality_types=list(dict.fromkeys(municipality_type or _TYPES)),
                policy_areas=list(dict.fromkeys(policy_area)),
            )
        )
