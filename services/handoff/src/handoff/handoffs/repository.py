"""Handoffs as rows, as their workflows record them, and what has happened to them."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from handoff.domain.handoff.commands import Request
from handoff.domain.handoff.erasing import fact_without_texts, without_texts
from handoff.domain.handoff.facts import Fact
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import ACCEPTED_OR_LATER, OWNED, WAITING, Kind, Status
from handoff.handoffs.messages import RecordedDecision
from handoff.tables import handoff as table
from handoff.tables import handoff_fact as facts_table
from handoff.tables import merged_lead, packet, packet_verdict
from kakehashi_common.db import RawConnection
from kakehashi_common.fact_log import FactLog
from kakehashi_common.filters import matching

_state: Final = TypeAdapter(HandoffState)
FACTS: Final[FactLog[Fact]] = FactLog(facts_table, facts_table.c.handoff_id, TypeAdapter(Fact))
"""The facts of handoffs."""

_ONE_OPEN: Final = "uq_handoff_open"


def _put(*kept: str) -> ReturningInsert[tuple[str]]:
    """Return the statement that stores a newer state; the columns ``kept`` stay as they are."""
    statement = insert(table)
    new = {each.name: each for each in statement.excluded if each.name not in {"handoff_id", *kept}}
    return statement.on_conflict_do_update(
        index_elements=[table.c.handoff_id],
        set_=new,
        where=table.c.version < statement.excluded.version,
    ).returning(table.c.handoff_id)


# Statements that each step executes are built once.
_PUT: Final = _put()
_PUT_WAITING: Final = _put("carried_by")
"""The assignment sets that column, perhaps before the handoff is notified."""
_ADD_FACTS: Final = insert(facts_table).on_conflict_do_nothing()


class OpenElsewhereError(Exception):
    """Another handoff of the lead and kind is open."""


@dataclass(frozen=True, slots=True)
class DueWake:
    """A recycled handoff, and the budget phase that wakes it."""

    handoff_id: str
    phase: str
    began_on: date
    by: str
    """The publisher of the budget phase."""


@dataclass(frozen=True, slots=True)
class StoredHandoff:
    """One handoff as last recorded."""

    state: HandoffState
    next_due_at: datetime | None
    """When the first of its running clocks is due."""
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class HandoffFilter:
    """Selects handoffs; ``None`` matches all."""

    lead_id: str | None = None
    municipality_code: str | None = None
    owner: str | None = None
    status: str | None = None
    is_open: bool | None = None


async def put(
    connection: AsyncConnection, decision: RecordedDecision, *, next_due_at: datetime | None
) -> bool:
    """Store a state unless a stored one is as new; return whether it was stored.

    Raises:
        OpenElsewhereError: the transaction can only be rolled back.
    """
    state = decision.state
    values = _values(state) | {"next_due_at": next_due_at, "updated_at": decision.at}
    statement = _PUT_WAITING if state.status in WAITING else _PUT
    try:
        stored = await connection.scalar(statement, values)
    except IntegrityError as error:
        if _ONE_OPEN in str(error.orig):
            raise OpenElsewhereError from error
        raise
    return stored is not None


async def put_due(
    connection: AsyncConnection, handoff_id: str, next_due_at: datetime | None
) -> None:
    """Store when the first running clock of a handoff is due by the hours that hold now."""
    await connection.execute(
        update(table).where(table.c.handoff_id == handoff_id).values(next_due_at=next_due_at)
    )


def _values(state: HandoffState) -> dict[str, Any]:
    return {
        "handoff_id": state.handoff_id,
        "lead_id": state.lead_id,
        "from_role": state.kind.from_role.value,
        "to_role": state.kind.to_role.value,
        "version": state.version,
        "status": state.status.value,
        "is_open": not state.ended,
        "municipality_code": state.municipality_code,
        "policy_area": state.policy_area,
        "grade": state.grade,
        "complexity": state.complexity,
        "sender": state.sender,
        "owner": state.owner,
        "carried_by": state.owner if state.status in OWNED else None,
        "requested_at": state.requested_at,
        "ended_at": state.ended_at,
        "outcome": None if state.outcome is None else state.outcome.value,
        "deal_id": state.deal_id,
        "state": _state.dump_python(state, mode="json"),
    }


async def add_facts(connection: AsyncConnection, decision: RecordedDecision) -> None:
    """Add the facts of a decision that was stored."""
    state = decision.state
    rows = [
        {
            "handoff_id": state.handoff_id,
            "version": state.version,
            "position": position,
            "kind": fact.kind,
            "at": fact.at,
            "recorded_at": decision.at,
            "round": state.round,
            "owner": state.owner,
            "fact": FACTS.dump(fact),
        }
        for position, fact in decision.facts
    ]
    if rows:
        await connection.execute(_ADD_FACTS, rows)


async def find(connection: AsyncConnection, handoff_id: str) -> StoredHandoff | None:
    """Return one handoff, if it has been recorded."""
    row = (await connection.execute(_stored().where(table.c.handoff_id == handoff_id))).first()
    return None if row is None else _handoff(row)


async def open_of_kind(
    connection: AsyncConnection, lead_ids: Collection[str], kind: Kind
) -> tuple[str, str] | None:
    """Return the open handoff of that kind of a lead with any of these ids, and the lead's id."""
    rows = await connection.execute(
        select(table.c.handoff_id, table.c.lead_id)
        .where(
            table.c.lead_id.in_(lead_ids),
            table.c.from_role == kind.from_role.value,
            table.c.to_role == kind.to_role.value,
            table.c.is_open,
        )
        .order_by(table.c.handoff_id)
        .limit(1)
    )
    found = rows.first()
    return None if found is None else (found.handoff_id, found.lead_id)


