"""Read the phase and the next milestone of all followed municipalities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from budget_calendar.calendars import repository as calendars
from budget_calendar.domain.budget_year.calendar import BudgetCalendar, MilestoneKind
from budget_calendar.domain.municipality import Municipality
from budget_calendar.follows import repository as follows
from budget_calendar.notifications import planning_revision
from budget_calendar.overview import repository as standings
from budget_calendar.overview.repository import MunicipalityStatus, Place, UpcomingMilestone
from budget_calendar.registry.queries import RegistryQueries
from budget_calendar.registry.search import Criteria, Registry
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.db import Database
from kakehashi_common.domain.budget_phases import BudgetPhase

Order = Literal["next", "code", "phase"]
"""By the next milestone's day, by code, or by how far the year has got."""

SortKey = tuple[str | int, str]
"""The key after which the next page of an overview starts."""

_AFTER_ALL_DAYS: Final = "9999-12-31"
_PHASES: Final = {phase.value: place for place, phase in enumerate(BudgetPhase)}


@dataclass(frozen=True, slots=True)
class StatusFilter:
    """Selects and orders municipality statuses."""

    within: Criteria
    codes: frozenset[str] | None
    """Of these; ``None``: of any."""
    phases: frozenset[BudgetPhase]
    """In any of these; empty: in any at all."""
    kinds: Sequence[MilestoneKind]
    """Of these the next milestone is shown."""
    order: Order


@dataclass(frozen=True, slots=True)
class MunicipalityStatuses:
    """A page of statuses on a day."""

    rows: Sequence[tuple[Municipality, MunicipalityStatus]]
    """In order; the page that was asked for, and one more if there is one."""
    total: int
    """On all pages."""
    without_calendar: int
    """Followed, but no calendar of that day's year has been opened (yet)."""


class OverviewQueries:
    """Reads over all followed municipalities; each is one transaction."""

    def __init__(self, database: Database, clock: Clock, registry: RegistryQueries) -> None:
        self._database = database
        self._clock = clock
        self._registry = registry

    @property
    def today(self) -> date:
        """The day in Japan."""
        return japan_day(self._clock.now())

    async def list_statuses(
        self, day: date, wanted: StatusFilter, after: SortKey | None, limit: int
    ) -> MunicipalityStatuses:
        """Return a page of statuses on ``day``, with the next milestone of the wanted kinds.

        Raises:
            DomainError: there is no such prefecture.
        """
        registry = await self._registry.registry()
        fitting = {
            each.code: each
            for each in registry.find(wanted.within)
            if wanted.codes is None or each.code in wanted.codes
        }
        async with self._database.raw_transaction() as connection:
            kinds = [kind.value for kind in wanted.kinds]
            stored = await standings.list_statuses(connection, day, kinds)
            followed = await standings.list_followed(connection)
        return statuses(stored, followed, fitting, wanted, after, limit)

    async def get_calendars(
        self, codes: Sequence[str], fiscal_year: int
    ) -> dict[str, BudgetCalendar]:
        """The newest stored calendars of that year, by code."""
        async with self._database.transaction() as connection:
            return await calendars.get_newest_by_code(connection, codes, fiscal_year)

    async def list_milestones(
        self,
        first: date,
        days: int,
        *,
        kinds: Sequence[MilestoneKind] | None,
        prefecture: str,
        codes: Sequence[str] | None,
        after: Place | None,
        limit: int,
    ) -> list[tuple[Municipality, UpcomingMilestone]]:
        """Milestones that likely fall on ``first`` or within ``days`` days after it, by day.

        Raises:
            DomainError: there is no such prefecture.
        """
        registry = await self._registry.registry()
        async with self._database.raw_transaction() as connection:
            rows = await standings.list_upcoming(
                connection,
                first=first,
                last=first + timedelta(days=days),
                kinds=None if kinds is None else [kind.value for kind in kinds],
                codes=_codes(registry, prefecture, codes),
                after=after,
                limit=limit,
            )
        return [(registry.get(row.code), row) for row in rows]

    async def list_revisions(self, prefecture: str) -> list[tuple[str, str, int]]:
        """Code, name and planning revision of each followed municipality, by code.

        It stays as long as :meth:`milestones` has the same to show.

        Raises:
            DomainError: there is no such prefecture.
        """
        registry = await self._registry.registry()
        codes = _codes(registry, prefecture, None)
        async with self._database.transaction() as connection:
            rows = await connection.execute(planning_revision.revisions())
            revisions = {row.code: row.revision for row in rows}
            followed = await follows.list_codes(connection)
        return [
            (code, registry.get(code).name, revisions.get(code, 0))
            for code in followed
            if codes is None or code in codes
        ]


def statuses(
    stored: Sequence[MunicipalityStatus],
    followed: Sequence[str],
    fitting: Mapping[str, Municipality],
    wanted: StatusFilter,
    after: SortKey | None,
    limit: int,
) -> MunicipalityStatuses:
    """Return the page after ``after`` of stored statuses that are in ``fitting`` and ``wanted``."""
    placed = {each.code for each in stored}
    rows = sorted(
        (
            (sort_key(each, wanted.order), each)
            for each in stored
            if each.code in fitting and (not wanted.phases or each.phase in wanted.phases)
        ),
        key=lambda row: row[0],
    )
    behind = [each for key, each in rows if after is None or key > after]
    return MunicipalityStatuses(
        rows=[(fitting[each.code], each) for each in behind[:limit]],
        total=len(rows),
        without_calendar=sum(code in fitting and code not in placed for code in followed),
    )


def sort_key(standing: MunicipalityStatus, order: Order) -> SortKey:
    """Return the unique key that orders an overview."""
    match order:
        case "next":
            coming = standing.next
            return (_AFTER_ALL_DAYS if coming is None else str(coming.likely), standing.code)
        case "phase":
            return (_PHASES[standing.phase], standing.code)
        case "code":
            return ("", standing.code)


def _codes(
    registry: Registry, prefecture: str, codes: Sequence[str] | None
) -> Sequence[str] | None:
    """Return the codes to look at; ``None`` for all."""
    if not prefecture:
        return codes
    inside = [each.code for each in registry.find(Criteria(prefecture=prefecture))]
    return inside if codes is None else [code for code in inside if code in codes]
