"""Publish rules: in force for new events at once, then every lead is scored again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import structlog

from kakehashi_common.audit import Actor
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.errors import FaultError, TransientError
from kakehashi_common.http import idempotency
from kakehashi_common.http.idempotency import IdempotentRequest, StoredResponse
from lead_scoring import tables
from lead_scoring.domain.rules import RuleSet
from lead_scoring.rules import file as rules_file
from lead_scoring.rules import repository as rules
from lead_scoring.rules.repository import StoredRules

log = structlog.get_logger(__name__)

StartRescore = Callable[[int], Awaitable[None]]
"""Starts scoring every lead by a version; done already or under way is fine.

Raises:
    TransientError: Temporal is unavailable.
"""

PUBLISHED: Final = HTTPStatus.ACCEPTED
UNCHANGED: Final = HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class Publication:
    """The result of publishing a document."""

    rules: StoredRules
    created: bool
    """Whether it is a new version; the same rules as those in force make none."""
    rescore_started: bool
    """Whether every lead is being scored by it; else the next sweep starts that."""


class RulePublishing:
    """Puts rule sets in force."""

    def __init__(self, database: Database, start_rescore: StartRescore) -> None:
        self._database = database
        self._start_rescore = start_rescore

    async def publish(
        self, document: str, actor: Actor, request: IdempotentRequest | None = None
    ) -> Publication:
        """Publish a rule file.

        Args:
            document: the YAML.
            actor: who publishes, for the audit trail.
            request: identifies the request, if it may be repeated.

        Raises:
            RulesFileError: it is no rule set; the published rules stay.
            PermanentError: the idempotency key was used for another document.
            TransientError: the database is unavailable.
        """
        # Some seconds for the longest document: a thread keeps other requests going.
        checked = await asyncio.to_thread(rules_file.check, document)
        stored, created = await self._store(document, checked, actor, request)
        started = stored.rescored_at is not None or await self._rescore_starts(stored.version)
        return Publication(stored, created, started)

    async def _store(
        self,
        document: str,
        checked: RuleSet,
        actor: Actor,
        request: IdempotentRequest | None,
    ) -> tuple[StoredRules, bool]:
        keys = tables.idempotency_table
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            if request is not None:
                answered = await idempotency.reserve(connection, keys, request)
                if answered is not None and (before := await rules.get(raw, int(answered.body))):
                    return before, answered.status == PUBLISHED
            await rules.lock_rule_sets(raw)
            in_force = await rules.newest(raw)
            created = in_force is None or in_force.checksum != checked.checksum()
            if in_force is None or created:
                stored = await rules.add(
                    raw,
                    name=checked.name,
                    document=document,
                    checksum=checked.checksum(),
                    published_by=actor.who,
                )
                await actor.record(
                    connection,
                    tables.audit_table,
                    "publish_rules",
                    f"rule-set/{stored.version}",
                    before=None if in_force is None else _identity(in_force),
                    after=_identity(stored),
                )
            else:
                stored = in_force
            if request is not None:
                answer = StoredResponse(
                    status=PUBLISHED if created else UNCHANGED, body=str(stored.version).encode()
                )
                await idempotency.remember(connection, keys, request, answer)
        return stored, created

    async def _rescore_starts(self, version: int) -> bool:
        try:
            await self._start_rescore(version)
        except (FaultError, TransientError) as error:
            log.warning("the sweep will start the re-score", version=version, reason=str(error))
            return False
        return True


def _identity(stored: StoredRules) -> dict[str, str | int]:
    return {"version": stored.version, "name": stored.name, "checksum": stored.checksum}
