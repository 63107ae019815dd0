"""Requests that may be repeated, by their ``Idempotency-Key``."""

from fastapi import Request

from kakehashi_common.auth import Principal
from kakehashi_common.http.idempotency import IdempotentRequest


async def repeatable(
    request: Request, who: Principal, idempotency_key: str | None
) -> IdempotentRequest | None:
    """What tells the request from others; ``None`` when it came without a key."""
    if idempotency_key is None:
        return None
    operation = f"{request.method} {request.url.path}"
    return IdempotentRequest(who.subject, operation, idempotency_key, await request.body())
