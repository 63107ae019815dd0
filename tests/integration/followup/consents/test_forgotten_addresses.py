"""Suppressed addresses of erased persons: found by the address, which isn't stored."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from followup.consents import repository
from followup.domain.consents.recipient import Recipient
from followup.domain.consents.suppression import (
    Cause,
    Channel,
    Scope,
    Suppression,
    SuppressionKey,
    suppression_keys,
)
from kakehashi_common.db import Database, RawConnection

SINCE = datetime(2026, 12, 1, 3, tzinfo=UTC)
ADDRESS = "chihiro.mori@city.example.jp"
KEYS = suppression_keys(Recipient("web-42", ADDRESS, "102032"))


def suppressed(address: str) -> Suppression:
    return Suppression(SuppressionKey(Scope.ADDRESS, address), Cause.OPT_OUT, Channel.REPLY, SINCE)


async def forget(database: Database, addresses: Sequence[str]) -> None:
    async with database.transaction() as connection:
        await repository.add_suppressions(connection, [suppressed(each) for each in addresses])
        await repository.forget_addresses(connection, addresses)


async def put_one_with_its_own_salt(connection: RawConnection, address: str) -> None:
    """Store a digest as it was stored before there was one salt for all."""
    salt = b"0123456789abcdef"
    await connection.execute(
        "insert into suppression values ('address', $1, 'opt_out', 'reply', $2, $3)",
        f"sha256:{sha256(salt + address.encode()).hexdigest()}",
        SINCE,
        salt,
    )


@pytest.mark.parametrize("has_its_own_salt", [False, True])
async def test_a_forgotten_address_is_suppressed_until_somebody_lifts_it(
    followup_database: Database, *, has_its_own_salt: bool
) -> None:
    await forget(followup_database, ["somebody@else.example.jp"])
    if has_its_own_salt:
        async with followup_database.raw_transaction() as raw:
            await put_one_with_its_own_salt(raw, ADDRESS)
    else:
        await forget(followup_database, [ADDRESS])
    async with followup_database.raw_transaction() as raw:
        assert await repository.suppressions_of(KEYS).fetch(raw) == (suppressed(ADDRESS),)
        assert ADDRESS not in str(await raw.fetch("select * from suppression"))
    async with followup_database.transaction() as connection:
        assert await repository.add_suppressions(connection, [suppressed(ADDRESS)]) == []
        assert await repository.lift_suppression(connection, suppressed(ADDRESS).key)
    async with followup_database.raw_transaction() as raw:
        assert await repository.suppressions_of(KEYS).fetch(raw) == ()


async def test_a_decision_reads_no_other_suppressions_however_many_there_are(
    followup_database: Database,
) -> None:
    await forget(followup_database, [ADDRESS, *(f"p{n}@x.example.jp" for n in range(2_000))])
    async with followup_database.raw_transaction() as raw:
        await raw.execute("analyze suppression")
    async with followup_database.raw_transaction() as raw:
        before = await rows_read(raw)
        assert await repository.suppressions_of(KEYS).fetch(raw) == (suppressed(ADDRESS),)
        assert await rows_read(raw) == before + 1


async def rows_read(connection: RawConnection) -> int:
    """Return how many suppressions this connection has read of late."""
    read: int = await connection.fetchval(
        "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables "
        "where relname = 'suppression'"
    )
    return read
