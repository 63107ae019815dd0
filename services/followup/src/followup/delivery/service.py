"""One step's mail: composed, signed, handed over once, and its fate on record."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from followup.delivery import ledger
from followup.delivery.composing import compose
from followup.delivery.mails import MailOrigin, OutgoingMail
from followup.delivery.sending import Mailer
from followup.delivery.signing import DkimKey, sign
from followup.domain.delivery.attempts import known_outcome
from followup.domain.delivery.envelope_senders import EnvelopeSenders
from followup.domain.delivery.outcome import Fate, Outcome
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, RawConnection

Allow = Callable[[RawConnection], Awaitable[Outcome | None]]
"""Decides, in the transaction that says that a mail goes, whether it may; an outcome withholds it.
Whoever records an opt-out waits for that transaction, or it sees the opt-out."""


Went = Callable[[RawConnection, str, datetime], Awaitable[None]]
"""Takes in that a mail to a lead went at an instant, in the transaction that records it."""


class Deliveries:
    """Sends mails and keeps what became of them.

    Args:
        pace: between two mails to one domain.
        went: called with every mail that was sent.
        envelope_senders: gives each mail one of its own; ``None``: all have that of the settings.
    """

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        keys: Sequence[DkimKey],
        pace: timedelta,
        clock: Clock,
        went: Went,
        envelope_senders: EnvelopeSenders | None = None,
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._keys = keys
        self._pace = pace
        self._clock = clock
        self._went = went
        self._envelope_senders = envelope_senders

    async def deliver(self, mail: OutgoingMail, origin: MailOrigin, *, allow: Allow) -> Outcome:
        """Send one mail of which nothing is `known`, and return what is known of it then.

        It may be called again as often as wanted: see `followup.domain.delivery.attempts`.

        Raises:
            DomainError: the mail must not go as it is: see `compose`.
            TransientError: the database is unavailable. Behind the claim the fate stays unknown.
        """
        message = sign(compose(mail), self._keys)
        claimed_at: datetime | None = None

        async def claim() -> Outcome | None:
            nonlocal claimed_at
            now = self._clock.now()
            async with self._database.raw_transaction() as connection:
                withheld = await allow(connection) or await ledger.claim(
                    connection,
                    mail.message_id,
                    origin,
                    recipient_domain=mail.recipient_address.rpartition("@")[2].lower(),
                    pace=self._pace,
                    now=now,
                )
            claimed_at = now if withheld is None else None
            return withheld

        senders = self._envelope_senders
        outcome = await self._mailer.send(
            mail.recipient_address,
            message,
            claim,
            envelope_sender=None if senders is None else senders.of(mail.message_id),
        )
        if claimed_at is not None:
            async with self._database.raw_transaction() as connection:
                settled = await ledger.settle(
                    connection,
                    mail.message_id,
                    outcome,
                    claimed_at=claimed_at,
                    now=self._clock.now(),
                )
                if settled and outcome.fate is Fate.ACCEPTED:
                    await self._went(connection, origin.lead_id, claimed_at)
        return outcome

    async def known(
        self, connection: RawConnection, message_id: str, lead_id: str
    ) -> Outcome | None:
        """Return what is known of a mail to a lead already; ``None``: it may be sent.

        What counts as sent by now is written down.
        """
        now = self._clock.now()
        known = known_outcome(await ledger.find(connection, message_id), now)
        if (
            known is not None
            and known.fate is Fate.ACCEPTED
            and await ledger.presume(connection, message_id, known.reason, now)
        ):
            await self._went(connection, lead_id, now)
        return known
