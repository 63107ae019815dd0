"""Qualifications: when and by which rules leads have qualified, one row each time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kakehashi_common.db import RawConnection
from lead_scoring.domain.decision import LeadQualified


@dataclass(frozen=True, slots=True)
class StoredQualification:
    """One qualification of a lead. Scores and points in tenths of a point."""

    lead_id: str
    number: int
    """1 for the first time."""
    qualification_id: str
    """The id by which handoffs name it."""
    qualified_at: datetime
    grade: str
    fit: int
    engagement: int
    rule_version: int
    rules: Sequence[str]
    """The rules that gave or took points then, as ``engagement.<id>`` or ``fit.<id>``."""
    points: Sequence[int]
    """The points of each of ``rules``, before caps."""


_COLUMNS: Final = tuple(StoredQualification.__dataclass_fields__)


async def append(
    connection: RawConnection, version: int, qualified: Sequence[tuple[str, str, LeadQualified]]
) -> None:
    """Add qualifications, each with its lead and its id, by one version of the rules."""
    if qualified:
        rows = [_row(version, *each) for each in qualified]
        await connection.copy_records_to_table("qualification", records=rows, columns=_COLUMNS)


async def of_leads(connection: RawConnection, lead_ids: Sequence[str]) -> list[StoredQualification]:
    """Return the qualifications of these leads, of each the first one first."""
    rows = await connection.fetch(
        f"select {', '.join(_COLUMNS)} from qualification "  # noqa: S608 - our own columns
        "where lead_id = any($1::text[]) order by lead_id, number",
        lead_ids,
    )
    return [StoredQualification(*row) for row in rows]


def _row(
    version: int, lead_id: str, qualification_id: str, qualified: LeadQualified
) -> tuple[object, ...]:
    by_rules = [each for each in qualified.contributions if each.line.kind == "rule"]
    return (
        lead_id,
        qualified.number,
        qualification_id,
        qualified.qualified_at,
        qualified.grade,
        qualified.fit,
        qualified.engagement,
        version,
        [f"{each.line.dimension}.{each.line.rule}" for each in by_rules],
        [each.points for each in by_rules],
    )
