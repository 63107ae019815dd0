import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from kakehashi_common import audit
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database, new_metadata
from kakehashi_common.errors import PermanentError
from kakehashi_common.http import idempotency
from kakehashi_common.http.idempotency import IdempotentRequest, StoredResponse, remember, reserve
from kakehashi_common.retention import purge_older
from tests.support.postgres import tables

pytestmark = pytest.mark.servers

metadata = new_metadata()
KEYS = idempotency.table(metadata)
AUDIT = audit.table(metadata)


@pytest_asyncio.fixture(autouse=True)
async def its_tables(database: Database) -> AsyncIterator[None]:
    async with tables(database, metadata):
        yield


def request(
    body: bytes = b"{}", *, key: str = "k1", subject: str = "crm", operation: str = "POST /v1/rules"
) -> IdempotentRequest:
    return IdempotentRequest(subject=subject, operation=operation, key=key, body=body)


async def handle(database: Database, asked: IdempotentRequest, answer: bytes) -> StoredResponse:
    """Handle a request as a route does: reserve, work, remember, in one transaction."""
    async with database.session() as session:
        if (stored := await reserve(session, KEYS, asked)) is not None:
            return stored
        response = StoredResponse(201, answer)
        await remember(session, KEYS, asked, response)
        return response


async def test_a_repeated_request_gets_the_first_answer(database: Database) -> None:
    first = await handle(database, request(), b"first")

    assert await handle(database, request(), b"second") == first == StoredResponse(201, b"first")


async def test_the_same_key_with_another_body_is_refused(database: Database) -> None:
    await handle(database, request(b"a"), b"first")

    with pytest.raises(PermanentError) as refused:
        await handle(database, request(b"b"), b"second")

    assert (refused.value.code, refused.value.field) == (
        "idempotency_key_reused",
        "Idempotency-Key",
    )


@pytest.mark.parametrize(
    "other", [request(subject="bi"), request(operation="POST /v1/x"), request(key="k2")]
)
async def test_keys_of_others_never_meet(database: Database, other: IdempotentRequest) -> None:
    await handle(database, request(), b"first")

    assert (await handle(database, other, b"second")).body == b"second"


async def test_a_request_that_failed_may_be_repeated(database: Database) -> None:
    async def fail() -> None:
        async with database.session() as session:
            await reserve(session, KEYS, request())
            raise RuntimeError("crash before the answer")

    with pytest.raises(RuntimeError):
        await fail()
    assert (await handle(database, request(), b"second")).body == b"second"


async def test_requests_at_the_same_time_are_done_once(database: Database) -> None:
    answers = await asyncio.gather(
        *(handle(database, request(), str(n).encode()) for n in range(5))
    )

    assert len({answer.body for answer in answers}) == 1


async def test_old_keys_are_forgotten(database: Database) -> None:
    await handle(database, request(), b"first")
    async with database.transaction() as connection:
        await connection.execute(
            update(KEYS).values(created_at=KEYS.c.created_at - timedelta(hours=25))
        )
    assert await purge_older(database, KEYS.c.created_at, idempotency.RETENTION) == 1

    assert (await handle(database, request(), b"second")).body == b"second"


async def test_a_change_leaves_an_audit_row_in_its_own_transaction(database: Database) -> None:
    async def change(connection: AsyncConnection | AsyncSession) -> None:
        before, after = {"version": 1}, {"version": 2, "名称": "自治体"}
        actor = Actor("tanaka", "10.0.0.7")
        await actor.record(
            connection, AUDIT, "publish_rules", "rule-set/2", before=before, after=after
        )

    async def fail() -> None:
        async with database.transaction() as connection:
            await change(connection)
            raise RuntimeError("no change, no row")

    with pytest.raises(RuntimeError):
        await fail()
    async with database.session() as session:
        await change(session)

    async with database.transaction() as connection:
        (row,) = (await connection.execute(select(AUDIT))).all()
    assert (row.who, row.what, row.subject, row.origin) == (
        "tanaka",
        "publish_rules",
        "rule-set/2",
        "10.0.0.7",
    )
    assert (row.before, row.after) == ({"version": 1}, {"version": 2, "名称": "自治体"})
    assert row.at.utcoffset() == timedelta(0)
