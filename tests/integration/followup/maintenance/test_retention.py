"""Retention: old rows are purged, and those of open sequences are kept."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from followup.container import Container
from followup.maintenance.retention import Purged

OPEN = None
"""In place of how many days ago a sequence has ended."""


class Rows:
    """Rows of ten years, as old as a test says."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.now = container.clock.now()

    async def run(self, statement: str, *arguments: Any) -> None:
        async with self.container.database.raw_transaction() as connection:
            await connection.execute(statement, *arguments)

    async def left(self, table: str, column: str) -> list[Any]:
        async with self.container.database.raw_transaction() as connection:
            rows = await connection.fetch(f"select {column} as it from {table} order by 1")  # noqa: S608 - a test's own words
        return [row["it"] for row in rows]

    async def sequence(self, sequence_id: str, ended_days_ago: float | None) -> None:
        """One with a fact, an approval, a task and a mail."""
        ended = ended_days_ago is not OPEN
        ended_at = None if ended_days_ago is None else self.now - timedelta(days=ended_days_ago)
        await self.run(
            "insert into sequence (sequence_id, playbook_id, playbook_version, lead_id, "
            "trigger_id, version, status, is_open, is_paused, started_at, ended_at, state, "
            "updated_at) values ($1::text, 'welcome', 1, 'lead-of-' || $1, 't', 2, 'resting', $2, "
            "false, $3, $4, '{}', $3)",
            sequence_id,
            not ended,
            self.now - timedelta(days=3650),
            ended_at,
        )
        for table, values in (
            ("sequence_fact", "1, 0, 'started', started_at, started_at, '{}'"),
            (
                (
                    "approval (sequence_id, approval_id, step_id, lead_id, status, subject, text, "
                    "fill_ins, requested_at, expires_at)"
                ),
                "sequence_id, 'hello', lead_id, 'approved', '', '', '{}', started_at, started_at",
            ),
            (
                (
                    "task (sequence_id, task_id, step_id, kind, lead_id, title, text, fields, "
                    "status, opened_at, due_at)"
                ),
                (
                    "sequence_id, 'call', 'call_task', lead_id, '', '', '{}', 'done', started_at, "
                    "started_at"
                ),
            ),
            (
                "mail_attempt (sequence_id, message_id, step_id, state, settled_at)",
                "sequence_id, 'hello', 'accepted', started_at",
            ),
        ):
            row = f"insert into {table} select sequence_id, {values} from sequence "  # noqa: S608 - a test's own words
            await self.run(row + "where sequence_id = $1", sequence_id)

    async def mail(self, digest: str, days_ago: float, sequence_id: str | None = None) -> None:
        at = self.now - timedelta(days=days_ago)
        await self.run(
            "insert into incoming_mail (digest, received_at, kind, evidence, sequence_id, "
            "has_left, bounced, subject, text, handled_at) "
            "values (lpad($1, 64), $2, 'answer', '[]', $3, false, '[]', '', '', $4)",
            digest,
            at,
            sequence_id,
            None if digest == "waits" else at,
        )


@pytest.fixture
def rows(container: Container) -> Rows:
    return Rows(container)


async def test_a_sequence_goes_with_all_that_belongs_to_it_and_an_open_one_stays(
    rows: Rows,
) -> None:
    await rows.sequence("sq-old", 1831)
    await rows.sequence("sq-newer", 1829)
    await rows.sequence("sq-open", OPEN)
    purged = await rows.container.retention.apply()
    assert (purged.sequences, purged.mail_attempts) == (1, 1)
    for table in ("sequence", "sequence_fact", "approval", "task", "mail_attempt"):
        assert await rows.left(table, "sequence_id") == ["sq-newer", "sq-open"], table


async def test_to_whom_a_mail_went_is_kept_for_ever(rows: Rows) -> None:
    await rows.sequence("sq-old", 1831)
    for state in ("accepted", "unknown", "deferred", "rejected"):
        await rows.run(
            "insert into mail_attempt (sequence_id, message_id, step_id, lead_id, state, "
            "settled_at) values ('sq-old', $1, 'call', 'crm-1', $1, $2)",
            state,
            rows.now - timedelta(days=1900),
        )
    await rows.container.retention.apply()
    assert await rows.left("mail_attempt", "message_id") == ["accepted", "unknown"]


