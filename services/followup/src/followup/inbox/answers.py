"""Show people's answers to our mails to the seller whose sequence it is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from followup import tables
from followup.domain.inbox.classified import MailKind
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database, RawConnection, driver_connection
from kakehashi_common.errors import NotFoundError

_SELECTED: Final = (
    "select mail.digest, mail.kind, mail.received_at, mail.sequence_id, mail.step_id, "
    "coalesce(attempt.lead_id, sequence.lead_id) as lead_id, sequence.state ->> 'owner' as owner, "
    "place.value as municipality_code, mail.about as address, mail.subject, mail.text "
    "from incoming_mail mail join sequence using (sequence_id) "
    "left join mail_attempt attempt on attempt.message_id = mail.refers_to "
    "left join merged_lead gone on gone.lead_id = coalesce(attempt.lead_id, sequence.lead_id) "
    "left join lead_field place on place.name = 'municipality_code' "
    "and place.lead_id = coalesce(gone.survivor, attempt.lead_id, sequence.lead_id) "
)
_BY_A_PERSON: Final = "mail.kind in ('answer', 'negative', 'opt_out')"
"""As the index has it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A mail that refers to one of ours.

    Args:
        lead_id: of whoever got our mail.
        owner: the seller of its sequence.
        address: whom it is about, mostly who wrote; personal data, as are subject and text.
    """

    digest: str
    kind: MailKind
    received_at: datetime
    sequence_id: str
    step_id: str | None
    lead_id: str
    municipality_code: str | None
    owner: str | None
    address: str | None
    subject: str
    text: str


async def answers_since(
    connection: RawConnection, owner: str, since: datetime, limit: int
) -> list[Answer]:
    """Return what people have answered in a seller's sequences, the earliest first."""
    return await _selected(
        connection,
        f"where {_BY_A_PERSON} and mail.received_at >= $1 and sequence.state ->> 'owner' = $2 "
        "order by mail.received_at, mail.digest limit $3",
        since,
        owner,
        limit,
    )


async def not_notified(
    connection: RawConnection, since: datetime, quiet_since: datetime, limit: int
) -> list[Answer]:
    """Return answers of which no seller has been notified, the earliest first.

    Args:
        connection: of a transaction, in which they stay locked.
        since: not those that came before.
        quiet_since: not those to a sequence of which somebody has been notified since then.
        limit: so many at most.
    """
    return await _selected(
        connection,
        f"where {_BY_A_PERSON} and mail.received_at >= $1 and mail.notified_at is null "
        "and not exists (select from incoming_mail earlier "
        "where earlier.sequence_id = mail.sequence_id and earlier.notified_at > $2) "
        "order by mail.received_at, mail.digest limit $3 for update of mail skip locked",
        since,
        quiet_since,
        limit,
    )


async def notified_together(connection: RawConnection, digest: str) -> int:
    """Return of how many answers somebody was notified at once, with this one."""
    count: int = await connection.fetchval(
        "select count(*) from incoming_mail mail join incoming_mail shown "
        "using (sequence_id, notified_at) where shown.digest = $1",
        digest,
    )
    return count


async def mark_notified(connection: RawConnection, digests: Collection[str], at: datetime) -> None:
    """Note that whoever does the sellers' work is notified of answers."""
    await connection.execute(
        "update incoming_mail set notified_at = $2 where digest = any($1::text[])",
        list(digests),
        at,
    )


async def find(connection: RawConnection, digest: str) -> Answer | None:
    """Return a mail that refers to one of ours; ``None``: there is none, or it was erased."""
    found = await _selected(
        connection, "where mail.digest = $1 and mail.kind <> 'unrelated'", digest
    )
    return found[0] if found else None


class Answers:
    """Shows what was answered to whoever may see personal data."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, digest: str, actor: Actor) -> Answer:
        """Return a mail that refers to one of ours, with its text; it is audited.

        Raises:
            NotFoundError: there is none, or it was erased.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            answer = await find(await driver_connection(connection), digest)
            if answer is None:
                raise NotFoundError("there is no such mail, or it was erased", field="digest")
            await actor.record(
                connection, tables.audit_table, "read_incoming_mail", f"incoming_mail/{digest}"
            )
        return answer


async def _selected(connection: RawConnection, where: str, *arguments: Any) -> list[Answer]:
    rows = await connection.fetch(_SELECTED + where, *arguments)
    return [Answer(**{**row, "kind": MailKind(row["kind"])}) for row in rows]
