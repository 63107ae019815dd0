"""Read and replace municipalities' own contract rules."""

from budget_calendar import tables
from budget_calendar.calendars.inputs import get_municipality
from budget_calendar.contract_rules import repository as local_rules
from budget_calendar.contract_rules.repository import StoredRules, document_of
from budget_calendar.domain.routes.local_rules import LocalRules
from budget_calendar.domain.routes.procurement import checked_rules
from budget_calendar.events.publisher import lock_municipality
from budget_calendar.notifications.service import Notifier
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.http.etags import Precondition, is_repeated


class ContractRules:
    """Local rules over the database.

    Args:
        database: where they are stored.
        notifier: notifies the municipality's pursuits, which plan by them.
    """

    def __init__(self, database: Database, notifier: Notifier) -> None:
        self._database = database
        self._notifier = notifier

    async def get(self, code: str) -> StoredRules:
        """Return a municipality's rules; if nobody has entered any, empty ones with version 0.

        Raises:
            NotFoundError: no such municipality.
        """
        async with self._database.transaction() as connection:
            await get_municipality(connection, code)
            return await local_rules.get(connection, code)

    async def enter(
        self,
        code: str,
        rules: LocalRules,
        *,
        source: str,
        reason: str,
        actor: Actor,
        precondition: Precondition[StoredRules] = lambda _: None,
    ) -> StoredRules:
        """Put a municipality's rules in force, and have its pursuits plan by them.

        Args:
            code: the municipality's.
            rules: the complete rules; they replace those entered before.
            source: where they are from.
            reason: why they were needed.
            actor: for the audit.
            precondition: raises unless the rules are still as the person saw them.

        Raises:
            NotFoundError: no such municipality.
            DomainError: see ``domain.routes.procurement.checked_rules``; or nobody says where
                they are from and why (``reason_missing``).
        """
        for field, said in (("source", source), ("reason", reason)):
            if not said.strip():
                raise DomainError(
                    "local rules need a source (where they are from) and a reason",
                    field=field,
                    code="reason_missing",
                )
        async with self._database.transaction() as connection:
            await lock_municipality(connection, code)
            municipality = (await get_municipality(connection, code)).municipality
            before = await local_rules.get(connection, code)
            accepted = checked_rules(rules, municipality.type)
            if is_repeated(precondition, before, done=before.rules == accepted):
                return before
            entered = StoredRules(accepted, before.version + 1)
            await local_rules.put(connection, code, entered)
            await actor.record(
                connection,
                tables.audit_table,
                "enter_contract_rules",
                f"municipality/{code}",
                before=document_of(before.rules),
                after=document_of(entered.rules) | {"source": source, "reason": reason},
            )
        await self._notifier.notify(code)
        return entered
