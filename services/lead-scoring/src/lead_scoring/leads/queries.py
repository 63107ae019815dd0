"""Read scores: the newest, its explanation, its history, and a municipality's leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from pydantic import TypeAdapter

from kakehashi_common.budget_timing.service import BudgetTiming, timing_of
from kakehashi_common.clock import Clock
from kakehashi_common.contracts.events import Event, EventData
from kakehashi_common.contracts.municipalities import Municipality, municipalities
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.db import Database, RawConnection
from kakehashi_common.errors import NotFoundError
from kakehashi_common.lead_merges import repository as merges
from lead_scoring.domain.days import japan_day
from lead_scoring.domain.decision import lead_as_of
from lead_scoring.domain.explanation import Contribution
from lead_scoring.domain.lead import Fact, Lead
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.leads import repository
from lead_scoring.leads.repository import (
    LeadFilter,
    ListedLead,
    MunicipalityCounts,
    Order,
    SortKey,
)
from lead_scoring.rules.rule_cache import RuleCache
from lead_scoring.scoring.event_mapping import fact_of
from lead_scoring.scoring.repository import events, history, leads
from lead_scoring.scoring.repository.events import LoggedEvent
from lead_scoring.scoring.repository.history import PastScore
from lead_scoring.scoring.repository.leads import StoredLead

ACTIVE_WITHIN: Final = timedelta(days=7)
"""Several people of one municipality active within a week are a strong signal (common practice)."""

_readers: Final[dict[str, TypeAdapter[EventData]]] = {
    model.TYPE: TypeAdapter(model) for model in LEAD_EVENTS.models
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A score and every line that it sums up from. Scores in tenths of a point."""

    fit: int
    engagement: int
    grade: str
    as_of: datetime
    rule_set: str
    rule_version: int
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class MunicipalityView:
    """A municipality's leads, side by side."""

    municipality: Municipality
    counts: MunicipalityCounts
    best: ListedLead | None
    """The first in order of grade, then of fit and engagement together."""
    leads: Sequence[ListedLead]
    """The page that was asked for, and one more if there is one."""


@dataclass(frozen=True, slots=True)
class LeadWithReasons:
    """A lead of a list, where its municipality stands, and what speaks for or against it."""

    lead: ListedLead
    timing: BudgetTiming | None
    reasons: tuple[Contribution, ...]
    """The strongest first, of both signs."""


