"""The score history: one row each time that a score was announced."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kakehashi_common.db import RawConnection
from lead_scoring.domain.decision import ScoreChanged

_COLUMNS = (
    "lead_id",
    "scored_at",
    "fit",
    "engagement",
    "grade",
    "previous_grade",
    "rule_version",
    "cause",
)


@dataclass(frozen=True, slots=True)
class PastScore:
    """One announced score. Scores in tenths of a point."""

    id: int
    scored_at: datetime
    fit: int
    engagement: int
    grade: str
    previous_grade: str | None
    rule_version: int
    cause: str


async def append(
    connection: RawConnection, changes: Iterable[tuple[str, int, ScoreChanged]]
) -> None:
    """Add announced scores, each with its lead and the version of the rules."""
    rows = [
        (
            lead_id,
            changed.scored_at,
            changed.fit,
            changed.engagement,
            changed.grade,
            changed.previous_grade,
            version,
            changed.cause,
        )
        for lead_id, version, changed in changes
    ]
    if rows:
        await connection.copy_records_to_table("score_history", records=rows, columns=_COLUMNS)


async def newest_first(
    connection: RawConnection, lead_id: str, before: int | None, limit: int
) -> list[PastScore]:
    """Return a lead's announced scores, newest first, from the one before the id ``before`` on."""
    columns = ", ".join(PastScore.__dataclass_fields__)
    rows = await connection.fetch(
        f"select {columns} from score_history "  # noqa: S608 - our own columns
        "where lead_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3",
        lead_id,
        before,
        limit,
    )
    return [PastScore(*row) for row in rows]
