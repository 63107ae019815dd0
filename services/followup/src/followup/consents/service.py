"""Use cases of consents: record them, suppress, pause, and answer the send policy."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from followup import tables
from followup.consents import repository
from followup.contacts.repository import Contact
from followup.council_sessions.repository import quiet_periods
from followup.domain.consents.consent import Consent, check_consent
from followup.domain.consents.recipient import Recipient
from followup.domain.consents.suppression import (
    Scope,
    Suppression,
    SuppressionKey,
    suppression_keys,
    suppression_of,
)
from followup.domain.send_policy.caps import Sent
from followup.domain.send_policy.pauses import Pause
from followup.domain.send_policy.request import Circumstances
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.db import Database, RawConnection, driver_connection
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.person import comparable_email
from kakehashi_common.errors import NotFoundError
from kakehashi_common.lead_merges import repository as merges
from kakehashi_common.reads import Read, together


@dataclass(frozen=True, slots=True)
class ConsentsOfAddress:
    """The records of one address."""

    address: str
    consents: tuple[Consent, ...]
    suppressions: tuple[Suppression, ...]


class Suppress(Protocol):
    """Stores suppressions, that they end sequences, and who says so."""

    async def __call__(
        self,
        connection: AsyncConnection,
        suppressions: Sequence[Suppression],
        actor: Actor,
        now: datetime,
    ) -> list[SuppressionKey]:
        """Do so, and return the keys of those that are new."""
        ...


class Consents:
    """Keeps consents and suppressions.

    Args:
        database: where it is kept.
        clock: gives the present time.
        suppress: stores suppressions.
    """

    def __init__(self, database: Database, clock: Clock, suppress: Suppress) -> None:
        self._database = database
        self._clock = clock
        self._suppress = suppress

    async def record(
        self, address: str, consent: Consent, actor: Actor, *, page_refuses_advertising: bool
    ) -> ConsentsOfAddress:
        """Record a consent; it is audited, without the address.

        Raises:
            DomainError: see :func:`~followup.domain.consents.consent.check_consent`.
            TransientError: the database is unavailable.
        """
        today = japan_day(self._clock.now())
        check_consent(consent, today=today, page_refuses_advertising=page_refuses_advertising)
        comparable = comparable_email(address)
        async with self._database.transaction() as connection:
            await repository.put_consents(connection, {comparable: consent})
            await actor.record(
                connection,
                tables.audit_table,
                "record_consent",
                "consent",
                after={"basis": consent.basis.value, "obtained_on": str(consent.obtained_on)},
            )
            return await _of_address(await driver_connection(connection), comparable)

    async def of_address(self, address: str) -> ConsentsOfAddress:
        """Return the records of one address.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            return await _of_address(connection, comparable_email(address))

    async def suppress(self, suppression: Suppression, actor: Actor) -> bool:
        """Send nothing any more to whom a key names; return whether that is new.

        It holds at once for every path, a person's manual send included, and ends the contacts'
        sequences.

        Raises:
            TransientError: the database is unavailable.
        """
        return bool(await self.suppress_all([suppression], actor))

    async def suppress_all(
        self,
        suppressions: Sequence[Suppression],
        actor: Actor,
        *,
        dry_run: bool = False,
    ) -> int:
        """Send nothing any more to those whom keys name; return how many of them are new.

        Args:
            suppressions: of one key the last one counts.
            actor: who says so.
            dry_run: nothing is stored.

        Raises:
            TransientError: the database is unavailable.
        """
        by_key = {each.key: each for each in suppressions}
        async with self._database.transaction() as connection, connection.begin_nested() as trial:
            added = await self._suppress(
                connection, list(by_key.values()), actor, self._clock.now()
            )
            if dry_run:
                await trial.rollback()
        return len(added)

    async def record_all(self, consents: Mapping[str, Consent], actor: Actor) -> None:
        """Record a consent of each address, which were checked; it is audited without addresses.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            await repository.put_consents(
                connection, {comparable_email(each): consent for each, consent in consents.items()}
            )
            await actor.record(
                connection,
                tables.audit_table,
                "import_consents",
                "consent",
                after={"consents": len(consents)},
            )

    async def lift(self, key: SuppressionKey, reason: str, actor: Actor) -> None:
        """Allow mail again, since a person says so. A sequence that has ended stays ended.

        Raises:
            DomainError: no reason is given (``missing``).
            NotFoundError: there is no such suppression.
            TransientError: the database is unavailable.
        """
        if not reason.strip():
            raise DomainError("say why mail may go again", field="reason", code="missing")
        async with self._database.transaction() as connection:
            if not await self._lift(connection, key):
                raise NotFoundError(f"there is no suppression of this {key.scope}", field="value")
            await actor.record(
                connection,
                tables.audit_table,
                "lift_suppression",
                f"suppression/{key.scope}",
                after={"reason": reason},
            )

    async def _lift(self, connection: AsyncConnection, key: SuppressionKey) -> bool:
        """Lift a suppression, of a person under every id; return whether it was there."""
        if key.scope is not Scope.PERSON:
            return await repository.lift_suppression(connection, key)
        raw = await driver_connection(connection)
        await merges.hold_up(raw)
        keys = [SuppressionKey(key.scope, each) for each in await merges.all_ids(raw, [key.value])]
        return any([await repository.lift_suppression(connection, each) for each in keys])

    async def list_suppressions(
        self, *, after: tuple[str, str] | None, limit: int
    ) -> list[Suppression]:
        """Return suppressions, by scope and value.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            return await repository.list_suppressions(connection, after=after, limit=limit)

    async def pause(self, pause_id: str, pause: Pause, actor: Actor) -> Pause:
        """Send nothing to an organisation, or to nobody, for a time; it is audited.

        Raises:
            DomainError: it ends before it begins (``ends_in_the_past``).
            TransientError: the database is unavailable.
        """
        if pause.ends is not None and pause.ends <= pause.since:
            raise DomainError(
                f"ends {pause.ends.isoformat()} is in the past: give a later time, leave it out to "
                "pause until somebody ends it, or delete the pause to end it now",
                field="ends",
                code="ends_in_the_past",
            )
        async with self._database.transaction() as connection:
            await repository.put_pause(connection, pause_id, pause)
            await actor.record(
                connection,
                tables.audit_table,
                "pause_sending",
                f"pause/{pause_id}",
                after={"cause": pause.cause.value, "organisation": pause.organisation},
            )
        return pause

    async def end_pause(self, pause_id: str, actor: Actor) -> None:
        """Let mail go again.

        Raises:
            NotFoundError: there is no such pause, or it has ended.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            if not await repository.end_pause(connection, pause_id, self._clock.now()):
                raise NotFoundError(f"no pause {pause_id} holds", field="pause_id")
            await actor.record(
                connection, tables.audit_table, "end_pause_of_sending", f"pause/{pause_id}"
            )


def circumstances(
    recipient: Recipient,
    suppressed_by: Collection[SuppressionKey],
    at: datetime,
    *mails: Read[Sent],
) -> Read[Circumstances]:
    """Read what is known about a recipient, for the send policy.

    Args:
        recipient: to whom a mail would go.
        suppressed_by: the keys of what could suppress it.
        at: the present instant.
        mails: what went: see ``Cap``; and what higher playbooks have planned.
    """
    return together(
        Circumstances,
        repository.consents_of(recipient.comparable_address),
        repository.suppressions_of(suppressed_by),
        repository.pauses(recipient.organisation, at),
        quiet_periods(recipient.organisation, japan_day(at)),
        *mails,
    )


def as_recipient(contact: Contact, organisation: str | None) -> Recipient:
    """Return a contact as suppressions name them; their own organisation goes first."""
    own = contact.municipality_code
    return Recipient(contact.lead_id, contact.email or "", own or organisation)


async def suppression_of_recipient(
    connection: RawConnection, recipient: Recipient
) -> Suppression | None:
    """Return why nothing is sent to somebody, nor asked to be done about them.

    ``None``: nothing speaks against it.
    """
    keys = suppression_keys(recipient)
    return suppression_of(recipient, await repository.suppressions_of(keys).fetch(connection))


async def _of_address(connection: RawConnection, comparable: str) -> ConsentsOfAddress:
    recipient = Recipient("-", comparable)
    keys = [key for key in suppression_keys(recipient) if key.value != "-"]
    return ConsentsOfAddress(
        comparable,
        await repository.consents_of(comparable).fetch(connection),
        await repository.suppressions_of(keys).fetch(connection),
    )
