"""Calls as rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kakehashi_common.db import RawConnection


@dataclass(frozen=True, slots=True)
class SellerCall:
    """A call to a contact."""

    lead_id: str
    called_at: datetime
    reached: bool


async def save(connection: RawConnection, said: Mapping[str, SellerCall | None]) -> None:
    """Store what was said of activities; what is no call any more is deleted.

    Nothing is kept of people who were erased. In one order, so that two consumers wait for each
    other and never deadlock.
    """
    await connection.execute(
        "delete from seller_call where activity_id = any($1::text[])",
        [activity_id for activity_id, call in said.items() if call is None],
    )
    await connection.executemany(
        "insert into seller_call (activity_id, lead_id, called_at, reached) "
        "select $1, $2::text, $3, $4 "
        "where not exists (select from erased_lead where lead_id = $2) "
        "on conflict (activity_id) do update set lead_id = excluded.lead_id, "
        "called_at = excluded.called_at, reached = excluded.reached",
        [
            (activity_id, call.lead_id, call.called_at, call.reached)
            for activity_id, call in sorted(said.items())
            if call is not None
        ],
    )
