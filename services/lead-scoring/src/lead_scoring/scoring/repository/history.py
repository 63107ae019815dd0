"""The score history: one row each time that a score was announced."""

from collections.abc import Iterable
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


async def trim(connection: RawConnection, before: datetime, *, at_most: int = 50_000) -> int:
    """Forget scores announced before ``before``, ``at_most`` at once; return how many.

    Repeat it, each time in a transaction of its own, until it returns nothing.
    """
    status = await connection.execute(
        "delete from score_history where ctid = any(array("
        "select ctid from score_history where scored_at < $1 limit $2))",
        before,
        at_most,
    )
    return int(status.rsplit(" ", 1)[-1])
