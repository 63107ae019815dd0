"""Playbooks as rows: versions that never change, which one is in force, and a draft."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.tables import playbook, playbook_version


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One published version."""

    playbook_id: str
    version: int
    document: str
    """The YAML as it was published."""
    published_by: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class StoredPlaybook:
    """The stored attributes of a playbook, besides its versions."""

    playbook_id: str
    in_force: int | None
    """The version that lets contacts in; ``None``: none does."""
    draft: str | None
    draft_by: str | None
    draft_at: datetime | None


async def lock(connection: AsyncConnection) -> None:
    """Let one transaction at a time change playbooks: what they declare must fit together."""
    await connection.execute(text("lock table playbook in share row exclusive mode"))


async def list_all(connection: AsyncConnection) -> list[StoredPlaybook]:
    """Return all playbooks, by id."""
    rows = await connection.execute(select(playbook).order_by(playbook.c.playbook_id))
    return [StoredPlaybook(*row) for row in rows]


async def find(connection: AsyncConnection, playbook_id: str) -> StoredPlaybook | None:
    """Return one playbook."""
    statement = select(playbook).where(playbook.c.playbook_id == playbook_id)
    row = (await connection.execute(statement)).first()
    return None if row is None else StoredPlaybook(*row)


async def find_version(
    connection: AsyncConnection, playbook_id: str, version: int
) -> StoredVersion | None:
    """Return one version."""
    statement = select(playbook_version).where(
        playbook_version.c.playbook_id == playbook_id, playbook_version.c.version == version
    )
    row = (await connection.execute(statement)).first()
    return None if row is None else StoredVersion(*row)


async def versions(connection: AsyncConnection, playbook_id: str) -> list[StoredVersion]:
    """Return all versions of a playbook, the newest first."""
    statement = (
        select(playbook_version)
        .where(playbook_version.c.playbook_id == playbook_id)
        .order_by(playbook_version.c.version.desc())
    )
    return [StoredVersion(*row) for row in await connection.execute(statement)]


async def in_force(connection: AsyncConnection) -> list[tuple[str, int]]:
    """Return the id and version of all playbooks that let contacts in, by id."""
    statement = (
        select(playbook.c.playbook_id, playbook.c.in_force)
        .where(playbook.c.in_force.is_not(None))
        .order_by(playbook.c.playbook_id)
    )
    return [(row.playbook_id, row.in_force) for row in await connection.execute(statement)]


async def add_version(
    connection: AsyncConnection, playbook_id: str, document: str, published_by: str
) -> StoredVersion:
    """Store a further version and put it in force; the draft is done with."""
    await connection.execute(
        upsert(playbook).values(playbook_id=playbook_id).on_conflict_do_nothing()
    )
    newest = select(func.coalesce(func.max(playbook_version.c.version), 0) + 1).where(
        playbook_version.c.playbook_id == playbook_id
    )
    statement = (
        insert(playbook_version)
        .values(
            playbook_id=playbook_id,
            version=newest.scalar_subquery(),
            document=document,
            published_by=published_by,
        )
        .returning(*playbook_version.c)
    )
    stored = StoredVersion(*(await connection.execute(statement)).one())
    await connection.execute(
        update(playbook)
        .where(playbook.c.playbook_id == playbook_id)
        .values(in_force=stored.version, draft=None, draft_by=None, draft_at=None)
    )
    return stored


async def put_in_force(connection: AsyncConnection, playbook_id: str, version: int | None) -> None:
    """Let a version let contacts in; ``None``: no version does."""
    await connection.execute(
        update(playbook).where(playbook.c.playbook_id == playbook_id).values(in_force=version)
    )


async def save_draft(
    connection: AsyncConnection, playbook_id: str, document: str, saved_by: str
) -> None:
    """Store the draft of a playbook in place of the one before."""
    values = {"draft": document, "draft_by": saved_by, "draft_at": func.now()}
    statement = upsert(playbook).values(playbook_id=playbook_id, **values)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=[playbook.c.playbook_id], set_=values)
    )
