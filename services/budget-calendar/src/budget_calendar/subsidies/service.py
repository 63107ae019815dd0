"""Enter and edit subsidies, and match them with municipalities."""

from datetime import date
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar import tables
from budget_calendar.calendars.inputs import get_municipality
from budget_calendar.domain.routes.subsidies import OwnShare, Subsidy, match
from budget_calendar.notifications import planning_revision
from budget_calendar.notifications.service import Notifier
from budget_calendar.subsidies import repository as subsidies
from budget_calendar.subsidies.repository import StoredSubsidy, document_of
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database
from kakehashi_common.errors import ConflictError, NotFoundError
from kakehashi_common.http.etags import Precondition, is_repeated
from kakehashi_common.http.idempotency import IdempotentRequest, IdempotentResults

_results: Final = IdempotentResults(tables.idempotency_table, TypeAdapter(StoredSubsidy))


class Subsidies:
    """Subsidies over the database.

    Args:
        database: where they are stored.
        notifier: notifies the pursuits, which plan by them.
    """

    def __init__(self, database: Database, notifier: Notifier) -> None:
        self._database = database
        self._notifier = notifier

    async def list_all(self) -> list[StoredSubsidy]:
        """Return all subsidies, by id."""
        async with self._database.transaction() as connection:
            return await subsidies.list_all(connection)

    async def get(self, subsidy_id: str) -> StoredSubsidy:
        """Return a subsidy.

        Raises:
            NotFoundError: there is none.
        """
        async with self._database.transaction() as connection:
            return _there(await subsidies.find(connection, subsidy_id), subsidy_id)

    async def add(
        self, subsidy: Subsidy, actor: Actor, request: IdempotentRequest | None = None
    ) -> StoredSubsidy:
        """Add a subsidy.

        Raises:
            ConflictError: another one has its id.
        """
        async with self._database.transaction() as connection:
            earlier = await _results.earlier(connection, request)
            if earlier is not None:
                return earlier
            if not await subsidies.add(connection, subsidy):
                raise ConflictError(
                    f"there is a subsidy {subsidy.id} already; edit that one, or choose another id",
                    field="/id",
                )
            await self._record(connection, actor, "add_subsidy", None, subsidy)
            added = await _results.keep(connection, request, StoredSubsidy(subsidy, 1))
        await self._notifier.notify_in_background()
        return added

    async def edit(
        self, subsidy: Subsidy, actor: Actor, precondition: Precondition[StoredSubsidy]
    ) -> StoredSubsidy:
        """Replace a subsidy.

        Raises:
            NotFoundError: there is none with its id.
        """
        async with self._database.transaction() as connection:
            found = await subsidies.find(connection, subsidy.id, for_update=True)
            before = _there(found, subsidy.id)
            if is_repeated(precondition, before, done=before.subsidy == subsidy):
                return before
            version = await subsidies.replace(connection, subsidy)
            await self._record(connection, actor, "edit_subsidy", before.subsidy, subsidy)
        await self._notifier.notify_in_background()
        return StoredSubsidy(subsidy, version)

    async def remove(
        self, subsidy_id: str, actor: Actor, precondition: Precondition[StoredSubsidy]
    ) -> None:
        """Delete a subsidy.

        Raises:
            NotFoundError: there is none.
        """
        async with self._database.transaction() as connection:
            found = await subsidies.find(connection, subsidy_id, for_update=True)
            before = _there(found, subsidy_id)
            precondition(before)
            await subsidies.remove(connection, subsidy_id)
            await self._record(connection, actor, "remove_subsidy", before.subsidy, None)
        await self._notifier.notify_in_background()

    async def list_matching(
        self, code: str, policy_area: str, when: date, amount: int | None
    ) -> list[tuple[Subsidy, OwnShare | None]]:
        """Return subsidies open to a municipality on a day, the next to close first.

        With an amount in yen: who would pay what of it.

        Raises:
            NotFoundError: no such municipality.
        """
        async with self._database.transaction() as connection:
            municipality = (await get_municipality(connection, code)).municipality
            everything = [each.subsidy for each in await subsidies.list_all(connection)]
        return [
            (each, None if amount is None else each.own_share(amount))
            for each in match(everything, municipality, policy_area, when)
        ]

    async def _record(
        self,
        connection: AsyncConnection,
        actor: Actor,
        what: str,
        before: Subsidy | None,
        after: Subsidy | None,
    ) -> None:
        """Audit it, and have every pursuit plan again."""
        await planning_revision.note_subsidy_edit(connection)
        changed = after or before
        await actor.record(
            connection,
            tables.audit_table,
            what,
            "subsidy" if changed is None else f"subsidy/{changed.id}",
            before=None if before is None else document_of(before),
            after=None if after is None else document_of(after),
        )


def _there(found: StoredSubsidy | None, subsidy_id: str) -> StoredSubsidy:
    if found is None:
        raise NotFoundError(f"there is no subsidy {subsidy_id!r}", field="subsidy_id")
    return found
