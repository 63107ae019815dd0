"""SQL for contacts: fields of profiles, of which a later statement replaces an earlier one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kakehashi_common.db import RawConnection
from kakehashi_common.lead_profiles.repository import move_fields
from kakehashi_common.reads import Read

FIELDS: Final = ("municipality_code", "department", "role", "person_name", "email")
"""The fields of a profile that are kept."""


@dataclass(frozen=True, slots=True)
class Contact:
    """The person behind a lead, as far as known."""

    lead_id: str
    municipality_code: str | None = None
    department: str | None = None
    role: str | None = None
    person_name: str | None = None
    email: str | None = None
    erased_at: datetime | None = None
    known_since: datetime | None = None
    """The time of the first statement about them."""


async def save_leads(
    connection: RawConnection, lead_ids: Iterable[str], known_since: datetime | None = None
) -> None:
    """Add leads; whoever writes of a lead does this first, so that two of them wait.

    The reasons of today are decided on them again.

    Args:
        connection: of the transaction that goes on to write.
        lead_ids: the leads.
        known_since: the time of what is said of them, of which the earliest stays; ``None``: it
            says nothing about them.
    """
    await connection.execute(
        "insert into lead as known (lead_id, known_since, decide_at) "
        "select unnest($1::text[]), $2::timestamptz, '-infinity' on conflict (lead_id) do update "
        "set decide_at = excluded.decide_at, "
        "known_since = least(known.known_since, excluded.known_since)",
        sorted(set(lead_ids)),
        known_since,
    )


async def decide_again(connection: RawConnection, lead_ids: Collection[str]) -> None:
    """Have the reasons of today decided again on contacts, as a sequence of theirs has ended."""
    await connection.execute(
        "update lead set decide_at = '-infinity' where lead_id = any($1::text[])",
        list(lead_ids),
    )


async def find(connection: RawConnection, lead_id: str) -> Contact | None:
    """Return a contact, of an id that has gone the one that stays.

    ``None``: nothing was ever said of the lead.
    """
    found = await find_all(connection, [lead_id])
    return found[0] if found else None


async def find_all(connection: RawConnection, lead_ids: Collection[str]) -> list[Contact]:
    """Return those of these contacts of whom something was said, by the ids that stay."""
    return await contacts_of(lead_ids).fetch(connection)


def contacts_of(lead_ids: Collection[str]) -> Read[list[Contact]]:
    """Read those of these contacts of whom something was said, by the ids that stay."""
    return Read(
        "select lead_id, erased_at, known_since, name, value "
        "from lead left join erased_lead using (lead_id) left join lead_field using (lead_id) "
        "where lead_id in (select coalesce(survivor, named) from unnest($1::text[]) named "
        "left join merged_lead on merged_lead.lead_id = named) order by lead_id",
        [list(lead_ids)],
        _contacts,
    )


def _contacts(rows: Iterable[Any]) -> list[Contact]:
    known: dict[str, dict[str, Any]] = {}
    for lead_id, erased_at, known_since, name, value in rows:
        said = {"erased_at": erased_at, "known_since": known_since}
        fields = known.setdefault(lead_id, said)
        if value is not None:
            fields[name] = value
    return [Contact(lead_id, **fields) for lead_id, fields in known.items()]


async def find_by_email(connection: RawConnection, email: str) -> list[str]:
    """Return the leads with this address, by id; compared without regard to case."""
    rows = await connection.fetch(
        "select lead_id from lead_field where name = 'email' and lower(value) = lower($1) "
        "order by lead_id",
        email,
    )
    return [row["lead_id"] for row in rows]


async def in_municipality(connection: RawConnection, municipality_code: str) -> list[Contact]:
    """Return the contacts of a municipality, by lead."""
    rows = await connection.fetch(
        "select lead_id from lead_field where name = 'municipality_code' and value = $1",
        municipality_code,
    )
    return await find_all(connection, [row["lead_id"] for row in rows])


async def move(connection: RawConnection, lead_id: str, survivor: str) -> None:
    """Take what was said of a lead that has gone as said of the one that stays; both are locked."""
    await move_fields(connection, lead_id, survivor)
    await connection.execute(
        "update lead set known_since = least(lead.known_since, gone.known_since) "
        "from lead gone where lead.lead_id = $2 and gone.lead_id = $1",
        lead_id,
        survivor,
    )
