"""Read the text and source of the reason or behaviour that began a sequence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from kakehashi_common.reads import Read

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
    """The publication, in one line."""


def beginning_of(sequence_id: str) -> Read[Beginning]:
    """Read the text and source of the reason or behaviour that began a sequence."""
    return Read(_BEGINNING, [sequence_id], _beginning)


def _beginning(rows: Sequence[Any]) -> Beginning:
    if not rows:
        return Beginning()
    [(text, source)] = rows
    return Beginning(text or "", " ".join((source or "").split()))
