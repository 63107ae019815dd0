"""Mails counted for caps, at the cost of those that count."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest_asyncio

from followup.delivery.counting import sent_on_days
from followup.delivery.mails import MailOrigin
from followup.domain.send_policy.caps import CAPS, Cap, CapSubject
from kakehashi_common.clock import japan_day
from kakehashi_common.db import Database, RawConnection

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
ORIGIN = MailOrigin("s-1", "first", "lead-7", "102032", "seller-1")
FORMER_ID = "web-7"


@pytest_asyncio.fixture
async def connection(followup_database: Database) -> AsyncIterator[RawConnection]:
    """Twenty thousand mails of a year, and two of the week to the person, by both ids."""
    async with followup_database.raw_transaction() as raw:
        await raw.execute(
            "insert into mail_attempt (message_id, sequence_id, step_id, lead_id, organisation, "
            "seller_id, state, claimed_at) "
            "select '<' || n || '>', 's', 'first', 'other-' || n % 3000, n % 1700, "
            "'seller-' || n % 20, 'accepted', $1::timestamptz - n * interval '26 min' "
            "from generate_series(1, 20000) n "
            "union all select '<' || lead_id || '>', 's', 'first', lead_id, '102032', "
            "'seller-1', 'accepted', $1 from unnest(array['lead-7', $2]) lead_id",
            NOW,
            FORMER_ID,
        )
        await raw.execute(
            "insert into merged_lead values ($1, 'lead-7', 'lead-7', now())", FORMER_ID
        )
        await raw.execute("analyze mail_attempt")
    async with followup_database.raw_transaction() as raw:
        yield raw


async def rows_read(connection: RawConnection) -> int:
    """Return how many rows of mails this connection has read of late."""
    read: int = await connection.fetchval(
        "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables "
        "where relname = 'mail_attempt'"
    )
    return read


async def test_of_a_person_only_their_own_mails_are_read(connection: RawConnection) -> None:
    before = await rows_read(connection)
    sent = await sent_on_days(ORIGIN, [Cap(CapSubject.CONTACT, 2, days=7)], NOW).fetch(connection)
    assert sent == {CapSubject.CONTACT: {japan_day(NOW): 2}}
    assert await rows_read(connection) == before + 2


async def test_counting_is_not_planned_again_for_each_mail(connection: RawConnection) -> None:
    read = sent_on_days(ORIGIN, CAPS, NOW)
    for _ in range(8):
        await read.fetch(connection)
    custom_plans = await connection.fetchval(
        "select custom_plans from pg_prepared_statements where statement = $1",
        read.sql,
    )
    assert custom_plans == 5  # PostgreSQL tries five before it keeps one
