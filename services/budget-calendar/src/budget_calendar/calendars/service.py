"""Use cases of calendars: read, correct, observe, follow. Load, decide, save, outbox."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar import tables
from budget_calendar.calendars import corrections, sessions
from budget_calendar.calendars import repository as calendars
from budget_calendar.calendars.calculator import CalendarCalculator, CalendarInputs
from budget_calendar.calendars.inputs import get_municipality, load_inputs
from budget_calendar.calendars.repository import StoredCalendar
from budget_calendar.calendars.revisions import (
    Revised,
    calendar_revised,
    first_version,
    following,
    revised_by,
    revised_by_facts,
)
from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.budget_year.corrections import (
    Correction,
    StandingFacts,
    checked,
    checked_facts,
    milestone_window,
    repeated,
)
from budget_calendar.domain.budget_year.revision import Moved, moved
from budget_calendar.domain.council.sessions import ObservedSession, checked_sessions
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.domain.windows import Window
from budget_calendar.events.publisher import MunicipalityLocks, lock_municipality
from budget_calendar.notifications import repository as notifications
from budget_calendar.notifications.service import Notifier
from budget_calendar.registry import repository as municipalities
from budget_calendar.registry.repository import Facts, Registered
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.contracts.budget_phases import RevisionCause
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import errors_within
from kakehashi_common.errors import (
    NotFoundError,
)
from kakehashi_common.http.etags import Precondition, is_repeated
from kakehashi_common.http.idempotency import IdempotentRequest, IdempotentResults
from kakehashi_common.outbox import store as outbox
from kakehashi_common.outbox.store import Message

_results: Final = IdempotentResults(tables.idempotency_table, TypeAdapter(Revised))


class Calendars:
    """Calendars of municipalities, over the database.

    Args:
        database: where everything is stored.
        clock: the present day.
        calculator: computes calendars.
        notifier: notifies the workflows of what has changed.
        topic_prefix: before every topic's name.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        calculator: CalendarCalculator,
        notifier: Notifier,
        *,
        topic_prefix: str = "",
    ) -> None:
        self._database = database
        self._clock = clock
        self._calculator = calculator
        self._notifier = notifier
        self._topic_prefix = topic_prefix
        self._locks = MunicipalityLocks()

    @property
    def today(self) -> date:
        """The day in Japan."""
        return japan_day(self._clock.now())

    async def list_calendars(
        self, connection: AsyncConnection, code: str, fiscal_years: Sequence[int]
    ) -> dict[int, BudgetCalendar]:
        """Return stored or computed calendars by year; nothing is stored.

        Raises:
            NotFoundError: no such municipality.
        """
        stored = await calendars.get_newest_by_year(connection, code, fiscal_years)
        found = {year: each.calendar for year, each in stored.items()}
        if missing := [year for year in fiscal_years if year not in found]:
            found |= await self.compute_calendars(connection, code, missing)
        return found

    async def compute_calendars(
        self,
        connection: AsyncConnection,
        code: str,
        fiscal_years: Sequence[int],
        assumptions: Iterable[Correction] = (),
    ) -> dict[int, BudgetCalendar]:
        """Return the calendars that follow from assumed dates; nothing is stored.

        Raises:
            NotFoundError: no such municipality.
            DomainError: a date could not be entered as a correction.
        """
        inputs = await load_inputs(connection, code)
        for position, assumption in enumerate(assumptions):
            with errors_within(f"assumptions/{position}"):
                accepted = self._checked(inputs, assumption)
            inputs = replace(inputs, corrections=(*inputs.corrections, accepted))
        return {year: self._calculator.calendar(inputs, year) for year in fiscal_years}

    async def open(
        self, connection: AsyncConnection, code: str, fiscal_year: int
    ) -> StoredCalendar:
        """The newest calendar; computed and stored as its first version where there is none."""
        (stored,) = await self.open_years(connection, code, (fiscal_year,))
        return stored

    async def open_years(
        self, connection: AsyncConnection, code: str, fiscal_years: Sequence[int]
    ) -> list[StoredCalendar]:
        """:meth:`open` for several years, in their order."""
        stored = await calendars.get_newest_by_year(connection, code, fiscal_years)
        if len(stored) < len(fiscal_years):
            await lock_municipality(connection, code)
            stored = await calendars.get_newest_by_year(connection, code, fiscal_years)
            inputs = await load_inputs(connection, code)
            opened = {
                fiscal_year: self._first(inputs, fiscal_year)
                for fiscal_year in fiscal_years
                if fiscal_year not in stored
            }
            await calendars.add(connection, list(opened.values()))
            stored |= opened
        return [stored[fiscal_year] for fiscal_year in fiscal_years]

    def _first(self, inputs: CalendarInputs, fiscal_year: int) -> StoredCalendar:
        version = first_version(inputs.municipality.code, fiscal_year, self._clock.now())
        return StoredCalendar(version, self._calculator.calendar(inputs, fiscal_year))

    async def correct(
        self, correction: Correction, actor: Actor, request: IdempotentRequest | None = None
    ) -> Revised:
        """Put a person's date in force and compute the calendars again.

        Raises:
            NotFoundError: no such municipality.
            DomainError: see ``domain.budget_year.corrections.checked``.
        """
        async with self._locks.of(correction.code), self._database.transaction() as connection:
            earlier = await _results.earlier(connection, request)
            if earlier is not None:
                return earlier
            revised = await self._correct(connection, correction, actor)
            await _results.keep(connection, request, revised)
        await self._notify(revised)
        return revised

    async def _correct(
        self, connection: AsyncConnection, correction: Correction, actor: Actor
    ) -> Revised:
        await lock_municipality(connection, correction.code)
        inputs = await load_inputs(connection, correction.code)
        await self.open(connection, correction.code, correction.fiscal_year)
        if (present := repeated(correction, inputs.corrections)) is not None:
            return await revised_by(connection, present)
        accepted = self._checked(inputs, replace(correction, at=self._clock.now()))
        await corrections.replace(connection, accepted)
        await actor.record(
            connection,
            tables.audit_table,
            "correct_calendar",
            f"calendar/{accepted.code}/{accepted.fiscal_year}/{accepted.key}",
            after={
                "earliest": str(accepted.window.earliest),
                "likely": str(accepted.window.likely),
                "latest": str(accepted.window.latest),
                "source": accepted.source,
                "reason": accepted.reason,
            },
        )
        return await self._revise(
            connection,
            accepted.code,
            RevisionCause.CORRECTION,
            accepted.reason,
            actor,
            at=accepted.at,
        )

    async def withdraw_correction(
        self, code: str, fiscal_year: int, key: str, actor: Actor
    ) -> Revised:
        """Withdraw a correction, and compute the calendars again. ``key`` may be a phase.

        Raises:
            NotFoundError: no such municipality, or no correction of that milestone is in force.
            DomainError: there is no such milestone or phase.
        """
        key, _ = milestone_window(key, Window.on(self.today))
        async with self._locks.of(code), self._database.transaction() as connection:
            await lock_municipality(connection, code)
            await get_municipality(connection, code)
            if not await corrections.withdraw(
                connection, code, fiscal_year, key, at=self._clock.now()
            ):
                raise NotFoundError(
                    f"no correction of {key} in fiscal year {fiscal_year} is in force for {code}",
                    field="key",
                )
            await actor.record(
                connection,
                tables.audit_table,
                "withdraw_correction",
                f"calendar/{code}/{fiscal_year}/{key}",
            )
            why = f"correction of {key} withdrawn"
            revised = await self._revise(
                connection, code, RevisionCause.CORRECTION, why, actor, since=fiscal_year
            )
        await self._notify(revised)
        return revised

    async def enter_facts(
        self,
        facts: StandingFacts,
        actor: Actor,
        precondition: Precondition[Registered] = lambda _: None,
    ) -> Revised:
        """Store facts that hold whatever the year, and compute the calendars again.

        Args:
            facts: what the person knows.
            actor: for the audit.
            precondition: raises unless the municipality is still as the person saw it.

        Raises:
            NotFoundError: no such municipality.
            DomainError: see ``domain.budget_year.corrections.checked_facts``.
        """
        accepted = checked_facts(facts, today=self.today)
        async with self._locks.of(accepted.code), self._database.transaction() as connection:
            await lock_municipality(connection, accepted.code)
            before = await get_municipality(connection, accepted.code)
            after = Facts(accepted.head_term_ends, accepted.year_round_session)
            if is_repeated(precondition, before, done=before.facts == after):
                return await revised_by_facts(connection, accepted)
            await municipalities.enter_facts(connection, accepted.code, after)
            await actor.record(
                connection,
                tables.audit_table,
                "enter_facts",
                f"municipality/{accepted.code}",
                before=before.facts.recorded(),
                after=after.recorded() | {"source": accepted.source, "reason": accepted.reason},
            )
            revised = await self._revise(
                connection, accepted.code, RevisionCause.REGISTRY, accepted.reason, actor
            )
        await self._notify(revised)
        return revised

    async def observe(
        self,
        code: str,
        observed: Sequence[ObservedSession],
        actor: Actor,
        request: IdempotentRequest | None = None,
    ) -> Revised:
        """Store a council's sessions as held, and compute the calendars that they touch again.

        A stored session of the same number is replaced.

        Raises:
            NotFoundError: no such municipality.
            DomainError: see ``domain.council.sessions.checked_sessions``; nothing is stored.
        """
        accepted = checked_sessions(code, observed)
        async with self._locks.of(code), self._database.transaction() as connection:
            await lock_municipality(connection, code)
            earlier = await _results.earlier(connection, request)
            if earlier is not None:
                return earlier
            await get_municipality(connection, code)
            await sessions.put_sessions(connection, accepted)
            await actor.record(
                connection,
                tables.audit_table,
                "observe_sessions",
                f"municipality/{code}",
                after={"sessions": len(accepted)},
            )
            revised = await self._revise(
                connection,
                code,
                RevisionCause.OBSERVATION,
                f"{len(accepted)} council sessions entered",
                actor,
                since=min((fiscal_year_of(each.last_vote_on) for each in accepted), default=None),
            )
            await _results.keep(connection, request, revised)
        await self._notify(revised)
        return revised

    async def recompute(
        self,
        code: str,
        actor: Actor,
        reason: str,
        cause: RevisionCause = RevisionCause.METHOD,
    ) -> Revised:
        """Compute the stored calendars of this year on again: the method has changed, or a year.

        Raises:
            NotFoundError: no such municipality.
        """
        async with self._locks.of(code), self._database.transaction() as connection:
            await lock_municipality(connection, code)
            revised = await self._revise(connection, code, cause, reason, actor)
        await self._notify(revised)
        return revised

    def _checked(self, inputs: CalendarInputs, correction: Correction) -> Correction:
        return checked(
            correction,
            calendar=self._calculator.calendar(inputs, correction.fiscal_year),
            standing=inputs.corrections,
            today=self.today,
        )

    async def _revise(
        self,
        connection: AsyncConnection,
        code: str,
        cause: RevisionCause,
        reason: str,
        actor: Actor,
        *,
        since: int | None = None,
        at: datetime | None = None,
    ) -> Revised:
        """Store a new version of each calendar that has moved; announce it.

        Computed again are this year's and later ones, and those from fiscal year ``since`` on.
        The new versions carry one instant: ``at``, or now.
        """
        at = at or self._clock.now()
        inputs = await load_inputs(connection, code)
        this_year = fiscal_year_of(self.today)
        first = min(this_year, since or this_year)
        newest = await calendars.get_newest_since(connection, code, first)
        changed: list[StoredCalendar] = []
        all_moved: list[Moved] = []
        messages: list[Message] = []
        for fiscal_year, stored in newest.items():
            calendar = self._calculator.calendar(inputs, fiscal_year)
            if calendar == stored.calendar:
                continue
            version = following(stored.version, cause, reason, actor.who, at)
            changed.append(StoredCalendar(version, calendar))
            what_moved = moved(stored.calendar, calendar)
            all_moved += what_moved
            if what_moved:
                revised = calendar_revised(version, cause, what_moved)
                messages.append(revised.message(code, self._topic_prefix))
        await calendars.add(connection, changed)
        await outbox.add(connection, tables.outbox_table, messages)
        if changed:
            await notifications.count_revision(connection, code)
        return Revised(code, tuple(each.version for each in changed), tuple(all_moved))

    async def _notify(self, revised: Revised) -> None:
        if revised.versions:
            await self._notifier.notify(revised.code)
