"""``/v1/standings`` and ``/v1/milestones``: all followed municipalities side by side."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field, TypeAdapter

from budget_calendar.domain.budget_year.calendar import DEADLINES, MilestoneKind
from budget_calendar.domain.budget_year.wording import Language
from budget_calendar.fields import (
    Day,
    FiscalYear,
    Prefecture,
    SizeBands,
    Types,
)
from budget_calendar.overview.queries import Order, OverviewQueries, SortKey, StatusFilter, sort_key
from budget_calendar.overview.repository import Place, UpcomingMilestone
from budget_calendar.overview.schemas import (
    MunicipalityStatusesOut,
    MunicipalityStatusOut,
    UpcomingMilestoneOut,
)
from budget_calendar.registry.search import Criteria
from budget_calendar.scopes import READ
from kakehashi_common.auth import require_scope
from kakehashi_common.contracts.events import MunicipalityCode
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.http.cursors import Key, Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Limit

MOST_ROWS: Final = 2000
"""All of Japan on one page."""

_Text = Annotated[str, Field(max_length=64)]
_STANDING_KEYS: Final[dict[Order, TypeAdapter[SortKey]]] = {
    "next": TypeAdapter(tuple[_Text, MunicipalityCode]),
    "phase": TypeAdapter(tuple[Annotated[int, Field(ge=0, lt=len(BudgetPhase))], MunicipalityCode]),
    "code": TypeAdapter(tuple[_Text, MunicipalityCode]),
}
_PLACE: Final = TypeAdapter(tuple[date, MunicipalityCode, FiscalYear, _Text])
_standings: Final = TypeAdapter(MunicipalityStatusesOut)

CodesAsked = Annotated[
    list[MunicipalityCode] | None, Query(alias="code", max_length=100, description="Any of these")
]
NextKinds = Annotated[
    str,
    Query(
        alias="next",
        max_length=1000,
        description="Of which kinds of milestones the next one is shown, separated by commas",
        examples=["request_deadline,quotes_wanted"],
    ),
]
_DEFAULT_KINDS: Final = ",".join(DEADLINES)


@dataclass(frozen=True, slots=True)
class StatusQuery:
    """The query that a request's parameters describe."""

    day: date | None
    wanted: StatusFilter


def status_query(  # noqa: PLR0913 - one for each way to narrow and to order
    *,
    day: Day = None,
    phase: Annotated[list[BudgetPhase] | None, Query(description="Any of these")] = None,
    prefecture: Prefecture = "",
    types: Types = None,
    size_bands: SizeBands = None,
    codes: CodesAsked = None,
    next_kinds: NextKinds = _DEFAULT_KINDS,
    sort: Annotated[
        Order, Query(description="next: by the next milestone's likely day; phase: the first first")
    ] = "next",
) -> StatusQuery:
    """Return the query that a request's parameters describe.

    Raises:
        DomainError: there is no such kind of milestone.
    """
    return StatusQuery(
        day,
        StatusFilter(
            within=Criteria(
                prefecture=prefecture,
                types=frozenset(types or ()),
                size_bands=frozenset(size_bands or ()),
            ),
            codes=None if codes is None else frozenset(codes),
            phases=frozenset(phase or ()),
            kinds=milestone_kinds(next_kinds),
            order=sort,
        ),
    )


def router(overview: OverviewQueries) -> APIRouter:
    """The routes over all followed municipalities."""
    routes = APIRouter(prefix="/v1", dependencies=[Depends(require_scope(READ))], tags=["overview"])

    # The answer is written at once: FastAPI would validate all of Japan once more.
    @routes.get("/standings", response_model=MunicipalityStatusesOut)
    async def list_standings(
        asked: Annotated[StatusQuery, Depends(status_query)],
        language: Annotated[Language, Query(description="Of the labels")] = "ja",
        cursor: Cursor = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows on a page")] = MOST_ROWS,
    ) -> Response:
        """List municipalities with their phase and next deadline; all of Japan fits on one page."""
        on, sort = asked.day or overview.today, asked.wanted.order
        name = f"standings by {sort} on {on}"
        after = decode_cursor(name, cursor, _STANDING_KEYS[sort])
        found = await overview.list_statuses(on, asked.wanted, after, limit + 1)
        shown, next_cursor = page(name, found.rows, limit, lambda row: sort_key(row[1], sort))
        answer = MunicipalityStatusesOut.model_construct(
            day=on,
            total=found.total,
            without_calendar=found.without_calendar,
            items=[
                MunicipalityStatusOut.of(municipality, standing, on, language)
                for municipality, standing in shown
            ],
            next_cursor=next_cursor,
        )
        return Response(_standings.dump_json(answer), media_type="application/json")

    @routes.get("/milestones")
    async def list_milestones(
        *,
        days: Annotated[int, Query(ge=0, le=400, description="How far ahead")] = 30,
        day: Day = None,
        kind: Annotated[list[MilestoneKind] | None, Query(description="Any of these")] = None,
        prefecture: Prefecture = "",
        codes: CodesAsked = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[UpcomingMilestoneOut]:
        """Milestones of followed municipalities in the next days, by their likely day."""
        first = day or overview.today
        after: Place | None = decode_cursor("milestones", cursor, _PLACE)
        rows = await overview.list_milestones(
            first,
            days,
            kinds=kind,
            prefecture=prefecture,
            codes=codes,
            after=after,
            limit=limit + 1,
        )
        shown, next_cursor = page("milestones", rows, limit, lambda row: _place(row[1]))
        return Page(
            items=[UpcomingMilestoneOut.of(whose, each, first) for whose, each in shown],
            next_cursor=next_cursor,
        )

    return routes


def milestone_kinds(text: str) -> tuple[MilestoneKind, ...]:
    """The kinds that a list separated by commas names.

    Raises:
        DomainError: there is no such kind, or none is named.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(MilestoneKind)]
    if unknown or not names:
        raise DomainError(
            f"next: {f'there is no kind {unknown[0]!r}' if unknown else 'name a kind'}; known are "
            f"{', '.join(MilestoneKind)}",
            field="next",
            code="unknown_milestone",
        )
    return tuple(MilestoneKind(name) for name in names)


def _place(milestone: UpcomingMilestone) -> Key:
    return (
        milestone.likely.isoformat(),
        milestone.code,
        milestone.fiscal_year,
        milestone.key,
    )
