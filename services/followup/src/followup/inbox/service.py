"""Incoming mails: each is read, classified and kept once; what follows from it is done later."""

from dataclasses import dataclass
from datetime import date, datetime

from followup.delivery import ledger
from followup.domain.inbox.classified import Classified, MailKind
from followup.domain.inbox.classifying import Classifier
from followup.inbox import repository
from followup.inbox.maildir import ArrivedMail
from followup.inbox.reading import read
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database


@dataclass(frozen=True, slots=True)
class PendingMail:
    """A kept mail from which nothing has followed yet.

    Args:
        sequence_id: whose mail it refers to, with that step; ``None``: look for ``about``.
        about: the address whose contact it concerns.
        bounced_for_good: of a bounce: no later attempt can succeed.
    """

    digest: str
    kind: MailKind
    received_at: datetime
    sequence_id: str | None
    step_id: str | None
    about: str | None
    returns_on: date | None
    has_left: bool
    bounced_for_good: bool
    unsubscribe_token: str | None


class IncomingMails:
    """Takes mails in, and hands on what they are.

    Args:
        classifier: knows which Message-IDs are ours.
    """

    def __init__(self, database: Database, classifier: Classifier, clock: Clock) -> None:
        self._database = database
        self._classifier = classifier
        self._clock = clock

    async def take(self, arrived: ArrivedMail) -> Classified:
        """Keep a mail; again changes nothing.

        That a mail of ours is referred to proves that it went.

        Raises:
            UnreadableMailError: it can't be read; the caller sets it aside.
            TransientError: the database is away.
        """
        mail = read(arrived.data)
        classified = self._classifier.classify(mail, arrived.received_at)
        async with self._database.raw_transaction() as connection:
            step = None
            if classified.refers_to is not None:
                step = await ledger.step_of(connection, classified.refers_to)
                await ledger.confirm(connection, [classified.refers_to], self._clock.now())
            await repository.save(connection, arrived, mail, classified, step)
        return classified

    async def pending(self, limit: int = 100) -> list[PendingMail]:
        """Return mails from which nothing has followed yet, the oldest first."""
        async with self._database.raw_transaction() as connection:
            rows = await repository.pending(connection, limit)
        return [PendingMail(**{**row, "kind": MailKind(row["kind"])}) for row in rows]

    async def mark_handled(self, digest: str) -> None:
        """Note that what follows from a mail is done."""
        async with self._database.raw_transaction() as connection:
            await repository.mark_handled(connection, digest, self._clock.now())
