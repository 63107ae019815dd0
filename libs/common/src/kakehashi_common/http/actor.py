"""Who asks for a change over HTTP, for the audit trail."""

from starlette.requests import Request

from kakehashi_common.audit import Actor
from kakehashi_common.auth import Principal


def actor_of(request: Request, principal: Principal) -> Actor:
    """Return the subject of the token, with the caller's address and the request's id."""
    host = "unknown" if request.client is None else request.client.host
    return Actor(principal.subject, f"{host} {request.scope.get('request_id', '')}".rstrip())
