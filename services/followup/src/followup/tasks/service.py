"""Use cases of tasks: show, complete, snooze and delegate them."""

from datetime import datetime
from typing import Any

from followup import tables
from followup.contacts import repository as contacts
from followup.contacts.audience import as_audience
from followup.domain.decision_roles import DecisionRoles, decision_roles
from followup.domain.sequences.commands import CompleteTask
from followup.domain.sequences.terms import TaskOutcome
from followup.domain.task_records import Hearing, TaskRecord, check_record
from followup.sellers.service import check_delegate
from followup.sequences.service import Sequences
from followup.tasks import repository
from followup.tasks.repository import Task, TaskFilter, TaskStatus
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock, japan_day
from kakehashi_common.db import Database, driver_connection
from kakehashi_common.domain.checks import require_short
from kakehashi_common.domain.errors import DomainError, StateConflictError
from kakehashi_common.errors import NotFoundError
from kakehashi_common.http.idempotency import IdempotentRequest

LONGEST_TASK_NOTE = 4_000
"""Characters of what somebody notes down."""


class Tasks:
    """Shows tasks, and sends their outcomes to sequences.

    Args:
        database: where they are kept.
        sequences: takes the outcomes.
        clock: gives the present time.
    """

    def __init__(self, database: Database, sequences: Sequences, clock: Clock) -> None:
        self._database = database
        self._sequences = sequences
        self._clock = clock

    async def find(self, task_id: str) -> Task:
        """Return a task.

        Raises:
            NotFoundError: there is no such task.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            found = await repository.find(connection, task_id)
        if found is None:
            raise NotFoundError(f"there is no task {task_id}", field="task_id")
        return found

    async def list_tasks(
        self, wanted: TaskFilter, *, after: tuple[datetime, str] | None, limit: int
    ) -> list[Task]:
        """Return tasks that match, those that are due first first.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            return await repository.list_tasks(connection, wanted, after=after, limit=limit)

    async def complete(
        self,
        task_id: str,
        by: str,
        outcome: TaskOutcome,
        note: str,
        origin: str,
        record: TaskRecord | None = None,
        request: IdempotentRequest | None = None,
    ) -> Task:
        """Complete a task with an outcome: the sequence continues. Note and record stay here.

        Raises:
            DomainError: the note is too long or no text, or the record is not one of this task (see
                :func:`~followup.domain.task_records.check_record`).
            NotFoundError: there is no such task.
            StateConflictError: it is not open any more (``task_not_open``).
            ConflictError: the sequence has ended (``sequence_ended``).
            TransientError: the database or Temporal is unavailable.
        """
        require_short(note, "note", LONGEST_TASK_NOTE)
        task = await self.find(task_id)
        if record is not None:
            check_record(record, task.kind, task.fields)
        said: dict[str, Any] = {"note": note} if note else {}
        if record is not None:
            said["record"] = repository.written(record)
        if said:
            async with self._database.transaction() as connection:
                await repository.change(connection, task_id, **said)
        await self._sequences.send(
            task.sequence_id, CompleteTask(by, task_id, outcome, origin=origin), request
        )
        return await self.find(task_id)

    async def records(
        self,
        *,
        lead_id: str | None = None,
        municipality_code: str | None = None,
        kind: str | None = None,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Task]:
        """Return the tasks that were done with a record, the newest first.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            return await repository.records(
                connection,
                lead_id=lead_id,
                municipality_code=municipality_code,
                kind=kind,
                after=after,
                limit=limit,
            )

    async def hearing(self, task_id: str) -> tuple[Task, Hearing, str | None]:
        """Return a hearing that was recorded, its task, and the policy area that it is about.

        Raises:
            DomainError: the task is no hearing, or has no record (``not_a_hearing``).
            NotFoundError: there is no such task.
            TransientError: the database is unavailable.
        """
        task = await self.find(task_id)
        if task.status is not TaskStatus.DONE or not isinstance(task.record, Hearing):
            raise DomainError(
                f"task {task_id} has no record of a hearing: complete a hearing_form with one",
                field="task_id",
                code="not_a_hearing",
            )
        sequence = await self._sequences.find(task.sequence_id)
        return task, task.record, sequence.state.policy_area

    async def decision_roles(self, municipality_code: str) -> DecisionRoles:
        """Return which decision roles the study sessions of a municipality have reached.

        Raises:
            TransientError: the database is unavailable.
        """
        today = japan_day(self._clock.now())
        async with self._database.transaction() as connection:
            held = await repository.held_sessions(connection, municipality_code, today)
            raw = await driver_connection(connection)
            people = await contacts.in_municipality(raw, municipality_code)
        roles = [as_audience(each.role, None).role for each in people if each.erased_at is None]
        return decision_roles(held, roles)

    async def snooze(self, task_id: str, until: datetime) -> Task:
        """Snooze a task; its due time stays.

        Raises:
            DomainError: the time has passed (``in_the_past``).
            NotFoundError: there is no such task.
            StateConflictError: it is not open any more (``task_not_open``).
            TransientError: the database is unavailable.
        """
        if until <= self._clock.now():
            raise DomainError(
                f"{until.isoformat()} has passed: give a later time",
                field="until",
                code="in_the_past",
            )
        await self.find(task_id)
        async with self._database.transaction() as connection:
            changed = await repository.change(connection, task_id, snoozed_until=until)
        return _still_open(changed, task_id)

    async def delegate(self, task_id: str, to: str, actor: Actor) -> Task:
        """Assign a task to another seller; it is audited.

        Raises:
            DomainError: there is no such seller, or they have left (``unknown_seller``).
            NotFoundError: there is no such task.
            StateConflictError: it is not open any more (``task_not_open``).
            TransientError: the database is unavailable.
        """
        before = await self.find(task_id)
        async with self._database.transaction() as connection:
            await check_delegate(connection, to)
            changed = _still_open(
                await repository.change(connection, task_id, owner=to, moved_from=None), task_id
            )
            await actor.record(
                connection,
                tables.audit_table,
                "delegate_task",
                f"task/{task_id}",
                before={"owner": before.owner},
                after={"owner": to},
            )
        return changed


def _still_open(changed: Task | None, task_id: str) -> Task:
    if changed is None:
        raise StateConflictError(
            f"task {task_id} is not open any more", field="task_id", code="task_not_open"
        )
    return changed
