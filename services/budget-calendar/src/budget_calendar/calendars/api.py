"""``/v1/calendars``: one municipality's budget year, its versions, and what people know better."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import Field, TypeAdapter

from budget_calendar.calendars.queries import CalendarQueries
from budget_calendar.calendars.schemas import (
    AssumptionsIn,
    CalendarOut,
    CalendarWithMovesOut,
    CorrectionIn,
    CorrectionOut,
    RevisionOut,
    VersionOut,
    assumed_corrections,
)
from budget_calendar.calendars.service import Calendars
from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.fields import CodeInPath, FiscalYearInPath, KeyInPath
from budget_calendar.scopes import CORRECT, READ
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.clock import Clock
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.etags import NOT_MODIFIED, etag, require_no_match
from kakehashi_common.http.fields import Cursor, IfNoneMatch, Limit
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

_Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
_VERSION_KEY: Final = TypeAdapter(tuple[_Version])


def router(calendar_queries: CalendarQueries, calendars: Calendars, clock: Clock) -> APIRouter:
    """The routes of one municipality's calendars."""
    routes = APIRouter(prefix="/v1/calendars/{code}/{fiscal_year}", tags=["calendars"])
    may_read = [Depends(require_scope(READ))]

    @routes.get(
        "",
        dependencies=may_read,
        responses=NOT_MODIFIED,
    )
    async def get_calendar(
        response: Response,
        code: CodeInPath,
        fiscal_year: FiscalYearInPath,
        if_none_match: IfNoneMatch = None,
    ) -> CalendarOut:
        """The newest calendar: phases, milestones with their windows, and where it stands today.

        Each date says how it is known (`basis`), where from, and how sure it is.
        """
        viewed = await calendar_queries.get_calendar(code, fiscal_year)
        if viewed.version is None:
            return CalendarOut.of(viewed, calendar_queries.today)
        # What it says of today is another thing tomorrow.
        tag = etag(f"{viewed.version.version}-{calendar_queries.today:%Y%m%d}")
        response.headers.update(require_no_match(if_none_match, tag))
        return CalendarOut.of(viewed, calendar_queries.today)

    @routes.get("/versions", dependencies=may_read)
    async def list_versions(
        code: CodeInPath, fiscal_year: FiscalYearInPath, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[VersionOut]:
        """The versions of the calendar, newest first; none while nobody follows or corrected it."""
        name = f"versions of {code} {fiscal_year}"
        last_seen = decode_cursor(name, cursor, _VERSION_KEY)
        before = None if last_seen is None else last_seen[0]
        rows = await calendar_queries.list_versions(code, fiscal_year, before, limit + 1)
        shown, next_cursor = page(name, rows, limit, lambda each: (each.version,))
        return Page(items=[VersionOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.get("/versions/{number}", dependencies=may_read)
    async def get_version(
        code: CodeInPath,
        fiscal_year: FiscalYearInPath,
        number: Annotated[int, Path(ge=1, le=2**31 - 1)],
    ) -> CalendarWithMovesOut:
        """One version as it was, and what moved against the one before it."""
        viewed, moved = await calendar_queries.get_version(code, fiscal_year, number)
        return CalendarWithMovesOut.moving(viewed, moved, calendar_queries.today)

    @routes.get("/corrections", dependencies=may_read)
    async def list_corrections(
        code: CodeInPath, fiscal_year: FiscalYearInPath
    ) -> list[CorrectionOut]:
        """Every correction of the year, newest first, those that count no longer included."""
        return [
            CorrectionOut.of(each)
            for each in await calendar_queries.list_corrections(code, fiscal_year)
        ]

    @routes.put("/corrections/{key}")
    async def correct_calendar(
        request: Request,
        code: CodeInPath,
        fiscal_year: FiscalYearInPath,
        key: KeyInPath,
        correction: CorrectionIn,
        who: Annotated[Principal, Depends(require_scope(CORRECT))],
    ) -> RevisionOut:
        """Put a date in force that you know better; it takes the place of an earlier correction.

        The calendar is computed again, the version before it stays, running workflows look again,
        and what moved is answered and published. A day on which offices are closed is accepted
        with a warning, unless it is that of an election. The same sent again changes nothing and is
        answered as the first time.
        """
        actor = actor_of(request, who)
        revised = await calendars.correct(
            Correction(
                code=code,
                fiscal_year=fiscal_year,
                key=key,
                window=correction.window(),
                source=correction.source,
                reason=correction.reason,
                by=actor.who,
                at=clock.now(),
            ),
            actor,
        )
        return RevisionOut.of(revised, correction.warnings(key, BUSINESS_DAYS))

    @routes.delete("/corrections/{key}")
    async def withdraw_correction(
        request: Request,
        code: CodeInPath,
        fiscal_year: FiscalYearInPath,
        key: KeyInPath,
        who: Annotated[Principal, Depends(require_scope(CORRECT))],
    ) -> RevisionOut:
        """Let a correction count no longer; it stays to be seen. Answers what moved."""
        revised = await calendars.withdraw_correction(
            code, fiscal_year, key, actor_of(request, who)
        )
        return RevisionOut.of(revised)

    @routes.post("/what-if", dependencies=may_read)
    async def what_if(
        code: CodeInPath, fiscal_year: FiscalYearInPath, assumed: AssumptionsIn
    ) -> CalendarWithMovesOut:
        """The calendar as it would be if these dates held, and what would move; stores nothing."""
        dates = ((fiscal_year, each) for each in assumed.assumptions)
        viewed, moved = await calendar_queries.what_if(
            code, fiscal_year, assumed_corrections(code, dates, clock.now())
        )
        return CalendarWithMovesOut.moving(viewed, moved, calendar_queries.today)

    return routes
