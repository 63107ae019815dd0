"""Sequences that were lived through in pure form, stored as their workflows store them."""

from dataclasses import replace

from followup.sequences import repository
from followup.sequences.messages import RecordedDecision
from kakehashi_common.db import Database
from tests.support.sequences import Life


async def store(database: Database, *lives: Life) -> None:
    """Store what has happened in these lives."""
    async with database.transaction() as connection:
        for life in lives:
            decision = RecordedDecision(replace(life.state, history=()), life.now, ())
            await repository.put(connection, decision)
            await repository.add_facts(connection, replace(decision, facts=tuple(life.facts)))
