"""SQL for the send policy's decisions on the mails of steps."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.tables import merged_lead
from followup.tables import send_decision as table
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.texts import Text
from kakehashi_common.lead_merges.repository import of_person


class Stage(StrEnum):
    """The stage at which the policy was asked."""

    PLANNING = "planning"
    SENDING = "sending"
    """In the transaction that records that the mail goes."""


@dataclass(frozen=True, slots=True)
class SendDecision:
    """A decision of the policy on the mail of a step.

    Args:
        attempt: the number of the sequence's work.
        lead_id: the recipient's.
        reason: why it was refused; ``None``: it was allowed.
        goes_at: when it goes, or is tried again; ``None``: never.
        text: why; holds no personal data.
    """

    sequence_id: str
    attempt: int
    stage: Stage
    step_id: str
    lead_id: str
    decided_at: datetime
    reason: str | None
    goes_at: datetime | None
    text: Text


async def put(connection: RawConnection, decision: SendDecision) -> None:
    """Store a decision, in place of an earlier one on the same attempt."""
    await connection.execute(
        "insert into send_decision (sequence_id, attempt, stage, step_id, lead_id, decided_at, "
        "reason, goes_at, text_ja, text_en) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
        "on conflict (sequence_id, attempt, stage) do update set step_id = excluded.step_id, "
        "lead_id = excluded.lead_id, decided_at = excluded.decided_at, reason = excluded.reason, "
        "goes_at = excluded.goes_at, text_ja = excluded.text_ja, text_en = excluded.text_en",
        decision.sequence_id,
        decision.attempt,
        decision.stage,
        decision.step_id,
        decision.lead_id,
        decision.decided_at,
        decision.reason,
        decision.goes_at,
        decision.text.ja,
        decision.text.en,
    )


async def allowed_at(
    connection: RawConnection, sequence_id: str, step_id: str, since: datetime
) -> list[datetime]:
    """Return when the mail of a step was allowed to go at once, from an instant on."""
    rows = await connection.fetch(
        "select decided_at from send_decision where sequence_id = $1 and step_id = $2 "
        "and stage = $3 and reason is null and decided_at >= $4",
        sequence_id,
        step_id,
        Stage.SENDING,
        since,
    )
    return [row["decided_at"] for row in rows]


async def newest(connection: AsyncConnection, lead_id: str, limit: int) -> list[SendDecision]:
    """Return the decisions on mails to a contact, under any of their ids, the newest first."""
    its = table.c
    rows = await connection.execute(
        select(table)
        .where(of_person(its.lead_id, merged_lead, lead_id))
        .order_by(its.decided_at.desc(), its.sequence_id, its.attempt.desc(), its.stage.desc())
        .limit(limit)
    )
    return [_decision(row) for row in rows]


def _decision(row: Any) -> SendDecision:
    return SendDecision(
        row.sequence_id,
        row.attempt,
        Stage(row.stage),
        row.step_id,
        row.lead_id,
        row.decided_at,
        row.reason,
        row.goes_at,
        Text(row.text_ja, row.text_en),
    )
