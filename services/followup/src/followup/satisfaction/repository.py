"""Answers to surveys as rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from followup.domain.measures.satisfaction import Satisfaction
from followup.domain.satisfaction import SurveyAnswer
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.satisfaction import SurveySubject

_SELECT: Final = (
    "select answer_id, about, score, municipality_code, lead_id, playbook_id, sequence_id, "
    "comment, owner, answered_at from survey_answer"
)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it was taken in."""

    answer_id: UUID
    """Of its event: equal however often it comes."""
    answer: SurveyAnswer
    answered_at: datetime


async def save(connection: RawConnection, answers: Sequence[StoredAnswer]) -> None:
    """Store answers; one that is stored stays as it is."""
    await connection.executemany(
        "insert into survey_answer (answer_id, about, score, municipality_code, lead_id, "
        "playbook_id, sequence_id, comment, owner, answered_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
        [
            (
                each.answer_id,
                each.answer.about,
                each.answer.score,
                each.answer.municipality_code,
                each.answer.lead_id,
                each.answer.playbook_id,
                each.answer.sequence_id,
                each.answer.comment,
                each.answer.owner,
                each.answered_at,
            )
            for each in answers
        ],
    )


async def playbooks_of(
    connection: RawConnection, sequence_ids: Collection[str]
) -> Mapping[str, str]:
    """Return the playbook of each of these sequences that there is."""
    rows = await connection.fetch(
        "select sequence_id, playbook_id from sequence where sequence_id = any($1::text[])",
        list(sequence_ids),
    )
    return {row["sequence_id"]: row["playbook_id"] for row in rows}


async def find(connection: RawConnection, answer_id: UUID) -> StoredAnswer | None:
    """Return one answer."""
    row = await connection.fetchrow(f"{_SELECT} where answer_id = $1", answer_id)
    return None if row is None else _stored(row)


async def list_answers(
    connection: RawConnection,
    *,
    municipality_code: str | None,
    lead_ids: Collection[str] | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[StoredAnswer]:
    """Return answers, the newest first; ``None`` matches all."""
    at, answer_id = after or (None, None)
    rows = await connection.fetch(
        f"{_SELECT} where ($1::text is null or municipality_code = $1) "
        "and ($2::text[] is null or lead_id = any($2)) "
        "and ($3::timestamptz is null or (answered_at, answer_id) < ($3, $4::uuid)) "
        "order by answered_at desc, answer_id desc limit $5",
        municipality_code,
        None if lead_ids is None else list(lead_ids),
        at,
        answer_id,
        limit,
    )
    return [_stored(row) for row in rows]


async def counted(
    connection: RawConnection, begins: datetime, ends: datetime, playbook_id: str | None
) -> Mapping[tuple[SurveySubject, str | None], Satisfaction]:
    """Return what was answered in a span of time, by subject and playbook.

    Args:
        connection: of any transaction.
        begins: the first instant.
        ends: the first instant behind it.
        playbook_id: only of this playbook.
    """
    rows = await connection.fetch(
        "select about, playbook_id, score, count(*) as n from survey_answer "
        "where answered_at >= $1 and answered_at < $2 "
        "and ($3::text is null or playbook_id = $3) group by about, playbook_id, score "
        "order by about, playbook_id, score",
        begins,
        ends,
        playbook_id,
    )
    found: dict[tuple[SurveySubject, str | None], dict[int, int]] = {}
    for about, playbook, score, n in rows:
        found.setdefault((SurveySubject(about), playbook), {})[score] = n
    return {key: Satisfaction(counts) for key, counts in found.items()}


async def move(connection: RawConnection, lead_id: str, survivor: str) -> None:
    """Take what a lead that has gone has answered as answered by the one that stays."""
    await connection.execute(
        "update survey_answer set lead_id = $2 where lead_id = $1", lead_id, survivor
    )


def _stored(row: Any) -> StoredAnswer:
    said = dict(row)
    answer_id, at = said.pop("answer_id"), said.pop("answered_at")
    return StoredAnswer(
        answer_id, SurveyAnswer(**{**said, "about": SurveySubject(said["about"])}), at
    )
