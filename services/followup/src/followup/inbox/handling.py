"""Act on incoming mails: suppress addresses, and notify the contact's sequences."""

import asyncio
from functools import partial

import structlog

from followup.consents.service import Consents
from followup.contacts import repository as contacts
from followup.delivery import ledger
from followup.domain.consents.suppression import BY_MAIL, Channel
from followup.domain.inbox.classified import MailKind
from followup.domain.inbox.consequences import consequences
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.commands import Pause, React
from followup.domain.sequences.state import SequenceState
from followup.inbox.maildir import Maildir
from followup.inbox.repository import PendingMail
from followup.inbox.service import IncomingMails
from followup.opt_outs.service import OptOuts
from followup.sequences import repository as sequences
from followup.sequences.service import Sequences
from followup.triggers.found_reasons import FoundReasons
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.reasons import ReasonKind
from kakehashi_common.errors import OF_ONE, FaultError, TransientError
from kakehashi_common.lead_merges import repository as merges
from kakehashi_common.polling import poll

log = structlog.get_logger(__name__)


class MailHandler:
    """Takes mails out of a maildir and does what follows. Run it as a component of a process.

    Args:
        database: where contacts and sequences are kept.
        mails: keeps incoming mails.
        consents: keeps who must not be written to.
        opt_outs: opts out by the token of a mail.
        sequences: are notified.
        found_reasons: has somebody look for the successor of a contact who has left.
        business_days: of absences that don't say until when.
        maildir: that the mail server delivers to; ``None``: mails come in by other ways only.
    """

    def __init__(  # noqa: PLR0913 - each takes one thing that may follow
        self,
        database: Database,
        mails: IncomingMails,
        consents: Consents,
        opt_outs: OptOuts,
        sequences: Sequences,
        found_reasons: FoundReasons,
        *,
        business_days: BusinessDays,
        maildir: Maildir | None = None,
    ) -> None:
        self._database = database
        self._mails = mails
        self._consents = consents
        self._opt_outs = opt_outs
        self._sequences = sequences
        self._found_reasons = found_reasons
        self._business_days = business_days
        self._maildir = maildir
        self._trouble: TransientError | FaultError | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Take and handle mails until ``stop`` is set."""
        await poll(stop, self.look, "mails wait")

    async def check(self) -> None:
        """Prove that the last look took and handled mails; for ``/readyz``.

        Raises:
            TransientError: something was unavailable, such as the maildir.
            FaultError: a server refused what was asked.
        """
        if self._trouble is not None:
            raise self._trouble

    async def look(self) -> int:
        """Take what has arrived, do what follows, and return from how many mails that was.

        Each part may be done again: a mail is marked when all of it is done. One whose sequence's
        workflow is stuck or busy is put off.

        Raises:
            TransientError: the database, Temporal or the maildir is unavailable.
        """
        handled = 0
        trouble: TransientError | FaultError | None = None
        try:
            if self._maildir is not None:
                await self._maildir.take(self._mails.take)
        except TransientError as error:  # what came in by other ways is handled in any case
            trouble = error
        try:
            handled = await self._handle_pending()
        except (TransientError, FaultError) as error:
            trouble = error
        self._trouble = trouble
        if trouble is not None:
            raise trouble
        return handled

    async def _handle_pending(self) -> int:
        handled = 0
        for mail in await self._mails.pending():
            try:
                await self._handle(mail)
            except OF_ONE as error:  # one workflow in trouble must not hold up the others
                log.warning("a mail waits", digest=mail.digest, code=error.code)
                await self._mails.put_off(mail.digest)
                continue
            await self._mails.mark_handled(mail.digest)
            handled += 1
        return handled

    async def _handle(self, mail: PendingMail) -> None:
        token = mail.classified.unsubscribe_token
        if token is not None and await self._opt_outs.opt_out(token, Channel.REPLY):
            return
        follows = consequences(mail.classified, mail.received_at, self._business_days)
        if follows.suppression is not None:
            await self._consents.suppress(follows.suppression, Actor(BY_MAIL, BY_MAIL))
        if follows.recipient_stops is not None and mail.classified.refers_to is not None:
            cause, channel = follows.recipient_stops
            await self._opt_outs.opt_out_recipient(mail.classified.refers_to, cause, channel)
        if follows.message is not None:
            about, asked_by = await self._leads(mail)
            for lead_id in about:
                await self._sequences.send_to_lead(
                    lead_id, follows.message, partial(_concerns, mail)
                )
                if follows.has_left:
                    await self._found_reasons.save_left(lead_id, mail.sequence_id, mail.received_at)
            if asked_by is not None and _concerns_who_asked(follows.message):
                await self._sequences.send_to_lead(
                    asked_by, follows.message, partial(_is_answered_by, mail)
                )

    async def _leads(self, mail: PendingMail) -> tuple[list[str], str | None]:
        """Return whom a mail is about: who got the mail that it refers to, else has the address.

        Of an id that has gone it is about the one that stays.

        Beside them, whose sequence had turned to them, if they are a colleague or superior.
        """
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            if mail.sequence_id is not None:
                stored = await sequences.find(connection, mail.sequence_id)
                if stored is None:
                    return [], None
                contact, named = stored.state.lead_id, mail.classified.refers_to
                got = None if named is None else await ledger.recipient_of(raw, named)
                recipient = contact if got is None or got[0] is None else got[0]
                gone = await merges.surviving(raw, [contact, recipient])
                contact, recipient = gone.get(contact, contact), gone.get(recipient, recipient)
                return [recipient], None if recipient == contact else contact
            if mail.classified.about is None:
                return [], None
            return await contacts.find_by_email(raw, mail.classified.about), None


def _concerns(mail: PendingMail, sequence: SequenceState) -> bool:
    """Whether a mail refers to one of a sequence's, or arrived after the sequence began.

    An absence does not concern the sequence by which a successor is looked for.
    """
    is_absence = mail.classified.kind is MailKind.OUT_OF_OFFICE
    if is_absence and sequence.reason == ReasonKind.CONTACT_LEFT:
        return False
    return _is_answered_by(mail, sequence) or sequence.started_at <= mail.received_at


def _is_answered_by(mail: PendingMail, sequence: SequenceState) -> bool:
    return sequence.sequence_id == mail.sequence_id


def _concerns_who_asked(message: React | Pause) -> bool:
    """Whether what a colleague does with a mail concerns the sequence of the one who asked them.

    An answer does, and an absence until a day. That they have left, or want or get no mail, says
    nothing of the contact, whose sequence goes on.
    """
    if isinstance(message, Pause):
        return message.until is not None
    return message.occurrence in {OccurrenceKind.ANSWERED, OccurrenceKind.NEGATIVE}
