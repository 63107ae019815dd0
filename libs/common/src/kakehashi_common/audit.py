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


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change by a person or a system."""

    who: str
    """Subject of the token, or ``system:<process>``."""
    what: str
    """The use case as a verb, such as ``publish_rules``."""
    subject: str
    """What was changed, such as ``rule-set/12``."""
    origin: str
    """Where the request came from: an address, a topic, a workflow id."""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


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


async def record(
    connection: AsyncConnection | AsyncSession, audit: Table, entry: AuditEntry
) -> None:
    """Add ``entry`` to ``audit``, in the caller's transaction."""
    await connection.execute(
        insert(audit).values(
            who=entry.who,
            what=entry.what,
            subject=entry.subject,
            origin=entry.origin,
            before=None if entry.before is None else dict(entry.before),
            after=None if entry.after is None else dict(entry.after),
        )
    )
