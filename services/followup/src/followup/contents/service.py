"""Use cases of the catalogue of content."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from followup import tables
from followup.contents import chosen, repository
from followup.contents.repository import ContentFilter, StoredContent
from followup.domain.contents.choice import ChosenContent
from followup.domain.contents.content import Content, ContentKind, as_lists, check_content
from kakehashi_common.audit import Actor, differences
from kakehashi_common.csv_file import FileKind, FileRow
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import NotFoundError

if TYPE_CHECKING:  # a worker chooses content, and loads no framework of HTTP
    from followup.contents.schemas import ContentIn


_TEXTS: Final = ("title", "source", "passage", "topics")
"""Fields of own answers that the audit doesn't repeat: people's texts, which may be erased."""


@dataclass(frozen=True, slots=True)
class ContentsImport:
    """The result of an import, by the ids of entries."""

    created: list[str]
    changed: list[str]
    unchanged: list[str]


class Contents:
    """Keeps the catalogue of content, and shows what was chosen of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, content: Content, actor: Actor) -> StoredContent:
        """Create or replace an entry; the change is audited, and the same again changes nothing.

        What was chosen before stays as it was.

        Raises:
            DomainError: see :func:`~followup.domain.contents.content.check_content`.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            return await put_content(connection, content, actor)

    async def remove(self, content_id: str, actor: Actor) -> None:
        """Delete an entry; what it was chosen for keeps it.

        Raises:
            NotFoundError: there is no such entry.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            before = await _content(connection, content_id)
            if before is None:
                raise _unknown(content_id)
            await repository.remove(connection, content_id)
            await _record(connection, "delete_content", content_id, before, None, actor)

    async def find(self, content_id: str) -> StoredContent:
        """Return an entry.

        Raises:
            NotFoundError: there is no such entry.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            found = await repository.find(connection, [content_id])
        if content_id not in found:
            raise _unknown(content_id)
        return found[content_id]

    async def list_contents(
        self, wanted: ContentFilter, *, after: str | None, limit: int
    ) -> list[StoredContent]:
        """Return entries that match, by id.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            return await repository.list_contents(connection, wanted, after=after, limit=limit)

    async def import_all(
        self,
        file: "FileKind[ContentIn]",
        rows: "Sequence[FileRow[ContentIn]]",
        actor: Actor,
        *,
        dry_run: bool,
    ) -> ContentsImport:
        """Create or change every entry of a file, or none: what it doesn't say stays as it is.

        Args:
            file: names the columns in which mistakes are.
            rows: what it holds.
            actor: who imports it.
            dry_run: check it and change nothing.

        Raises:
            FileError: with every mistake.
            TransientError: the database is unavailable.
        """
        done, mistakes = ContentsImport([], [], []), []
        async with self._database.transaction() as connection:
            stored = await repository.find(connection, [row.row_id for row in rows])
            for row in rows:
                before = None if row.row_id not in stored else stored[row.row_id].content
                content = row.said.content(row.row_id)
                if before is not None:
                    content = replace(content, **row.kept(before))
                try:
                    check_content(content)
                except DomainError as error:
                    mistakes.append(row.mistake((error.field or "").split("/")[0], error.message))
                    continue
                kind = done.unchanged if content == before else done.changed
                (done.created if before is None else kind).append(row.row_id)
                if not dry_run:
                    await _put(connection, before, content, actor)
            if mistakes:  # the transaction is rolled back
                raise file.error(mistakes)
        return done

    async def chosen(self, visits: Collection[str]) -> Mapping[str, tuple[ChosenContent, ...]]:
        """Return what was chosen for approvals or tasks, by their ids; empty: nothing suited.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            return await chosen.of_visits(connection, visits)


async def put_content(connection: AsyncConnection, content: Content, actor: Actor) -> StoredContent:
    """Do the same in the transaction of a connection."""
    check_content(content)
    before = await _content(connection, content.content_id)
    await _put(connection, before, content, actor)
    return (await repository.find(connection, [content.content_id]))[content.content_id]


async def _content(connection: AsyncConnection, content_id: str) -> Content | None:
    found = (await repository.find(connection, [content_id])).get(content_id)
    return None if found is None else found.content


async def _put(
    connection: AsyncConnection, before: Content | None, content: Content, actor: Actor
) -> None:
    if content != before:
        await repository.put(connection, content, actor.who)
        await _record(connection, "put_content", content.content_id, before, content, actor)


async def _record(
    connection: AsyncConnection,
    what: str,
    content_id: str,
    before: Content | None,
    after: Content | None,
    actor: Actor,
) -> None:
    kinds = {each.kind for each in (before, after) if each is not None}
    hidden = dict.fromkeys(_TEXTS, "") if ContentKind.OWN_ANSWER in kinds else {}
    was, became = differences(_shown(before), _shown(after), hidden=hidden)
    await actor.record(
        connection,
        tables.audit_table,
        what,
        f"content/{content_id}",
        before=was,
        after=became,
    )


def _shown(content: Content | None) -> dict[str, Any]:
    if content is None:
        return {}
    day = content.valid_until
    return as_lists(content) | {"valid_until": None if day is None else day.isoformat()}


def _unknown(content_id: str) -> NotFoundError:
    return NotFoundError(f"there is no content {content_id}", field="content_id")
