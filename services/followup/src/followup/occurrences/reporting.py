"""Pass what a person reports to one sequence of a contact on to all of the contact's sequences."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from followup.contacts import repository as contacts
from followup.domain.consents.recipient import Recipient
from followup.domain.consents.suppression import (
    BY_LINK,
    BY_MAIL,
    BY_SUPPRESSION,
    Cause,
    Channel,
    Scope,
    Suppression,
    SuppressionKey,
)
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.facts import Occurred, TaskCompleted
from followup.domain.sequences.state import SequenceState
from followup.domain.sequences.terms import TaskOutcome
from followup.occurrences import repository
from followup.occurrences.repository import StoredOccurrence
from followup.occurrences.suppressing import suppress
from followup.sequences import repository as sequences
from followup.sequences.messages import RecordedDecision
from kakehashi_common.audit import Actor
from kakehashi_common.cloudevents.codec import event_key
from kakehashi_common.contracts.topics import EVENT_TOPICS
from kakehashi_common.db import driver_connection
from kakehashi_common.domain.reasons import ReasonKind

_OF_THE_CONTACT: Final = frozenset(
    {
        OccurrenceKind.ANSWERED,
        OccurrenceKind.NEGATIVE,
        OccurrenceKind.MEETING_BOOKED,
        OccurrenceKind.OPTED_OUT,
    }
)
_PROGRAMS: Final = frozenset(
    {BY_LINK, BY_MAIL, BY_SUPPRESSION, *(each.name for each in EVENT_TOPICS.values())}
)
"""They notify all of a contact's sequences, and store suppressions, by themselves."""


async def save_reported(connection: AsyncConnection, decisions: Sequence[RecordedDecision]) -> None:
    """Store what a person has reported with decisions that are about to be stored.

    An opt-out that was made by telephone or at a meeting suppresses the contact and their address;
    that they have left, of which somebody has made sure, the contact. Decisions that are stored
    already change nothing.

    Args:
        connection: of a transaction that has locked no row yet.
        decisions: of one sequence, the oldest first.
    """
    reported = [
        (decision, fact)
        for decision in decisions
        for fact in decision.facts
        if (
            isinstance(fact, Occurred)
            and fact.occurrence in _OF_THE_CONTACT
            and fact.by not in _PROGRAMS
        )
        or (isinstance(fact, TaskCompleted) and _has_left(decision.state, fact))
    ]
    if not reported:
        return
    stored = await sequences.find(connection, reported[0][0].state.sequence_id)
    known = 0 if stored is None else stored.state.version
    for decision, fact in reported:
        if decision.state.version <= known:
            continue
        if isinstance(fact, TaskCompleted):
            await _suppress(connection, decision, fact, Cause.LEFT)
        elif fact.occurrence is OccurrenceKind.OPTED_OUT:  # nothing follows in this sequence
            await _suppress(connection, decision, fact, Cause.OPT_OUT)
        else:
            await _save(connection, decision.state.lead_id, fact)


def _has_left(state: SequenceState, fact: TaskCompleted) -> bool:
    """Whether somebody has made sure that a contact who was said to have left has done so."""
    return state.reason == ReasonKind.CONTACT_LEFT and fact.outcome is TaskOutcome.DONE


async def _suppress(
    connection: AsyncConnection,
    decision: RecordedDecision,
    fact: Occurred | TaskCompleted,
    cause: Cause,
) -> None:
    """Suppress the contact; after an opt-out their address, too."""
    lead_id = decision.state.lead_id
    contact = await contacts.find(await driver_connection(connection), lead_id)
    keys = [SuppressionKey(Scope.PERSON, lead_id)]
    if cause is Cause.OPT_OUT and contact is not None and contact.email is not None:
        address = Recipient(lead_id, contact.email).comparable_address
        keys.append(SuppressionKey(Scope.ADDRESS, address))
    suppressions = [Suppression(key, cause, Channel.PERSON, fact.at) for key in keys]
    origin = "" if decision.audit is None else decision.audit.origin
    await suppress(connection, suppressions, Actor(fact.by, origin), decision.at)


async def _save(connection: AsyncConnection, lead_id: str, fact: Occurred) -> None:
    key = event_key("reported", f"{lead_id}/{fact.occurrence}/{fact.at}")
    said = StoredOccurrence(key, fact.occurrence, fact.at, fact.by, lead_id=lead_id)
    await repository.save(await driver_connection(connection), [said], fact.at)
