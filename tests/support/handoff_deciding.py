"""Handoffs that decide what they are sent, as their workflows do, and record it; no Temporal."""

from dataclasses import dataclass, field

from pydantic import TypeAdapter
from sqlalchemy import select, update

from handoff import tables
from handoff.domain.handoff import decide
from handoff.domain.handoff.commands import Command
from handoff.domain.handoff.state import HandoffState
from kakehashi_common.errors import TransientError
from tests.support.handoff_api import Service
from tests.support.handoffs import Life

_state = TypeAdapter(HandoffState)


@dataclass
class Handoffs:
    """Stands in for Temporal."""

    service: Service
    sla = Life("2026-11-30 10:00").sla()
    sent: list[tuple[str, Command]] = field(default_factory=list)
    away: bool = False

    async def send(self, handoff_id: str, command: Command) -> None:
        """Decide a command and record the state.

        Raises:
            DomainError: it makes no sense.
            TransientError: Temporal is unavailable.
        """
        if self.away:
            raise TransientError("Temporal is unavailable")
        self.sent.append((handoff_id, command))
        state = await self.state(handoff_id)
        decided = decide(state, command, self.service.clock.now(), self.sla).state
        async with self.service.database.transaction() as connection:
            await connection.execute(
                update(tables.handoff)
                .where(tables.handoff.c.handoff_id == handoff_id)
                .values(
                    state=_state.dump_python(decided, mode="json"),
                    status=decided.status,
                    is_open=not decided.ended,
                    version=decided.version,
                )
            )

    async def state(self, handoff_id: str) -> HandoffState:
        """Return a handoff as it is recorded."""
        async with self.service.database.transaction() as connection:
            found = await connection.scalar(
                select(tables.handoff.c.state).where(tables.handoff.c.handoff_id == handoff_id)
            )
        return _state.validate_python(found)
