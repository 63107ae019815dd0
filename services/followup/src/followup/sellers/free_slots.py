"""Times at which sellers are free for a meeting, by their own calendars."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from followup import tables
from followup.domain.meeting_slots import MEETING, Span, free_slots, offered, written
from followup.sellers import calendar_repository as calendars
from followup.sellers import repository
from followup.sellers.busy_times import MOST_BYTES, busy_times
from followup.sellers.calendar_repository import StoredCalendar
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.db import Database, RawConnection, driver_connection
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import NotFoundError, TransientError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from kakehashi_common.webhooks.addresses import check_url
from kakehashi_common.webhooks.posting import WebhookClient
from kakehashi_common.webhooks.settings import WebhookSettings

READ_AGAIN_AFTER: Final = timedelta(minutes=10)
COVERS: Final = timedelta(days=90)
"""The time ahead that a calendar is read for."""
GOOD_FOR: Final = timedelta(days=1)
"""The time for which a calendar read at a URL is trusted."""
FILE_GOOD_FOR: Final = timedelta(days=14)
"""The time for which an uploaded file is trusted, since it is not read again."""

_FIRST_OFFERED: Final = 2
"""Business days ahead."""
_FIRST_AFTER_APPROVAL: Final = 6
"""The same where a person approves first, who has five business days to do so."""
_OFFERED_WITHIN: Final = 10
"""Business days, among which the offered ones are."""


@dataclass(frozen=True, slots=True)
class FreeSlots:
    """A seller's free times; none while the calendar can't be trusted."""

    calendar: StoredCalendar
    problem: str | None
    """The reason why it can't be trusted; ``None``: it can."""
    slots: tuple[Span, ...]


class OwnCalendars:
    """Reads sellers' own calendars and finds their free times.

    Args:
        database: where their busy times are kept.
        client: fetches calendars.
        settings: where a URL may lead.
        clock: gives the present time.
    """

    def __init__(
        self, database: Database, client: WebhookClient, settings: WebhookSettings, clock: Clock
    ) -> None:
        self._database = database
        self._client = client
        self._settings = settings
        self._clock = clock

    async def name_url(self, seller_id: str, url: str, actor: Actor) -> StoredCalendar:
        """Have a seller's calendar be read at a URL, and read it.

        The audit holds the host alone, as whoever knows the URL reads the calendar. That it can't
        be read now is said in ``problem``.

        Raises:
            DomainError: it may not lead there (``not_allowed``).
            NotFoundError: there is no such seller.
            TransientError: the database is unavailable.
        """
        try:
            check_url(url, self._settings)
        except ValueError as error:
            raise DomainError(str(error), field="url", code="not_allowed") from None
        found = await self._fetched(_unread(seller_id, url, self._clock.now()))
        await self._put(found, actor, {"host": urlsplit(url).hostname})
        return found

    async def upload(self, seller_id: str, document: bytes, actor: Actor) -> StoredCalendar:
        """Take a seller's calendar out of a file.

        Raises:
            DomainError: it can't be read (see :func:`~followup.sellers.busy_times.busy_times`).
            NotFoundError: there is no such seller.
            TransientError: the database is unavailable.
        """
        now = self._clock.now()
        found = await _read(_unread(seller_id, None, now), document, now)
        await self._put(found, actor, {"host": None})
        return found

    async def forget(self, seller_id: str, actor: Actor) -> None:
        """Forget a seller's calendar; one that isn't there is forgotten already.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            if await calendars.remove(await driver_connection(connection), seller_id):
                await actor.record(
                    connection, tables.audit_table, "forget_calendar", f"seller/{seller_id}"
                )

    async def refresh(self, seller_id: str) -> StoredCalendar | None:
        """Read a seller's calendar again if that was some minutes ago; ``None``: they have none.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            known = await calendars.find(connection, seller_id)
        if known is None or known.url is None:
            return known
        if self._clock.now() - known.tried_at < READ_AGAIN_AFTER:
            return known
        found = await self._fetched(known)
        async with self._database.raw_transaction() as connection:
            await calendars.refreshed(connection, found)
        return found

    async def free_slots(self, seller_id: str, days: int, length: timedelta) -> FreeSlots:
        """Return when a seller is free on the next business days, tomorrow's being the first.

        Raises:
            NotFoundError: there is no such seller, or they have no calendar.
            TransientError: the database is unavailable.
        """
        found = await self.refresh(seller_id)
        if found is None:
            raise NotFoundError(
                f"seller {seller_id} has no calendar: name one with PUT "
                f"/v1/sellers/{seller_id}/own-calendar",
                field="seller_id",
            )
        now = self._clock.now()
        async with self._database.raw_transaction() as connection:
            return await _free(connection, found, now, range(1, days + 1), length)

    async def _put(self, found: StoredCalendar, actor: Actor, said: dict[str, object]) -> None:
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            if await repository.find(raw, found.seller_id) is None:
                raise NotFoundError(f"there is no seller {found.seller_id}", field="seller_id")
            await calendars.put(raw, found)
            await actor.record(
                connection,
                tables.audit_table,
                "put_calendar",
                f"seller/{found.seller_id}",
                after=said,
            )

    async def _fetched(self, known: StoredCalendar) -> StoredCalendar:
        now = self._clock.now()
        tried = replace(known, tried_at=now)
        assert known.url is not None  # noqa: S101 - the callers have looked
        try:
            return await _read(tried, await self._client.fetch(known.url, MOST_BYTES), now)
        except (TransientError, DomainError) as error:
            return replace(tried, problem=error.message)
        except ValueError as error:
            return replace(tried, problem=str(error))


