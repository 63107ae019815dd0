"""A life's facts as measures read them, and as rows."""

from collections.abc import Iterator

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
from handoff.handoffs import repository
from handoff.handoffs.messages import RecordedDecision
from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.db import Database
from tests.support.handoffs import Life


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
            for at, decision in life.decisions:
                recorded = RecordedDecision.of(decision, at, None)
                await repository.put(connection, recorded, next_due_at=None)
                await repository.add_facts(connection, recorded)
