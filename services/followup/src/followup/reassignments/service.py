"""Give the approvals and tasks of sellers who are away to somebody else."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from followup import tables
from followup.approvals import repository as approvals
from followup.domain.absences import SellerAbsence, stand_in
from followup.sellers import repository as sellers
from followup.tasks import repository as tasks
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.polling import poll

EVERY: Final = timedelta(seconds=10)
"""How soon what comes to somebody who is away goes to somebody else."""

_ACTOR: Final = Actor("system:reassignments", "absences")


class Reassignments:
    """Reassigns approvals and tasks of sellers who are away. Run it as a component of a process.

    An approval goes to the deputy, else to anybody who may approve. A task that is due before its
    owner is back goes to the deputy, else to whoever approves for them, else to the default owner;
    if none of them is here, it stays. Each move is audited, and shown as ``moved_from``.

    Args:
        database: where everything is kept.
        clock: gives the present time.
        default_owner: who takes tasks that nobody else is here for.
    """

    def __init__(self, database: Database, clock: Clock, *, default_owner: str | None) -> None:
        self._database = database
        self._clock = clock
        self._default_owner = default_owner

    async def run(self, stop: asyncio.Event) -> None:
        """Move until ``stop`` is set."""
        await poll(stop, self.look, "reassignments wait", every=EVERY)

    async def look(self) -> int:
        """Move what has to be moved, and return how much that was.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            away = await sellers.away(connection, self._clock.now())
            return sum([await self._move(connection, each, away) for each in away.values()])

    async def _move(
        self,
        connection: AsyncConnection,
        absence: SellerAbsence,
        away: Mapping[str, SellerAbsence],
    ) -> int:
        seller_id, deputy = absence.seller_id, stand_in(absence, away)
        moved = await approvals.move(connection, seller_id, deputy)
        await self._record(connection, absence, "approval", "approver", moved, deputy)
        seller = await sellers.find(await driver_connection(connection), seller_id)
        superior = None if seller is None else seller.approver
        here = [
            each
            for each in (deputy, superior, self._default_owner)
            if each is not None and each not in away
        ]
        if not here:
            return len(moved)
        given = await tasks.move(connection, seller_id, here[0], due_before=absence.ends)
        await self._record(connection, absence, "task", "owner", given, here[0])
        return len(moved) + len(given)

    async def _record(
        self,
        connection: AsyncConnection,
        absence: SellerAbsence,
        what: str,
        holder: str,
        moved: list[str],
        to: str | None,
    ) -> None:
        for each in moved:
            await _ACTOR.record(
                connection,
                tables.audit_table,
                f"move_{what}",
                f"{what}/{each}",
                before={holder: absence.seller_id},
                after={holder: to, "absence": absence.absence_id},
            )
