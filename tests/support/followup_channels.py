"""A playbook that leaves the channel of a step open, and contacts of before to learn it from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kakehashi_common.db import Database
from kakehashi_common.domain.business_time import JAPAN

PLAYBOOK: Final = """
id: second
name: 二度目のご連絡
description: メールか電話か手紙で一度だけ連絡する。
audience: {roles: [officer, manager]}
entry: {reasons: [new_contact]}
priority: 30
goal: {occurrences: [meeting_booked]}
templates:
  second:
    kind: mail
    variants:
      - subject: "その後のご検討について（{{ sender_company }}）"
        body: |
          {{ addressee }}

          {{ sender_company }}の{{ sender_name }}です。

          {{ signature }}
steps:
  - id: second
    kind: best_channel
    channels:
      - {id: second_mail, kind: mail, template: second, approval: none}
      - {id: second_call, kind: call_task, title: お電話}
      - {id: second_letter, kind: letter_task, title: お手紙}
  - {id: rest, kind: wait, business_days: 5}
"""
A_MONDAY_OF_OCTOBER: Final = datetime(2026, 10, 19, 10, tzinfo=JAPAN)


async def mails_before(
    database: Database,
    mails: int,
    answered: int,
    *,
    at: datetime = A_MONDAY_OF_OCTOBER,
    role: str = "officer",
) -> None:
    """Have mails for new contacts, of which the first were answered the next day."""
    async with database.raw_transaction() as connection:
        await connection.execute(
            "insert into mail_attempt (message_id, sequence_id, step_id, lead_id, role, occasion, "
            "state, claimed_at, answered_at) select gen_random_uuid()::text, 's', 'news', "
            "'mailed-' || n, $4, 'new_contact', 'accepted', $1, "
            "case when n <= $3 then $1::timestamptz + interval '1 day' end "
            "from generate_series(1, $2::int) n",
            at,
            mails,
            answered,
            role,
        )


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """Calls or letters of before, each to another contact."""

    count: int
    answered: int
    """The first of them."""
    kind: str = "call_task"
    status: str = "done"
    done_at: datetime = A_MONDAY_OF_OCTOBER
    answered_after: timedelta = timedelta()
    mailed_after: timedelta | None = None
    """When a mail followed each of them."""
    occurrence: str = "answered"
    role: str = "officer"
    reason: str = "new_contact"


async def tasks_before(database: Database, tasks: Tasks) -> None:
    """Have the tasks, with what is recorded of them."""
    series = "from generate_series(1, $1::int) n"
    name = f"'{tasks.kind}-{tasks.role}-{tasks.reason}-' || n"
    at = tasks.done_at
    async with database.raw_transaction() as connection:
        await connection.execute(f"insert into lead (lead_id) select {name} {series}", tasks.count)
        await connection.execute(
            "insert into lead_field (lead_id, name, value, at, event_key, source) "
            f"select {name}, 'role', $2, $3, gen_random_uuid(), 'tests' {series}",
            tasks.count,
            tasks.role,
            at,
        )
        await connection.execute(
            "insert into sequence (sequence_id, playbook_id, playbook_version, lead_id, "
            "trigger_id, version, status, is_open, is_paused, started_at, state, updated_at) "
            f"select {name}, 'p', 1, {name}, 't', 1, 'completed', false, false, $2, "
            f"jsonb_build_object('reason', $3::text), $2 {series}",
            tasks.count,
            at,
            tasks.reason,
        )
        await connection.execute(
            "insert into task (task_id, sequence_id, step_id, kind, lead_id, title, text, fields, "
            f"status, opened_at, due_at, closed_at) select {name}, {name}, 'call', $2, {name}, "
            f"'', '', array[]::text[], $3, $4, $4, $4 {series}",
            tasks.count,
            tasks.kind,
            tasks.status,
            at,
        )
        happened = [
            ("task_completed", at, tasks.count),
            ("occurred", at + tasks.answered_after, tasks.answered),
        ]
        if tasks.mailed_after is not None:
            happened.append(("sent", at + tasks.mailed_after, tasks.count))
        for version, (kind, when, count) in enumerate(happened):
            await connection.execute(
                "insert into sequence_fact (sequence_id, version, position, kind, at, recorded_at, "
                f"fact) select {name}, $2::int, 0, $3, $4, $4, "
                f"jsonb_build_object('occurrence', $5::text) {series}",
                count,
                version,
                kind,
                when,
                tasks.occurrence,
            )