class LeadQueries:
    """Reads; each is one transaction. None of them raises for a lead that is being written."""

    def __init__(self, database: Database, clock: Clock, rules: RuleCache) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules

    async def lead(self, lead_id: str) -> tuple[StoredLead, Explained]:
        """The stored score and its explanation, as of when it was scored and by those rules.

        Raises:
            NotFoundError: nothing is known of the lead.
        """
        async with self._database.raw_transaction() as connection:
            stored = await _stored(connection, lead_id)
            score = stored.lead.score
            if score is None:
                raise NotFoundError(f"lead {lead_id} has not been scored")
            compiled = await self._rules.version(connection, score.rule_version)
        return stored, _explain(stored.lead, compiled, score.scored_at)

    async def explanation(
        self, lead_id: str, as_of: datetime | None, rule_version: int | None
    ) -> Explained:
        """The score at an instant (now when ``None``), by a version (the newest when ``None``).

        The past is computed from the event log: what is known today of what had happened by then,
        as far back as the log is kept.

        Raises:
            NotFoundError: nothing is known of the lead, or there is no such version.
        """
        async with self._database.raw_transaction() as connection:
            stored = await _stored(connection, lead_id)
            compiled = (
                await self._rules.in_force(connection)
                if rule_version is None
                else await self._rules.version(connection, rule_version)
            )
            if as_of is None:
                return _explain(stored.lead, compiled, self._clock.now())
            logged = await events.of_lead(connection, stored.lead.lead_id, as_of)
        return _explain(lead_as_of(lead_id, map(_fact, logged), as_of), compiled, as_of)

    async def history(self, lead_id: str, before: int | None, limit: int) -> list[PastScore]:
        """Announced scores, newest first, from the one before the id ``before`` on.

        Raises:
            NotFoundError: nothing is known of the lead.
        """
        async with self._database.raw_transaction() as connection:
            found = await history.newest_first(connection, lead_id, before, limit)
            if not found and before is None:
                await _stored(connection, lead_id)
        return found

    async def leads(
        self, wanted: LeadFilter, order: Order, after: SortKey | None, limit: int
    ) -> list[ListedLead]:
        """The first ``limit`` leads in ``order``, or those after the row with the key ``after``."""
        async with self._database.raw_transaction() as connection:
            return await repository.list_leads(connection, wanted, order, after, limit)

    async def listed(
        self, leads_shown: Sequence[ListedLead], reasons: int
    ) -> list[LeadWithReasons]:
        """Return leads of a list with budget timing and the strongest reasons of their scores.

        Args:
            leads_shown: the leads.
            reasons: so many of the strongest lines of each score, as it was stored.
        """
        codes = {lead.municipality_code for lead in leads_shown if lead.municipality_code}
        today = date.fromordinal(japan_day(self._clock.now()))
        async with self._database.raw_transaction() as connection:
            timing = await timing_of(connection, codes, today)
            why = await self._reasons(connection, leads_shown, reasons) if reasons else {}
        return [
            LeadWithReasons(
                lead, timing.get(lead.municipality_code or ""), why.get(lead.lead_id, ())
            )
            for lead in leads_shown
        ]

    async def _reasons(
        self, connection: RawConnection, listed: Sequence[ListedLead], most: int
    ) -> dict[str, tuple[Contribution, ...]]:
        found = {}
        held = await leads.load(connection, [each.lead_id for each in listed])
        for lead_id, stored in held.items():
            score = stored.lead.score
            if score is not None:
                compiled = await self._rules.version(connection, score.rule_version)
                lines = _explain(stored.lead, compiled, score.scored_at).contributions
                strongest = sorted(lines, key=lambda line: -abs(line.points))
                found[lead_id] = tuple(strongest[:most])
        return found

    async def municipality(self, code: str, after: SortKey | None, limit: int) -> MunicipalityView:
        """One municipality with up to ``limit`` of its leads, in order of their grade.

        Raises:
            NotFoundError: no local government has this code.
        """
        municipality = municipalities().get(code)
        if municipality is None:
            raise NotFoundError(f"no local government has the code {code!r}")
        wanted = LeadFilter(municipality_code=code)
        async with self._database.raw_transaction() as connection:
            since = self._clock.now() - ACTIVE_WITHIN
            page = await repository.list_leads(connection, wanted, "grade", after, limit)
            best = (
                page[:1]
                if after is None
                else await repository.list_leads(connection, wanted, "grade", None, 1)
            )
            return MunicipalityView(
                municipality=municipality,
                counts=await repository.count_municipality(connection, code, since),
                best=best[0] if best else None,
                leads=page,
            )


async def _stored(connection: RawConnection, lead_id: str) -> StoredLead:
    """Return a lead; of an id that has gone the one that stays."""
    gone = await merges.surviving(connection, [lead_id])
    stored = (await leads.load(connection, [gone.get(lead_id, lead_id)])).values()
    if not stored:
        raise NotFoundError(f"nothing is known of the lead {lead_id}")
    return next(iter(stored))


def _explain(lead: Lead, compiled: CompiledRules, at: datetime) -> Explained:
    day = japan_day(at)
    fit, engagement, grade = compiled.evaluate(lead, day)
    return Explained(
        fit=fit,
        engagement=engagement,
        grade=grade,
        as_of=at,
        rule_set=compiled.rules.name,
        rule_version=compiled.version,
        contributions=compiled.explain(lead, day),
    )


def _fact(logged: LoggedEvent) -> Fact:
    data = _readers[logged.type].validate_json(logged.data)
    event = Event(logged.event_id, logged.source, logged.occurred_at, data)
    return fact_of(event, logged.event_key)
