"""``/v1/measures``, ``/v1/measures/pairs``."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import TypeAdapter

from handoff.domain.measures.pairs import rank as pair_rank
from handoff.domain.measures.report import Cut, rank
from handoff.domain.teams.members import Role
from handoff.measures.queries import MeasureQueries
from handoff.measures.schemas import (
    MeasuresOut,
    MeasuresRowOut,
    PairOut,
    PairsOut,
)
from handoff.measures.table import measures_csv
from handoff.scopes import READ
from kakehashi_common.auth import require_scope
from kakehashi_common.domain.weeks import Span, Week
from kakehashi_common.http.cursors import decode_cursor, page
from kakehashi_common.http.fields import Cursor, Limit, WeekName
from kakehashi_common.http.rates import RateOut

A_QUARTER: Final = 13
A_YEAR: Final = 52
MOST_WEEKS: Final = 106
"""Two years, to compare one with the one before."""

Format = Annotated[
    Literal["json", "csv"],
    Query(
        alias="format",
        description="`csv`: every row at once, in UTF-8 with a byte order mark, for spreadsheets",
    ),
]
Weeks = Annotated[
    int | None, Query(ge=1, le=MOST_WEEKS, description="How many weeks, the last included")
]
LastWeek = Annotated[WeekName | None, Query(description="The last week; this one when absent")]
FromRole = Annotated[Role | None, Query(description="Only handoffs of this role")]
ToRole = Annotated[Role | None, Query(description="Only handoffs to this role")]

CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}
_KEY: Final = TypeAdapter(tuple[bool, str])
_PAIR: Final = TypeAdapter(tuple[float, float, float, str, str])


@dataclass(frozen=True, slots=True)
class Asked:
    """The handoffs to measure."""

    week: str | None
    weeks: int | None
    from_role: Role | None
    to_role: Role | None

    def span(self, this_week: Week, weeks: int) -> Span:
        """Return the weeks that are asked for; if nothing is said so many until this one."""
        last = Week.named(self.week) if self.week else this_week
        return Span.until(last, self.weeks or weeks)


def asked_for(
    week: LastWeek = None,
    weeks: Weeks = None,
    from_role: FromRole = None,
    to_role: ToRole = None,
) -> Asked:
    """Return the parameters that every measure has."""
    return Asked(week, weeks, from_role, to_role)


def router(queries: MeasureQueries) -> APIRouter:
    """Return the routes of measures."""
    routes = APIRouter(prefix="/v1", dependencies=[Depends(require_scope(READ))], tags=["measures"])

    @routes.get("/measures", response_model=MeasuresOut, responses=CSV)
    async def get_measures(
        asked: Annotated[Asked, Depends(asked_for)],
        cut: Annotated[Cut, Query(description="By what the rows differ")] = Cut.ALL,
        written_as: Format = "json",
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> MeasuresOut | Response:
        """Measure the handoffs of some weeks: rates, durations, clocks, losses, rejections.

        Without `weeks` those of a quarter, 13. What each figure counts is defined in
        `docs/measures.md`.
        """
        span = asked.span(queries.this_week, A_QUARTER)
        found = await queries.report(span, cut, asked.from_role, asked.to_role)
        if written_as == "csv":
            return csv_answer(measures_csv(found.rows, cut, found.names), f"measures-{cut}", span)
        after = decode_cursor(f"measures/{cut}", cursor, _KEY)
        rows = [each for each in found.rows if after is None or rank(each.key) > after]
        shown, next_cursor = page(
            f"measures/{cut}", rows[: limit + 1], limit, lambda row: rank(row.key)
        )
        return MeasuresOut(
            first_week=span.first.name,
            last_week=span.last.name,
            cut=cut,
            items=[MeasuresRowOut.of(row, found.names.of(cut, row.key)) for row in shown],
            next_cursor=next_cursor,
        )

    @routes.get("/measures/pairs")
    async def get_pairs(
        asked: Annotated[Asked, Depends(asked_for)],
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> PairsOut:
        """Show which pairs of sender and owner succeed, the most successful first.

        Without `weeks` those of a year, 52. An estimate is drawn toward the rate of all pairs, the
        more the fewer cases a pair has. Pairs with fewer than 10 cases of everything are left out.
        """
        span = asked.span(queries.this_week, A_YEAR)
        found = await queries.pairs(span, asked.from_role, asked.to_role)
        after = decode_cursor("pairs", cursor, _PAIR)
        pairs = [each for each in found.pairs.pairs if after is None or pair_rank(each) > after]
        shown, next_cursor = page("pairs", pairs[: limit + 1], limit, pair_rank)
        return PairsOut(
            first_week=span.first.name,
            last_week=span.last.name,
            accepted=RateOut.of(found.pairs.overall_accepted),
            met=RateOut.of(found.pairs.overall_met),
            won=RateOut.of(found.pairs.overall_won),
            left_out=found.pairs.left_out,
            items=[PairOut.of(each, found.names) for each in shown],
            next_cursor=next_cursor,
        )

    return routes


def csv_answer(text: str, name: str, span: Span) -> Response:
    """Answer with a CSV that a browser saves under a name that says what it holds."""
    file = f"{name}-{span.first.name}-{span.last.name}.csv"
    return Response(
        text,
        media_type="text/csv; charset=utf-8; header=present",
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
    )
