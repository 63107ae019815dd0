"""``/v1/agenda``: the weekly meeting of both sides, as JSON, page and picture."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response

from handoff.measures.agenda_page import agenda_page
from handoff.measures.agenda_queries import AgendaQueries, ReadAgenda
from handoff.measures.agenda_schemas import AgendaOut
from handoff.measures.flow_picture import flow_svg
from handoff.scopes import READ
from kakehashi_common.auth import require_scope
from kakehashi_common.domain.weeks import Week
from kakehashi_common.http.fields import Id, WeekName
from kakehashi_common.http.pictures import PictureAnswers, picture_answer

AskedWeek = Annotated[WeekName | None, Query(description="This one when absent")]
AskedTeam = Annotated[
    Id | None, Query(description="Only what it sent or received; everybody's when absent")
]

_HTML: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}}
}
_PAGE_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
"""The page needs nothing but its own style."""


def router(queries: AgendaQueries) -> APIRouter:
    """Return the routes of the agenda."""
    routes = APIRouter(prefix="/v1", dependencies=[Depends(require_scope(READ))], tags=["measures"])
    pictures = PictureAnswers()

    async def read(week: str | None, team: str | None) -> ReadAgenda:
        return await queries.agenda(Week.named(week) if week else queries.this_week, team)

    @routes.get("/agenda")
    async def get_agenda(week: AskedWeek = None, team: AskedTeam = None) -> AgendaOut:
        """Show what the weekly meeting of both sides talks about."""
        found = await read(week, team)
        return AgendaOut.of(found.agenda, found.team, found.now)

    @routes.get("/agenda.html", response_class=Response, responses=_HTML)
    async def get_agenda_page(week: AskedWeek = None, team: AskedTeam = None) -> Response:
        """Show the same on one A4 page to print, in Japanese."""
        found = await read(week, team)
        page = agenda_page(found.agenda, found.names, found.team, found.now)
        return Response(page, media_type="text/html; charset=utf-8", headers=_PAGE_HEADERS)

    @routes.get("/agenda.svg", response_class=Response, responses=picture_answer("svg"))
    async def draw_agenda_svg(week: AskedWeek = None, team: AskedTeam = None) -> Response:
        """Draw how many handoffs reached each step in the week, and how many fell out where."""
        found = await read(week, team)
        return await pictures.answer(flow_svg(found.agenda, found.team), "svg")

    @routes.get("/agenda.png", response_class=Response, responses=picture_answer("png"))
    async def draw_agenda_png(week: AskedWeek = None, team: AskedTeam = None) -> Response:
        """Draw the same picture as PNG."""
        found = await read(week, team)
        return await pictures.answer(flow_svg(found.agenda, found.team), "png")

    return routes
