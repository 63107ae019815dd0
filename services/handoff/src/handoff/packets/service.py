"""Use cases of packets: show, enter, judge."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.transitions import require_owner
from handoff.domain.packet.packet import Packet, Verdict
from handoff.domain.readiness import Readiness
from handoff.domain.teams.members import Role
from handoff.handoffs import repository as handoffs
from handoff.packets import repository
from handoff.packets.assembly import (
    AssembledPacket,
    assemble_packet,
    readiness_of,
    readiness_of_lead,
)
from handoff.teams import repository as teams
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import NotFoundError
from kakehashi_common.http.etags import Precondition, is_repeated

LONGEST_TEXT: Final = 2_000
"""Characters of one field: a sheet of A4 holds no more of all of them."""


@dataclass(frozen=True, slots=True)
class ShownPacket:
    """A packet with its handoff and the names of those who take part in it."""

    state: HandoffState
    assembled: AssembledPacket
    names: Mapping[str, str]
    """Of sender, owner and whoever entered something, by id."""


class Packets:
    """Shows packets and keeps what people enter and find."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def show(self, handoff_id: str) -> ShownPacket:
        """Return the packet of a handoff.

        Raises:
            NotFoundError: there is no such handoff.
        """
        async with self._database.transaction() as connection:
            state = await _state(connection, handoff_id)
            return await self._shown(connection, state)

    async def readiness(self, handoff_id: str) -> tuple[str, Readiness]:
        """Return the lead of a handoff, and whether it is ready.

        Raises:
            NotFoundError: there is no such handoff.
        """
        async with self._database.transaction() as connection:
            state = await _state(connection, handoff_id)
            found, _ = await readiness_of(connection, state, self._clock.now())
        return state.lead_id, found

    async def readiness_of_lead(self, lead_id: str, to_role: Role) -> Readiness:
        """Return whether a lead is ready to be handed to a role, without a handoff."""
        async with self._database.transaction() as connection:
            return await readiness_of_lead(connection, lead_id, to_role, self._clock.now())

    async def enter(
        self,
        handoff_id: str,
        key: str,
        text: str,
        *,
        by: str,
        precondition: Precondition[ShownPacket],
        actor: Actor,
    ) -> ShownPacket:
        """Enter a text into a field, or clear what a person entered there.

        Args:
            handoff_id: the handoff.
            key: the field.
            text: an empty one clears the field; what is prepared for it shows again.
            by: who says so.
            precondition: raises unless the packet is as the person saw it.
            actor: who asks.

        Raises:
            NotFoundError: there is no such handoff.
            DomainError: there is no such field or member (``unknown_field``,
                ``unknown_member``), or the text is none (``not_text``).
            PreconditionFailedError: the packet has changed.
        """
        async with self._database.transaction() as connection:
            state = await _state(connection, handoff_id)
            if by != actor.who:
                await _require_member(connection, by)
            before = await self._shown(connection, state, for_change=True)
            now = self._clock.now()
            stored = before.assembled.entered
            entered = stored.entered(key, text, by=by, at=now)
            unchanged = _said(entered, key) == _said(stored, key)
            if is_repeated(precondition, before, done=unchanged) or unchanged:
                return before
            await repository.save(connection, handoff_id, entered, before.assembled.version + 1)
            await self._record(connection, actor, before, "enter_packet_field", {"field": key})
            return await self._shown(connection, state)

    async def judge(
        self,
        handoff_id: str,
        key: str,
        verdict: Verdict,
        *,
        by: str,
        precondition: Precondition[ShownPacket],
        actor: Actor,
    ) -> ShownPacket:
        """Record what the receiving side found a field's text to be.

        Args:
            handoff_id: the handoff.
            key: the field.
            verdict: on the text that stands there now.
            by: the owner or a further owner.
            precondition: raises unless the packet is as the person saw it.
            actor: who asks.

        Raises:
            NotFoundError: there is no such handoff.
            DomainError: there is no such field, nothing stands in it (``field_empty``), or ``by``
                owns nothing of this handoff (``not_the_owner``).
            PreconditionFailedError: the packet has changed.
        """
        async with self._database.transaction() as connection:
            state = await _state(connection, handoff_id)
            require_owner(state, by, or_further=True)
            before = await self._shown(connection, state, for_change=True)
            packet = before.assembled.packet
            entry = packet.judged(key, verdict, by=by).entry(key)
            unchanged = entry == packet.entry(key)
            if is_repeated(precondition, before, done=unchanged) or unchanged:
                return before
            if entry is None:
                raise AssertionError("what is judged stands in the packet")
            await repository.save_verdict(
                connection, handoff_id, entry, verdict, by=by, at=self._clock.now()
            )
            await repository.save(
                connection, handoff_id, before.assembled.entered, before.assembled.version + 1
            )
            said = {"field": key, "verdict": verdict.value, "by": by}
            await self._record(connection, actor, before, "judge_packet_field", said)
            return await self._shown(connection, state)

    async def _shown(
        self, connection: AsyncConnection, state: HandoffState, *, for_change: bool = False
    ) -> ShownPacket:
        assembled = await assemble_packet(
            connection, state, self._clock.now(), for_change=for_change
        )
        ids = {state.sender, state.owner, *(e.source for e in assembled.packet.entries)}
        members = await teams.members(connection)
        names = {each.member_id: each.name for each in members if each.member_id in ids}
        return ShownPacket(state, assembled, names)

    async def _record(
        self,
        connection: AsyncConnection,
        actor: Actor,
        before: ShownPacket,
        what: str,
        said: Mapping[str, Any],
    ) -> None:
        # Never the text: it may be personal data.
        await actor.record(
            connection,
            tables.audit_table,
            what,
            f"handoff/{before.state.handoff_id}/packet",
            before={"version": before.assembled.version},
            after={"version": before.assembled.version + 1, **said},
        )


async def _state(connection: AsyncConnection, handoff_id: str) -> HandoffState:
    stored = await handoffs.find(connection, handoff_id)
    if stored is None:
        raise NotFoundError(f"there is no handoff {handoff_id}", field="handoff_id")
    return stored.state


async def _require_member(connection: AsyncConnection, member_id: str) -> None:
    if await teams.member(connection, member_id) is None:
        raise DomainError(
            f"there is no member {member_id}: enter them first, or leave `by` out",
            field="by",
            code="unknown_member",
        )


def _said(packet: Packet, key: str) -> tuple[str, str] | None:
    entry = packet.entry(key)
    return None if entry is None else (entry.text, entry.source)
