import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import Column, Integer, Table, insert, select, text
from sqlalchemy.exc import DBAPIError

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.delivery import Delivery
from kakehashi_common.db import Database, connect, driver_connection, new_metadata, transient
from kakehashi_common.errors import TransientError
from kakehashi_common.ports import free_port
from kakehashi_common.settings import DatabaseSettings
from tests.support.postgres import tables, throwaway_database

pytestmark = pytest.mark.servers

metadata = new_metadata()
number = Table("number", metadata, Column("n", Integer, primary_key=True))


@pytest_asyncio.fixture(autouse=True)
async def number_table(database: Database) -> AsyncIterator[None]:
    async with tables(database, metadata):
        yield


async def numbers(database: Database) -> list[int]:
    async with database.session() as session:
        return list((await session.execute(select(number.c.n).order_by(number.c.n))).scalars())


async def test_sqlalchemy_and_asyncpg_share_one_transaction(database: Database) -> None:
    async with database.transaction() as connection:
        raw = await driver_connection(connection)
        await raw.copy_records_to_table("number", records=[(1,), (2,)])
        await connection.execute(insert(number).values(n=3))

    assert await numbers(database) == [1, 2, 3]


async def test_what_asyncpg_wrote_is_rolled_back_with_the_rest(database: Database) -> None:
    async def fail() -> None:
        async with database.session() as session:
            raw = await driver_connection(session)
            await raw.copy_records_to_table("number", records=[(1,)])
            await session.execute(insert(number).values(n=2))
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        await fail()
    assert await numbers(database) == []


async def test_a_raw_transaction_commits_or_rolls_back(database: Database) -> None:
    async def write(n: int, *, then_fail: bool) -> None:
        async with database.raw_transaction() as raw:
            await raw.execute("insert into number values ($1)", n)
            if then_fail:
                raise RuntimeError("no")

    await write(1, then_fail=False)
    with pytest.raises(RuntimeError):
        await write(2, then_fail=True)
    assert await numbers(database) == [1]


async def test_a_connection_that_was_terminated_is_transient_and_the_next_one_works(
    database: Database,
) -> None:
    with pytest.raises(TransientError):
        async with database.transaction() as connection:
            await connection.execute(text("select pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(TransientError):
        async with database.raw_transaction() as raw:
            await raw.execute("select pg_terminate_backend(pg_backend_pid())")

    await database.ping()


def test_what_asyncpg_says_between_a_servers_farewell_and_its_end_is_transient() -> None:
    said = asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is …")
    assert isinstance(transient(said), TransientError)


async def test_a_deadlock_is_transient(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(insert(number), [{"n": 1}, {"n": 2}])
    both_hold_one = asyncio.Barrier(2)

    async def lock(mine: int, other: int) -> None:
        async with database.raw_transaction() as raw:
            await raw.execute("update number set n = n where n = $1", mine)
            await both_hold_one.wait()
            await raw.execute("update number set n = n where n = $1", other)

    results = await asyncio.gather(lock(1, 2), lock(2, 1), return_exceptions=True)

    failed = [r for r in results if r is not None]
    assert [type(f) for f in failed] == [TransientError]
    assert "40P01" in str(failed[0])


async def test_a_wrong_statement_keeps_its_own_error(database: Database) -> None:
    with pytest.raises(asyncpg.UndefinedTableError):
        async with database.raw_transaction() as raw:
            await raw.execute("select * from nothing_of_that_name")


def raised(state: str) -> str:
    """A statement that fails with ``state``, as PostgreSQL itself would."""
    return f"do $$ begin raise exception using errcode = '{state}', message = 'staged'; end $$"


@pytest.mark.parametrize("state", ["08006", "25006", "28000", "53100", "57P03", "58030", "XX002"])
async def test_what_the_server_can_not_do_now_is_transient(database: Database, state: str) -> None:
    with pytest.raises(TransientError, match=rf"\({state}\): staged"):
        async with database.raw_transaction() as raw:
            await raw.execute(raised(state))
    with pytest.raises(TransientError, match=rf"\({state}\).*staged"):
        async with database.transaction() as connection:
            await connection.execute(text(raised(state)))


@pytest.mark.parametrize("state", ["22001", "23505", "42P01", "P0001"])
async def test_what_the_data_or_the_statement_is_at_fault_for_keeps_its_own_error(
    database: Database, state: str
) -> None:
    with pytest.raises(asyncpg.PostgresError, match="staged"):
        async with database.raw_transaction() as raw:
            await raw.execute(raised(state))
    with pytest.raises(DBAPIError, match="staged"):
        async with database.transaction() as connection:
            await connection.execute(text(raised(state)))


async def test_events_outlive_an_io_error_of_the_server(database: Database) -> None:
    attempts = 0

    async def handle(_: Sequence[Received[Any]]) -> None:
        nonlocal attempts
        attempts += 1
        async with database.raw_transaction() as raw:
            if attempts < 3:
                await raw.execute(raised("58030"))

    def never(_event: Any) -> None:
        raise AssertionError("an event was blamed")

    delivery = Delivery(
        handle,
        budget_seconds=60,
        given_up=asyncio.Event(),
        before_pause=lambda _error, _seconds: None,
        on_dead_letter=never,
    )

    events: list[Any] = list(range(400))  # the delivery looks into none of them
    assert await delivery.deliver(events) == []
    assert attempts == 3


async def test_a_database_that_is_away_is_transient() -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    away = Database(DatabaseSettings(url=url), application="tests")

    with pytest.raises(TransientError, match="can't be reached"):
        await away.ping()
    with pytest.raises(TransientError, match="can't be reached"):
        await connect(away.settings, application="tests")
    await away.close()


async def test_a_pool_that_is_exhausted_is_transient(database_settings: DatabaseSettings) -> None:
    small = Database(
        database_settings.model_copy(update={"pool_size": 1, "pool_timeout_seconds": 0.05}),
        application="tests",
    )
    async with small.transaction() as connection:
        await connection.execute(text("select 1"))
        with pytest.raises(TransientError, match="no database connection became free"):
            async with small.transaction() as another:
                await another.execute(text("select 1"))
    await small.close()


async def test_a_statement_that_takes_too_long_is_cancelled(
    database_settings: DatabaseSettings,
) -> None:
    hasty = Database(
        database_settings.model_copy(update={"statement_timeout_seconds": 0.05}),
        application="tests",
    )
    with pytest.raises(TransientError, match="57014"):
        async with hasty.transaction() as connection:
            await connection.execute(text("select pg_sleep(30)"))
    await hasty.close()


async def test_tls_that_the_server_does_not_offer_is_refused() -> None:
    async with throwaway_database() as settings:
        strict = Database(
            settings.model_copy(update={"ssl_mode": "verify-full"}), application="tests"
        )
        with pytest.raises((TransientError, ConnectionError)):
            await strict.ping()
        await strict.close()
