"""Incoming mails: each is read, classified and kept once; what follows from it is done later."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Final

from followup import stops
from followup.consents import repository as consents
from followup.contacts import repository as contacts
from followup.delivery import ledger
from followup.delivery.unsubscribing import UnsubscribeTokens
from followup.domain.consents.suppression import BY_MAIL, Scope, SuppressionKey
from followup.domain.inbox.classified import Classified, MailKind
from followup.domain.inbox.classifying import Classifier
from followup.domain.inbox.consequences import SUPPRESSING, wishes_of
from followup.domain.inbox.mail import ReadMail, UnreadableMailError
from followup.domain.message_ids import mail_name
from followup.inbox import repository
from followup.inbox.maildir import ArrivedMail
from followup.inbox.own_mails import texts_of_thread
from followup.inbox.reading import read
from followup.inbox.repository import PendingMail
from followup.occurrences.suppressing import suppress
from followup.playbooks.service import Playbooks
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, RawConnection, driver_connection, is_refused_data
from kakehashi_common.domain.person import comparable_email
from kakehashi_common.lead_merges import repository as merges

AT_ONCE: Final = 100
"""Mails that one look handles."""

_ANSWERS: Final = (MailKind.ANSWER, MailKind.NEGATIVE)
"""Kinds of mails that a person wrote, from which the hours of sending are learnt."""
_AGAIN_AFTER: Final = timedelta(minutes=1)


class IncomingMails:
    """Takes mails in, and hands on what they are.

    Args:
        classifier: knows which Message-IDs are ours.
        tokens: of the links, by which mails opt out, too.
        playbooks: hold the templates that answers may quote.
        kept_for: how long mails are kept; one that arrived earlier is not taken in, since it may
            have been before.
    """

    def __init__(
        self,
        database: Database,
        classifier: Classifier,
        tokens: UnsubscribeTokens,
        playbooks: Playbooks,
        clock: Clock,
        *,
        kept_for: timedelta,
    ) -> None:
        self._database = database
        self._classifier = classifier
        self._tokens = tokens
        self._playbooks = playbooks
        self._clock = clock
        self._kept_for = kept_for

    async def take(self, arrived: ArrivedMail) -> Classified:
        """Keep a mail, and return what it is; again changes nothing, and the answer is the same.

        That a mail of ours is referred to proves that it went. Nothing is sent to whom it concerns
        until what follows from it is done. Of an answer to a mail to somebody who was erased only
        its digest is kept, and that they want no more, if it says so. So it is of an opt-out, a
        complaint or a bounce about an address that nobody has: its person may have been erased; and
        of a bounce that refers to no mail of ours, which anybody can write.

        Raises:
            UnreadableMailError: it can't be read, or it says what the database can't hold; the
                caller sets it aside.
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            kept = await repository.find(connection, arrived.digest)
        if kept is not None:
            return kept
        if arrived.received_at < self._clock.now() - self._kept_for:
            return Classified(MailKind.UNRELATED, ())
        # In a thread: a large mail takes seconds, and so long nothing else would be done.
        mail = await asyncio.to_thread(read, arrived.data)
        ours: list[str] = []
        if (named := self._classifier.refers_to(mail)) is not None:
            ours = await texts_of_thread(self._database, self._playbooks, named)
        classified = await asyncio.to_thread(
            self._classifier.classify, mail, arrived.received_at, ours
        )
        try:
            return await self._keep(arrived, mail, classified)
        except Exception as error:
            if not is_refused_data(error):
                raise
            raise UnreadableMailError(
                f"the database refuses what it says: {type(error).__name__}",
                code="refused_by_database",
            ) from error

    async def _keep(
        self, arrived: ArrivedMail, mail: ReadMail, classified: Classified
    ) -> Classified:
        async with self._database.raw_transaction() as connection:
            step = None
            if classified.refers_to is not None:
                step = await ledger.step_of(connection, classified.refers_to)
            await _stop(connection, classified)
            recipient = await self._recipient(connection, classified)
            lead_id, erased = recipient or (None, await _is_unknown(connection, classified))
            if classified.kind is MailKind.BOUNCE:
                erased = erased or step is None or lead_id is None
                classified = await _of_recipient(connection, classified, lead_id)
            if classified.refers_to is not None:
                await ledger.confirm(connection, [classified.refers_to], self._clock.now())
                if classified.kind in _ANSWERS:
                    await ledger.answered(connection, classified.refers_to, arrived.received_at)
            if not erased:
                await repository.save(connection, arrived, mail, classified, step)
        if not erased:
            return classified
        return await self._keep_wish(arrived, classified, lead_id)

    async def _recipient(
        self, connection: RawConnection, classified: Classified
    ) -> tuple[str, bool] | None:
        """Return who got the mail of a token or that is referred to, and if they were erased."""
        name = None
        if classified.unsubscribe_token is not None:
            name = self._tokens.subject(classified.unsubscribe_token)
        if name is None and classified.refers_to is not None:
            name = mail_name(classified.refers_to)
        return None if name is None else await repository.recipient(connection, name)

    async def _keep_wish(
        self, arrived: ArrivedMail, classified: Classified, lead_id: str | None
    ) -> Classified:
        """Suppress a person who wants no more, without their address, and keep nothing else."""
        now = self._clock.now()
        wishes = wishes_of(classified, lead_id, arrived.received_at)
        kept = Classified(classified.kind if wishes else MailKind.UNRELATED, ())
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            if wishes:
                await suppress(connection, wishes, Actor(BY_MAIL, BY_MAIL), now)
            if wishes and classified.about is not None:
                address = comparable_email(classified.about)
                if not await contacts.find_by_email(raw, address):
                    await consents.forget_addresses(connection, [address])
            await repository.save_digest(raw, arrived, kept.kind, now)
        return kept

    async def pending(self, limit: int = AT_ONCE) -> list[PendingMail]:
        """Return mails from which nothing has followed yet, the longest due first.

        What follows says `followup.domain.inbox.consequences`.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            return await repository.pending(connection, self._clock.now(), limit)

    async def put_off(self, digest: str) -> None:
        """Look at a mail again in a minute: others come first.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            await repository.put_off(connection, digest, self._clock.now() + _AGAIN_AFTER)

    async def mark_handled(self, digest: str) -> None:
        """Note that what follows from a mail is done.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            await repository.mark_handled(connection, digest, self._clock.now())


async def _is_unknown(connection: RawConnection, classified: Classified) -> bool:
    """Whether a mail might suppress an address that no contact has."""
    if classified.kind not in SUPPRESSING or classified.about is None:
        return False
    return not await contacts.find_by_email(connection, classified.about)


async def _of_recipient(
    connection: RawConnection, classified: Classified, lead_id: str | None
) -> Classified:
    """Have a bounce be about the address to which our mail went, or about none.

    It may name others: where the recipient's mails are forwarded to, or whatever its writer likes.
    One that names none can only be about that address, which is the contact's unless something was
    said of it since.
    """
    contact = None if lead_id is None else await contacts.find(connection, lead_id)
    if contact is None or contact.email is None:
        return replace(classified, about=None)
    email, refers_to = contact.email, classified.refers_to
    named = [each for each in classified.bounced if each.address is not None]
    its = [
        each
        for each in named
        if each.address is not None and comparable_email(each.address) == comparable_email(email)
    ]
    if not named and not (
        refers_to and await repository.has_moved(connection, refers_to, contact.lead_id)
    ):
        its = [replace(each, address=email.lower()) for each in classified.bounced]
    return replace(
        classified,
        about=its[0].address if its else None,
        bounced=tuple(its) or classified.bounced,
    )


async def _stop(connection: RawConnection, classified: Classified) -> None:
    keys = []
    if classified.about is not None:
        keys.append(SuppressionKey(Scope.ADDRESS, comparable_email(classified.about)))
    if classified.refers_to is not None:
        leads = await repository.leads_of(connection, classified.refers_to)
        ids = await merges.all_ids(connection, leads)
        keys += [SuppressionKey(Scope.PERSON, each) for each in ids]
    await stops.stop(connection, keys)
