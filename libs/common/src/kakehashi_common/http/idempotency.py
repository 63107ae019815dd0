"""Idempotency keys: a POST that is sent twice is done once and answered twice alike.

The reservation, the effect and the stored answer share one transaction, so there is no answer
without an effect. A second request with the same key waits for the first one's commit.

Source: draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import NAMESPACE_URL, uuid4, uuid5

from pydantic import TypeAdapter
from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from kakehashi_common.db import Database
from kakehashi_common.errors import PermanentError

if TYPE_CHECKING:  # whoever keeps the keys needs no web framework
    from starlette.requests import Request

    from kakehashi_common.auth import Principal

T = TypeVar("T")

RETENTION = timedelta(hours=24)
"""A client that repeats a request later than this must expect it to be done again."""


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The answer that the first request got."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request as its key identifies it, with its body."""

    subject: str
    """The caller: each caller has keys of its own."""
    operation: str
    """The operation, such as ``POST /v1/rules``."""
    key: str
    body: bytes

    @property
    def digest(self) -> bytes:
        """A digest of the body: another request under the same key has another one."""
        return hashlib.blake2b(self.body, digest_size=16).digest()

    @property
    def identity(self) -> str:
        """An id of the request that doesn't say who made it; the same for a repeated request."""
        parts = (self.subject, self.operation, self.key, self.digest.hex())
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


async def idempotent_request(
    request: "Request", who: "Principal", idempotency_key: str | None
) -> IdempotentRequest | None:
    """Return the request as its key identifies it; ``None`` if it came without one."""
    if idempotency_key is None:
        return None
    operation = f"{request.method} {request.url.path}"
    return IdempotentRequest(who.subject, operation, idempotency_key, await request.body())


def made_id(request: IdempotentRequest | None) -> str:
    """Return a new id; the same for a repeated request, whatever became of the first."""
    if request is None:
        return str(uuid4())
    return str(uuid5(NAMESPACE_URL, f"{request.subject} {request.key} {request.digest.hex()}"))


def table(metadata: MetaData, name: str = "idempotency_key") -> Table:
    """Declare the table in ``metadata``."""
    return Table(
        name,
        metadata,
        Column("subject", Text, primary_key=True),
        Column("operation", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("request_digest", LargeBinary, nullable=False),
        Column("status", SmallInteger),
        Column("body", LargeBinary),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


async def reserve(
    connection: AsyncConnection | AsyncSession, keys: Table, request: IdempotentRequest
) -> StoredResponse | None:
    """Return the answer of an earlier request with the same key, or ``None``: do it now.

    Raises:
        PermanentError: the key was used for a request with another body
            (``idempotency_key_reused``).
    """
    inserted = await connection.execute(
        insert(keys)
        .values(
            subject=request.subject,
            operation=request.operation,
            key=request.key,
            request_digest=request.digest,
        )
        .on_conflict_do_nothing()
        .returning(keys.c.key)
    )
    if inserted.first() is not None:
        return None
    return await stored_response(connection, keys, request)


async def stored_response(
    connection: AsyncConnection | AsyncSession, keys: Table, request: IdempotentRequest
) -> StoredResponse | None:
    """Return the answer of an earlier request with the same key, if there is one; reserve nothing.

    Raises:
        PermanentError: the key was used for a request with another body
            (``idempotency_key_reused``).
    """
    row = (
        await connection.execute(
            select(keys.c.request_digest, keys.c.status, keys.c.body).where(*_is(keys, request))
        )
    ).one_or_none()
    if row is None:
        return None
    if row.request_digest != request.digest:
        raise PermanentError(
            "this Idempotency-Key was used for a request with another body; send a new key",
            code="idempotency_key_reused",
            field="Idempotency-Key",
        )
    return StoredResponse(status=row.status, body=row.body)


async def remember(
    connection: AsyncConnection | AsyncSession,
    keys: Table,
    request: IdempotentRequest,
    response: StoredResponse,
) -> None:
    """Store the answer to ``request``, in the transaction that reserved it and did the work."""
    await connection.execute(
        update(keys).where(*_is(keys, request)).values(status=response.status, body=response.body)
    )


@dataclass(frozen=True, slots=True)
class IdempotentResults(Generic[T]):
    """A use case whose result is kept, so that a repeated request gets the first one's."""

    keys: Table
    result: TypeAdapter[T]

    async def earlier(
        self, connection: AsyncConnection | AsyncSession, request: IdempotentRequest | None
    ) -> T | None:
        """Return the result of an earlier request with the same key, or ``None``: do it now.

        Raises:
            PermanentError: the key was used for a request with another body
                (``idempotency_key_reused``).
        """
        if request is None:
            return None
        stored = await reserve(connection, self.keys, request)
        return None if stored is None else self.result.validate_json(stored.body)

    async def keep(
        self,
        connection: AsyncConnection | AsyncSession,
        request: IdempotentRequest | None,
        result: T,
    ) -> T:
        """Store the result in the transaction that did the work; return it."""
        if request is not None:
            answer = StoredResponse(HTTPStatus.OK, self.result.dump_json(result))
            await remember(connection, self.keys, request, answer)
        return result

    async def done_elsewhere(
        self,
        database: Database,
        request: IdempotentRequest | None,
        do: Callable[[], Awaitable[T]],
    ) -> T:
        """Do something outside of this database, such as through Temporal, and keep its result.

        ``do`` is called unless the request was answered before, and has to be idempotent itself:
        nobody waits for another request with the same key that is under way. Whichever of them is
        answered first gives both their result.

        Raises:
            PermanentError: see :meth:`earlier`.
        """
        if request is None:
            return await do()
        async with database.transaction() as connection:
            stored = await stored_response(connection, self.keys, request)
        if stored is not None:
            return self.result.validate_json(stored.body)
        result = await do()
        async with database.transaction() as connection:
            earlier = await self.earlier(connection, request)
            return earlier or await self.keep(connection, request, result)


def _is(keys: Table, request: IdempotentRequest) -> tuple[ColumnElement[bool], ...]:
    return (
        keys.c.subject == request.subject,
        keys.c.operation == request.operation,
        keys.c.key == request.key,
    )