async def test_a_mail_that_came_in_goes_once_it_was_dealt_with_and_its_sequence_has_ended(
    rows: Rows,
) -> None:
    await rows.sequence("sq-ended", 30)
    await rows.sequence("sq-open", OPEN)
    await rows.mail("newer", 399)
    await rows.mail("old", 401)
    await rows.mail("waits", 401)
    await rows.mail("ended", 401, "sq-ended")
    await rows.mail("open", 401, "sq-open")
    assert (await rows.container.retention.apply()).incoming_mails == 2
    left = await rows.left("incoming_mail", "trim(digest)")
    assert left == ["newer", "open", "waits"]


async def test_reasons_behaviours_and_decisions_go_by_their_age(rows: Rows) -> None:
    for days in (799, 801):
        at = rows.now - timedelta(days=days)
        await rows.run(
            "insert into reason (reason_id, good_from, good_until, importance, occurred_at, "
            "reason) values ($1, $2, $2, 2, $3, '{}')",
            uuid4(),
            at.date(),
            at,
        )
        await rows.run(
            "insert into council_day values ('102032', 2026, $1, 'session_vote', $2, $3)",
            days,
            at.date(),
            at,
        )
        await rows.run("insert into reason_day values ('102032', $1, $2, 0)", at.date(), days)
        await rows.run(
            "insert into seen_behaviour (name, seen_at, lead_ids, importance, urgent, text_ja, "
            "text_en, handled_at) values ($1, $2, '{}', 2, false, '', '', $2)",
            f"b{days}",
            at,
        )
        await rows.run(
            "insert into entry_decision values ($1, 'lead-1', 'welcome', 1, null, '', '', $2)",
            f"t-{days}",
            at,
        )
        for who, code, pending in (("crm-1", None, None), ("crm-1", None, at), (None, days, None)):
            await rows.run(
                "insert into occurrence values "
                "(gen_random_uuid(), $1, $2, 't', $3, $4, '', $2, $5)",
                f"{'waits' if pending else 'known'}{days}",
                at,
                who,
                None if code is None else f"{code:06}",
                pending,
            )
    purged = await rows.container.retention.apply()
    assert (purged.reasons, purged.behaviours, purged.entry_decisions) == (1, 1, 1)
    assert purged.occurrences == 1
    assert await rows.left("occurrence", "kind") == [
        *("known799", "known799", "known801", "waits799", "waits801"),
    ]
    assert await rows.left("reason_day", "taken") == [799]
    assert await rows.left("council_day", "session") == [799]
    assert await rows.left("seen_behaviour", "name") == ["b799"]
    assert await rows.left("entry_decision", "trigger_id") == ["t-799"]


async def test_who_takes_part_in_a_pursuits_deal_goes_when_nothing_was_said_of_it_for_years(
    rows: Rows,
) -> None:
    for days in (1829, 1831):
        said_at = rows.now - timedelta(days=days)
        await rows.run(
            "insert into pursuit_contact values ($1, '{lead-1}', 's-1', $2)", f"p-{days}", said_at
        )
    await rows.container.retention.apply()
    assert await rows.left("pursuit_contact", "pursuit_id") == ["p-1829"]


async def test_who_must_not_be_written_to_stays_for_ever(rows: Rows) -> None:
    await rows.run(
        "insert into suppression values ('address', 'a@example.jp', 'opt_out', 'link', $1)",
        rows.now - timedelta(days=36500),
    )
    await rows.run("insert into consent values ('a@example.jp', 'opt_in', '1926-01-01', '')")
    assert await rows.container.retention.apply() == Purged()
    assert await rows.left("suppression", "value") == ["a@example.jp"]
    assert await rows.left("consent", "address") == ["a@example.jp"]


async def test_keys_and_the_inbox_are_purged_and_the_audit_when_somebody_says_so(
    rows: Rows,
) -> None:
    await rows.run(
        "insert into idempotency_key (subject, operation, key, request_digest, created_at) "
        "select '', '', hours::text, '', now() - hours * interval '1 hour' "
        "from unnest('{23, 25}'::int[]) as hours"
    )
    await rows.run(
        "insert into inbox (event_key, content_hash, received_at) "
        "select gen_random_uuid(), days, now() - days * interval '1 day' "
        "from unnest('{399, 401}'::int[]) as days"
    )
    await rows.run(
        "insert into audit (at, who, what, subject, origin) "
        "select now() - days * interval '1 day', '', '', '', '' "
        "from unnest('{899, 901}'::int[]) as days"
    )
    found = await rows.container.retention.apply()
    assert found == Purged(idempotency_keys=1, inbox_rows=1)
    assert await rows.left("inbox", "content_hash") == [399]
    there = rows.container
    settings = there.settings.model_copy(update={"audit_retention": timedelta(days=900)})
    limited = Container(settings, there.database, there.clock)
    assert await limited.retention.apply() == Purged(audit_rows=1)
