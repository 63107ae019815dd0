"""Consents, suppressions and pauses as rows."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from followup import stops
from followup.domain.consents.consent import Basis, Consent
from followup.domain.consents.suppression import Cause, Channel, Scope, Suppression, SuppressionKey
from followup.domain.send_policy.pauses import Pause, PauseCause
from followup.tables import consent as consent_table
from followup.tables import sending_pause as pause_table
from followup.tables import suppression as suppression_table
from kakehashi_common.db import RawConnection, driver_connection
from kakehashi_common.reads import Read


async def put_consents(connection: AsyncConnection, consents: Mapping[str, Consent]) -> None:
    """Store a consent of each comparable address, in the place of one with the same basis."""
    keys = (SuppressionKey(Scope.ADDRESS, address) for address in consents)
    await stops.stop(await driver_connection(connection), keys)
    table = consent_table
    statement = insert(table).values(
        [
            {
                "address": address,
                "basis": each.basis.value,
                "obtained_on": each.obtained_on,
                "evidence": each.evidence,
                "ended_on": each.ended_on,
            }
            for address, each in consents.items()
        ]
    )
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[table.c.address, table.c.basis],
            set_={
                name: statement.excluded[name] for name in ("obtained_on", "evidence", "ended_on")
            },
        )
    )


def consents_of(address: str) -> Read[tuple[Consent, ...]]:
    """Read the consents of a comparable address."""
    return Read(
        "select basis, obtained_on, evidence, ended_on from consent where address = $1 "
        "order by basis",
        [address],
        lambda rows: tuple(Consent(Basis(basis), *rest) for basis, *rest in rows),
    )


async def add_suppressions(
    connection: AsyncConnection, suppressions: Sequence[Suppression]
) -> list[SuppressionKey]:
    """Store suppressions; return the keys of those that are new. The first one of a key stays.

    It holds for every mail that is not on its way yet. An address of an erased person that is
    suppressed already is not stored again, since only a digest of it may be.
    """
    await stops.stop(await driver_connection(connection), (each.key for each in suppressions))
    forgotten = await _forgotten(connection, [each.key for each in suppressions])
    suppressions = [each for each in suppressions if each.key not in forgotten]
    if not suppressions:
        return []
    its = suppression_table.c
    added = await connection.execute(
        insert(suppression_table)
        .values(
            [
                {
                    "scope": each.key.scope.value,
                    "value": each.key.value,
                    "cause": each.cause.value,
                    "channel": each.channel.value,
                    "since": each.since,
                }
                for each in suppressions
            ]
        )
        .on_conflict_do_nothing()
        .returning(its.scope, its.value)
    )
    return [SuppressionKey(Scope(scope), value) for scope, value in added]


async def _forgotten(
    connection: AsyncConnection, keys: Collection[SuppressionKey]
) -> set[SuppressionKey]:
    """Return which keys are addresses that are suppressed, and of which only a digest is stored."""
    raw = await driver_connection(connection)
    rows = await raw.fetch(
        "select address from unnest($1::text[]) address "  # noqa: S608 - our own words
        f"where exists (select from suppression where {_is_digest_of('address')})",
        [key.value for key in keys if key.scope is Scope.ADDRESS],
    )
    return {SuppressionKey(Scope.ADDRESS, row["address"]) for row in rows}


async def lift_suppression(connection: AsyncConnection, key: SuppressionKey) -> bool:
    """Delete a suppression; return whether it was there."""
    raw = await driver_connection(connection)
    deleted = await raw.execute(
        f"delete from suppression where scope = $1 and (value = $2 or {_is_digest_of('$2')})",  # noqa: S608
        key.scope,
        key.value,
    )
    return deleted != "DELETE 0"


def suppressions_of(keys: Collection[SuppressionKey]) -> Read[tuple[Suppression, ...]]:
    """Read the suppressions among these keys, of which at most one is an address.

    One of a person who was erased is found by the address, too, though it isn't stored.
    """
    address = next((key.value for key in keys if key.scope is Scope.ADDRESS), "")
    return Read(
        _SUPPRESSIONS,
        [[key.scope for key in keys], [key.value for key in keys], address],
        lambda rows: tuple(
            _suppression(scope, address if is_digest else value, *rest)
            for scope, value, is_digest, *rest in rows
        ),
    )


async def list_suppressions(
    connection: AsyncConnection, *, after: tuple[str, str] | None, limit: int
) -> list[Suppression]:
    """Return suppressions, by scope and value; instead of an erased address a digest of it."""
    its = suppression_table.c
    query = select(its.scope, its.value, its.cause, its.channel, its.since)
    if after is not None:
        query = query.where(tuple_(its.scope, its.value) > after)
    rows = await connection.execute(query.order_by(its.scope, its.value).limit(limit))
    return [_suppression(*row) for row in rows]


def _digest(address: str, salt: str = "(select salt from suppression_salt)") -> str:
    """Return what is stored of an address whose person was erased."""
    return f"'sha256:' || encode(sha256({salt} || convert_to({address}, 'UTF8')), 'hex')"


def _is_digest_of(address: str) -> str:
    """Return the condition that a row is the suppressed address of an erased person."""
    return (
        f"(scope = 'address' and (value = {_digest(address)} "
        f"or salt is not null and value = {_digest(address, 'salt')}))"
    )


_SUPPRESSIONS: Final = f"""
with key (scope, value, is_digest) as (
    select *, false from unnest($1::text[], $2::text[])
    union all select 'address', {_digest("$3")}, true
)
select scope, value, is_digest, cause, channel, since from key join suppression using (scope, value)
union all
-- Of before there was one salt: no row gets one of its own any more.
select scope, value, true, cause, channel, since from suppression
where scope = 'address' and salt is not null and value = {_digest("$3", "salt")}
"""  # noqa: S608 - our own words


def _suppression(scope: str, value: str, cause: str, channel: str, since: datetime) -> Suppression:
    key = SuppressionKey(Scope(scope), value)
    return Suppression(key, Cause(cause), Channel(channel), since)


async def forget_addresses(connection: AsyncConnection, addresses: Collection[str]) -> None:
    """Keep that comparable addresses are suppressed, without the addresses.

    They can be looked for, but not read. The first ones make the salt of all.
    """
    raw = await driver_connection(connection)
    await raw.execute(
        "insert into suppression_salt (salt) values ($1) on conflict do nothing",
        secrets.token_bytes(32),
    )
    await raw.execute(
        f"update suppression set value = {_digest('value')} "  # noqa: S608 - our own words
        "where scope = 'address' and value = any($1::text[])",
        list(addresses),
    )


async def put_pause(connection: AsyncConnection, pause_id: str, pause: Pause) -> None:
    """Store a pause of all sending, in the place of what had the id."""
    key: stops.Key = stops.EVERYBODY
    if pause.organisation is not None:
        key = SuppressionKey(Scope.ORGANISATION, pause.organisation)
    await stops.stop(await driver_connection(connection), [key])
    values = {
        "cause": pause.cause.value,
        "since": pause.since,
        "ends": pause.ends,
        "organisation": pause.organisation,
    }
    await connection.execute(
        insert(pause_table)
        .values(pause_id=pause_id, **values)
        .on_conflict_do_update(index_elements=[pause_table.c.pause_id], set_=values)
    )


async def end_pause(connection: AsyncConnection, pause_id: str, at: datetime) -> bool:
    """End a pause; return whether it was there and open."""
    its = pause_table.c
    ended = await connection.execute(
        pause_table.update()
        .where(its.pause_id == pause_id, its.ends.is_(None) | (its.ends > at))
        .values(ends=at)
    )
    return ended.rowcount > 0


async def pauses_of_places(connection: RawConnection, at: datetime) -> tuple[Pause, ...]:
    """Return the pauses of single organisations that hold at an instant."""
    rows = await connection.fetch(
        "select cause, since, ends, organisation from sending_pause "
        "where organisation is not null and since <= $1 and (ends is null or ends > $1)",
        at,
    )
    return tuple(Pause(PauseCause(cause), *rest) for cause, *rest in rows)


def pauses(organisation: str | None, at: datetime) -> Read[tuple[Pause, ...]]:
    """Read the pauses that hold mail to an organisation, at an instant or later."""
    return Read(
        "select cause, since, ends, organisation from sending_pause "
        "where (organisation is null or organisation = $1) and (ends is null or ends > $2)",
        [organisation, at],
        lambda rows: tuple(Pause(PauseCause(cause), *rest) for cause, *rest in rows),
    )
