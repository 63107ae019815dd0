"""Give the open work of sellers who are away or have left to somebody else."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from followup import tables
from followup.approvals import repository as approvals
from followup.domain.absences import SellerAbsence, stand_in
from followup.domain.sequences.commands import ChangeOwner, Message
from followup.sellers import repository as sellers
from followup.sellers.successors import working
from followup.sequences import repository as sequences
from followup.sequences.service import Sequences
from followup.tasks import repository as tasks
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, RawConnection, driver_connection
from kakehashi_common.polling import poll

EVERY: Final = timedelta(seconds=10)
"""The interval at which work of absent sellers is looked for."""

_ACTOR: Final = Actor("system:reassignments", "absences")


class Reassignments:
    """Reassigns approvals and tasks of sellers who are away. Run it as a component of a process.

    An approval goes to the deputy, else to anybody who may approve. A task that is due before its
    owner is back goes to the deputy, else to whoever approves for them, else to the default owner;
    if none of them is here, it stays. What waits for who has left goes to whoever does their work
    (see :func:`~followup.sellers.successors.working`), and their open sequences are that seller's
    from then on. Each move is audited; of approvals and tasks it is shown as ``moved_from``.

    Args:
        database: where everything is kept.
        sequences: get another owner.
        clock: gives the present time.
        default_owner: who takes tasks that nobody else is here for.
    """

    def __init__(
        self,
        database: Database,
        sequences: Sequences,
        clock: Clock,
        *,
        default_owner: str | None,
    ) -> None:
        self._database = database
        self._sequences = sequences
        self._clock = clock
        self._default_owner = default_owner

    async def run(self, stop: asyncio.Event) -> None:
        """Move until ``stop`` is set."""
        await poll(stop, self.look, "reassignments wait", every=EVERY)

    async def look(self) -> int:
        """Reassign what is due to be reassigned, and return how much that was.

        Raises:
            TransientError: the database or Temporal is unavailable.
        """
        owners: list[tuple[str, Message]] = []
        async with self._database.transaction() as connection:
            away = await sellers.away(connection, self._clock.now())
            moved = sum([await self._move(connection, each, away) for each in away.values()])
            for each in await sellers.left_with_work(await driver_connection(connection)):
                moved += await self._hand_over(connection, each, away, owners)
        await self._sequences.send_to_each(owners)
        return moved + len(owners)

    async def _hand_over(
        self,
        connection: AsyncConnection,
        seller_id: str,
        away: Mapping[str, SellerAbsence],
        owners: list[tuple[str, Message]],
    ) -> int:
        """Move all that waits for a seller who has left, and add to ``owners``.

        Only its workflow changes a sequence's owner: the messages in ``owners`` are sent after the
        transaction, and again on each look until the owner has changed.
        """
        raw = await driver_connection(connection)
        found = await working(raw, seller_id, self._default_owner)
        heir = None if found is None else found.seller_id
        approver = None if heir in away else heir
        moved = await approvals.move(connection, seller_id, approver)
        await self._record(connection, seller_id, "approval", "approver", moved, approver)
        if heir is None:
            return len(moved)
        owners += [
            (each, ChangeOwner(_ACTOR.who, seller_id, heir, origin=_ACTOR.origin))
            for each in await sequences.owned_by(raw, seller_id)
        ]
        given = await tasks.move(connection, seller_id, heir)
        await self._record(connection, seller_id, "task", "owner", given, heir)
        return len(moved) + len(given)

    async def _move(
        self,
        connection: AsyncConnection,
        absence: SellerAbsence,
        away: Mapping[str, SellerAbsence],
    ) -> int:
        raw, seller_id = await driver_connection(connection), absence.seller_id
        seller = await sellers.find(raw, seller_id)
        here = [
            each
            for each in (
                stand_in(absence, away),
                None if seller is None else seller.approver,
                self._default_owner,
            )
            if each is not None and each not in away and await _works(raw, each)
        ]
        deputy = stand_in(absence, away)
        deputy = deputy if deputy in here else None
        moved = await approvals.move(connection, seller_id, deputy)
        cause = absence.absence_id
        await self._record(connection, seller_id, "approval", "approver", moved, deputy, cause)
        if not here:
            return len(moved)
        given = await tasks.move(connection, seller_id, here[0], due_before=absence.ends)
        await self._record(connection, seller_id, "task", "owner", given, here[0], cause)
        return len(moved) + len(given)

    async def _record(
        self,
        connection: AsyncConnection,
        seller_id: str,
        what: str,
        holder: str,
        moved: list[str],
        to: str | None,
        absence_id: str | None = None,
    ) -> None:
        cause = {"left": True} if absence_id is None else {"absence": absence_id}
        for each in moved:
            await _ACTOR.record(
                connection,
                tables.audit_table,
                f"move_{what}",
                f"{what}/{each}",
                before={holder: seller_id},
                after={holder: to, **cause},
            )


async def _works(connection: RawConnection, seller_id: str) -> bool:
    seller = await sellers.find(connection, seller_id)
    return seller is not None and seller.active
