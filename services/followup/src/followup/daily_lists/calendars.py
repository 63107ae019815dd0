"""Calendar feeds that sellers have opened: a token each, of which only the digest is kept."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from followup import tables
from followup.tables import calendar_token as table
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.errors import UnauthenticatedError
from kakehashi_common.feed_tokens import new_token, token_digest


class Calendars:
    """Opens and closes calendar feeds."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def open(self, seller_id: str, actor: Actor) -> str:
        """Return the token of a seller's feed; one that was opened before reads nothing any more.

        Raises:
            TransientError: the database is unavailable.
        """
        token = new_token()
        values = {"token_digest": token_digest(token), "opened_at": self._clock.now()}
        async with self._database.transaction() as connection:
            await connection.execute(
                insert(table)
                .values(seller_id=seller_id, **values)
                .on_conflict_do_update(index_elements=[table.c.seller_id], set_=values)
            )
            await actor.record(
                connection, tables.audit_table, "open_calendar", f"seller/{seller_id}"
            )
        return token

    async def close(self, seller_id: str, actor: Actor) -> None:
        """Close a seller's feed; one that isn't open is closed already.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            closed = await connection.execute(delete(table).where(table.c.seller_id == seller_id))
            if closed.rowcount:
                await actor.record(
                    connection, tables.audit_table, "close_calendar", f"seller/{seller_id}"
                )

    async def check(self, seller_id: str, token: str) -> None:
        """Refuse a token that doesn't read a seller's feed.

        Raises:
            UnauthenticatedError: it was replaced or never existed, or reads somebody else's.
            TransientError: the database is unavailable.
        """
        query = select(table.c.seller_id).where(table.c.token_digest == token_digest(token))
        async with self._database.transaction() as connection:
            found = await connection.scalar(query)
        if found != seller_id:
            raise UnauthenticatedError(
                "the feed's token is not valid, or was replaced: open the feed again",
                code="invalid_token",
                field="token",
            )
