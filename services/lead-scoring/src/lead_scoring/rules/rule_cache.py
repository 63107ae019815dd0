"""Published rules by version, compiled once each, for reads that explain a stored score."""

import asyncio

import structlog

from kakehashi_common.db import RawConnection
from kakehashi_common.errors import NotFoundError
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.rules import file as rules_file
from lead_scoring.rules import repository as rules
from lead_scoring.rules.municipality_fields import municipality_fields

log = structlog.get_logger(__name__)

_KEPT = 8
"""Compiled versions in memory: leads are explained by the newest, and by the one before it while
a re-score is under way."""


class RuleCache:
    """Compiled rules by version. A version never changes, so it is read once."""

    def __init__(self) -> None:
        self._compiled: dict[int, CompiledRules] = {}

    async def version(self, connection: RawConnection, version: int) -> CompiledRules:
        """The rules of one version.

        Raises:
            NotFoundError: there is no such version.
        """
        if (compiled := self._compiled.get(version)) is not None:
            return compiled
        stored = await rules.get(connection, version)
        if stored is None:
            raise NotFoundError(f"there are no rules of version {version}")
        # Long documents take seconds to read: a thread keeps other requests going.
        published = await asyncio.to_thread(rules_file.published, stored.document)
        compiled = CompiledRules(published, version, municipality_fields)
        while len(self._compiled) >= _KEPT:
            del self._compiled[next(iter(self._compiled))]
        self._compiled[version] = compiled
        log.info("rules compiled", version=version, name=stored.name)
        return compiled

    async def in_force(self, connection: RawConnection) -> CompiledRules:
        """The newest version.

        Raises:
            NotFoundError: none has been published.
        """
        newest = await rules.newest_version(connection)
        if newest is None:
            raise NotFoundError("no rules have been published")
        return await self.version(connection, newest)
