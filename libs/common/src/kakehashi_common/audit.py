"""The audit trail: who changed what, when, from where, before and after.

Rows are added in the transaction of the change itself, so that there is never one without the
other. ``before`` and ``after`` hold no personal data: name the fields that changed instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    MetaData,
    Table,
    Text,
    func,
    insert,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession


def table(metadata: MetaData, name: str = "audit") -> Table:
    """Declare the audit table in ``metadata``."""
    audit = Table(
        name,
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("who", Text, nullable=False),
        Column("what", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("before", JSONB),
        Column("after", JSONB),
    )
    Index(f"ix_{name}_subject", audit.c.subject, audit.c.id)
    return audit


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], *, hidden: Mapping[str, str]
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return the fields that differ, as they were and as they are; ``None``: there was nothing.

    Args:
        before: all fields; none if it is new.
        after: all fields; none if it was deleted.
        hidden: what is recorded instead of the value of a field that the trail must not hold.
    """
    changed = changed_fields(before, after)

    def shown(values: Mapping[str, Any]) -> dict[str, Any] | None:
        return {name: hidden.get(name, values[name]) for name in changed} if values else None

    return shown(before), shown(after)


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields that differ."""
    return [name for name in {**before, **after} if before.get(name) != after.get(name)]


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of a change, and the origin of the request."""

    who: str
    """Subject of the token, or ``system:<process>``."""
    origin: str
    """The origin of the request: an address, a topic, a workflow id."""

    async def record(
        self,
        connection: AsyncConnection | AsyncSession,
        audit: Table,
        what: str,
        subject: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Add a change to ``audit``, in the caller's transaction.

        Args:
            connection: of the transaction that makes the change.
            audit: see :func:`table`.
            what: the use case as a verb, such as ``publish_rules``.
            subject: what was changed, such as ``rule-set/12``.
            before: the changed fields as they were.
            after: the changed fields as they are now.
        """
        await connection.execute(
            insert(audit).values(
                who=self.who,
                what=what,
                subject=subject,
                origin=self.origin,
                before=None if before is None else dict(before),
                after=None if after is None else dict(after),
            )
        )
