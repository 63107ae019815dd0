"""Incoming mails as rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from followup.delivery import ledger
from followup.domain.consents.suppression import Scope, Suppression
from followup.domain.inbox import consequences
from followup.domain.inbox.classified import Bounced, Classified, Evidence, MailKind
from followup.domain.inbox.mail import ReadMail
from followup.inbox.maildir import ArrivedMail
from kakehashi_common.db import RawConnection
from kakehashi_common.lead_merges.repository import is_of_person
from kakehashi_common.reads import Read, only_value

_LONGEST_TEXT: Final = 20_000
_LONGEST_SUBJECT: Final = 500
_CLASSIFIED: Final = (
    "kind, evidence, refers_to, about, bounced, returns_on, has_left, unsubscribe_token"
)
_OF_MAIL: Final = ", ".join(f"mail.{each}" for each in _CLASSIFIED.split(", "))


@dataclass(frozen=True, slots=True)
class PendingMail:
    """A kept mail from which nothing has followed yet.

    Args:
        sequence_id: whose mail it refers to, with that step; ``None``: look for the contact by
            ``classified.about``.
    """

    digest: str
    received_at: datetime
    classified: Classified
    sequence_id: str | None
    step_id: str | None


async def save(
    connection: RawConnection,
    arrived: ArrivedMail,
    mail: ReadMail,
    classified: Classified,
    step: tuple[str, str] | None,
) -> None:
    """Keep a mail unless it is kept already."""
    sequence_id, step_id = step or (None, None)
    await connection.execute(
        "insert into incoming_mail (digest, message_id, received_at, kind, evidence, refers_to, "
        "sequence_id, step_id, about, returns_on, has_left, bounced, unsubscribe_token, subject, "
        "text) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) "
        "on conflict (digest) do nothing",
        arrived.digest,
        mail.message_id,
        arrived.received_at,
        classified.kind,
        _json(classified.evidence),
        classified.refers_to,
        sequence_id,
        step_id,
        classified.about,
        classified.returns_on,
        classified.has_left,
        _json(classified.bounced),
        classified.unsubscribe_token,
        mail.subject[:_LONGEST_SUBJECT],
        mail.text[:_LONGEST_TEXT],
    )


async def save_digest(
    connection: RawConnection, arrived: ArrivedMail, kind: MailKind, now: datetime
) -> None:
    """Keep that a mail was read, and nothing of what it says but its kind."""
    await connection.execute(
        "insert into incoming_mail (digest, received_at, kind, evidence, has_left, bounced, "
        "subject, text, handled_at) values ($1, $2, $3, '[]', false, '[]', '', '', $4) "
        "on conflict (digest) do nothing",
        arrived.digest,
        arrived.received_at,
        kind,
        now,
    )


async def recipient(connection: RawConnection, name: str) -> tuple[str, bool] | None:
    """Return to which lead a mail of ours went, and if they or its sequence's contact were erased.

    Args:
        connection: of any transaction.
        name: of the mail or, in links of older mails, of its sequence.
    """
    sequence_id, lead_id = await ledger.sequence_and_recipient(connection, name) or (name, None)
    row = await connection.fetchrow(
        "select coalesce($2, lead_id) as lead_id, exists (select from erased_lead "
        "where erased_lead.lead_id in ($2, sequence.lead_id)) as erased "
        "from sequence where sequence_id = $1",
        sequence_id,
        lead_id,
    )
    return None if row is None else (row["lead_id"], row["erased"])


async def has_moved(connection: RawConnection, message_id: str, lead_id: str) -> bool:
    """Return whether something was said of a contact's address after a mail went to them."""
    moved: bool = await connection.fetchval(
        "select exists (select from mail_attempt attempt "
        "join lead_field field on field.lead_id = $2 and field.name = 'email' "
        "where attempt.message_id = $1 and field.at > attempt.claimed_at)",
        message_id,
        lead_id,
    )
    return moved


