"""Subscriptions: a URL for each, with a token, as calendar programs can't send one in a header."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from importlib import metadata
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar import tables
from budget_calendar.calendars.inputs import get_municipality
from budget_calendar.calendars.queries import CalendarQueries
from budget_calendar.domain.budget_year.wording import Language, full_day
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.domain.municipality import Municipality
from budget_calendar.feeds import repository as feeds
from budget_calendar.feeds.entries import (
    FeedCalendar,
    calendar_events,
    followed_events,
    pursuit_events,
)
from budget_calendar.feeds.icalendar import FeedEvent, write_feed
from budget_calendar.feeds.repository import Feed, FeedSubject
from budget_calendar.overview.queries import OverviewQueries
from budget_calendar.overview.repository import UpcomingMilestone
from budget_calendar.pursuits import repository as pursuits
from budget_calendar.registry.queries import RegistryQueries
from budget_calendar.registry.search import prefecture_named
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock, japan_midnight
from kakehashi_common.db import Database
from kakehashi_common.domain.texts import Text
from kakehashi_common.errors import NotFoundError, UnauthenticatedError
from kakehashi_common.feed_tokens import new_token, token_digest
from kakehashi_common.http.etags import digest

KEPT_IN_SIGHT: Final = timedelta(days=31)
"""So far back a feed of many municipalities reaches."""
AHEAD: Final = timedelta(days=400)
"""So far ahead a feed of many municipalities reaches: until the next year's same day."""
MOST_EVENTS: Final = 5000
"""In a feed of many municipalities; the next ones first. More choke calendar programs."""
MOST_PURSUITS: Final = 500
"""In the feed of one owner."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A new subscription. Its token is returned once and never stored."""

    feed: Feed
    token: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The language and form of a feed."""

    language: Language
    """Of all texts."""
    phases: bool
    """Whether a municipality's phases are in it."""
    alarm_days: int | None
    """So many days before an event an alarm rings; ``None``: never."""


@dataclass(frozen=True, slots=True)
class FeedContent:
    """A feed that may have to be written."""

    revision: str
    """The same as long as it would be written the same."""
    write: Callable[[], Awaitable[bytes]]


