"""Readiness as it stood when a handoff was requested and when it was accepted."""

from datetime import datetime
from typing import Final

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.handoff.state import HandoffState
from handoff.packets.assembly import readiness_of

REQUESTED: Final = "requested"
ACCEPTED: Final = "accepted"

_ADD: Final = insert(tables.readiness_snapshot).on_conflict_do_nothing()


async def take(connection: AsyncConnection, state: HandoffState, at: datetime) -> None:
    """Store the readiness of a handoff's lead, in the caller's transaction; again changes nothing.

    Args:
        connection: of the transaction that records the decision.
        state: after the decision; its overrides are in force.
        at: when it was decided.

    Raises:
        TransientError: the database is unavailable.
    """
    readiness, assembled = await readiness_of(connection, state, at)
    row = {
        "handoff_id": state.handoff_id,
        "version": state.version,
        "moment": REQUESTED if state.accepted_at is None else ACCEPTED,
        "at": at,
        "criteria": [
            {
                "criterion": each.criterion.value,
                "answer": each.answer.value,
                "in_force": each.in_force.value,
                "evidence": each.evidence,
            }
            for each in readiness.judgements
        ],
        "required": [each.key for each in assembled.required],
        "missing": [each.key for each in assembled.completeness.missing],
    }
    await connection.execute(_ADD, row)
