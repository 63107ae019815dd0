"""A packet and its lead's readiness, put together from all that is stored, for one handoff."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.handoff.state import HandoffState
from handoff.domain.lead import Lead, LeadField
from handoff.domain.packet.fields import FIELDS, FieldRequirement
from handoff.domain.packet.packet import Completeness, Packet
from handoff.domain.packet.preparation import prepare
from handoff.domain.readiness import Facts, Readiness, judge
from handoff.domain.teams.members import Role
from handoff.leads.queries import known_lead
from handoff.packets import repository
from handoff.packets.policies import PACKET, READINESS
from kakehashi_common.clock import japan_day
from kakehashi_common.db import driver_connection


@dataclass(frozen=True, slots=True)
class AssembledPacket:
    """One handoff's packet as it stands now."""

    lead: Lead
    entered: Packet
    """The entries that people have made, without the prepared ones."""
    packet: Packet
    """Prepared, completed and judged."""
    required: tuple[FieldRequirement, ...]
    completeness: Completeness
    version: int
    """The number of changes that people have made."""


async def assemble_packet(
    connection: AsyncConnection, state: HandoffState, now: datetime, *, for_change: bool = False
) -> AssembledPacket:
    """Return the packet of a handoff.

    Args:
        connection: of the transaction.
        state: where the handoff stands.
        now: the instant from which recent and coming days are counted.
        for_change: whether to lock the packet until the transaction ends.
    """
    stored = await repository.packet(connection, state.handoff_id, for_change=for_change)
    lead = await known_lead(
        await driver_connection(connection),
        state.lead_id,
        now,
        municipality_code=state.municipality_code,
    )
    packet = prepare(stored.packet, lead, japan_day(now)).with_verdicts(stored.judged)
    required = await _required(connection, state.kind.to_role)
    completeness = packet.completeness(required)
    return AssembledPacket(lead, stored.packet, packet, required, completeness, stored.version)


async def readiness_of(
    connection: AsyncConnection, state: HandoffState, now: datetime
) -> tuple[Readiness, AssembledPacket]:
    """Return the readiness of a handoff's lead, overrides included, and the handoff's packet."""
    assembled = await assemble_packet(connection, state, now)
    found = judge(
        _facts(assembled.lead, assembled.completeness),
        (await READINESS.get(connection)).policy,
        japan_day(now),
        state.overrides,
    )
    return found, assembled


async def readiness_of_lead(
    connection: AsyncConnection, lead_id: str, to_role: Role, now: datetime
) -> Readiness:
    """Return the readiness of a lead without a handoff for being handed to a role."""
    lead = await known_lead(await driver_connection(connection), lead_id, now)
    required = await _required(connection, to_role)
    packet = prepare(Packet(), lead, japan_day(now))
    return judge(
        _facts(lead, packet.completeness(required)),
        (await READINESS.get(connection)).policy,
        japan_day(now),
    )


async def _required(connection: AsyncConnection, to_role: Role) -> tuple[FieldRequirement, ...]:
    return (await PACKET.get(connection)).policy.get(to_role, ())


def _facts(lead: Lead, completeness: Completeness) -> Facts:
    roles = frozenset(each.role for each in lead.people if each.role)
    consent = lead.field(LeadField.CONSENT)
    return Facts(
        grade=None if lead.score is None else lead.score.grade,
        people=None if lead.municipality_code is None else len(lead.people),
        decision_roles=roles or None,
        budget_phase=None if lead.phase is None else lead.phase.phase,
        next_deadline=lead.milestones[0].likely_on if lead.milestones else None,
        last_contact_on=None if lead.last_contact_at is None else japan_day(lead.last_contact_at),
        consent=None if consent is None else consent.value == "true",
        missing_fields=tuple(FIELDS[each.key].label for each in completeness.missing),
    )
