"""Follow municipalities, and see that every follower's workflow runs and knows of revisions."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar import tables
from budget_calendar.authors import Actor
from budget_calendar.follows import repository as follows
from budget_calendar.notifications.service import Notify, notify_in_rounds
from budget_calendar.registry import repository as municipalities
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.errors import FaultError, NotFoundError, TransientError
from kakehashi_common.http.idempotency import IdempotentRequest, Once

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Followed:
    """What a request to follow, or to follow no longer, has changed."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    """They were as asked for already."""


_once: Final = Once(tables.idempotency_table, TypeAdapter(Followed))


class Follows:
    """Which municipalities are followed.

    Args:
        database: where it is stored.
        clock: tells the instant.
        tell: starts workflows, or has them look again.
        soon: asks for a round of :meth:`tell_untold` in the background.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tell: Notify,
        soon: Callable[[], Awaitable[None]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._tell = tell
        self._soon = soon

    async def follow(
        self, codes: Sequence[str], actor: Actor, request: IdempotentRequest | None = None
    ) -> Followed:
        """Follow municipalities; their workflows are started in the background.

        Raises:
            NotFoundError: no municipality has one of the codes; nothing has changed.
        """
        wanted = sorted(set(codes))
        async with self._database.transaction() as connection:
            earlier = await _once.earlier(connection, request)
            if earlier is not None:
                return earlier
            known = {
                each.municipality.code for each in await municipalities.all_of_them(connection)
            }
            unknown = [code for code in wanted if code not in known]
            if unknown:
                raise NotFoundError(
                    f"no municipality has the code {', '.join(unknown[:10])}", field="/codes"
                )
            new = await follows.add(connection, wanted, who=actor.who, now=self._clock.now())
            await self._record(connection, actor, "follow", new)
            followed = await _once.keep(connection, request, _followed(wanted, new))
        if new:
            await self._soon()
        return followed

    async def unfollow(self, codes: Sequence[str], actor: Actor) -> Followed:
        """Follow municipalities no longer: nothing more is published about them.

        Their workflows end when they next wake, or at once by :meth:`end_cycles`.
        """
        wanted = sorted(set(codes))
        async with self._database.transaction() as connection:
            removed = await follows.remove(connection, wanted)
            await self._record(connection, actor, "unfollow", removed)
        return _followed(wanted, removed)

    async def end_cycles(self, codes: Sequence[str]) -> None:
        """Have workflows of municipalities that nobody follows end now, as far as possible."""
        try:
            await self._tell(codes)
        except (FaultError, TransientError) as error:
            log.warning("budget cycles end when they next wake", reason=error.message)

    async def codes_of_prefecture(self, prefecture: str) -> list[str]:
        """The codes of a prefecture and of everything in it.

        Raises:
            NotFoundError: there is no such prefecture.
        """
        async with self._database.transaction() as connection:
            codes = await municipalities.codes_of_prefecture(connection, prefecture)
        if not codes:
            raise NotFoundError(
                f"there is no prefecture {prefecture!r}; give its full name, such as 群馬県",
                field="prefecture",
            )
        return codes

    async def tell_untold(self, heartbeat: Callable[[int], None]) -> int:
        """Start, or tell of a revision, every workflow that needs it; return how many.

        Raises:
            TransientError: Temporal or the database is away; those reached so far are noted.
        """
        return await notify_in_rounds(
            self._database, follows.untold, self._tell, follows.note_told, heartbeat
        )

    async def _record(
        self, connection: AsyncConnection, actor: Actor, what: str, codes: Sequence[str]
    ) -> None:
        if codes:
            await actor.record(connection, what, "follows", after={"codes": list(codes)})


def _followed(wanted: Sequence[str], changed: Sequence[str]) -> Followed:
    return Followed(tuple(changed), tuple(sorted(set(wanted) - set(changed))))