def _unread(seller_id: str, url: str | None, now: datetime) -> StoredCalendar:
    return StoredCalendar(seller_id, url, (), None, None, now, None)


async def _read(known: StoredCalendar, document: bytes, now: datetime) -> StoredCalendar:
    until = now + COVERS
    busy = await asyncio.to_thread(busy_times, document, now, until)
    return replace(
        known, busy=tuple(busy), covers_until=until, read_at=now, tried_at=now, problem=None
    )


def problem_of(calendar: StoredCalendar, now: datetime) -> str | None:
    """Return why a calendar can't be trusted now; ``None``: it can."""
    if calendar.problem is not None:
        return calendar.problem
    good_for = GOOD_FOR if calendar.url is not None else FILE_GOOD_FOR
    if calendar.read_at is None or now - calendar.read_at > good_for:
        return f"it was read more than {good_for.days} days ago: give a newer one"
    return None


async def offered_slots(
    connection: RawConnection, seller_id: str, now: datetime, *, approved_first: bool
) -> str:
    """Return the times that a text offers, in lines; empty where the calendar can't be trusted.

    Args:
        connection: of any transaction.
        seller_id: in whose name the text goes.
        now: the present instant.
        approved_first: whether a person approves the text: it offers times later than that.
    """
    calendar = await calendars.find(connection, seller_id)
    if calendar is None:
        return ""
    first = _FIRST_AFTER_APPROVAL if approved_first else _FIRST_OFFERED
    days = range(first, first + _OFFERED_WITHIN)
    free = await _free(connection, calendar, now, days, MEETING)
    return written(offered(free.slots))


async def _free(
    connection: RawConnection,
    calendar: StoredCalendar,
    now: datetime,
    days: Sequence[int],
    length: timedelta,
) -> FreeSlots:
    problem = problem_of(calendar, now)
    if problem is not None:
        return FreeSlots(calendar, problem, ())
    away = await repository.absent(connection, calendar.seller_id)
    busy = [*calendar.busy, *(Span(each.starts, each.ends) for each in away)]
    today = japan_day(now)
    slots = free_slots(busy, [BUSINESS_DAYS.shift(today, each) for each in days], length)
    covered = [
        each for each in slots if calendar.covers_until and each.ends <= calendar.covers_until
    ]
    return FreeSlots(calendar, None, tuple(covered))
