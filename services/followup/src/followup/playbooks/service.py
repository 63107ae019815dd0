"""Draft, publish, roll back and retire playbooks."""

import asyncio
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from followup import tables
from followup.domain.playbooks.checks import Limits
from followup.domain.playbooks.playbook import Playbook
from followup.domain.triggers.watch import Watch
from followup.playbooks import repository
from followup.playbooks.reading import (
    PlaybookFileError,
    check_playbook_id,
    published_playbook,
    read_playbook,
    shipped,
)
from followup.playbooks.repository import StoredPlaybook, StoredVersion
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Publication:
    """The result of publishing a document."""

    stored: StoredVersion
    created: bool
    """Whether it is a new version; the same playbook as the one in force makes none."""


class Playbooks:
    """Keeps playbooks and their versions.

    A version never changes, so a sequence goes on by the version that it began with, whatever is
    published later.
    """

    def __init__(self, database: Database, limits: Limits) -> None:
        self._database = database
        self._limits = limits
        self._read: dict[tuple[str, int], Playbook] = {}
        """Every version that was asked for: people publish them, so they are few."""

    async def read(self, document: str) -> Playbook:
        """Return the playbook that a document says, checked.

        Raises:
            PlaybookFileError: it is none.
        """
        # Some seconds for the longest document: a thread keeps other requests going.
        return await asyncio.to_thread(read_playbook, document, self._limits)

    async def save_draft(
        self, playbook_id: str, document: str, actor: Actor
    ) -> PlaybookFileError | None:
        """Store a draft in place of the one before; return its mistakes, if it has any.

        Raises:
            DomainError: the id can't be one, or the document is of another playbook.
            TransientError: the database is unavailable.
        """
        check_playbook_id(playbook_id)
        mistakes = None
        try:
            draft = await self.read(document)
        except PlaybookFileError as error:
            mistakes = error
        else:
            if draft.id != playbook_id:
                raise DomainError(
                    f"the document is of {draft.id!r}: write id: {playbook_id} into it, or save it"
                    " under its own id",
                    field="id",
                    code="other_playbook",
                )
        async with self._database.transaction() as connection:
            await repository.save_draft(connection, playbook_id, document, actor.who)
            await actor.record(
                connection, tables.audit_table, "save_playbook_draft", f"playbook/{playbook_id}"
            )
        return mistakes

    async def publish(self, document: str, actor: Actor) -> Publication:
        """Publish a playbook: its new version lets contacts in from now on.

        Raises:
            PlaybookFileError: it is no playbook; what is published stays.
            DomainError: its behaviours don't fit together with those of other playbooks.
            TransientError: the database is unavailable.
        """
        checked = await self.read(document)
        async with self._database.transaction() as connection:
            await repository.lock(connection)
            before = await self._in_force(connection)
            mine = before.pop(checked.id, None)
            if mine is not None and replace(mine, version=0) == checked:
                same = await _version(connection, checked.id, mine.version)
                return Publication(same, created=False)
            _watch_together([*before.values(), checked])
            stored = await repository.add_version(connection, checked.id, document, actor.who)
            await actor.record(
                connection,
                tables.audit_table,
                "publish_playbook",
                f"playbook/{checked.id}",
                before=None if mine is None else {"in_force": mine.version},
                after={"in_force": stored.version},
            )
        return Publication(stored, created=True)

    async def publish_draft(self, playbook_id: str, actor: Actor) -> Publication:
        """Publish the draft of a playbook, which is then done with.

        Raises:
            NotFoundError: it has no draft.
            PlaybookFileError, DomainError, TransientError: see :meth:`publish`.
        """
        stored = await self.get(playbook_id)
        if stored.draft is None:
            raise NotFoundError(f"playbook {playbook_id} has no draft", field="playbook_id")
        return await self.publish(stored.draft, actor)

    async def roll_back(self, playbook_id: str, version: int, actor: Actor) -> StoredVersion:
        """Put an earlier version in force again; sequences under way stay with theirs.

        Raises:
            NotFoundError: there is no such version.
            DomainError: its behaviours don't fit together with those of other playbooks.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            await repository.lock(connection)
            stored = await _version(connection, playbook_id, version)
            others = await self._in_force(connection)
            others.pop(playbook_id, None)
            _watch_together([*others.values(), await self._playbook(stored)])
            await self._put_in_force(connection, playbook_id, version, actor, "roll_back_playbook")
        return stored

    async def retire(self, playbook_id: str, actor: Actor) -> None:
        """Let nobody in any more; sequences under way go on. Again changes nothing.

        Raises:
            NotFoundError: there is no such playbook.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            await repository.lock(connection)
            await self._put_in_force(connection, playbook_id, None, actor, "retire_playbook")

    async def install_shipped(self, actor: Actor) -> tuple[str, ...]:
        """Publish the playbooks that ship, where nothing is stored under their ids.

        Returns:
            Their ids.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            there = {stored.playbook_id for stored in await repository.list_all(connection)}
        missing = {name: text for name, text in shipped().items() if name not in there}
        for document in missing.values():
            await self.publish(document, actor)
        return tuple(missing)

    async def get(self, playbook_id: str) -> StoredPlaybook:
        """Return what is stored of a playbook beside its versions.

        Raises:
            NotFoundError: there is no such playbook.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            return await _stored(connection, playbook_id)

    async def list_all(self) -> list[StoredPlaybook]:
        """Return all playbooks, by id.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            return await repository.list_all(connection)

    async def get_version(self, playbook_id: str, version: int) -> StoredVersion:
        """Return one version as it was published.

        Raises:
            NotFoundError: there is no such version.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            return await _version(connection, playbook_id, version)

    async def versions(self, playbook_id: str) -> list[StoredVersion]:
        """Return all versions of a playbook, the newest first; none of one that is but a draft.

        Raises:
            NotFoundError: there is no such playbook.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            await _stored(connection, playbook_id)
            return await repository.versions(connection, playbook_id)

    async def in_force(self) -> tuple[Playbook, ...]:
        """Return all playbooks that let contacts in, by id.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            return tuple((await self._in_force(connection)).values())

    async def find(self, connection: AsyncConnection, playbook_id: str, version: int) -> Playbook:
        """Return one version, published or in force or neither any more.

        Raises:
            DomainError: there is no such playbook or version (``unknown_playbook``).
        """
        known = self._read.get((playbook_id, version))
        if known is not None:
            return known
        stored = await repository.find_version(connection, playbook_id, version)
        if stored is None:
            raise DomainError(
                f"there is no version {version} of playbook {playbook_id!r}",
                field="playbook_id",
                code="unknown_playbook",
            )
        return await self._playbook(stored)

    async def _in_force(self, connection: AsyncConnection) -> dict[str, Playbook]:
        return {
            playbook_id: await self.find(connection, playbook_id, version)
            for playbook_id, version in await repository.in_force(connection)
        }

    async def _playbook(self, stored: StoredVersion) -> Playbook:
        key = stored.playbook_id, stored.version
        if key not in self._read:
            self._read[key] = await asyncio.to_thread(
                published_playbook, stored.document, stored.version
            )
        return self._read[key]

    async def _put_in_force(
        self,
        connection: AsyncConnection,
        playbook_id: str,
        version: int | None,
        actor: Actor,
        what: str,
    ) -> None:
        before = await _stored(connection, playbook_id)
        if before.in_force == version:
            return
        await repository.put_in_force(connection, playbook_id, version)
        await actor.record(
            connection,
            tables.audit_table,
            what,
            f"playbook/{playbook_id}",
            before={"in_force": before.in_force},
            after={"in_force": version},
        )


async def _stored(connection: AsyncConnection, playbook_id: str) -> StoredPlaybook:
    stored = await repository.find(connection, playbook_id)
    if stored is None:
        raise NotFoundError(f"there is no playbook {playbook_id}", field="playbook_id")
    return stored


async def _version(connection: AsyncConnection, playbook_id: str, version: int) -> StoredVersion:
    stored = await repository.find_version(connection, playbook_id, version)
    if stored is None:
        raise NotFoundError(
            f"there is no version {version} of playbook {playbook_id}", field="version"
        )
    return stored


def _watch_together(playbooks: list[Playbook]) -> None:
    Watch.for_behaviours(
        behaviour for each in playbooks for behaviour in each.known_behaviours.values()
    )
