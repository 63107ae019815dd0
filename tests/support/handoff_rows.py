"""Handoffs as rows, without the workflow that records them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import insert

from handoff import tables
from handoff.domain.handoff.state import HandoffState
from tests.support.handoff_api import Service
from tests.support.handoffs import Life

_state = TypeAdapter(HandoffState)


def waiting(handoff_id: str, now: str, **differences: Any) -> HandoffState:
    """Return a handoff that awaits its first assignment, of a lead of its own."""
    return Life(
        now,
        assigned=False,
        handoff_id=handoff_id,
        lead_id=f"lead-of-{handoff_id}",
        qualification_id=f"q-{handoff_id}",
        **differences,
    ).state


def wanted_again(state: HandoffState, now: datetime, **differences: Any) -> HandoffState:
    """Return the handoff as it asks for its next assignment."""
    changes = {"attempt": state.attempt + 1, "assignment_wanted_at": now, **differences}
    return replace(state, **changes)


async def record(service: Service, state: HandoffState, **columns: Any) -> HandoffState:
    """Store a handoff, with other columns than its state says where a test wants them."""
    row = {
        "handoff_id": state.handoff_id,
        "lead_id": state.lead_id,
        "from_role": state.kind.from_role,
        "to_role": state.kind.to_role,
        "version": state.version,
        "status": state.status,
        "is_open": not state.ended,
        "municipality_code": state.municipality_code,
        "policy_area": state.policy_area,
        "grade": state.grade,
        "complexity": state.complexity,
        "sender": state.sender,
        "owner": state.owner,
        "requested_at": state.requested_at,
        "ended_at": state.ended_at,
        "outcome": state.outcome,
        "state": _state.dump_python(state, mode="json"),
        "updated_at": state.requested_at,
    }
    async with service.database.transaction() as connection:
        await connection.execute(insert(tables.handoff).values(row | columns))
    return state
