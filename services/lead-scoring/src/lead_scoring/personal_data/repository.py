"""SQL that finds the people behind leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kakehashi_common.db import RawConnection
from lead_scoring.tables import COMPARABLE

SEARCHED: Final = (
    "lead",
    "lead_profile",
    "event_log",
    "score_history",
    "qualification",
    "handoff_label",
)
"""The tables that hold something about a person, by the lead's id."""


@dataclass(frozen=True, slots=True)
class Person:
    """A lead with what names the person behind it."""

    lead_id: str
    person_name: str | None
    email: str | None
    phone: str | None
    department: str | None
    municipality_code: str | None


_FOUND: Final = ", ".join(Person.__dataclass_fields__)


async def find(
    connection: RawConnection, identifiers: Mapping[str, str], limit: int
) -> list[Person]:
    """Return up to ``limit`` people whom all of ``identifiers`` fit, in order of their leads' ids.

    Args:
        connection: to read with.
        identifiers: by column of ``lead_profile``, in comparable form (``domain.person``).
        limit: of the answer.
    """
    conditions = " and ".join(
        f"{column} is not null and {COMPARABLE[column]} = ${number}"
        for number, column in enumerate(identifiers, start=2)
    )
    rows = await connection.fetch(
        f"select {_FOUND} from lead_profile where {conditions} "  # noqa: S608 - our own columns
        "order by lead_id limit $1",
        limit,
        *identifiers.values(),
    )
    return [Person(*row) for row in rows]


async def people(connection: RawConnection, lead_ids: Sequence[str]) -> dict[str, Person]:
    """Return the people behind these leads, by the leads' ids."""
    rows = await connection.fetch(
        f"select {_FOUND} from lead_profile where lead_id = any($1::text[])",  # noqa: S608
        lead_ids,
    )
    return {row[0]: Person(*row) for row in rows}
