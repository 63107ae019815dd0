"""Read the text and source of the reason or behaviour that began a sequence."""

from dataclasses import dataclass
from typing import Final

from kakehashi_common.db import RawConnection

_BEGINNING: Final = """
select coalesce(said.reason -> 'label' ->> 'ja', seen.text_ja) as text, said.reason ->> 'source'
from sequence
left join reason said on said.reason_id = case
    when trigger_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then trigger_id::uuid
end
left join seen_behaviour seen on seen.id = case
    when trigger_id ~ '^behaviour-[0-9]{1,18}$' then substr(trigger_id, 11)::bigint
end
where sequence_id = $1
"""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The text and source of the beginning; empty if unknown, or no longer kept."""

    text: str = ""
    """In Japanese."""
    source: str = ""
    """Where it was published, in one line."""


async def beginning_of(connection: RawConnection, sequence_id: str) -> Beginning:
    """Return the text and source of the reason or behaviour that began a sequence."""
    row = await connection.fetchrow(_BEGINNING, sequence_id)
    return Beginning() if row is None else Beginning(row[0] or "", " ".join((row[1] or "").split()))
