"""What a budget cycle asks of the world: what lies ahead, publish what is due, correct a date."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from budget_calendar import tables
from budget_calendar.announcements import Announcement
from budget_calendar.domain.business_days import BusinessDays
from budget_calendar.domain.corrections import Correction
from budget_calendar.domain.windows import Window
from budget_calendar.looking_ahead import Ahead, Due, LookAhead, ahead_of, event_data
from budget_calendar.repository import announced, calendars, follows, municipalities
from budget_calendar.service import Author, Calendars
from kakehashi_common import idempotency, outbox
from kakehashi_common.clock import Clock
from kakehashi_common.contracts.budget_phases import FiscalYear
from kakehashi_common.db import Database
from kakehashi_common.idempotency import IdempotentRequest, StoredResponse


@dataclass(frozen=True, slots=True)
class Announce:
    """Events to publish."""

    code: str
    due: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class Correct:
    """A correction as an operator enters it in the Temporal UI."""

    fiscal_year: FiscalYear
    milestone: Annotated[str, Field(min_length=1, max_length=64)]
    """Its key, such as ``request_deadline`` or ``session_vote:3``, or a phase."""
    earliest: date
    likely: date
    latest: date
    source: str
    """Where the date is from."""
    reason: str
    by: str
    """Who enters it: a staff number, never a name."""


@dataclass(frozen=True, slots=True)
class CorrectCalendar:
    """A correction of one municipality's calendar."""

    code: str
    entered: Correct
    request_id: str
    """Of two requests with the same id the second one changes nothing."""

    def correction(self, at: datetime) -> Correction:
        """As the domain knows it.

        Raises:
            RefusedError: the days are not in order.
        """
        entered = self.entered
        return Correction(
            code=self.code,
            fiscal_year=entered.fiscal_year,
            key=entered.milestone,
            window=Window(entered.earliest, entered.likely, entered.latest),
            source=entered.source,
            reason=entered.reason,
            by=entered.by,
            at=at,
        )


class Cycles:
    """Budget cycles over the database."""

    def __init__(
        self,
        database: Database,
        calendars: Calendars,
        clock: Clock,
        *,
        business_days: BusinessDays,
        lead_business_days: Sequence[int],
        topic_prefix: str = "",
    ) -> None:
        self._database = database
        self._calendars = calendars
        self._clock = clock
        self._business_days = business_days
        self._lead_business_days = tuple(lead_business_days)
        self._topic_prefix = topic_prefix

    async def look_ahead(self, request: LookAhead) -> Ahead | None:
        """What is due, and when to look again; ``None``: it is followed no longer.

        Opens the calendars that are not there yet.
        """
        async with self._database.transaction() as connection:
            if not await follows.is_followed(connection, request.code):
                return None
            registered = await municipalities.find(connection, request.code)
            opened = await self._calendars.open_years(
                connection, request.code, request.fiscal_years
            )
        return ahead_of(
            request,
            [each.calendar for each in opened],
            name=request.code if registered is None else registered.municipality.name,
            business_days=self._business_days,
            lead_business_days=self._lead_business_days,
        )

    async def announce(self, request: Announce) -> int:
        """Publish what has not been published yet; return how many events that were."""
        async with self._database.transaction() as connection:
            # Whoever writes about the municipality does so one after the other: the outbox keeps
            # the order of a key only then.
            await calendars.lock(connection, request.code)
            new = await announced.claim(connection, [UUID(each.event_id) for each in request.due])
            messages = [
                announcement(request.code, each).message(self._topic_prefix)
                for each in request.due
                if UUID(each.event_id) in new
            ]
            await outbox.add(connection, tables.outbox_table, messages)
        return len(messages)

    async def correct(self, request: CorrectCalendar) -> list[str]:
        """Put a date in force; return the keys of what moved.

        Raises:
            RefusedError: see ``domain.corrections.checked``.
            NotFoundError: no such municipality.
        """
        origin = f"budget-cycle/{request.code}"
        author = Author(who=request.entered.by, origin=origin)
        once = IdempotentRequest(origin, "correct_calendar", request.request_id, b"")
        async with self._database.transaction() as connection:
            done = await idempotency.reserve(connection, tables.idempotency_table, once)
            if done is not None:
                answer: list[str] = json.loads(done.body)
                return answer
            revised = await self._calendars.correct_in(
                connection, request.correction(self._clock.now()), author
            )
            answer = [each.key for each in revised.moved]
            await idempotency.remember(
                connection,
                tables.idempotency_table,
                once,
                StoredResponse(200, json.dumps(answer).encode()),
            )
        await self._calendars.tell_cycle(revised)
        return answer


def announcement(code: str, one: Due) -> Announcement:
    """What is due, as an event to publish."""
    return Announcement(UUID(one.event_id), one.occurred_at, code, event_data(one))
