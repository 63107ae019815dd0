"""Facts of a handoff in the form that measures read, without a database."""

from collections.abc import Iterable, Iterator
from datetime import datetime

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
from handoff.domain.measures.rounds import KINDS, Entry, Subject
from kakehashi_common.contracts.municipalities import municipalities


def subject_of(state: HandoffState) -> Subject:
    """Return the attributes of a handoff that measures use; see ``repository.subjects``."""
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


def entries_of(state: HandoffState, facts: Iterable[Fact]) -> Iterator[Entry]:
    """Yield the facts of the decision that led to ``state``; see ``repository.entries``."""
    for fact in facts:
        if fact.kind in KINDS:
            clock = getattr(fact, "clock", None)
            result = clock if isinstance(clock, ClockResult) else None
            yield Entry(
                state.handoff_id,
                state.round,
                fact.kind,
                fact.at,
                state.owner,
                _detail(fact),
                result.kept if result else None,
                _due_at(fact, result),
            )


def _due_at(fact: Fact, result: ClockResult | None) -> datetime | None:
    if isinstance(fact, Escalated):
        return fact.due_at
    return result.due_at if result else None


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
