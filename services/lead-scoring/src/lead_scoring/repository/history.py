"""The score history: one row each time that a score was announced."""

from collections.abc import Iterable

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
