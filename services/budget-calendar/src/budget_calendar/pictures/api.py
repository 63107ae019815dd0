"""Pictures: one municipality's year, and up to 80 of them side by side, as SVG and PNG."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from budget_calendar.calendars.queries import CalendarQueries
from budget_calendar.domain.budget_year.wording import Language
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.fields import CodeInPath, FiscalYearInPath
from budget_calendar.overview.api import StatusQuery, status_query
from budget_calendar.overview.queries import OverviewQueries
from budget_calendar.pictures.overview import MOST_ROWS, LeftOut, overview_svg
from budget_calendar.pictures.overview_rows import OverviewRow
from budget_calendar.pictures.timeline import timeline_svg
from budget_calendar.scopes import READ
from kakehashi_common.auth import require_scope
from kakehashi_common.http.etags import NOT_MODIFIED, REVALIDATE, digest, etag, require_no_match
from kakehashi_common.http.fields import IfNoneMatch
from kakehashi_common.http.pictures import Format, PictureAnswers, picture_answer

Texts = Annotated[Language, Query(description="Of all texts")]


def router(calendar_queries: CalendarQueries, overview: OverviewQueries) -> APIRouter:
    """The routes of pictures."""
    routes = APIRouter(prefix="/v1", dependencies=[Depends(require_scope(READ))], tags=["pictures"])
    pictures = PictureAnswers()

    async def answer(svg: str, drawn_as: Format, if_none_match: str | None) -> Response:
        tag = etag(f"{digest(svg.encode())}-{drawn_as}")
        headers = require_no_match(if_none_match, tag, REVALIDATE)
        return await pictures.answer(svg, drawn_as, headers)

    async def timeline(code: str, fiscal_year: int, language: Language) -> str:
        viewed = await calendar_queries.get_calendar(code, fiscal_year)
        name = viewed.municipality.name
        return await asyncio.to_thread(
            timeline_svg, viewed.calendar, name, calendar_queries.today, language
        )

    async def draw_overview(asked: StatusQuery, limit: int, language: Language) -> str:
        day = asked.day or overview.today
        year = fiscal_year_of(day)
        found = await overview.list_statuses(day, asked.wanted, None, limit)
        codes = [municipality.code for municipality, _ in found.rows]
        calendars = await overview.get_calendars(codes, year)
        following = await overview.get_calendars(codes, year + 1)
        rows = [
            OverviewRow(
                municipality.name, calendars[code], municipality.prefecture, following.get(code)
            )
            for code, (municipality, _) in zip(codes, found.rows, strict=True)
            if code in calendars
        ]
        left_out = LeftOut(found.total - len(rows), found.without_calendar)
        return await asyncio.to_thread(
            overview_svg, rows, day, language, deadlines=asked.wanted.kinds, left_out=left_out
        )

    @routes.get(
        "/calendars/{code}/{fiscal_year}/timeline.svg",
        response_class=Response,
        responses=_drawn("svg"),
    )
    async def draw_timeline_svg(
        code: CodeInPath,
        fiscal_year: FiscalYearInPath,
        language: Texts = "ja",
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """The year of one municipality: phases, milestones with their windows, and today."""
        return await answer(await timeline(code, fiscal_year, language), "svg", if_none_match)

    @routes.get(
        "/calendars/{code}/{fiscal_year}/timeline.png",
        response_class=Response,
        responses=_drawn("png"),
    )
    async def draw_timeline_png(
        code: CodeInPath,
        fiscal_year: FiscalYearInPath,
        language: Texts = "ja",
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """The same picture as PNG."""
        return await answer(await timeline(code, fiscal_year, language), "png", if_none_match)

    @routes.get("/standings.svg", response_class=Response, responses=_drawn("svg"))
    async def draw_standings_svg(
        asked: Annotated[StatusQuery, Depends(status_query)],
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = MOST_ROWS,
        language: Texts = "ja",
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """Up to 80 municipalities, the first in order: their phases and whose deadline is next.

        Those with observed or corrected dates come first; those with the same dates share a row.
        """
        return await answer(await draw_overview(asked, limit, language), "svg", if_none_match)

    @routes.get("/standings.png", response_class=Response, responses=_drawn("png"))
    async def draw_standings_png(
        asked: Annotated[StatusQuery, Depends(status_query)],
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = MOST_ROWS,
        language: Texts = "ja",
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """The same picture as PNG."""
        return await answer(await draw_overview(asked, limit, language), "png", if_none_match)

    return routes


def _drawn(drawn_as: Format) -> dict[int | str, dict[str, object]]:
    return {**picture_answer(drawn_as), **NOT_MODIFIED}
