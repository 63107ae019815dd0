"""Consents, suppressions and pauses as rows."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    Text,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from followup import stops
from followup.domain.consents.consent import Basis, Consent
from followup.domain.consents.suppression import Cause, Channel, Scope, Suppression, SuppressionKey
from followup.domain.send_policy.pauses import Pause, PauseCause
from followup.tables import consent as consent_table
from followup.tables import sending_pause as pause_table
from followup.tables import suppression as suppression_table
from kakehashi_common.db import driver_connection


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


async def consents_of(connection: AsyncConnection, address: str) -> tuple[Consent, ...]:
    """Return the consents of a comparable address."""
    its = consent_table.c
    rows = await connection.execute(
        select(its.basis, its.obtained_on, its.evidence, its.ended_on)
        .where(its.address == address)
        .order_by(its.basis)
    )
    return tuple(Consent(Basis(basis), *rest) for basis, *rest in rows)


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
    addresses = literal([key.value for key in keys if key.scope is Scope.ADDRESS], ARRAY(Text))
    address = func.unnest(addresses).column_valued("address")
    found = await connection.scalars(select(address).where(exists().where(_is_digest_of(address))))
    return {SuppressionKey(Scope.ADDRESS, value) for value in found}


async def lift_suppression(connection: AsyncConnection, key: SuppressionKey) -> bool:
    """Delete a suppression; return whether it was there."""
    deleted = await connection.execute(delete(suppression_table).where(_matches([key])))
    return deleted.rowcount > 0


async def suppressions_of(
    connection: AsyncConnection, keys: Collection[SuppressionKey]
) -> tuple[Suppression, ...]:
    """Return the suppressions among these keys, of which at most one is an address.

    One of a person who was erased is found by the address, too, though it isn't stored.
    """
    address = next((key.value for key in keys if key.scope is Scope.ADDRESS), "")
    rows = await connection.execute(_stored().where(_matches(keys)))
    return tuple(_suppression(row, address if row.salt else row.value) for row in rows)


async def list_suppressions(
    connection: AsyncConnection, *, after: tuple[str, str] | None, limit: int
) -> list[Suppression]:
    """Return suppressions, by scope and value; instead of an erased address a digest of it."""
    its = suppression_table.c
    query = _stored()
    if after is not None:
        query = query.where(tuple_(its.scope, its.value) > after)
    rows = await connection.execute(query.order_by(its.scope, its.value).limit(limit))
    return [_suppression(row, row.value) for row in rows]


def _stored() -> Select[Any]:
    its = suppression_table.c
    return select(its.scope, its.value, its.cause, its.channel, its.since, its.salt)


def _matches(keys: Collection[SuppressionKey]) -> ColumnElement[bool]:
    its = suppression_table.c
    return or_(
        tuple_(its.scope, its.value).in_([(key.scope.value, key.value) for key in keys]),
        *(_is_digest_of(literal(key.value)) for key in keys if key.scope is Scope.ADDRESS),
    )


def _is_digest_of(address: ColumnElement[str]) -> ColumnElement[bool]:
    its = suppression_table.c
    return (
        (its.scope == Scope.ADDRESS.value)
        & its.salt.is_not(None)
        & (its.value == salted_digest(its.salt, address))
    )


def salted_digest(salt: ColumnElement[bytes], address: ColumnElement[str]) -> ColumnElement[str]:
    """Return what is stored of an address whose person was erased."""
    salted = func.sha256(salt.op("||")(func.convert_to(address, "UTF8")))
    return literal("sha256:").concat(func.encode(salted, "hex"))


def _suppression(row: Any, value: str) -> Suppression:
    key = SuppressionKey(Scope(row.scope), value)
    return Suppression(key, Cause(row.cause), Channel(row.channel), row.since)


async def forget_addresses(connection: AsyncConnection, addresses: Collection[str]) -> None:
    """Keep that comparable addresses are suppressed, without the addresses.

    Each gets a salt of its own: the same address can be looked for, but not read.
    """
    table = suppression_table
    found = await connection.scalars(
        select(table.c.value).where(
            table.c.scope == Scope.ADDRESS.value,
            table.c.salt.is_(None),
            table.c.value.in_(addresses),
        )
    )
    for address in found.all():
        salt = literal(secrets.token_bytes(16), LargeBinary)
        await connection.execute(
            update(table)
            .where(table.c.scope == Scope.ADDRESS.value, table.c.value == address)
            .values(salt=salt, value=salted_digest(salt, literal(address)))
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


async def pauses(
    connection: AsyncConnection, organisation: str | None, at: datetime
) -> tuple[Pause, ...]:
    """Return the pauses that hold mail to an organisation, at an instant or later."""
    its = pause_table.c
    rows = await connection.execute(
        select(its.cause, its.since, its.ends, its.organisation).where(
            its.organisation.is_(None) | (its.organisation == organisation),
            its.ends.is_(None) | (its.ends > at),
        )
    )
    return tuple(Pause(PauseCause(cause), *rest) for cause, *rest in rows)
