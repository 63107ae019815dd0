"""Suppressions end sequences: who must not be written to is not called or visited either."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from followup import stops, tables
from followup.consents import repository as consents
from followup.domain.consents.suppression import (
    Cause,
    Scope,
    Suppression,
    SuppressionKey,
    suppression_keys,
)
from followup.domain.playbooks.steps import OccurrenceKind
from followup.occurrences import repository
from followup.occurrences.repository import StoredOccurrence
from kakehashi_common.audit import Actor
from kakehashi_common.cloudevents.codec import event_key
from kakehashi_common.db import RawConnection, driver_connection
from kakehashi_common.lead_merges import repository as merges

UNTIL_NOTIFIED: Final = timedelta(minutes=1)
"""The time by which a step is put off while its sequence has still to be notified."""

_ENDS_AS: Final[Mapping[Cause, OccurrenceKind]] = {
    Cause.OPT_OUT: OccurrenceKind.OPTED_OUT,
    Cause.COMPLAINT: OccurrenceKind.OPTED_OUT,
    Cause.BOUNCE: OccurrenceKind.BOUNCED,
    Cause.ERASURE: OccurrenceKind.SUPPRESSED,
    Cause.LEFT: OccurrenceKind.LEFT,
    Cause.SELLER: OccurrenceKind.SUPPRESSED,
}
"""Only an opt-out counts as one in the measures, and changes points in lead-scoring."""


async def suppress(
    connection: AsyncConnection,
    suppressions: Sequence[Suppression],
    actor: Actor,
    now: datetime,
) -> list[SuppressionKey]:
    """Store suppressions, and that they end open sequences; return the keys of those that are new.

    Those are audited, without whom they name. Whoever passes occurrences on ends the sequences. A
    suppression that is given again ends what is under way then, too. One of a person is stored for
    every id that they have or had.

    Args:
        connection: of a transaction that has locked no row yet.
        suppressions: at most one of a key.
        actor: who says so.
        now: the present instant.
    """
    raw = await driver_connection(connection)
    by_key = {each.key: each for each in await _under_all_ids(raw, suppressions)}
    expected = await _ends(raw, by_key)
    # All locks at once, in the one order. Who has begun in between is read behind them.
    await stops.stop(raw, [*by_key, *(SuppressionKey(Scope.PERSON, each) for each in expected)])
    added = set(await consents.add_suppressions(connection, list(by_key.values())))
    await repository.save(raw, (await _ends(raw, by_key)).values(), now)
    new = [each.key for each in suppressions if each.key in added]
    alike = Counter((key.scope, by_key[key].cause, by_key[key].channel) for key in new)
    for (scope, cause, channel), number in alike.items():
        await actor.record(
            connection,
            tables.audit_table,
            "suppress",
            f"suppression/{scope}",
            after={"cause": cause, "channel": channel, "suppressions": number},
        )
    return new


async def _under_all_ids(
    connection: RawConnection, suppressions: Sequence[Suppression]
) -> list[Suppression]:
    await merges.hold_up(connection)
    people = {each.key.value for each in suppressions if each.key.scope is Scope.PERSON}
    if len(await merges.all_ids(connection, people)) == len(people):
        return list(suppressions)
    found = []
    for each in suppressions:
        ids = [each.key.value]
        if each.key.scope is Scope.PERSON:
            ids = await merges.all_ids(connection, ids)
        found += [replace(each, key=SuppressionKey(each.key.scope, value)) for value in ids]
    return found


async def end_sequences_of(
    connection: RawConnection,
    lead_id: str,
    suppression: Suppression,
    begun: datetime,
    now: datetime,
) -> None:
    """Store that a suppression ends what a contact is in, though it was there before.

    Args:
        connection: of a transaction that has locked nothing yet.
        lead_id: the contact's.
        suppression: what names them.
        begun: when the step began before which it was found; again changes nothing.
        now: the present instant.
    """
    await repository.save(
        connection, [_end(lead_id, suppression, max(suppression.since, begun))], now
    )


async def _ends(
    connection: RawConnection, suppressions: Mapping[SuppressionKey, Suppression]
) -> dict[str, StoredOccurrence]:
    """Return what suppressions are to the open sequences of those whom they name, by lead."""
    found = {}
    for recipient, begun in await repository.open_recipients(connection, suppressions):
        keys = [key for key in suppression_keys(recipient) if key in suppressions]
        if keys:  # the narrowest is the first
            cause = suppressions[keys[0]]
            # The suppression may be older than the sequence: it ends that as well.
            found[recipient.lead_id] = _end(recipient.lead_id, cause, max(cause.since, begun))
    return found


def _end(lead_id: str, suppression: Suppression, at: datetime) -> StoredOccurrence:
    kind, by = _ENDS_AS[suppression.cause], suppression.said_by
    return StoredOccurrence(event_key(by, f"{lead_id}/{kind}/{at}"), kind, at, by, lead_id=lead_id)
