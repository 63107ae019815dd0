"""SQL for handoffs' labels and for deals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import asyncpg

from kakehashi_common.db import RawConnection
from lead_scoring.domain.label import Ending, Label, Rejection

_LABEL: Final = (
    "handoff_id",
    "lead_id",
    "from_role",
    "to_role",
    "last_step_at",
    "qualification_id",
    "requested_at",
    "accepted_at",
    "returned_at",
    "recycled_at",
    "contacted_at",
    "met_at",
    "rejected_at",
    "reason",
    "consequence",
    "ended_at",
    "ended_as",
    "outcome",
    "deal_id",
)
_PLAIN: Final = _LABEL[:12]
"""Columns that are attributes of a label, too."""
_COLUMNS: Final = ", ".join(_LABEL)
_PLACES: Final = ", ".join(f"${place}" for place in range(1, len(_LABEL) + 1))
_INSERT: Final = f"insert into handoff_label ({_COLUMNS}) values ({_PLACES}) on conflict do nothing"  # noqa: S608
_UPDATE: Final = f"update handoff_label set ({_COLUMNS}) = ({_PLACES}) where handoff_id = $1"  # noqa: S608


@dataclass(frozen=True, slots=True)
class StoredDeal:
    """A deal as last stated."""

    deal_id: str
    said_at: datetime
    """When it was said; what was said later wins, and of two at once the greater key."""
    event_key: UUID
    outcome: str | None
    """``won``, ``lost`` or ``no_decision``; ``None`` while it is open."""
    outcome_reason: str | None
    amount_yen: int | None


_DEAL: Final = ", ".join(StoredDeal.__dataclass_fields__)


async def lock_labels(connection: RawConnection, labels: Sequence[Label]) -> dict[str, Label]:
    """Return the stored labels of these handoffs, and store those of ``labels`` that are new first.

    Others that write them wait until the transaction ends; all lock in the order of ids.
    """
    in_order = sorted(labels, key=attrgetter("handoff_id"))
    await connection.executemany(_INSERT, [_row(label) for label in in_order])
    rows = await connection.fetch(
        f"select {_COLUMNS} from handoff_label "  # noqa: S608 - our own columns
        "where handoff_id = any($1::text[]) order by handoff_id for update",
        [label.handoff_id for label in in_order],
    )
    return {row["handoff_id"]: _label(row) for row in rows}


async def save_labels(connection: RawConnection, labels: Sequence[Label]) -> None:
    """Write labels that are locked."""
    await connection.executemany(_UPDATE, [_row(label) for label in labels])


async def labels_of_lead(connection: RawConnection, lead_id: str) -> list[Label]:
    """Return the labels of a lead's handoffs, in the order in which they were requested."""
    rows = await connection.fetch(
        f"select {_COLUMNS} from handoff_label "  # noqa: S608 - our own columns
        "where lead_id = $1 order by requested_at, handoff_id",
        lead_id,
    )
    return [_label(row) for row in rows]


async def list_labels(connection: RawConnection, after: str | None, limit: int) -> list[Label]:
    """Return labels in order of the handoffs' ids, those behind the id ``after``."""
    rows = await connection.fetch(
        f"select {_COLUMNS} from handoff_label "  # noqa: S608 - our own columns
        "where $1::text is null or handoff_id > $1 order by handoff_id limit $2",
        after,
        limit,
    )
    return [_label(row) for row in rows]


async def deals(connection: RawConnection, deal_ids: Sequence[str]) -> dict[str, StoredDeal]:
    """Return those of these deals that are known."""
    rows = await connection.fetch(
        f"select {_DEAL} from deal where deal_id = any($1::text[])",  # noqa: S608
        deal_ids,
    )
    return {row[0]: StoredDeal(*row) for row in rows}


async def save_deals(connection: RawConnection, deals: Sequence[StoredDeal]) -> None:
    """Keep what is newer than what is known."""
    await connection.executemany(
        "insert into deal as known values ($1, $2, $3, $4, $5, $6) "
        "on conflict (deal_id) do update set said_at = excluded.said_at, "
        "event_key = excluded.event_key, outcome = excluded.outcome, "
        "outcome_reason = excluded.outcome_reason, amount_yen = excluded.amount_yen "
        "where (known.said_at, known.event_key) < (excluded.said_at, excluded.event_key)",
        # In one order, so that two consumers wait for each other and never deadlock.
        [
            tuple(getattr(deal, name) for name in StoredDeal.__dataclass_fields__)
            for deal in sorted(deals, key=attrgetter("deal_id"))
        ],
    )


def _row(label: Label) -> tuple[Any, ...]:
    rejection, ending = label.rejection, label.ending
    return (
        *(getattr(label, name) for name in _PLAIN),
        *(
            (None, None, None)
            if rejection is None
            else (rejection.at, rejection.reason, rejection.consequence)
        ),
        *(
            (None, None, None, None)
            if ending is None
            else (ending.at, ending.status, ending.outcome or None, ending.deal_id or None)
        ),
    )


def _label(row: asyncpg.Record) -> Label:
    ending = None
    if row["ended_at"] is not None:
        ending = Ending(
            row["ended_at"], row["ended_as"], row["outcome"] or "", row["deal_id"] or ""
        )
    rejection = None
    if row["rejected_at"] is not None:
        rejection = Rejection(row["rejected_at"], row["reason"], row["consequence"])
    return Label(**{name: row[name] for name in _PLAIN}, rejection=rejection, ending=ending)
