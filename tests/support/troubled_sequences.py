"""Sequences of which some have a workflow that is in trouble, without Temporal."""

from dataclasses import dataclass, field, replace
from typing import Any, cast

from pydantic import TypeAdapter

from followup.domain.playbooks.checks import Limits
from followup.domain.sequences.commands import Enter
from followup.domain.sequences.state import SequenceState
from followup.playbooks.service import Playbooks
from followup.sequences.client import SequenceWorkflows
from followup.sequences.service import Sequences
from kakehashi_common.db import Database
from kakehashi_common.errors import BusyError, FaultError
from tests.support.sequences import Life

BUSY = BusyError("no worker has answered in time")
STUCK = FaultError("stuck", code="workflow_stuck", public="stuck")
TROUBLES = (BUSY, STUCK)
_STATE = TypeAdapter(SequenceState)


@dataclass
class Troubled:
    """Stands in for Temporal: notes whom it reaches, and fails for those in trouble."""

    trouble: dict[str, Exception] = field(default_factory=dict)
    """By the id of a sequence, or of a lead that enters."""
    reached: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    async def enter(self, enter: Enter) -> None:
        self._reach(enter.lead_id)

    async def send(self, sequence_id: str, _message: Any) -> None:
        self._reach(sequence_id)

    async def delete_history(self, sequence_id: str) -> bool:
        self.deleted.append(sequence_id)
        return True

    def of(self, database: Database) -> Sequences:
        """Return the use cases that run on it."""
        workflows = cast("SequenceWorkflows", self)
        return Sequences(database, workflows, Playbooks(database, Limits()))

    def _reach(self, whom: str) -> None:
        if whom in self.trouble:
            raise self.trouble[whom]
        self.reached.append(whom)


async def store(
    database: Database, sequence_id: str, lead_id: str, playbook_id: str | None = None
) -> None:
    """Store an open sequence, by default of a playbook of its own."""
    state = replace(
        Life("2026-11-30 10:00").state,
        sequence_id=sequence_id,
        lead_id=lead_id,
        playbook_id=playbook_id or sequence_id,
        playbook_version=1,
    )
    async with database.raw_transaction() as connection:
        await connection.execute(
            "insert into sequence (sequence_id, playbook_id, playbook_version, lead_id, "
            "trigger_id, version, status, is_open, is_paused, started_at, state, updated_at) "
            "values ($1, $4, 1, $2, 't-1', 1, 'resting', true, false, now(), $3, now())",
            sequence_id,
            lead_id,
            _STATE.dump_json(state).decode(),
            playbook_id or sequence_id,
        )
