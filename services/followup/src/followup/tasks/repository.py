"""Tasks as rows."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Select, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.domain.playbooks.steps import TaskKind
from followup.domain.send_times.call_hours import CallHours
from followup.domain.sequences.terms import TaskOutcome
from followup.domain.task_records import POC_CHECK, StudySession, TaskRecord
from followup.tables import task as table
from kakehashi_common.filters import matching

_call_hours: Final[TypeAdapter[CallHours | None]] = TypeAdapter(CallHours | None)
_record: Final[TypeAdapter[TaskRecord]] = TypeAdapter(TaskRecord)


class TaskStatus(StrEnum):
    """The state of a task."""

    OPEN = "open"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    """The sequence went on or ended without it."""


@dataclass(frozen=True, slots=True)
class Task:
    """A person's task."""

    task_id: str
    sequence_id: str
    step_id: str
    kind: str
    lead_id: str
    municipality_code: str | None
    owner: str | None
    moved_from: str | None
    """The seller who is away and had it before."""
    title: str
    text: str
    """The script, letter or guide that they start from; empty without a template."""
    fields: tuple[str, ...]
    """The names of the values that they note down."""
    status: TaskStatus
    opened_at: datetime
    due_at: datetime
    snoozed_until: datetime | None
    outcome: TaskOutcome | None
    note: str | None
    record: TaskRecord | None
    closed_at: datetime | None
    closed_by: str | None
    reminded_at: datetime | None = None
    """When somebody was reminded of it."""
    recipient_lead_id: str | None = None
    """The person whom its text names; ``None``: nobody, or it was stored before this was kept."""
    call_hours: CallHours | None = None
    """For a call: the best hours to call its contact, as known when it was opened."""


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Selects tasks; ``None`` matches all."""

    status: TaskStatus | None = None
    owner: str | None = None
    lead_id: str | None = None
    due_before: datetime | None = None
    """Those that are due, or come back from being put off, before an instant."""


async def add(connection: AsyncConnection, task: Task) -> Task:
    """Add a task, and return it; one that is there already is left as it is."""
    values = {name: getattr(task, name) for name in Task.__slots__}
    values["fields"] = list(task.fields)
    values["record"] = None if task.record is None else written(task.record)
    values["call_hours"] = _call_hours.dump_python(task.call_hours, mode="json")
    await connection.execute(insert(table).values(values).on_conflict_do_nothing())
    found = await find(connection, task.task_id)
    return task if found is None else found


async def find(connection: AsyncConnection, task_id: str) -> Task | None:
    """Return a task."""
    row = (await connection.execute(_stored().where(table.c.task_id == task_id))).first()
    return None if row is None else _task(row)


async def change(connection: AsyncConnection, task_id: str, **values: Any) -> Task | None:
    """Change an open task, and return it; ``None``: it is not open any more."""
    row = (
        await connection.execute(
            update(table)
            .where(table.c.task_id == task_id, table.c.status == TaskStatus.OPEN.value)
            .values(values)
            .returning(*_columns())
        )
    ).first()
    return None if row is None else _task(row)


async def untaken(
    connection: AsyncConnection, after: datetime, until: datetime, limit: int
) -> list[Task]:
    """Return tasks due within a time that were neither put off nor reminded of, in order."""
    query = _stored().where(
        table.c.status == TaskStatus.OPEN.value,
        table.c.due_at > after,
        table.c.due_at <= until,
        table.c.reminded_at.is_(None),
        table.c.snoozed_until.is_(None),
    )
    query = query.order_by(table.c.due_at, table.c.task_id).limit(limit)
    return [_task(row) for row in await connection.execute(query)]


async def advise(connection: AsyncConnection, task_id: str, hours: CallHours) -> None:
    """Store the best hours to call the contact with an open task."""
    await change(connection, task_id, call_hours=_call_hours.dump_python(hours, mode="json"))


async def move(
    connection: AsyncConnection, away: str, to: str, *, due_before: datetime | None = None
) -> list[str]:
    """Give the open tasks of somebody who is away to somebody else, and return their ids.

    ``moved_from`` names who had them first, whoever stood in for them and is away by now, too.
    """
    in_time = true() if due_before is None else table.c.due_at < due_before
    moved = await connection.scalars(
        update(table)
        .where(
            table.c.owner == away,
            table.c.status == TaskStatus.OPEN.value,
            in_time,
        )
        .values(owner=to, moved_from=func.nullif(func.coalesce(table.c.moved_from, away), to))
        .returning(table.c.task_id)
    )
    return list(moved)


async def withdraw_others(
    connection: AsyncConnection, sequence_id: str, at: datetime, *, but: str | None
) -> None:
    """Withdraw a sequence's open tasks but one."""
    await connection.execute(
        update(table)
        .where(
            table.c.sequence_id == sequence_id,
            table.c.status == TaskStatus.OPEN.value,
            table.c.task_id.is_distinct_from(but),
        )
        .values(status=TaskStatus.WITHDRAWN.value, closed_at=at)
    )


