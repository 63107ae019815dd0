"""Reads the header ``Idempotency-Key`` of a request."""

from fastapi import Request

from kakehashi_common.auth import Principal
from kakehashi_common.http.idempotency import IdempotentRequest


async def idempotent_request(
    request: Request, who: Principal, idempotency_key: str | None
) -> IdempotentRequest | None:
    """Return the request as its key identifies it; ``None`` if it came without one."""
    if idempotency_key is None:
        return None
    operation = f"{request.method} {request.url.path}"
    return IdempotentRequest(who.subject, operation, idempotency_key, await request.body())
