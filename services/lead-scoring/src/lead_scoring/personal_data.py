"""One person's data: everything that is held about them, and its erasure.

Sources: 個人情報の保護に関する法律 (Act on the Protection of Personal Information), articles 33
(disclosure) and 35 (erasure); GDPR, articles 15, 17 and 20. No legal advice.
"""

from dataclasses import dataclass

from kakehashi_common import audit, outbox
from kakehashi_common.contracts.topics import LEAD_SCORES
from kakehashi_common.db import Database, RawConnection, driver_connection
from kakehashi_common.errors import NotFoundError
from lead_scoring import tables
from lead_scoring.repository import events, leads, personal_data, views
from lead_scoring.repository.events import LoggedEvent
from lead_scoring.repository.leads import StoredLead
from lead_scoring.repository.personal_data import Erased
from lead_scoring.repository.views import PastScore

_ALL = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Export:
    """Everything that is held about one person."""

    stored: StoredLead
    history: list[PastScore]
    """Announced scores, newest first."""
    events: list[LoggedEvent]
    """In the order they happened."""


class PersonalData:
    """Exports and erases; each leaves an audit row, which holds the lead's id and counts alone."""

    def __init__(self, database: Database, *, topic_prefix: str = "") -> None:
        self._database = database
        self._scores_topic = topic_prefix + LEAD_SCORES.name

    async def export(self, lead_id: str, *, who: str, origin: str) -> Export:
        """Everything that is held about the person.

        Raises:
            NotFoundError: nothing is.
            TransientError: the database is away.
        """
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            stored = (await leads.load(raw, [lead_id])).get(lead_id)
            if stored is None:
                raise NotFoundError(f"nothing is known of the lead {lead_id}")
            exported = Export(
                stored=stored,
                history=await views.history_of(raw, lead_id, None, _ALL),
                events=list(await events.of_lead(raw, lead_id)),
            )
            await audit.record(
                connection,
                tables.audit_table,
                audit.AuditEntry(
                    who=who, what="export_personal_data", subject=f"lead/{lead_id}", origin=origin
                ),
            )
        return exported

    async def erase(self, lead_id: str, *, who: str, origin: str) -> Erased:
        """Forget the person, and have others forget the score; again changes nothing.

        The inbox keeps digests of the person's events, from which nothing can be read, so that an
        event that is delivered again doesn't bring anything back. A new event makes a new lead.

        Raises:
            TransientError: the database is away.
        """
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            erased = await personal_data.erase(raw, lead_id)
            if erased.leads:
                await self._announce(raw, lead_id)
            await audit.record(
                connection,
                tables.audit_table,
                audit.AuditEntry(
                    who=who,
                    what="erase_personal_data",
                    subject=f"lead/{lead_id}",
                    origin=origin,
                    before={"events": erased.events, "announced_scores": erased.announced_scores},
                ),
            )
        return erased

    async def _announce(self, connection: RawConnection, lead_id: str) -> None:
        tombstone = outbox.Message(self._scores_topic, lead_id.encode(), None)
        await outbox.copy(connection, tables.outbox_table, [tombstone])
