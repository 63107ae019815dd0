"""Store pursuits as their workflows record them."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from pydantic import TypeAdapter
from sqlalchemy import Date, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.domain.pursuit import PursuitState
from budget_calendar.domain.pursuit.state import Status
from budget_calendar.pursuits.messages import next_action_on, stage_of
from budget_calendar.tables import pursuit as table
from kakehashi_common.filters import matching

_state = TypeAdapter(PursuitState)


@dataclass(frozen=True, slots=True)
class PursuitFilter:
    """Selects pursuits; ``None`` matches all."""

    code: str | None = None
    owner: str | None = None
    stage: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class StoredPursuit:
    """One pursuit, and when it was opened and last changed."""

    state: PursuitState
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ListedPursuit:
    """One pursuit as lists show it."""

    id: str
    municipality_code: str
    owner: str
    status: str
    stage: str
    next_action_on: date | None
    policy_area: str
    amount: int
    wanted_start: date
    description: str
    route_id: str | None
    updated_at: datetime


async def put(
    connection: AsyncConnection, state: PursuitState, *, calendars: int, at: datetime
) -> bool:
    """Store a state unless a stored one is as new, and return whether it was stored."""
    values = {
        "code": state.municipality_code,
        "owner": state.owner,
        "policy_area": state.goal.policy_area,
        "stage": stage_of(state),
        "status": state.status.value,
        "next_action_on": next_action_on(state),
        "state": _state.dump_python(state, mode="json"),
        "revision": state.version,
        "updated_at": at,
    }
    statement = insert(table).values(
        id=state.pursuit_id, created_at=at, calendar_told=calendars, **values
    )
    new = statement.excluded
    stored = await connection.scalar(
        statement.on_conflict_do_update(
            index_elements=[table.c.id],
            set_={name: new[name] for name in values}
            | {"calendar_told": func.greatest(table.c.calendar_told, new.calendar_told)},
            where=table.c.revision < new.revision,
        ).returning(table.c.id)
    )
    return stored is not None


async def find(connection: AsyncConnection, pursuit_id: str) -> StoredPursuit | None:
    """Return one pursuit, if it has been recorded."""
    row = (
        await connection.execute(
            select(table.c.state, table.c.created_at, table.c.updated_at).where(
                table.c.id == pursuit_id
            )
        )
    ).one_or_none()
    if row is None:
        return None
    return StoredPursuit(_state.validate_python(row.state), row.created_at, row.updated_at)


async def list_pursuits(
    connection: AsyncConnection, wanted: PursuitFilter, *, after: str | None, limit: int
) -> list[ListedPursuit]:
    """Return pursuits that match, by id, from the one behind ``after`` on."""
    goal = table.c.state["goal"]
    query = select(
        table.c.id,
        table.c.code.label("municipality_code"),
        table.c.owner,
        table.c.status,
        table.c.stage,
        table.c.next_action_on,
        table.c.policy_area,
        goal["amount"].as_integer().label("amount"),
        cast(goal["wanted_start"].astext, Date).label("wanted_start"),
        goal["description"].astext.label("description"),
        table.c.state["route"]["id"].astext.label("route_id"),
        table.c.updated_at,
    )
    query = query.where(*matching(table, **asdict(wanted)))
    if after is not None:
        query = query.where(table.c.id > after)
    rows = await connection.execute(query.order_by(table.c.id).limit(limit))
    return [ListedPursuit(**row) for row in rows.mappings()]


async def list_open(connection: AsyncConnection, owner: str, limit: int) -> list[StoredPursuit]:
    """Return the first ``limit`` pursuits of an owner that have not ended, by id."""
    rows = await connection.execute(
        select(table.c.state, table.c.created_at, table.c.updated_at)
        .where(table.c.owner == owner, table.c.status != Status.ENDED.value)
        .order_by(table.c.id)
        .limit(limit)
    )
    return [
        StoredPursuit(_state.validate_python(row.state), row.created_at, row.updated_at)
        for row in rows
    ]
