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
    """Leads scored by it so far, and those of them that changed grade."""
    changed_grades: int | None


@dataclass(frozen=True, slots=True)
class RescoreProgress:
    """The progress of scoring every lead by one version."""

    version: int
    up_to: str
    """The last lead reached; empty before the first."""
    leads: int
    changed_grades: int
    finished: bool


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


async def versions(
    connection: RawConnection, before: int | None = None, limit: int | None = None
) -> list[StoredRules]:
    """Versions, newest first, from the one before ``before`` on."""
    rows = await connection.fetch(
        f"select {_COLUMNS} from rule_set "  # noqa: S608 - our own columns
        "where $1::int is null or version < $1 order by version desc limit $2",
        before,
        limit,
    )
    return [StoredRules(*row) for row in rows]


async def lock_rule_sets(connection: RawConnection) -> None:
    """Lock out publishing and scoring until this transaction ends.

    Versions then commit in order, and whoever scored by an older version has committed before the
    newer one is in force: no lead slips past its re-score. It waits for batches under way, and
    they for it, for some milliseconds.
    """
    await connection.execute("lock table rule_set in access exclusive mode")


async def add(
    connection: RawConnection, *, name: str, document: str, checksum: str, published_by: str
) -> StoredRules:
    """Publish a version: it is in force from this transaction's commit."""
    await lock_rule_sets(connection)
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


async def rescore_progress(connection: RawConnection, version: int) -> RescoreProgress | None:
    """Return the progress of the re-score by ``version``; locks its row for the transaction."""
    row = await connection.fetchrow(
        "select version, coalesce(rescored_up_to, ''), coalesce(rescored_leads, 0), "
        "coalesce(changed_grades, 0), rescored_at is not null "
        "from rule_set where version = $1 for no key update",
        version,
    )
    return None if row is None else RescoreProgress(*row)


async def note_rescored(connection: RawConnection, progress: RescoreProgress) -> None:
    """Store how far a re-score has come, in the transaction that scored those leads."""
    await connection.execute(
        "update rule_set set rescored_up_to = $2, rescored_leads = $3, changed_grades = $4, "
        "rescored_at = case when $5 then now() end where version = $1",
        progress.version,
        progress.up_to,
        progress.leads,
        progress.changed_grades,
        progress.finished,
    )


def _stored(row: asyncpg.Record | None) -> StoredRules | None:
    return None if row is None else StoredRules(*row)
