"""A PostgreSQL that accepts connections and never answers: no wait is without limit."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError

from kakehashi_common import db
from kakehashi_common.db import Database, connect
from kakehashi_common.errors import TransientError
from kakehashi_common.settings import DatabaseSettings
from tests.support.network import Proxy, proxy_of
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers

QUICK = {"pool_size": 3, "connect_timeout_seconds": 0.5, "statement_timeout_seconds": 0.5}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "ANSWER_TIMEOUT", timedelta(seconds=0.5))
    monkeypatch.setattr(db, "CLOSE_TIMEOUT", timedelta(seconds=0.5))


@pytest_asyncio.fixture
async def proxy(database_settings: DatabaseSettings) -> AsyncIterator[Proxy]:
    async with proxy_of(database_settings) as proxy:
        yield proxy


@asynccontextmanager
async def through(proxy: Proxy, settings: DatabaseSettings) -> AsyncIterator[Database]:
    database = Database(proxy.database(settings).model_copy(update=QUICK), application="tests")
    try:
        yield database
    finally:
        await bounded(database.close())


async def bounded(work: Awaitable[None]) -> None:
    """Far above what is configured here, and far below waiting for good."""
    async with asyncio.timeout(20):
        await work


async def raw(database: Database) -> None:
    async with database.raw_transaction() as connection:
        await connection.execute("select 1")


async def core(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("select 1"))


async def orm(database: Database) -> None:
    async with database.session() as session:
        await session.execute(text("select 1"))


async def copy(database: Database) -> None:
    async with database.raw_transaction() as connection:
        await connection.execute("create temporary table number (n int) on commit drop")
        await connection.copy_records_to_table("number", records=[(1,)])


async def many_statements(database: Database) -> None:
    """More than asyncpg keeps prepared, so that it closes some meanwhile."""
    async with database.raw_transaction() as connection:
        for number in range(110):
            await connection.fetchval(f"select {number}")


@pytest.mark.parametrize("work", [raw, core, orm, copy, many_statements, Database.ping])
async def test_what_is_not_answered_is_transient_and_works_again_afterwards(
    proxy: Proxy,
    database_settings: DatabaseSettings,
    work: Callable[[Database], Awaitable[None]],
) -> None:
    async with through(proxy, database_settings) as database:
        await work(database)
        proxy.freeze()
        with pytest.raises(TransientError):
            await bounded(work(database))
        with pytest.raises(TransientError):  # a new connection this time
            await bounded(work(database))
        proxy.thaw()
        await work(database)


async def test_one_silent_connection_has_all_of_its_age_replaced(
    proxy: Proxy, database_settings: DatabaseSettings
) -> None:
    async with through(proxy, database_settings) as database:
        together = asyncio.Barrier(3)

        async def open_one() -> None:
            async with database.transaction() as connection:
                await connection.execute(text("select 1"))
                await together.wait()

        await asyncio.gather(*(open_one() for _ in range(3)))
        assert proxy.accepted == 3
        proxy.freeze_present()

        with pytest.raises(TransientError):
            await bounded(core(database))
        await asyncio.gather(*(core(database) for _ in range(3)))


async def test_a_connection_that_opens_while_another_falls_silent_is_used(
    proxy: Proxy, database_settings: DatabaseSettings
) -> None:
    patient = database_settings.model_copy(update={"connect_timeout_seconds": 30})
    database = Database(proxy.database(patient), application="tests")
    await core(database)
    database._suspect_connections()  # noqa: SLF001 - as a statement that is never answered does
    proxy.freeze()
    work = asyncio.ensure_future(core(database))
    await eventually(lambda: proxy.held_back)

    database._suspect_connections()  # noqa: SLF001 - as a statement that is never answered does
    proxy.thaw()

    await bounded(work)
    await bounded(database.close())


@pytest.mark.parametrize("work", [raw, core, orm])
async def test_new_connections_that_are_closed_at_once_are_transient(
    proxy: Proxy,
    database_settings: DatabaseSettings,
    work: Callable[[Database], Awaitable[None]],
) -> None:
    def closed(*_: object) -> None:
        raise DisconnectionError

    async with through(proxy, database_settings) as database:
        event.listen(database.engine.sync_engine, "checkout", closed)
        with pytest.raises(TransientError, match="lost the connection"):
            await bounded(work(database))


@pytest.mark.parametrize("work", [raw, core, orm])
async def test_a_cancelled_task_does_not_wait_for_the_answer(
    proxy: Proxy,
    database_settings: DatabaseSettings,
    work: Callable[[Database], Awaitable[None]],
) -> None:
    patient = database_settings.model_copy(update={"statement_timeout_seconds": 3600})
    database = Database(proxy.database(patient), application="tests")
    await work(database)
    proxy.freeze()
    task = asyncio.ensure_future(work(database))
    await eventually(lambda: proxy.held_back)
    task.cancel()
    await bounded(wait_for(task))
    await bounded(database.close())


async def wait_for(task: "asyncio.Future[None]") -> None:
    await asyncio.wait([task])


async def test_ping_does_not_wait_for_the_work(database_settings: DatabaseSettings) -> None:
    small = database_settings.model_copy(update={"pool_size": 1, "pool_timeout_seconds": 3600})
    database = Database(small, application="tests")
    async with database.transaction() as connection:
        await connection.execute(text("select 1"))
        await bounded(database.ping())
    await database.close()


async def test_connections_notice_a_peer_that_vanished(database_settings: DatabaseSettings) -> None:
    connection = await connect(database_settings, application="tests")
    peer = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined]  # noqa: SLF001
    found = {
        name: peer.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
        for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
        if hasattr(socket, name)
    }
    assert peer.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert all(found.values())
    assert found.get("TCP_USER_TIMEOUT", 25_000) == 25_000
    await connection.close()
