import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import Table

from kakehashi_common.consumer import inbox
from kakehashi_common.consumer.inbox import admit
from kakehashi_common.db import Database, new_metadata
from kakehashi_common.retention import purge_older
from tests.support.postgres import tables

pytestmark = pytest.mark.servers

A, B, C = (uuid.UUID(int=n) for n in (1, 2, 3))


@pytest_asyncio.fixture
async def table(database: Database) -> AsyncIterator[Table]:
    metadata = new_metadata()
    declared = inbox.table(metadata)
    async with tables(database, metadata):
        yield declared


async def test_events_are_new_once(database: Database, table: Table) -> None:
    async with database.raw_transaction() as connection:
        first = await admit(connection, table, [A, B], [10, 20])
    async with database.raw_transaction() as connection:
        second = await admit(connection, table, [B, C, A], [20, 30, 10])

    assert first.new == [True, True]
    assert second.new == [False, True, False]
    assert second.conflicts == []
    assert second.duplicates == 2


async def test_a_copy_in_the_same_batch_is_not_new(database: Database, table: Table) -> None:
    async with database.raw_transaction() as connection:
        found = await admit(connection, table, [A, B, A, A], [10, 20, 10, 10])

    assert found.new == [True, True, False, False]
    assert found.conflicts == []


async def test_other_content_under_a_known_id_is_a_conflict(
    database: Database, table: Table
) -> None:
    async with database.raw_transaction() as connection:
        await admit(connection, table, [A], [10])
        found = await admit(connection, table, [A, B, B, A], [11, 20, -21, 10])

    assert found.new == [False, True, False, False]
    assert found.conflicts == [0, 2]


async def test_a_rolled_back_batch_is_new_again(database: Database, table: Table) -> None:
    async def crash() -> None:
        async with database.raw_transaction() as connection:
            await admit(connection, table, [A], [10])
            raise RuntimeError("crash before the commit")

    with pytest.raises(RuntimeError):
        await crash()
    async with database.raw_transaction() as connection:
        assert (await admit(connection, table, [A], [10])).new == [True]


async def test_two_consumers_with_the_same_events_admit_each_once(
    database: Database, table: Table
) -> None:
    keys = [uuid.UUID(int=n) for n in range(1, 400)]

    async def take_in(order: list[uuid.UUID]) -> int:
        async with database.raw_transaction() as connection:
            found = await admit(connection, table, order, [7] * len(order))
        assert found.conflicts == []
        return found.new.count(True)

    counts = await asyncio.gather(take_in(keys), take_in(keys[::-1]), take_in(keys[100:]))

    assert sum(counts) == len(keys)


async def test_an_empty_batch_is_nothing(database: Database, table: Table) -> None:
    async with database.raw_transaction() as connection:
        found = await admit(connection, table, [], [])

    assert (found.new, found.conflicts) == ([], [])


async def test_old_events_are_forgotten(database: Database, table: Table) -> None:
    async with database.raw_transaction() as connection:
        await admit(connection, table, [A, B], [10, 20])
        await connection.execute(
            "update inbox set received_at = now() - interval '31 days' where event_key = $1", A
        )
    assert await purge_older(database, table.c.received_at, timedelta(days=30)) == 1
    async with database.raw_transaction() as connection:
        assert (await admit(connection, table, [A, B], [10, 20])).new == [True, False]
