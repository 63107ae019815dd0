"""Digests of those who are kept out after their data were erased."""

from collections.abc import Collection

from kakehashi_common.db import RawConnection


async def add(connection: RawConnection, digests: Collection[bytes]) -> None:
    """Keep these out from now on; again changes nothing."""
    await connection.execute(
        "insert into suppression (digest) select unnest($1::bytea[]) order by 1 "
        "on conflict do nothing",
        sorted(digests),
    )


async def remove(connection: RawConnection, digests: Collection[bytes]) -> int:
    """Let these in again; return how many were kept out."""
    status = await connection.execute(
        "delete from suppression where digest = any($1::bytea[])", sorted(digests)
    )
    return int(status.rsplit(" ", 1)[-1])


async def among(connection: RawConnection, digests: Collection[bytes]) -> frozenset[bytes]:
    """Return those of ``digests`` that are kept out."""
    rows = await connection.fetch(
        "select digest from suppression where digest = any($1::bytea[])", list(digests)
    )
    return frozenset(row[0] for row in rows)
