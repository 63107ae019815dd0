"""Subscriptions: a URL for each, with a token, as calendar programs can't send one in a header."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.authors import Author
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.feeds import FeedCalendar, icalendar_feed
from budget_calendar.repository import feeds
from budget_calendar.repository.feeds import Feed
from budget_calendar.sources import registered
from budget_calendar.views import Views
from budget_calendar.wording import Language
from kakehashi_common.clock import Clock, japan_midnight
from kakehashi_common.db import Database
from kakehashi_common.errors import NotFoundError, UnauthenticatedError

TOKEN_BYTES: Final = 32
"""256 random bits: nobody guesses one, so a plain digest of it is enough to store."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A new subscription. Its token is told once and never stored."""

    feed: Feed
    token: str


class Subscriptions:
    """Feeds that calendar programs subscribe to."""

    def __init__(self, database: Database, clock: Clock, views: Views) -> None:
        self._database = database
        self._clock = clock
        self._views = views

    async def subscribe(self, code: str, language: Language, author: Author) -> Subscribed:
        """Make a URL's token that reads the calendars of one municipality, and nothing else.

        Asked twice it makes two: an answer kept for repeats would hold the token in clear.

        Raises:
            NotFoundError: no such municipality.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        feed = Feed(uuid.uuid4(), code, language, author.who, self._clock.now())
        async with self._database.transaction() as connection:
            await registered(connection, code)
            await feeds.add(connection, feed, _digest(token))
            await self._record(connection, author, "subscribe", feed)
        return Subscribed(feed, token)

    async def revoke(self, feed_id: UUID, author: Author) -> None:
        """Let a token read nothing any more.

        Raises:
            NotFoundError: there is no such subscription.
        """
        async with self._database.transaction() as connection:
            feed = await feeds.remove(connection, feed_id)
            if feed is None:
                raise NotFoundError(f"there is no feed {feed_id}", field="feed_id")
            await self._record(connection, author, "revoke_subscription", feed)

    async def listed(self, after: UUID | None, limit: int) -> list[Feed]:
        """Subscriptions by id."""
        async with self._database.transaction() as connection:
            return await feeds.listed(connection, after=after, limit=limit)

    async def of_token(self, token: str, code: str) -> Feed:
        """The subscription that a token of a URL is for.

        Raises:
            UnauthenticatedError: it was revoked, never existed, or is another municipality's.
        """
        async with self._database.transaction() as connection:
            feed = await feeds.of_token(connection, _digest(token))
        if feed is None or feed.code != code:
            raise UnauthenticatedError(
                "the feed's token is not valid, or has been revoked; make another with "
                "POST /v1/feeds",
                code="invalid_token",
                field="token",
            )
        return feed

    async def icalendar(self, code: str, language: Language, *, phases: bool = True) -> bytes:
        """The calendars of this fiscal year and the next, as a feed.

        Raises:
            NotFoundError: no such municipality.
        """
        this_year = fiscal_year_of(self._views.today)
        shown = [await self._views.calendar(code, year) for year in (this_year, this_year + 1)]
        name = shown[0].municipality.name
        title = f"{name} 予算カレンダー" if language == "ja" else f"{name}: budget calendar"
        # Not stored, it is computed anew each time: as of today, so that the feed stays the same.
        morning = japan_midnight(self._views.today)
        return icalendar_feed(
            [
                FeedCalendar(
                    each.calendar,
                    name,
                    0 if each.version is None else each.version.version,
                    morning if each.version is None else each.version.computed_at,
                )
                for each in shown
            ],
            title,
            language,
            phases=phases,
        )

    async def _record(
        self, connection: AsyncConnection, author: Author, what: str, feed: Feed
    ) -> None:
        await author.record(
            connection,
            what,
            f"feed/{feed.id}",
            after={"code": feed.code, "created_by": feed.created_by},
        )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
