"""Read what decides whether a contact enters a playbook."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from followup.consents.repository import pauses
from followup.consents.service import as_recipient, suppression_of_recipient
from followup.contacts.audience import as_audience
from followup.contacts.repository import Contact
from followup.domain.entering import Candidate
from followup.domain.playbooks.playbook import Playbook
from followup.domain.send_policy.pauses import PauseCause
from followup.domain.triggers.catalogue import ENQUIRIES
from followup.entries.triggers import Trigger
from followup.playbooks.service import Playbooks
from followup.sequences import repository as sequences
from kakehashi_common.db import RawConnection, driver_connection
from kakehashi_common.domain.reasons import ReasonKind


async def candidate_for(
    connection: AsyncConnection,
    playbooks: Playbooks,
    trigger: Trigger,
    contact: Contact,
    playbook: Playbook,
    owner: str | None,
    now: datetime,
) -> Candidate:
    """Return what speaks for and against a contact's entry.

    Args:
        connection: to read by.
        playbooks: all versions.
        trigger: the reason or behaviour.
        contact: whom it concerns.
        playbook: which they would enter.
        owner: the seller in whose name messages would go.
        now: the present instant.
    """
    raw = await driver_connection(connection)
    code = contact.municipality_code or trigger.municipality_code
    place = code if playbook.entry.one_per_municipality else None
    last_begun, is_open = await sequences.last_start(
        connection, playbook.id, contact.lead_id, place
    )
    return Candidate(
        as_audience(
            contact.role, contact.municipality_code, trigger.policy_area, contact.department
        ),
        has_address=contact.email is not None,
        has_owner=owner is not None,
        asked=trigger.behaviour in ENQUIRIES,
        meant=trigger.means(contact),
        last_begun=last_begun,
        under_way=tuple(
            [
                await playbooks.find(connection, each.playbook_id, each.playbook_version)
                for each in await sequences.open_of(connection, contact.lead_id)
            ]
        ),
        paused=await _paused(raw, trigger, code, now),
        stood_for=place is not None and is_open,
        suppression=await suppression_of_recipient(raw, as_recipient(contact, code)),
    )


async def _paused(
    connection: RawConnection, trigger: Trigger, code: str | None, now: datetime
) -> bool:
    """Return whether a disaster keeps contacts out; what they do by themselves lets them in."""
    if trigger.reason in {None, ReasonKind.DISASTER}:
        return False
    return any(
        pause.cause is PauseCause.DISASTER and pause.holds(code, now)
        for pause in await pauses(code, now).fetch(connection)
    )
