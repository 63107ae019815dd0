"""A life's facts as measures read them, and as rows."""

from collections.abc import Iterator

from handoff.domain.measures.rounds import Entry, Round, rounds_of
from handoff.handoffs import repository
from handoff.handoffs.messages import RecordedDecision
from handoff.measures import facts
from handoff.measures.facts import subject_of
from kakehashi_common.db import Database
from tests.support.handoffs import Life


def rounds(*lives: Life) -> list[Round]:
    """Return the rounds of lives without a database."""
    entries = (entry for life in lives for entry in entries_of(life))
    now = max(life.now for life in lives)
    return list(rounds_of([subject_of(life.state) for life in lives], entries, now))


def entries_of(life: Life) -> Iterator[Entry]:
    for _, decision in life.decisions:
        yield from facts.entries_of(decision.state, decision.facts)


async def store(database: Database, *lives: Life) -> None:
    """Record lives as their workflows do."""
    async with database.transaction() as connection:
        for life in lives:
            for at, decision in life.decisions:
                recorded = RecordedDecision.of(decision, at, None)
                await repository.put(connection, recorded, next_due_at=None)
                await repository.add_facts(connection, recorded)
