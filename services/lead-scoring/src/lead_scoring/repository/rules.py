"""Rule sets as rows: the newest version is the one in force."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from kakehashi_common.db import RawConnection


@dataclass(frozen=True, slots=True)
class StoredRules:
    """One published version."""

    version: int
    name: str
    document: str
    """The YAML as it was published."""
    checksum: str
    published_by: str
    published_at: datetime
    rescored_at: datetime | None
    """When every lead had been scored by it; ``None`` while that is under way."""
    rescored_leads: int | None
    changed_grades: int | None


_COLUMNS = (
    "version, name, document, checksum, published_by, published_at, "
    "rescored_at, rescored_leads, changed_grades"
)


async def newest_version(connection: RawConnection) -> int | None:
    """The version in force, ``None`` before the first one."""
    version: int | None = await connection.fetchval("select max(version) from rule_set")
    return version


async def get(connection: RawConnection, version: int) -> StoredRules | None:
    """One version."""
    row = await connection.fetchrow(
        f"select {_COLUMNS} from rule_set where version = $1",  # noqa: S608 - our own columns
        version,
    )
    return _stored(row)


async def newest(connection: RawConnection) -> StoredRules | None:
    """The version in force with its document."""
    return _stored(
        await connection.fetchrow(
            f"select {_COLUMNS} from rule_set order by version desc limit 1"  # noqa: S608
        )
    )


async def all_versions(connection: RawConnection) -> list[StoredRules]:
    """Every version, newest first."""
    rows = await connection.fetch(
        f"select {_COLUMNS} from rule_set order by version desc"  # noqa: S608 - our own columns
    )
    return [StoredRules(*row) for row in rows]


async def add(
    connection: RawConnection, *, name: str, document: str, checksum: str, published_by: str
) -> StoredRules:
    """Publish a version: it is in force from this transaction's commit."""
    # Two publishers at once take turns, so that versions commit in order.
    await connection.execute("lock table rule_set in share row exclusive mode")
    row = await connection.fetchrow(
        "insert into rule_set (name, document, checksum, published_by) "  # noqa: S608
        f"values ($1, $2, $3, $4) returning {_COLUMNS}",
        name,
        document,
        checksum,
        published_by,
    )
    stored = _stored(row)
    assert stored is not None  # noqa: S101 - insert … returning gives a row
    return stored


async def mark_rescored(
    connection: RawConnection, version: int, *, leads: int, changed_grades: int
) -> None:
    """Note that every lead has been scored by ``version``."""
    await connection.execute(
        "update rule_set set rescored_at = now(), rescored_leads = $2, changed_grades = $3 "
        "where version = $1 and rescored_at is null",
        version,
        leads,
        changed_grades,
    )


def _stored(row: asyncpg.Record | None) -> StoredRules | None:
    return None if row is None else StoredRules(*row)
