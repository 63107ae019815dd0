"""Assignments and the ledgers of rotations, as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Text, case, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.assignment.choice import Assignment, Basis, Considered, NobodyEligible
from handoff.domain.assignment.eligibility import Demand
from handoff.domain.assignment.ledger import Ledger
from handoff.domain.assignment.replay import PastAssignment
from handoff.domain.handoff.terms import Outcome
from handoff.domain.teams.members import Role
from handoff.teams import repository as teams
from handoff.teams.places import place_of
from kakehashi_common.errors import NotFoundError

NO_TEAM: Final = "-"
"""Stands for the team in the rotation of handoffs that lie in nobody's territory. No team can have
this id."""

_ONE_AT_A_TIME: Final = text("select pg_advisory_xact_lock(hashtext('handoff/assignment'))")
"""A member may be in the rotations of several teams and roles, and has one capacity in all."""

_demand: Final = TypeAdapter(Demand)
_considered: Final = TypeAdapter(tuple[Considered, ...])
_ledger: Final = TypeAdapter(Ledger)


@dataclass(frozen=True, slots=True)
class StoredAssignment:
    """One assignment of one handoff: what was asked for, and what it came to."""

    handoff_id: str
    attempt: int
    wanted_at: datetime
    """When the handoff asked for it; it asks again with the same number while nobody is eligible.
    """
    at: datetime
    demand: Demand
    found: Assignment | NobodyEligible
    released: bool = False
    """Whether it was taken back, since the handoff no longer wanted it."""

    @property
    def rotation(self) -> tuple[str, Role]:
        """The team and the role whose ledger it is charged to."""
        return rotation_of(self.demand)


def rotation_of(demand: Demand) -> tuple[str, Role]:
    """Return the team and the role whose ledger decides about a demand."""
    return demand.team_id or NO_TEAM, demand.role


async def lock(connection: AsyncConnection, handoff_id: str) -> None:
    """Let nobody else assign anything, or change teams, until the transaction ends.

    The handoff's row goes first, since whoever records a handoff holds it already.

    Raises:
        NotFoundError: there is no such handoff; it is recorded before it is assigned.
    """
    row = select(tables.handoff.c.handoff_id).where(tables.handoff.c.handoff_id == handoff_id)
    if (await connection.execute(row.with_for_update(key_share=True))).one_or_none() is None:
        raise NotFoundError(f"there is no handoff {handoff_id}", field="handoff_id")
    await teams.lock(connection, shared=True)
    await connection.execute(_ONE_AT_A_TIME)


async def is_handoff(connection: AsyncConnection, handoff_id: str) -> bool:
    """Whether there is such a handoff."""
    query = select(tables.handoff.c.handoff_id).where(tables.handoff.c.handoff_id == handoff_id)
    return (await connection.execute(query)).one_or_none() is not None


async def find(
    connection: AsyncConnection, handoff_id: str, attempt: int
) -> StoredAssignment | None:
    """Return one assignment."""
    its = tables.assignment.c
    query = select(tables.assignment).where(its.handoff_id == handoff_id, its.attempt == attempt)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _stored(row)


async def list_assignments(connection: AsyncConnection, handoff_id: str) -> list[StoredAssignment]:
    """Return the assignments of a handoff, the first one first."""
    its = tables.assignment.c
    query = select(tables.assignment).where(its.handoff_id == handoff_id).order_by(its.attempt)
    return [_stored(row) for row in await connection.execute(query)]


async def last_assignments(connection: AsyncConnection, last: int) -> list[Row[Any]]:
    """Return the last assignments that were not taken back, to be read in a thread.

    Each with its place, and with when whoever got it no longer carried it: the next one was
    wanted, the handoff ended, or it rests.
    """
    its, of_handoff = tables.assignment.c, tables.handoff.c
    next_wanted = func.lead(its.wanted_at).over(partition_by=its.handoff_id, order_by=its.attempt)
    rests = case((of_handoff.carried_by.is_(None), of_handoff.updated_at))
    query = (
        select(
            its.handoff_id,
            its.at,
            its.demand.cast(Text).label("demand"),
            its.member_id,
            its.basis,
            its.considered.cast(Text).label("considered"),
            of_handoff.municipality_code,
            of_handoff.policy_area,
            func.coalesce(next_wanted, of_handoff.ended_at, rests).label("carried_until"),
        )
        .join(tables.handoff, of_handoff.handoff_id == its.handoff_id)
        .where(~its.released)
        .order_by(its.at.desc(), its.handoff_id.desc(), its.attempt.desc())
        .limit(last)
    )
    return list(await connection.execute(query))


def past_assignments(rows: Sequence[Row[Any]]) -> list[PastAssignment]:
    """Read :func:`last_assignments`, and return the oldest one first."""
    return [
        PastAssignment(
            row.handoff_id,
            place_of(row.municipality_code, row.policy_area),
            row.at,
            _demand.validate_json(row.demand),
            _found(row.member_id, row.basis, _considered.validate_json(row.considered)),
            row.carried_until,
        )
        for row in reversed(rows)
    ]


async def put(connection: AsyncConnection, new: StoredAssignment) -> None:
    """Store an assignment; one that found nobody is replaced when it is tried again."""
    found = new.found
    chosen = found if isinstance(found, Assignment) else None
    values = {
        "wanted_at": new.wanted_at,
        "at": new.at,
        "demand": _demand.dump_python(new.demand, mode="json"),
        "member_id": chosen and chosen.member_id,
        "basis": chosen and chosen.basis,
        "considered": _considered.dump_python(found.considered, mode="json"),
        "released": new.released,
    }
    keys = {"handoff_id": new.handoff_id, "attempt": new.attempt}
    await connection.execute(
        insert(tables.assignment)
        .values(keys | values)
        .on_conflict_do_update(index_elements=list(keys), set_=values)
    )


async def carry(connection: AsyncConnection, handoff_id: str, member_id: str | None) -> None:
    """Say whose capacity a handoff takes up."""
    its = tables.handoff.c
    await connection.execute(
        update(tables.handoff).where(its.handoff_id == handoff_id).values(carried_by=member_id)
    )


async def put_down(
    connection: AsyncConnection, handoff_id: str, member_id: str, attempt: int
) -> None:
    """Free the member's capacity from an assignment that was taken back.

    Unless the member has the handoff for another reason: a person gave it to them, or a later
    assignment did.
    """
    its, later = tables.handoff.c, tables.assignment.c
    assigned_later = exists().where(
        later.handoff_id == handoff_id, later.attempt > attempt, later.member_id == member_id
    )
    await connection.execute(
        update(tables.handoff)
        .where(
            its.handoff_id == handoff_id,
            its.carried_by == member_id,
            its.owner.is_distinct_from(member_id),
            ~assigned_later,
        )
        .values(carried_by=None)
    )


async def load(connection: AsyncConnection, *, without: str) -> dict[str, int]:
    """Return the complexity that each member carries, but for one handoff."""
    its = tables.handoff.c
    query = (
        select(its.carried_by, func.sum(its.complexity))
        .where(its.carried_by.is_not(None), its.handoff_id != without)
        .group_by(its.carried_by)
    )
    return {member: int(complexity) for member, complexity in await connection.execute(query)}


async def related(
    connection: AsyncConnection, municipality_code: str | None, *, without: str
) -> set[str]:
    """Return who has, or has won, another handoff of that municipality."""
    if municipality_code is None:
        return set()
    its = tables.handoff.c
    query = (
        select(its.owner)
        .distinct()
        .where(
            its.municipality_code == municipality_code,
            its.handoff_id != without,
            its.owner.is_not(None),
            or_(its.is_open, its.outcome == Outcome.WON),
        )
    )
    return set((await connection.execute(query)).scalars())


async def ledger(connection: AsyncConnection, rotation: tuple[str, Role]) -> Ledger:
    """Return the ledger of a rotation; a new one where nothing was assigned yet."""
    query = select(tables.rotation.c.ledger).where(_is(rotation))
    stored = (await connection.execute(query)).scalar_one_or_none()
    return Ledger() if stored is None else _ledger.validate_python(stored)


async def put_ledger(connection: AsyncConnection, rotation: tuple[str, Role], new: Ledger) -> None:
    """Store the ledger of a rotation."""
    team_id, role = rotation
    stored = _ledger.dump_python(new, mode="json")
    await connection.execute(
        insert(tables.rotation)
        .values(team_id=team_id, role=role, ledger=stored)
        .on_conflict_do_update(index_elements=["team_id", "role"], set_={"ledger": stored})
    )


def _is(rotation: tuple[str, Role]) -> ColumnElement[bool]:
    team_id, role = rotation
    return (tables.rotation.c.team_id == team_id) & (tables.rotation.c.role == role)


def _stored(row: Row[Any]) -> StoredAssignment:
    return StoredAssignment(
        row.handoff_id,
        row.attempt,
        row.wanted_at,
        row.at,
        _demand.validate_python(row.demand),
        _found(row.member_id, row.basis, _considered.validate_python(row.considered)),
        row.released,
    )


def _found(
    member_id: str | None, basis: str, considered: tuple[Considered, ...]
) -> Assignment | NobodyEligible:
    if member_id is None:
        return NobodyEligible(considered)
    return Assignment(member_id, Basis(basis), considered)
