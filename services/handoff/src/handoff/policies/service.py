"""Read and replace policies: any document of the sales organisation's settings, by its name."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.policies import repository
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.http.etags import Precondition, is_repeated

T = TypeVar("T")

_ONE_AT_A_TIME: Final = text("select pg_advisory_xact_lock(hashtext('handoff/policy'))")


@dataclass(frozen=True, slots=True)
class Policy(Generic[T]):
    """One kind of policy: its name, how it is stored, and what holds until somebody sets it."""

    name: str
    document: TypeAdapter[T]
    default: T

    async def get(self, connection: AsyncConnection) -> "PolicyVersion[T]":
        """Return the policy in force; the default is version 0."""
        stored = await repository.find(connection, self.name)
        if stored is None:
            return PolicyVersion(0, self.default)
        return PolicyVersion(
            stored.version, self.document.validate_python(stored.document, strict=False)
        )


@dataclass(frozen=True, slots=True)
class PolicyVersion(Generic[T]):
    """A policy in force, and how often it has been changed."""

    version: int
    policy: T


class Policies(Generic[T]):
    """One policy over the database.

    Args:
        database: where it is stored.
        clock: says when it is changed.
        policy: which.
        changed: called after each change, if anybody waits for it.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        policy: Policy[T],
        changed: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._policy = policy
        self._changed = changed

    async def get(self) -> PolicyVersion[T]:
        """Return the policy in force."""
        async with self._database.transaction() as connection:
            return await self._policy.get(connection)

    async def replace(
        self, new: T, actor: Actor, precondition: Precondition[PolicyVersion[T]]
    ) -> PolicyVersion[T]:
        """Put a policy in force; the same again changes nothing.

        Raises:
            PreconditionFailedError: it isn't as the person saw it any longer.
        """
        document = self._policy.document
        async with self._database.transaction() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            before = await self._policy.get(connection)
            if is_repeated(precondition, before, done=before.policy == new):
                return before
            version = before.version + 1
            after = document.dump_python(new, mode="json")
            await repository.put(connection, self._policy.name, after, version, self._clock.now())
            await actor.record(
                connection,
                tables.audit_table,
                "replace_policy",
                f"policy/{self._policy.name}",
                before={"document": document.dump_python(before.policy, mode="json")},
                after={"document": after},
            )
        if self._changed is not None:
            await self._changed()
        return PolicyVersion(version, new)