class Subscriptions:
    """Feeds that calendar programs subscribe to."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        registry: RegistryQueries,
        calendar_queries: CalendarQueries,
        overview: OverviewQueries,
    ) -> None:
        self._database = database
        self._clock = clock
        self._registry = registry
        self._calendar_queries = calendar_queries
        self._overview = overview

    async def subscribe(self, subject: FeedSubject, language: Language, actor: Actor) -> Subscribed:
        """Make a URL's token that reads one feed, and nothing else.

        Asked twice it makes two: an answer kept for repeats would hold the token in clear.

        Raises:
            NotFoundError: no such municipality.
            DomainError: no such prefecture.
        """
        if subject.prefecture is not None:
            subject = replace(subject, prefecture=prefecture_named(subject.prefecture).code)
        token = new_token()
        feed = Feed(uuid.uuid4(), subject, language, actor.who, self._clock.now())
        async with self._database.transaction() as connection:
            if subject.code is not None:
                await get_municipality(connection, subject.code)
            await feeds.add(connection, feed, token_digest(token))
            await self._record(connection, actor, "subscribe", feed)
        return Subscribed(feed, token)

    async def revoke(self, feed_id: UUID, actor: Actor) -> None:
        """Let a token read nothing any more.

        Raises:
            NotFoundError: there is no such subscription.
        """
        async with self._database.transaction() as connection:
            feed = await feeds.remove(connection, feed_id)
            if feed is None:
                raise _no_feed(feed_id)
            await self._record(connection, actor, "revoke_subscription", feed)

    async def list_feeds(self, after: UUID | None, limit: int) -> list[Feed]:
        """Subscriptions by id."""
        async with self._database.transaction() as connection:
            return await feeds.list_feeds(connection, after=after, limit=limit)

    async def feed(self, feed_id: UUID) -> Feed:
        """One subscription.

        Raises:
            NotFoundError: there is no such subscription.
        """
        async with self._database.transaction() as connection:
            feed = await feeds.find(connection, feed_id)
        if feed is None:
            raise _no_feed(feed_id)
        return feed

    async def get_by_token(self, token: str) -> Feed:
        """The subscription that a token of a URL is for.

        Raises:
            UnauthenticatedError: it was revoked, or never existed.
        """
        async with self._database.transaction() as connection:
            feed = await feeds.find_by_token(connection, token_digest(token))
        if feed is None:
            raise invalid_token()
        return feed

    async def content(self, subject: FeedSubject, layout: Layout) -> FeedContent:
        """Return the feed of one municipality, of an owner's pursuits, or of what is followed.

        Raises:
            NotFoundError: no such municipality.
        """
        if subject.code is not None:
            return await self._of_municipality(subject.code, layout)
        if subject.owner is not None:
            return await self._of_owner(subject.owner, layout)
        return await self._of_followed(subject.prefecture, layout)

    async def _of_municipality(self, code: str, layout: Layout) -> FeedContent:
        """This fiscal year's calendar and the next one's."""
        this_year = fiscal_year_of(self._calendar_queries.today)
        shown = [
            await self._calendar_queries.get_calendar(code, year)
            for year in (this_year, this_year + 1)
        ]
        name = shown[0].municipality.name
        # Not stored, it is computed again each time: as of today, so that the feed stays the same.
        morning = self._morning()
        sources = [
            FeedCalendar(
                each.calendar,
                name,
                0 if each.version is None else each.version.version,
                morning if each.version is None else each.version.computed_at,
            )
            for each in shown
        ]
        versions = [each.version or each.calendar for each in shown]
        title = Text(f"{name} 予算カレンダー", f"{name}: budget calendar")

        async def write() -> bytes:
            events = calendar_events(sources, layout.language, phases=layout.phases)
            return await _written(events, title, layout)

        return FeedContent(_revision(name, morning, versions, layout), write)

    async def _of_owner(self, owner: str, layout: Layout) -> FeedContent:
        registry = await self._registry.registry()
        async with self._database.transaction() as connection:
            found = await pursuits.list_open(connection, owner, MOST_PURSUITS)
        shown = [
            (registry.get(each.state.municipality_code), each.state, each.updated_at)
            for each in found
        ]
        versions = [
            (of.name, state.pursuit_id, state.version, changed) for of, state, changed in shown
        ]
        title = Text(f"{owner}の案件", f"Pursuits of {owner}")

        async def write() -> bytes:
            return await _written(pursuit_events(shown, layout.language), title, layout)

        return FeedContent(_revision(owner, versions, layout), write)

    async def _of_followed(self, prefecture: str | None, layout: Layout) -> FeedContent:
        # Counted and not read: five thousand milestones cost much more than their versions.
        revisions = await self._overview.list_revisions(prefecture or "")
        revision = _revision(prefecture, self._calendar_queries.today, revisions, layout)
        return FeedContent(revision, partial(self._write_followed, prefecture, layout))

    async def _write_followed(self, prefecture: str | None, layout: Layout) -> bytes:
        today, one_day = self._calendar_queries.today, timedelta(days=1)
        rows = await self._milestones(prefecture, today, AHEAD)
        note = None
        if len(rows) > MOST_EVENTS:
            rows = rows[:MOST_EVENTS]
            last = rows[-1][1].likely
            note = Text(
                f"件数が多いため、{full_day(last, 'ja')}までの節目を載せています。",
                f"There are too many milestones for one feed: it ends on {full_day(last, 'en')}.",
            )
        else:  # what is past has the room that is left
            past = await self._milestones(
                prefecture, today - KEPT_IN_SIGHT, KEPT_IN_SIGHT - one_day
            )
            rows = [*past, *rows][-MOST_EVENTS:]
        if prefecture is None:
            title = Text("フォロー中の自治体 予算カレンダー", "Budget calendars that are followed")
        else:
            name = prefecture_named(prefecture).name
            title = Text(f"{name}内 予算カレンダー", f"Budget calendars in {name}")
        events = followed_events(rows, layout.language, self._morning())
        return await _written(events, title, layout, note)

    async def _milestones(
        self, prefecture: str | None, first: date, within: timedelta
    ) -> list[tuple[Municipality, UpcomingMilestone]]:
        """The milestones of those that are followed, by day; one more than a feed takes."""
        return await self._overview.list_milestones(
            first,
            within.days,
            kinds=None,
            prefecture=prefecture or "",
            codes=None,
            after=None,
            limit=MOST_EVENTS + 1,
        )

    def _morning(self) -> datetime:
        return japan_midnight(self._calendar_queries.today)

    async def _record(
        self, connection: AsyncConnection, actor: Actor, what: str, feed: Feed
    ) -> None:
        subject = {name: value for name, value in asdict(feed.subject).items() if value is not None}
        await actor.record(
            connection,
            tables.audit_table,
            what,
            f"feed/{feed.id}",
            after={**subject, "created_by": feed.created_by},
        )


async def _written(
    events: Iterable[FeedEvent], title: Text, layout: Layout, note: Text | None = None
) -> bytes:
    return await asyncio.to_thread(
        write_feed, events, title, layout.language, alarm_days=layout.alarm_days, note=note
    )


def _revision(*parts: object) -> str:
    """Digest what a feed is written from, and by which release."""
    return digest(repr((metadata.version("budget-calendar"), *parts)).encode())


def invalid_token() -> UnauthenticatedError:
    """The answer to a token that reads nothing, or not this feed."""
    return UnauthenticatedError(
        "the feed's token is not valid, or has been revoked; make another with POST /v1/feeds",
        code="invalid_token",
        field="token",
    )


def _no_feed(feed_id: UUID) -> NotFoundError:
    return NotFoundError(f"there is no feed {feed_id}", field="feed_id")
