"""Reads for people: leads in order, counts of a municipality.

Lists go on after the last row that was seen. A condition such as ``(a, b) after (x, y)`` becomes
one range per column (``a after x``, and ``a = x and b after y``), each read in order and cut at the
page's size: on the ranking index the thousandth page then costs what the first does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from kakehashi_common.db import RawConnection

Order = Literal["grade", "engagement", "fit"]
SortKey = tuple[str | int, ...]
"""The values of :data:`ORDERS` of one row."""


@dataclass(frozen=True, slots=True)
class _Sorted:
    column: str
    """Its name in a page."""
    descending: bool = False
    expression: str = ""
    """The expression in the table, if it is not a column."""

    @property
    def value(self) -> str:
        return self.expression or self.column

    @property
    def clause(self) -> str:
        return f"{self.column} desc" if self.descending else self.column

    @property
    def after(self) -> str:
        return "<" if self.descending else ">"


_GRADE = _Sorted("grade")
_ENGAGEMENT = _Sorted("engagement", descending=True)
_FIT = _Sorted("fit", descending=True)
_POINTS = _Sorted("points", descending=True, expression="(fit + engagement)")
_LEAD_ID = _Sorted("lead_id")

ORDERS: Final[dict[Order, tuple[_Sorted, ...]]] = {
    # The ranking index, in its order. The sum tells more within a grade than engagement before fit:
    # 0.020 of AUC on two years of a lender's leads.
    "grade": (_GRADE, _POINTS, _LEAD_ID),
    # These two read the whole of that index: a tenth of a second for half a million leads.
    "engagement": (_ENGAGEMENT, _FIT, _LEAD_ID),
    "fit": (_FIT, _ENGAGEMENT, _LEAD_ID),
}


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Selects leads; scores in tenths of a point. Nothing given: all of them."""

    grades: tuple[str, ...] = ()
    min_fit: int | None = None
    min_engagement: int | None = None
    municipality_code: str | None = None
    prefecture: str | None = None
    """The first two digits of its municipalities' codes."""


@dataclass(frozen=True, slots=True)
class ListedLead:
    """A lead as lists show it, without personal data. Scores in tenths of a point."""

    lead_id: str
    fit: int
    engagement: int
    grade: str
    scored_at: datetime
    rule_version: int
    next_grade_change_at: datetime | None
    qualified: bool
    last_activity_at: datetime | None
    municipality_code: str | None
    department: str | None
    role: str | None

    @property
    def points(self) -> int:
        """Fit and engagement together: the order within a grade."""
        return self.fit + self.engagement

    def sort_key(self, order: Order) -> SortKey:
        """Return the key at which the next page starts."""
        return tuple(getattr(self, by.column) for by in ORDERS[order])


_LISTED: Final = ", ".join(
    f"{'p' if name in {'department', 'role'} else 'l'}.{name}"
    for name in ListedLead.__dataclass_fields__
)


@dataclass(frozen=True, slots=True)
class MunicipalityCounts:
    """The people at one municipality, counted side by side and never added up."""

    leads_by_grade: dict[str, int]
    active_people: int
    """Leads that did something since the instant asked for."""


class _Arguments:
    """The arguments of a statement, numbered as they are named."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def __call__(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


async def list_leads(
    connection: RawConnection,
    wanted: LeadFilter,
    order: Order,
    after: SortKey | None,
    limit: int,
) -> list[ListedLead]:
    """The first ``limit`` leads in ``order``, or those that follow the row with the key ``after``.

    ``after`` has as many values as the order has columns.
    """
    argument = _Arguments()
    by = ORDERS[order]
    sorting = ", ".join(each.clause for each in by)
    conditions = list(_conditions(wanted, argument))
    size = argument(limit)
    ranges = " union all ".join(
        f"(select lead_id, grade, engagement, fit, fit + engagement as points from lead "  # noqa: S608 - our own columns
        f"where {' and '.join([*conditions, *bounds]) or 'true'} order by {sorting} limit {size})"
        for bounds in _ranges(by, after, argument)
    )
    page = f"select * from ({ranges}) ranges order by {sorting} limit {size}"  # noqa: S608
    rows = await connection.fetch(
        f"with page as ({page}) select {_LISTED} from page "  # noqa: S608
        "join lead l using (lead_id) left join lead_profile p using (lead_id) "
        f"order by {', '.join('page.' + each.clause for each in by)}",
        *argument.values,
    )
    return [ListedLead(*row) for row in rows]


async def count_municipality(
    connection: RawConnection, code: str, active_since: datetime
) -> MunicipalityCounts:
    """Count a municipality's leads by grade, and those that were active."""
    rows = await connection.fetch(
        "select grade, count(*), count(*) filter (where last_activity_at >= $2) "
        "from lead where municipality_code = $1 group by grade order by grade",
        code,
        active_since,
    )
    return MunicipalityCounts(
        leads_by_grade={grade: leads for grade, leads, _ in rows},
        active_people=sum(active for _, _, active in rows),
    )


def _conditions(wanted: LeadFilter, argument: _Arguments) -> Iterable[str]:
    if wanted.grades:
        yield f"grade = any({argument(list(wanted.grades))}::text[])"
    if wanted.min_fit is not None:
        yield f"fit >= {argument(wanted.min_fit)}"
    if wanted.min_engagement is not None:
        yield f"engagement >= {argument(wanted.min_engagement)}"
    if wanted.municipality_code is not None:
        yield f"municipality_code = {argument(wanted.municipality_code)}"
    if wanted.prefecture is not None:
        # A range, which the index of municipalities can serve: codes are six digits.
        yield (
            f"municipality_code between {argument(wanted.prefecture + '0000')} "
            f"and {argument(wanted.prefecture + '9999')}"
        )


def _ranges(by: Sequence[_Sorted], after: SortKey | None, argument: _Arguments) -> list[list[str]]:
    if after is None:
        return [[]]
    key = [argument(value) for value in after]
    return [
        [f"{column.value} = {value}" for column, value in zip(by[:depth], key, strict=False)]
        + [f"{by[depth].value} {by[depth].after} {key[depth]}"]
        for depth in reversed(range(len(by)))
    ]
