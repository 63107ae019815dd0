"""The origin of a request, for the audit trail."""

from starlette.requests import Request


def origin_of(request: Request) -> str:
    """Return the caller's address and the request's id."""
    host = "unknown" if request.client is None else request.client.host
    return f"{host} {request.scope.get('request_id', '')}".rstrip()
