"""A budget phase reaches the thousands of sequences of one municipality, some at a time."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from pydantic import TypeAdapter

from followup.domain.playbooks.checks import Limits
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.playbooks.walk import Occurrence
from followup.domain.sequences.commands import React
from followup.domain.sequences.state import SequenceState
from followup.occurrences import repository
from followup.occurrences.repository import StoredOccurrence
from followup.occurrences.service import Occurrences
from followup.playbooks.service import Playbooks
from followup.sequences.client import SequenceWorkflows
from followup.sequences.service import Sequences
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.errors import NotFoundError
from kakehashi_common.temporal.fan_out import MAX_CONCURRENT_CALLS
from tests.integration.followup.occurrences.test_notifying import SEASONAL
from tests.support.budget_events import phase_entered
from tests.support.followup_examples import ACTOR
from tests.support.sequences import Life
from tests.support.troubled_sequences import STUCK, TROUBLES, Troubled, store

MANY = 10_000
NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
PHASE = phase_entered("finance_assessment", at=NOW)
STATE = TypeAdapter(SequenceState)


@dataclass
class Workflows:
    """Stands in for Temporal: counts, and has a stuck workflow and one that has just ended."""

    notified: list[str] = field(default_factory=list)
    troubled: str | None = None
    trouble: Exception = STUCK
    at_once: int = 0
    most_at_once: int = 0

    async def send(self, sequence_id: str, message: Any) -> None:
        assert isinstance(message, React)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if sequence_id == self.troubled:
            raise self.trouble
        self.notified.append(sequence_id)
        if sequence_id == "s-2":
            raise NotFoundError("it has just ended")


async def put(database: Database, *, knows: Occurrence | None = None) -> None:
    """Store as many sequences; those with an odd number know of ``knows`` already."""
    state = replace(Life("2026-11-30 10:00").state, playbook_id="seasonal", playbook_version=1)
    odd = state if knows is None else replace(state, occurrences=(knows,))
    async with database.raw_transaction() as connection:
        await connection.execute(
            "insert into sequence (sequence_id, playbook_id, playbook_version, lead_id, "
            "trigger_id, municipality_code, version, status, is_open, is_paused, started_at, "
            "state, updated_at) select 's-' || n, 'seasonal', 1, 'lead-' || n, 't-1', '102032', "
            "1, 'resting', true, false, now(), jsonb_set(case n % 2 when 0 then $1::jsonb "
            "else $2::jsonb end, '{sequence_id}', to_jsonb('s-' || n)), now() "
            "from generate_series(1, $3) n",
            STATE.dump_json(state).decode(),
            STATE.dump_json(odd).decode(),
            MANY,
        )


def notifying(database: Database, workflows: Workflows, clock: FixedClock) -> Occurrences:
    playbooks = Playbooks(database, Limits())
    sequences = Sequences(database, cast("SequenceWorkflows", workflows), playbooks)
    return Occurrences(database, playbooks, sequences, clock)


async def test_each_is_notified_once_and_few_at_a_time(followup_database: Database) -> None:
    workflows, clock = Workflows(), FixedClock(NOW)
    occurrences = notifying(followup_database, workflows, clock)
    await Playbooks(followup_database, Limits()).publish(SEASONAL, ACTOR)
    await put(followup_database)
    await occurrences.save([PHASE, PHASE])
    assert await occurrences.look_at_municipalities() == 1
    assert await occurrences.look_at_municipalities() == 0
    assert len(workflows.notified) == len(set(workflows.notified)) == MANY
    assert workflows.most_at_once <= MAX_CONCURRENT_CALLS


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_one_in_trouble_holds_up_no_other_and_who_knows_is_not_notified_again(
    followup_database: Database, trouble: Exception
) -> None:
    workflows, clock = Workflows(troubled="s-4", trouble=trouble), FixedClock(NOW)
    occurrences = notifying(followup_database, workflows, clock)
    await Playbooks(followup_database, Limits()).publish(SEASONAL, ACTOR)
    await put(
        followup_database,
        knows=Occurrence(
            OccurrenceKind.PHASE_BEGAN, PHASE.event.occurred_at, PHASE.event.data.phase
        ),
    )
    await occurrences.save([PHASE])
    await occurrences.look_at_municipalities()
    assert len(workflows.notified) == MANY // 2 - 1
    clock.instant += timedelta(hours=1)
    workflows.troubled = None
    await occurrences.look_at_municipalities()
    assert "s-4" in workflows.notified


async def test_one_look_takes_the_phases_of_many_municipalities(
    followup_database: Database,
) -> None:
    occurrences = notifying(followup_database, Workflows(), FixedClock(NOW))
    codes = ("102032", "102041", "131130")
    await occurrences.save(
        [phase_entered("finance_assessment", at=NOW, municipality_code=code) for code in codes]
    )
    assert await occurrences.look_at_municipalities() == len(codes)


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_what_happened_to_one_in_trouble_holds_up_no_other(
    followup_database: Database, trouble: Exception
) -> None:
    workflows, clock = Troubled({"s-1": trouble}), FixedClock(NOW)
    for number in (1, 2, 3):
        await store(followup_database, f"s-{number}", f"crm-{number}")
    async with followup_database.raw_transaction() as connection:
        await repository.save(
            connection,
            [
                StoredOccurrence(uuid4(), OccurrenceKind.ANSWERED, NOW, "tests", f"crm-{number}")
                for number in (1, 2, 3)
            ],
            NOW,
        )
    occurrences = Occurrences(
        followup_database,
        Playbooks(followup_database, Limits()),
        workflows.of(followup_database),
        clock,
    )
    await occurrences.look()
    assert sorted(workflows.reached) == ["s-2", "s-3"]
    workflows.trouble.clear()
    clock.instant += timedelta(hours=1)
    await occurrences.look()
    assert sorted(workflows.reached) == ["s-1", "s-2", "s-3"]
