"""SQL for agreements of proofs of concept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.domain.playbooks.proof_of_concept import ProofOfConcept
from followup.tables import proof_of_concept as table
from followup.tables import sequence
from kakehashi_common.filters import matching

_agreed: Final = TypeAdapter(ProofOfConcept)


@dataclass(frozen=True, slots=True)
class StoredProof:
    """The agreement with a municipality, for one sequence."""

    sequence_id: str
    lead_id: str
    municipality_code: str | None
    agreed: ProofOfConcept
    agreed_by: str
    agreed_at: datetime


async def put(
    connection: AsyncConnection, sequence_id: str, agreed: ProofOfConcept, by: str, at: datetime
) -> None:
    """Store an agreement in place of an earlier one."""
    values = {
        "agreed": _agreed.dump_python(agreed, mode="json")
        | {"participants": sorted(agreed.participants)},
        "agreed_by": by,
        "agreed_at": at,
    }
    statement = insert(table).values(sequence_id=sequence_id, **values)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=[table.c.sequence_id], set_=values)
    )


async def find(connection: AsyncConnection, sequence_id: str) -> StoredProof | None:
    """Return the agreement of a sequence."""
    row = (await connection.execute(_stored().where(table.c.sequence_id == sequence_id))).first()
    return None if row is None else _proof(row)


async def list_proofs(
    connection: AsyncConnection,
    *,
    lead_id: str | None,
    municipality_code: str | None,
    after: str | None,
    limit: int,
) -> list[StoredProof]:
    """Return the proofs of a contact or municipality, by sequence; ``None`` matches all."""
    query = _stored().where(
        *matching(sequence, lead_id=lead_id, municipality_code=municipality_code)
    )
    if after is not None:
        query = query.where(table.c.sequence_id > after)
    rows = await connection.execute(query.order_by(table.c.sequence_id).limit(limit))
    return [_proof(row) for row in rows]


def _stored() -> Select[Any]:
    return select(
        table.c.sequence_id,
        sequence.c.lead_id,
        sequence.c.municipality_code,
        table.c.agreed,
        table.c.agreed_by,
        table.c.agreed_at,
    ).join(sequence, sequence.c.sequence_id == table.c.sequence_id)


def _proof(row: Any) -> StoredProof:
    return StoredProof(
        row.sequence_id,
        row.lead_id,
        row.municipality_code,
        _agreed.validate_python(row.agreed),
        row.agreed_by,
        row.agreed_at,
    )
