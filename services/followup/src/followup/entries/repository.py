"""Decisions on entries, as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kakehashi_common.db import RawConnection
from kakehashi_common.lead_merges.repository import is_of_person


@dataclass(frozen=True, slots=True)
class EntryDecision:
    """Whether a contact entered a playbook for one reason or behaviour, and why not."""

    trigger_id: str
    lead_id: str
    playbook_id: str
    playbook_version: int
    sequence_id: str | None
    """``None``: they did not enter."""
    why_ja: str
    """The reason against it; empty if they entered."""
    why_en: str
    decided_at: datetime


async def save(connection: RawConnection, decisions: Sequence[EntryDecision]) -> None:
    """Keep decisions; one by which a contact entered stays as it is."""
    await connection.executemany(
        "insert into entry_decision (trigger_id, lead_id, playbook_id, playbook_version, "
        "sequence_id, why_ja, why_en, decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8) "
        "on conflict (trigger_id, lead_id, playbook_id) do update "
        "set playbook_version = excluded.playbook_version, sequence_id = excluded.sequence_id, "
        "why_ja = excluded.why_ja, why_en = excluded.why_en, decided_at = excluded.decided_at "
        "where entry_decision.sequence_id is null and (entry_decision.playbook_version, "
        "entry_decision.why_en, excluded.sequence_id) is distinct from "
        "(excluded.playbook_version, excluded.why_en, null)",
        [
            (
                each.trigger_id,
                each.lead_id,
                each.playbook_id,
                each.playbook_version,
                each.sequence_id,
                each.why_ja,
                each.why_en,
                each.decided_at,
            )
            for each in decisions
        ],
    )


async def entered(connection: RawConnection, trigger_id: str) -> frozenset[tuple[str, str]]:
    """Return who entered for a reason or behaviour, by the ids that stay, with the playbook."""
    rows = await connection.fetch(
        "select coalesce(survivor, lead_id) as lead_id, playbook_id from entry_decision "
        "left join merged_lead using (lead_id) where trigger_id = $1 and sequence_id is not null",
        trigger_id,
    )
    return frozenset((row["lead_id"], row["playbook_id"]) for row in rows)


async def of_lead(connection: RawConnection, lead_id: str, limit: int) -> list[EntryDecision]:
    """Return the decisions on a contact, the newest first."""
    rows = await connection.fetch(
        "select trigger_id, lead_id, playbook_id, playbook_version, sequence_id, why_ja, why_en, "  # noqa: S608 - our own names
        f"decided_at from entry_decision where {is_of_person('lead_id')} "
        "order by decided_at desc, playbook_id, trigger_id limit $2",
        lead_id,
        limit,
    )
    return [EntryDecision(*row) for row in rows]


async def claim_to_decide_again(
    connection: RawConnection, now: datetime, today: date, lease: datetime, limit: int
) -> tuple[list[str], int]:
    """Return contacts on whom reasons of today are to be decided again, and how many were found.

    Others are kept from them until ``lease``. Those whom no reason of today concerns are done with.
    """
    rows = await connection.fetch(
        "with due as (select lead_id from lead where decide_at <= $1 "
        "order by decide_at limit $4 for update skip locked) "
        "update lead set decide_at = case when exists (select from reason "
        "where reason.lead_id = lead.lead_id and set_aside is null "
        "and $2 between good_from and good_until) or exists (select from reason "
        "join lead_field place on place.lead_id = lead.lead_id "
        "and place.name = 'municipality_code' and place.value = reason.municipality_code "
        "where reason.lead_id is null and set_aside is null "
        "and $2 between good_from and good_until) then $3::timestamptz end "
        "from due where lead.lead_id = due.lead_id returning lead.lead_id, decide_at is not null",
        now,
        today,
        lease,
        limit,
    )
    return [lead_id for lead_id, concerned in rows if concerned], len(rows)


async def mark_decided_again(connection: RawConnection, lead_id: str, lease: datetime) -> None:
    """Record that it was done, unless the contact has changed since."""
    await connection.execute(
        "update lead set decide_at = null where lead_id = $1 and decide_at = $2", lead_id, lease
    )