async def list_tasks(
    connection: AsyncConnection,
    wanted: TaskFilter,
    *,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Task]:
    """Return tasks that match, in the order in which they are due."""
    query = _stored().where(
        *matching(table, status=wanted.status, owner=wanted.owner, lead_id=wanted.lead_id)
    )
    if wanted.due_before is not None:
        shown_at = func.coalesce(table.c.snoozed_until, table.c.due_at)
        query = query.where(shown_at < wanted.due_before)
    if after is not None:
        at, task_id = after
        query = query.where(
            (table.c.due_at > at) | ((table.c.due_at == at) & (table.c.task_id > task_id))
        )
    query = query.order_by(table.c.due_at, table.c.task_id).limit(limit)
    return [_task(row) for row in await connection.execute(query)]


async def records(
    connection: AsyncConnection,
    *,
    lead_id: str | None,
    municipality_code: str | None,
    kind: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Task]:
    """Return the tasks that were done with a record, the newest first; ``None`` matches all."""
    query = _stored().where(
        table.c.record.is_not(None),
        table.c.status == TaskStatus.DONE.value,
        *matching(table, lead_id=lead_id, municipality_code=municipality_code, kind=kind),
    )
    if after is not None:
        at, task_id = after
        query = query.where(
            (table.c.closed_at < at) | ((table.c.closed_at == at) & (table.c.task_id < task_id))
        )
    query = query.order_by(table.c.closed_at.desc(), table.c.task_id.desc()).limit(limit)
    return [_task(row) for row in await connection.execute(query)]


async def weekly_checks(connection: AsyncConnection, sequence_id: str) -> list[Task]:
    """Return the weekly checks of a sequence, the first week first."""
    query = _stored().where(table.c.sequence_id == sequence_id, table.c.kind == POC_CHECK)
    return [_task(row) for row in await connection.execute(query.order_by(table.c.opened_at))]


async def held_sessions(
    connection: AsyncConnection, municipality_code: str, today: date
) -> list[StudySession]:
    """Return the study sessions of a municipality that were held and recorded, in any order."""
    query = select(table.c.record).where(
        table.c.municipality_code == municipality_code,
        table.c.kind == TaskKind.STUDY_SESSION.value,
        table.c.status == TaskStatus.DONE.value,
        table.c.record.is_not(None),
    )
    found = map(_record.validate_python, await connection.scalars(query))
    sessions = (each for each in found if isinstance(each, StudySession))
    return [each for each in sessions if each.held_on <= today]


def written(record: TaskRecord) -> Any:
    """Return a record as it is stored."""
    return _record.dump_python(record, mode="json")


def _columns() -> list[Any]:
    return [table.c[name] for name in Task.__slots__]


def _stored() -> Select[Any]:
    return select(*_columns())


def _task(row: Any) -> Task:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's name for it
    values["status"] = TaskStatus(values["status"])
    values["fields"] = tuple(values["fields"])
    if values["record"] is not None:
        values["record"] = _record.validate_python(values["record"])
    values["call_hours"] = _call_hours.validate_python(values["call_hours"])
    if values["outcome"] is not None:
        values["outcome"] = TaskOutcome(values["outcome"])
    return Task(**values)