async def doubled_by_merges(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Return open handoffs that nobody has accepted, each with the one of its person that goes on.

    Of one person and kind that is the one that was accepted, else assigned, else requested first.
    """
    person = func.coalesce(merged_lead.c.survivor, table.c.lead_id)
    merged = (
        select(merged_lead.c.survivor)
        .join(table, table.c.lead_id == merged_lead.c.lead_id)
        .where(table.c.is_open)
    )
    goes_on = func.first_value(table.c.handoff_id).over(
        partition_by=(person, table.c.from_role, table.c.to_role),
        order_by=(
            table.c.status.not_in(ACCEPTED_OR_LATER),
            table.c.status != Status.ASSIGNED.value,
            table.c.requested_at,
            table.c.handoff_id,
        ),
    )
    handoffs = (
        select(table.c.handoff_id, table.c.status, goes_on.label("goes_on"))
        .outerjoin(merged_lead, merged_lead.c.lead_id == table.c.lead_id)
        .where(table.c.is_open, person.in_(merged))
        .subquery()
    )
    rows = await connection.execute(
        select(handoffs.c.handoff_id, handoffs.c.goes_on)
        .where(
            handoffs.c.handoff_id != handoffs.c.goes_on, handoffs.c.status.not_in(ACCEPTED_OR_LATER)
        )
        .order_by(handoffs.c.handoff_id)
    )
    return [(row.handoff_id, row.goes_on) for row in rows]


async def of_lead(connection: AsyncConnection, lead_id: str) -> list[HandoffState]:
    """Return all handoffs of a lead, open or not, by id."""
    query = _stored().where(table.c.lead_id == lead_id).order_by(table.c.handoff_id)
    return [_handoff(row).state for row in await connection.execute(query)]


async def erase_texts(connection: AsyncConnection, lead_id: str) -> None:
    """Erase the texts that people wrote into the handoffs of a lead and into their packets."""
    for state in await of_lead(connection, lead_id):
        its_id = state.handoff_id
        await connection.execute(
            update(table)
            .where(table.c.handoff_id == its_id)
            .values(state=_state.dump_python(without_texts(state), mode="json"))
        )
        for stored in await FACTS.list_facts(connection, its_id):
            fact = fact_without_texts(stored.fact)
            await connection.execute(
                update(facts_table)
                .where(
                    facts_table.c.handoff_id == its_id,
                    facts_table.c.version == stored.version,
                    facts_table.c.position == stored.position,
                )
                .values(fact=FACTS.dump(fact))
            )
        for written in (packet, packet_verdict):
            await connection.execute(delete(written).where(written.c.handoff_id == its_id))


async def of_request(
    connection: AsyncConnection, request: Request, lead_ids: Collection[str]
) -> StoredHandoff | None:
    """Return the handoff that the same request began or joined before; an open one goes first.

    Args:
        connection: of any transaction.
        request: the request.
        lead_ids: all ids of its lead.
    """
    kind, its = request.kind, table.c
    same = its.handoff_id == request.handoff_id
    if request.qualification_id is not None:
        same |= (
            its.lead_id.in_(lead_ids)
            & (its.from_role == kind.from_role.value)
            & (its.to_role == kind.to_role.value)
            & its.state["qualifications"].contains([request.qualification_id])
        )
    query = _stored().where(same).order_by(its.is_open.desc()).limit(1)
    row = (await connection.execute(query)).first()
    return None if row is None else _handoff(row)


async def list_handoffs(
    connection: AsyncConnection, wanted: HandoffFilter, *, after: str | None, limit: int
) -> list[StoredHandoff]:
    """Return handoffs that match, by id, from the one behind ``after`` on."""
    query = _stored().where(*matching(table, **asdict(wanted)))
    if after is not None:
        query = query.where(table.c.handoff_id > after)
    rows = await connection.execute(query.order_by(table.c.handoff_id).limit(limit))
    return [_handoff(row) for row in rows]


async def save_wakes(
    connection: RawConnection, municipality_code: str, phase: str, began_on: date, *, by: str
) -> None:
    """Store that a budget phase is to wake a municipality's handoffs that rest until it."""
    await connection.execute(
        "insert into phase_wake (handoff_id, phase, began_on, said_by) "
        "select handoff_id, $2::text, $3, $4 from handoff where municipality_code = $1 "
        "and status = 'recycled' and state -> 'recycle' ->> 'phase' = $2 "
        "on conflict (handoff_id) do update set phase = excluded.phase, "
        "began_on = excluded.began_on, said_by = excluded.said_by, look_at = excluded.look_at",
        municipality_code,
        phase,
        began_on,
        by,
    )


async def claim_wakes(connection: RawConnection, lease: timedelta, limit: int) -> list[DueWake]:
    """Return handoffs that are due to wake, the longest due first; again after the lease."""
    rows = await connection.fetch(
        "update phase_wake set look_at = now() + $1 where handoff_id in "
        "(select handoff_id from phase_wake where look_at <= now() "
        "order by look_at limit $2 for update skip locked) "
        "returning handoff_id, phase, began_on, said_by",
        lease,
        limit,
    )
    return [DueWake(*row) for row in rows]


async def delete_wake(connection: RawConnection, woken: DueWake) -> None:
    """Delete what was passed on, unless another phase has begun since."""
    await connection.execute(
        "delete from phase_wake where handoff_id = $1 and (phase, began_on) = ($2, $3)",
        woken.handoff_id,
        woken.phase,
        woken.began_on,
    )


async def open_ids(connection: AsyncConnection) -> list[str]:
    """Return the ids of open handoffs."""
    query = select(table.c.handoff_id).where(table.c.is_open).order_by(table.c.handoff_id)
    return list(await connection.scalars(query))


def _stored() -> Select[Any]:
    return select(table.c.state, table.c.next_due_at, table.c.updated_at)


def _handoff(row: Any) -> StoredHandoff:
    return StoredHandoff(_state.validate_python(row.state), row.next_due_at, row.updated_at)
