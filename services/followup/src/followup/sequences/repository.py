"""SQL for sequences, as their workflows record them, and for their facts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import Approval, MailStep
from followup.domain.sequences.facts import Fact
from followup.domain.sequences.state import SequenceState
from followup.domain.sequences.terms import PauseReason, Status
from followup.sequences.messages import RecordedDecision
from followup.tables import merged_lead
from followup.tables import sequence as table
from followup.tables import sequence_fact as facts_table
from kakehashi_common.db import RawConnection
from kakehashi_common.fact_log import FactLog
from kakehashi_common.filters import matching
from kakehashi_common.lead_merges.repository import is_of_person, of_person
from kakehashi_common.reads import Read, only_value

_state: Final = TypeAdapter(SequenceState)
FACTS: Final[FactLog[Fact]] = FactLog(facts_table, facts_table.c.sequence_id, TypeAdapter(Fact))
"""The facts of sequences."""

PlaybookVersions = Sequence[tuple[str, int]]
"""Ids of playbooks, each with a version."""

_ONE_OPEN: Final = ("uq_sequence_open", "uq_sequence_stands_for")


@dataclass(frozen=True, slots=True)
class StoredSequence:
    """One sequence as last recorded."""

    state: SequenceState
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SequenceFilter:
    """Selects sequences; ``None`` matches all."""

    lead_id: str | None = None
    municipality_code: str | None = None
    playbook_id: str | None = None
    status: str | None = None
    is_open: bool | None = None
    owner: str | None = None


async def put(
    connection: AsyncConnection, decision: RecordedDecision, playbook: Playbook | None = None
) -> bool | None:
    """Store a state unless a stored one is as new; return whether it was stored.

    ``None``: another sequence of the playbook is open for the contact, or for the municipality that
    this one stands for, and nothing was stored.

    Args:
        connection: of a transaction.
        decision: with the state.
        playbook: the sequence's; ``None``: it neither holds others nor is held.
    """
    state = decision.state
    values = _values(state) | {
        "updated_at": decision.at,
        "precedence": None if playbook is None else playbook.precedence,
        "mail_due_at": None if playbook is None else _mail_due_at(decision, playbook),
        "mail_planned_at": state.position.since,
    }
    statement = insert(table).values(sequence_id=state.sequence_id, **values)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.sequence_id],
        set_={name: statement.excluded[name] for name in values},
        where=table.c.version < statement.excluded.version,
    )
    try:
        async with connection.begin_nested():
            stored = await connection.scalar(statement.returning(table.c.sequence_id))
    except IntegrityError as error:
        if any(name in str(error.orig) for name in _ONE_OPEN):
            return None
        raise
    return stored is not None


def _mail_due_at(decision: RecordedDecision, playbook: Playbook) -> datetime | None:
    """Return when a mail goes that is planned or about to go; ``None``: none is."""
    state = decision.state
    step = None if state.step_id is None else playbook.step(state.step_id)
    if state.pause is not None or not isinstance(step, MailStep):
        return None
    if state.status is Status.SENDING:
        return decision.at
    ready = state.approved or step.approval is Approval.NONE
    return state.due_at if state.status is Status.SCHEDULED and ready else None


def _values(state: SequenceState) -> dict[str, Any]:
    return {
        "playbook_id": state.playbook_id,
        "playbook_version": state.playbook_version,
        "lead_id": state.lead_id,
        "trigger_id": state.trigger_id,
        "municipality_code": state.municipality_code,
        "stands_for": state.municipality_code if state.one_per_municipality else None,
        "version": state.version,
        "status": state.status.value,
        "is_open": not state.ended,
        "is_paused": state.pause is not None,
        "step_id": state.step_id,
        "due_at": state.due_at,
        "started_at": state.started_at,
        "ended_at": state.ended_at,
        "end_reason": state.end_reason,
        "state": _state.dump_python(state, mode="json"),
    }


async def add_facts(connection: AsyncConnection, decision: RecordedDecision) -> None:
    """Add the facts of a decision that was stored."""
    state = decision.state
    rows = [
        {
            "sequence_id": state.sequence_id,
            "version": state.version,
            "position": position,
            "kind": fact.kind,
            "at": fact.at,
            "recorded_at": decision.at,
            "fact": FACTS.dump(fact),
        }
        for position, fact in enumerate(decision.facts)
    ]
    if rows:
        await connection.execute(insert(facts_table).values(rows).on_conflict_do_nothing())


async def find(connection: AsyncConnection, sequence_id: str) -> StoredSequence | None:
    """Return one sequence, if it has been recorded."""
    row = (await connection.execute(_stored().where(table.c.sequence_id == sequence_id))).first()
    return None if row is None else _sequence(row)


async def locked(connection: RawConnection, sequence_id: str) -> SequenceState | None:
    """Return one sequence, which nobody else can record until the transaction ends."""
    found = await connection.fetchval(
        "select state::text from sequence where sequence_id = $1 for update", sequence_id
    )
    return None if found is None else _state.validate_json(found)


def is_held(sequence_id: str) -> Read[bool]:
    """Read whether a sequence's contact is in a playbook of a higher priority, too.

    Only playbooks that write count. Who records that one begins waits for the decisions to send to
    the contact that are under way.
    """
    return Read(
        "select exists (select from sequence low join sequence high using (lead_id) "
        "where low.sequence_id = $1 and high.is_open and high.precedence > low.precedence)",
        [sequence_id],
        only_value,
    )


async def out_of_turn(connection: RawConnection) -> list[tuple[str, bool]]:
    """Return the open sequences that have to be paused (``True``) or resumed, by id.

    One that is paused for another reason stays so, and is looked at again when it goes on.
    """
    rows = await connection.fetch(
        "select sequence_id, held from sequence low, lateral (select exists "
        "(select from sequence high where high.lead_id = low.lead_id and high.is_open "
        "and high.precedence > low.precedence) as held) found "
        "where is_open and precedence is not null and case when is_paused "
        "then not held and state -> 'pause' ->> 'reason' = $1 else held end order by sequence_id",
        PauseReason.HIGHER_PLAYBOOK,
    )
    return [(row["sequence_id"], row["held"]) for row in rows]


async def reasons_of(connection: RawConnection, sequence_ids: Collection[str]) -> dict[str, str]:
    """Return the slug of the reason or behaviour that began each of these sequences."""
    rows = await connection.fetch(
        "select sequence_id, state ->> 'reason' as reason from sequence "
        "where sequence_id = any($1::text[])",
        list(sequence_ids),
    )
    return {row["sequence_id"]: row["reason"] for row in rows}


async def open_of(connection: AsyncConnection, lead_id: str) -> list[SequenceState]:
    """Return the open sequences of a contact, by id."""
    query = _stored().where(table.c.lead_id == lead_id, table.c.is_open)
    rows = await connection.execute(query.order_by(table.c.sequence_id))
    return [_sequence(row).state for row in rows]


async def owned_by(connection: RawConnection, seller_id: str) -> list[str]:
    """Return the open sequences whose contacts a seller has, by id."""
    rows = await connection.fetch(
        "select sequence_id from sequence where is_open and state ->> 'owner' = $1 "
        "order by sequence_id",
        seller_id,
    )
    return [row["sequence_id"] for row in rows]


async def ids_of(connection: AsyncConnection, lead_id: str) -> list[str]:
    """Return all sequences of a contact, open or not."""
    found = await connection.scalars(
        select(table.c.sequence_id).where(table.c.lead_id == lead_id).order_by(table.c.sequence_id)
    )
    return list(found)


async def playbooks_under_way(
    connection: AsyncConnection, municipality_code: str
) -> PlaybookVersions:
    """Return the playbooks, with versions, that the open sequences of a municipality go by."""
    query = select(table.c.playbook_id, table.c.playbook_version).distinct()
    rows = await connection.execute(
        query.where(table.c.municipality_code == municipality_code, table.c.is_open)
    )
    return [(row.playbook_id, row.playbook_version) for row in rows]


async def open_in(
    connection: AsyncConnection,
    municipality_code: str,
    playbooks: PlaybookVersions,
    *,
    after: str,
    limit: int,
) -> list[SequenceState]:
    """Return the open sequences of a municipality that go by these playbooks, by id."""
    its_playbook = tuple_(table.c.playbook_id, table.c.playbook_version)
    query = _stored().where(
        table.c.municipality_code == municipality_code,
        table.c.is_open,
        its_playbook.in_(playbooks),
        table.c.sequence_id > after,
    )
    rows = await connection.execute(query.order_by(table.c.sequence_id).limit(limit))
    return [_sequence(row).state for row in rows]


async def last_start(
    connection: AsyncConnection, playbook_id: str, lead_id: str, municipality_code: str | None
) -> tuple[datetime | None, bool]:
    """Return when a contact last entered a playbook, and whether a sequence of it is open.

    Args:
        connection: of any transaction.
        playbook_id: of any version.
        lead_id: the contact, whose ids that have gone count, too.
        municipality_code: if given, of all its contacts.
    """
    whose = (
        of_person(table.c.lead_id, merged_lead, lead_id)
        if municipality_code is None
        else table.c.municipality_code == municipality_code
    )
    query = select(func.max(table.c.started_at), func.bool_or(table.c.is_open))
    row = (await connection.execute(query.where(whose, table.c.playbook_id == playbook_id))).one()
    return row[0], bool(row[1])


async def owner_of(connection: RawConnection, sequence_id: str) -> str | None:
    """Return the seller of a sequence."""
    found: str | None = await connection.fetchval(
        "select state ->> 'owner' from sequence where sequence_id = $1", sequence_id
    )
    return found


async def latest_owner(connection: RawConnection, lead_id: str) -> str | None:
    """Return the seller of a contact's latest sequence."""
    found: str | None = await connection.fetchval(
        f"select state ->> 'owner' from sequence where {is_of_person('lead_id')} "  # noqa: S608 - our own names
        "order by started_at desc limit 1",
        lead_id,
    )
    return found


async def list_sequences(
    connection: AsyncConnection, wanted: SequenceFilter, *, after: str | None, limit: int
) -> list[StoredSequence]:
    """Return sequences that match, by id, from the one behind ``after`` on."""
    query = _stored().where(
        *matching(
            table,
            municipality_code=wanted.municipality_code,
            playbook_id=wanted.playbook_id,
            status=wanted.status,
            is_open=wanted.is_open,
        )
    )
    if wanted.lead_id is not None:
        query = query.where(of_person(table.c.lead_id, merged_lead, wanted.lead_id))
    if wanted.owner is not None:
        query = query.where(table.c.state["owner"].astext == wanted.owner)
    if after is not None:
        query = query.where(table.c.sequence_id > after)
    rows = await connection.execute(query.order_by(table.c.sequence_id).limit(limit))
    return [_sequence(row) for row in rows]


def _stored() -> Select[Any]:
    return select(table.c.state, table.c.updated_at)


def _sequence(row: Any) -> StoredSequence:
    return StoredSequence(_state.validate_python(row.state), row.updated_at)
