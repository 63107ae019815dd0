"""Sequences end under the id of a lead that has gone: whoever goes on is the one that stays."""

from datetime import datetime
from typing import Final

from followup import stops
from followup.domain.consents.suppression import Scope, SuppressionKey
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.state import SequenceState
from followup.occurrences import repository
from followup.occurrences.repository import StoredOccurrence
from kakehashi_common.cloudevents.codec import event_key
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.db import RawConnection
from kakehashi_common.lead_merges import repository as merges

BY_MERGE: Final = LEAD_EVENTS.name
"""The author of the end of sequences."""


async def end_open_sequences(connection: RawConnection, lead_id: str, now: datetime) -> None:
    """Store that whatever a lead is in ends, as its id has gone."""
    key = SuppressionKey(Scope.PERSON, lead_id)
    for recipient, begun in await repository.open_recipients(connection, [key]):
        if recipient.lead_id == lead_id:
            await _save(connection, lead_id, max(now, begun), now)


async def end_if_merged(connection: RawConnection, state: SequenceState) -> None:
    """Store that a sequence ends which has just begun, if its contact's id has just gone.

    Args:
        connection: of the transaction that stores the sequence, which has locked nothing yet.
        state: as the sequence begins.
    """
    await stops.stop(connection, [SuppressionKey(Scope.PERSON, state.lead_id)])
    if await merges.surviving(connection, [state.lead_id]):
        await _save(connection, state.lead_id, state.started_at, state.started_at)


async def _save(connection: RawConnection, lead_id: str, at: datetime, now: datetime) -> None:
    ends = StoredOccurrence(
        event_key(BY_MERGE, f"{lead_id}/{OccurrenceKind.MERGED}/{at}"),
        OccurrenceKind.MERGED,
        at,
        BY_MERGE,
        lead_id=lead_id,
    )
    await repository.save(connection, [ends], now)
