"""Several reads in one statement, each with parameters, rows and a meaning of its own."""

from collections import Counter
from datetime import UTC, datetime

import asyncpg
import pytest

from kakehashi_common.db import Database
from kakehashi_common.reads import Read, only_value, together

pytestmark = pytest.mark.servers

AT = datetime(2026, 12, 1, 3, tzinfo=UTC)
UP_TO = "select n, n * $2::int from generate_series(1, $1::int) n order by n desc"


def products(count: int, factor: int) -> Read[list[tuple[int, int]]]:
    return Read(UP_TO, [count, factor], lambda rows: [(n, product) for n, product in rows])


def given(value: object, sql_type: str) -> Read[object]:
    return Read(f"select $1::{sql_type}", [value], only_value)


async def test_each_read_gets_its_own_rows_in_their_order(database: Database) -> None:
    both = together(lambda *found: found, products(2, 10), products(0, 1), products(1, 7))
    async with database.raw_transaction() as raw:
        assert await products(2, 10).fetch(raw) == [(2, 20), (1, 10)]
        assert await both.fetch(raw) == ([(2, 20), (1, 10)], [], [(1, 7)])


@pytest.mark.parametrize(
    ("value", "sql_type"),
    [
        (AT, "timestamptz"),
        (AT.date(), "date"),
        (None, "text"),
        ("課長", "varchar(10)"),
        (["a", "b"], "text[]"),
        (True, "boolean"),
        (7, "smallint"),
        ('{"a": 1}', "jsonb"),
    ],
)
async def test_values_keep_their_types_however_deep_a_read_is(
    database: Database, value: object, sql_type: str
) -> None:
    read = given(value, sql_type)
    pair = together(lambda *found: found, read, read)
    async with database.raw_transaction() as raw:
        alone = await read.fetch(raw)
        nested = await together(lambda *found: found, pair, read).fetch(raw)
    assert nested == ((alone, alone), alone)


async def test_many_parameters_do_not_get_mixed_up(database: Database) -> None:
    reads = [given(number, "int") for number in range(23)]
    async with database.raw_transaction() as raw:
        found = await together(lambda *found: found, *reads).fetch(raw)
    assert found == tuple(range(23))


async def test_together_they_are_one_statement(database: Database) -> None:
    sent: Counter[str] = Counter()

    def count(query: asyncpg.connection.LoggedQuery) -> None:
        sent[query.query] += 1

    async with database.raw_transaction() as raw:
        with raw.query_logger(count):
            await together(lambda *found: found, products(1, 1), given(1, "int")).fetch(raw)
    assert sent.total() == 1
