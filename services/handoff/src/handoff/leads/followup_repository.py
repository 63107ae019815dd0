"""Follow-ups of leads as rows: what was sent, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from handoff.domain.lead import Followup
from kakehashi_common.db import RawConnection

FOLLOWUPS_KEPT: Final = 50
"""Of a lead, the newest."""


@dataclass(frozen=True, slots=True)
class FollowupSaid:
    """A follow-up, and what tells it from others of the lead at the same time."""

    lead_id: str
    reference: str
    """The Message-ID of a mail; nothing of what the contact did, which every sequence reports."""
    followup: Followup


async def save_followups(connection: RawConnection, said: Iterable[FollowupSaid]) -> None:
    """Keep the newest :data:`FOLLOWUPS_KEPT` of each lead; the leads are stored already."""
    rows = list(said)
    await connection.executemany(
        "insert into lead_followup (lead_id, at, kind, reference, playbook_id, step_id, source) "
        "values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        [
            (
                each.lead_id,
                each.followup.at,
                each.followup.kind,
                each.reference,
                each.followup.playbook_id,
                each.followup.step_id,
                each.followup.source,
            )
            for each in rows
        ],
    )
    await connection.execute(
        "delete from lead_followup using (select lead_id, at, kind, reference, row_number() over "
        "(partition by lead_id order by at desc, kind, reference) as number from lead_followup "
        "where lead_id = any($1::text[])) as ranked where ranked.number > $2 "
        "and (lead_followup.lead_id, lead_followup.at, lead_followup.kind, "
        "lead_followup.reference) = (ranked.lead_id, ranked.at, ranked.kind, ranked.reference)",
        sorted({each.lead_id for each in rows}),
        FOLLOWUPS_KEPT,
    )


async def followups_of(connection: RawConnection, lead_id: str) -> list[Followup]:
    """Return the follow-ups of a lead, the newest first."""
    rows = await connection.fetch(
        "select kind, at, playbook_id, step_id, source from lead_followup where lead_id = $1 "
        "order by at desc, kind, reference",
        lead_id,
    )
    return [Followup(*row) for row in rows]