async def find(connection: RawConnection, digest: str) -> Classified | None:
    """Return what a kept mail was found to be."""
    row = await connection.fetchrow(
        f"select {_CLASSIFIED} from incoming_mail where digest = $1",  # noqa: S608 - constant
        digest,
    )
    return None if row is None else _classified(row)


async def pending(connection: RawConnection, now: datetime, limit: int) -> list[PendingMail]:
    """Return mails that nothing has followed from, the longest due first."""
    rows = await connection.fetch(
        f"select digest, received_at, sequence_id, step_id, {_CLASSIFIED} "  # noqa: S608 - constant
        "from incoming_mail where handled_at is null and (look_at is null or look_at <= $1) "
        "order by coalesce(look_at, received_at), digest limit $2",
        now,
        limit,
    )
    return [
        PendingMail(
            row["digest"],
            row["received_at"],
            _classified(row),
            row["sequence_id"],
            row["step_id"],
        )
        for row in rows
    ]


async def leads_of(connection: RawConnection, message_id: str) -> list[str]:
    """Return whose sequence a mail of ours is of, and to whom it went."""
    rows = await connection.fetch(
        "select lead_id from mail_attempt where message_id = $1 and lead_id is not null "
        "union select sequence.lead_id from mail_attempt join sequence using (sequence_id) "
        "where message_id = $1",
        message_id,
    )
    return [row["lead_id"] for row in rows]


def waits_for(lead_id: str, address: str) -> Read[bool]:
    """Read whether a mail that concerns a lead or an address waits for what follows from it.

    Args:
        lead_id: the contact's.
        address: the recipient's, comparable.
    """
    return Read(
        "select exists (select from incoming_mail left join sequence using (sequence_id) "  # noqa: S608 - our own names
        "where handled_at is null and kind <> $3 and (about = $2 "
        f"or {is_of_person('lead_id')}))",
        [lead_id, address, MailKind.UNRELATED],
        only_value,
    )


async def wishes_of(
    connection: RawConnection, lead_ids: Collection[str], addresses: Collection[str]
) -> list[Suppression]:
    """Return what mails that nothing has followed from yet say of people: to get no more.

    Args:
        connection: of a transaction that stops them: until it ends no such mail comes in.
        lead_ids: of the people.
        addresses: theirs, comparable.
    """
    rows = await connection.fetch(
        f"select mail.received_at, mail.about = any($2::text[]) as is_theirs, {_OF_MAIL}, "  # noqa: S608 - our own names
        "coalesce(attempt.lead_id, sequence.lead_id) as lead_id "
        "from incoming_mail mail left join sequence using (sequence_id) "
        "left join mail_attempt attempt on attempt.message_id = mail.refers_to "
        "where mail.handled_at is null and (mail.about = any($2::text[]) "
        "or coalesce(attempt.lead_id, sequence.lead_id) = any($1::text[]))",
        list(lead_ids),
        list(addresses),
    )
    found = [
        each
        for row in rows
        for each in consequences.wishes_of(
            _classified(row),
            row["lead_id"] if row["lead_id"] in lead_ids else None,
            row["received_at"],
        )
        if each.key.scope is Scope.PERSON or row["is_theirs"]
    ]
    return list({each.key: each for each in found}.values())


async def put_off(connection: RawConnection, digest: str, until: datetime) -> None:
    """Have a mail looked at again then."""
    await connection.execute(
        "update incoming_mail set look_at = $2 where digest = $1", digest, until
    )


async def mark_handled(connection: RawConnection, digest: str, at: datetime) -> None:
    """Note that what follows from a mail is done."""
    await connection.execute(
        "update incoming_mail set handled_at = $2 where digest = $1 and handled_at is null",
        digest,
        at,
    )


def _classified(row: Any) -> Classified:
    return Classified(
        kind=MailKind(row["kind"]),
        evidence=msgspec.convert(row["evidence"], tuple[Evidence, ...]),
        refers_to=row["refers_to"],
        about=row["about"],
        bounced=msgspec.convert(row["bounced"], tuple[Bounced, ...]),
        returns_on=row["returns_on"],
        has_left=row["has_left"],
        unsubscribe_token=row["unsubscribe_token"],
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
