"""Follow and unfollow municipalities."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar import tables
from budget_calendar.follows import repository as follows
from budget_calendar.notifications.service import Notifier
from budget_calendar.registry import repository as municipalities
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.errors import NotFoundError
from kakehashi_common.http.idempotency import IdempotentRequest, IdempotentResults


@dataclass(frozen=True, slots=True)
class Followed:
    """The result of following or unfollowing."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    """They were as asked for already."""


_results: Final = IdempotentResults(tables.idempotency_table, TypeAdapter(Followed))


class Follows:
    """Follows and unfollows municipalities.

    Args:
        database: where it is stored.
        clock: the present instant.
        notifier: starts their workflows, and ends them.
    """

    def __init__(self, database: Database, clock: Clock, notifier: Notifier) -> None:
        self._database = database
        self._clock = clock
        self._notifier = notifier

    async def follow(
        self, codes: Sequence[str], actor: Actor, request: IdempotentRequest | None = None
    ) -> Followed:
        """Follow municipalities; their workflows are started in the background.

        Raises:
            NotFoundError: no municipality has one of the codes; nothing has changed.
        """
        wanted = sorted(set(codes))
        async with self._database.transaction() as connection:
            earlier = await _results.earlier(connection, request)
            if earlier is not None:
                return earlier
            known = {each.municipality.code for each in await municipalities.list_all(connection)}
            unknown = [code for code in wanted if code not in known]
            if unknown:
                raise NotFoundError(
                    f"no municipality has the code {', '.join(unknown[:10])}", field="/codes"
                )
            new = await follows.add(connection, wanted, who=actor.who, now=self._clock.now())
            await self._record(connection, actor, "follow", new)
            followed = await _results.keep(connection, request, _followed(wanted, new))
        if new:
            await self._notifier.notify_in_background()
        return followed

    async def unfollow(self, codes: Sequence[str], actor: Actor) -> Followed:
        """Unfollow municipalities: nothing more is published about them.

        Their workflows end when they next wake, or at once by :meth:`end_cycles`.
        """
        wanted = sorted(set(codes))
        async with self._database.transaction() as connection:
            removed = await follows.remove(connection, wanted)
            await self._record(connection, actor, "unfollow", removed)
        return _followed(wanted, removed)

    async def end_cycles(self, codes: Sequence[str]) -> None:
        """Try to end the workflows of unfollowed municipalities now."""
        await self._notifier.notify_unfollowed(codes)

    async def _record(
        self, connection: AsyncConnection, actor: Actor, what: str, codes: Sequence[str]
    ) -> None:
        if codes:
            await actor.record(
                connection, tables.audit_table, what, "follows", after={"codes": list(codes)}
            )


def _followed(wanted: Sequence[str], changed: Sequence[str]) -> Followed:
    return Followed(tuple(changed), tuple(sorted(set(wanted) - set(changed))))
