"""Who changes something, and the audit of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar import tables
from kakehashi_common import audit
from kakehashi_common.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for a change, and from where."""

    who: str
    origin: str

    async def record(
        self,
        connection: AsyncConnection,
        what: str,
        subject: str,
        *,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None:
        """Note in the audit, in the transaction of the change, what the actor has done."""
        entry = AuditEntry(
            who=self.who,
            what=what,
            subject=subject,
            origin=self.origin,
            before=before,
            after=after,
        )
        await audit.record(connection, tables.audit_table, entry)
