"""A life's facts as measures read them, and as rows."""

from collections.abc import Iterator
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import insert

from handoff import tables
from handoff.domain.handoff.facts import (
    ClockResult,
    Closed,
    Escalated,
    Fact,
    Reassigned,
    Rejected,
    Requested,
)
from handoff.domain.handoff.state import HandoffState
from handoff.domain.measures.rounds import KINDS, Entry, Round, Subject, rounds_of
from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.db import Database
from tests.support.handoffs import Life

_FACT: Final[TypeAdapter[Any]] = TypeAdapter(Fact)
_STATE: Final = TypeAdapter(HandoffState)


def rounds(*lives: Life) -> list[Round]:
    """Return the rounds of lives without a database."""
    entries = (entry for life in lives for entry in entries_of(life))
    now = max(life.now for life in lives)
    return list(rounds_of([subject_of(life.state) for life in lives], entries, now))


def subject_of(state: HandoffState) -> Subject:
    code = state.municipality_code
    place = municipalities().get(code or "")
    return Subject(
        state.handoff_id,
        state.sender,
        state.grade,
        state.policy_area,
        code,
        code and code[:2],
        place.kind if place else None,
        state.lead_created_at,
        state.lead_answered_at,
    )


def entries_of(life: Life) -> Iterator[Entry]:
    for _, decision in life.decisions:
        state = decision.state
        for fact in decision.facts:
            if fact.kind in KINDS:
                clock = getattr(fact, "clock", None)
                yield Entry(
                    state.handoff_id,
                    state.round,
                    fact.kind,
                    fact.at,
                    state.owner,
                    _detail(fact),
                    clock.kept if isinstance(clock, ClockResult) else None,
                    fact.due_at if isinstance(fact, Escalated) else None,
                )


def _detail(fact: Fact) -> str | None:
    match fact:
        case Requested():
            return fact.by
        case Rejected() | Reassigned():
            return fact.reason
        case Escalated():
            return fact.clock
        case Closed():
            return fact.outcome
    return None


async def store(database: Database, *lives: Life) -> None:
    """Record lives as their workflows do."""
    async with database.transaction() as connection:
        for life in lives:
            await connection.execute(insert(tables.handoff).values(**_row(life)))
            await connection.execute(insert(tables.handoff_fact).values(list(_fact_rows(life))))


def _row(life: Life) -> dict[str, Any]:
    state = life.state
    return {
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
        "deal_id": state.deal_id,
        "state": _STATE.dump_python(state, mode="json"),
        "updated_at": life.now,
    }


def _fact_rows(life: Life) -> Iterator[dict[str, Any]]:
    for recorded_at, decision in life.decisions:
        for position, fact in enumerate(decision.effects):
            if isinstance(fact, Fact):
                yield {
                    "handoff_id": decision.state.handoff_id,
                    "version": decision.state.version,
                    "position": position,
                    "kind": fact.kind,
                    "at": fact.at,
                    "recorded_at": recorded_at,
                    "round": decision.state.round,
                    "owner": decision.state.owner,
                    "fact": _FACT.dump_python(fact, mode="json"),
                }
