"""Read published rules, compare two versions, and preview what a rule file would change."""

import asyncio
from datetime import timedelta
from typing import Final

from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.errors import BusyError, NotFoundError
from lead_scoring.domain.days import japan_day
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.rule_publishing.preview import Preview, preview
from lead_scoring.rules import file as rules_file
from lead_scoring.rules import repository as rules
from lead_scoring.rules.diff import Difference, differences
from lead_scoring.rules.municipality_fields import municipality_fields
from lead_scoring.rules.repository import StoredRules
from lead_scoring.rules.rule_cache import RuleCache

MAX_CONCURRENT_PREVIEWS: Final = 1
"""A preview takes seconds of a processor and a connection to the database."""

PREVIEW_TIMEOUT: Final = timedelta(seconds=10)
"""Time limit for a preview that waits for another one."""


class RuleQueries:
    """Reads of rule sets; each is one transaction."""

    def __init__(self, database: Database, clock: Clock, rules: RuleCache) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._preview_room = asyncio.Semaphore(MAX_CONCURRENT_PREVIEWS)

    async def versions(
        self, before: int | None, limit: int
    ) -> tuple[list[StoredRules], int | None]:
        """Versions, newest first, from the one before ``before`` on; and which is in force."""
        async with self._database.raw_transaction() as connection:
            found = await rules.versions(connection, before, limit)
            return found, await rules.newest_version(connection)

    async def version(self, version: int) -> tuple[StoredRules, int | None]:
        """One version; and which is in force.

        Raises:
            NotFoundError: there is no such version.
        """
        async with self._database.raw_transaction() as connection:
            stored = await rules.get(connection, version)
            if stored is None:
                raise NotFoundError(f"there are no rules of version {version}")
            return stored, await rules.newest_version(connection)

    async def differences(self, before: int, after: int) -> list[Difference]:
        """Return the differences between two versions.

        Raises:
            NotFoundError: there is no such version.
        """
        async with self._database.raw_transaction() as connection:
            old = await self._rules.version(connection, before)
            new = await self._rules.version(connection, after)
        return differences(old.rules, new.rules)

    async def preview(self, document: str) -> Preview:
        """Return how many leads would change grade today if this rule file were published.

        Raises:
            NotFoundError: no rules are in force to compare with.
            RulesFileError: it is not a rule set.
            BusyError: others preview rules.
        """
        try:
            async with asyncio.timeout(PREVIEW_TIMEOUT.total_seconds()):
                await self._preview_room.acquire()
        except TimeoutError:
            raise BusyError(
                "others preview rules", public="Others preview rules now; try again in a minute."
            ) from None
        try:
            # Some seconds for the longest document: a thread keeps other requests going.
            checked = await asyncio.to_thread(rules_file.check, document)
            async with self._database.raw_transaction() as connection:
                before = await self._rules.in_force(connection)
                after = CompiledRules(checked, before.version + 1, municipality_fields)
                return await preview(connection, before, after, japan_day(self._clock.now()))
        finally:
            self._preview_room.release()
