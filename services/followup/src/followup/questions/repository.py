"""Questions as rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from kakehashi_common.db import RawConnection


@dataclass(frozen=True, slots=True)
class Question:
    """A question that a person is to answer, or has answered."""

    question_id: UUID
    lead_id: str | None
    """The lead who asks; ``None``: not stated."""
    municipality_code: str | None
    text: str
    owner: str | None
    """The seller who answers; ``None``: anybody."""
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None = None
    answered_by: str | None = None


_NAMES: Final = ", ".join(Question.__slots__)


async def add(connection: RawConnection, question: Question) -> Question:
    """Add a question, and return it; one that is open already is left as it is."""
    row = await connection.fetchrow(
        f"insert into question as known ({_NAMES}) values ($1, $2, $3, $4, $5, $6, $7, null, null) "  # noqa: S608 - our own columns
        "on conflict (question_id) do update set owner = excluded.owner, "
        "asked_at = excluded.asked_at, due_at = excluded.due_at, answered_at = null, "
        f"answered_by = null where known.answered_at is not null returning {_NAMES}",
        question.question_id,
        question.lead_id,
        question.municipality_code,
        question.text,
        question.owner,
        question.asked_at,
        question.due_at,
    )
    if row is not None:
        return _question(row)
    return await find(connection, question.question_id) or question


async def find(connection: RawConnection, question_id: UUID) -> Question | None:
    """Return a question."""
    row = await connection.fetchrow(
        f"select {_NAMES} from question where question_id = $1",  # noqa: S608 - our own columns
        question_id,
    )
    return None if row is None else _question(row)


async def answered(
    connection: RawConnection, question_id: UUID, by: str, at: datetime
) -> Question | None:
    """Note that a question was answered, the first time; ``None``: there is none."""
    await connection.execute(
        "update question set answered_at = $3, answered_by = $2 "
        "where question_id = $1 and answered_at is null",
        question_id,
        by,
        at,
    )
    return await find(connection, question_id)


async def open_questions(
    connection: RawConnection,
    owner: str | None,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Question]:
    """Return open questions, by due time.

    Of a seller those, too, that are anybody's: nobody's, or of a seller who has left.
    """
    at, question_id = (None, None) if after is None else after
    rows = await connection.fetch(
        f"select {_NAMES} from question where answered_at is null "  # noqa: S608 - our own columns
        "and ($1::text is null or owner = $1 "
        "or not exists (select from seller where seller_id = owner and active)) "
        "and ($2::timestamptz is null or (due_at, question_id) > ($2, $3::uuid)) "
        "order by due_at, question_id limit $4",
        owner,
        at,
        question_id,
        limit,
    )
    return [_question(row) for row in rows]


def _question(row: Any) -> Question:
    return Question(**dict(row))
