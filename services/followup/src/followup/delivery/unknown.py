"""Mails of which nobody knows whether they went: a person who looks it up settles them."""

from datetime import datetime

from followup import tables
from followup.delivery import ledger
from followup.delivery.ledger import UnknownMail
from followup.delivery.service import Went
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.errors import StateConflictError
from kakehashi_common.errors import NotFoundError


class UnknownMails:
    """Shows mails whose fate is unknown, and takes what a person says of it.

    Args:
        database: where mails are kept.
        clock: gives the present time.
        went: called with every mail that was sent.
    """

    def __init__(self, database: Database, clock: Clock, went: Went) -> None:
        self._database = database
        self._clock = clock
        self._went = went

    async def list_mails(
        self, *, after: tuple[datetime, str] | None, limit: int
    ) -> list[UnknownMail]:
        """Return mails whose fate is unknown, the oldest first.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            return await ledger.unknown(connection, self._clock.now(), after=after, limit=limit)

    async def settle(self, message_id: str, actor: Actor, *, was_sent: bool) -> None:
        """Keep what a person found out; it is audited.

        A mail that went is not sent again. One that did not may be, under the same Message-ID, if
        its sequence still stands there and the send policy allows it.

        Raises:
            NotFoundError: there is no such mail.
            StateConflictError: its fate is known, or it may still be going (``fate_known``).
            TransientError: the database is unavailable.
        """
        now = self._clock.now()
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            origin = await ledger.recipient_of(raw, message_id)
            if origin is None:
                raise NotFoundError("there is no such mail", field="message_id")
            if not await ledger.decide_unknown(raw, message_id, was_sent=was_sent, now=now):
                raise StateConflictError(
                    "what became of this mail is known, or it is being sent at this moment",
                    field="message_id",
                    code="fate_known",
                )
            lead_id, claimed_at = origin
            if was_sent and lead_id is not None:
                await self._went(raw, lead_id, claimed_at)
            await actor.record(
                connection,
                tables.audit_table,
                "settle_unknown_mail",
                f"mail/{message_id}",
                after={"was_sent": was_sent},
            )
