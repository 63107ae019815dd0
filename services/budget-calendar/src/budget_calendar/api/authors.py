"""Who asks for a change over HTTP, for the audit trail."""

from fastapi import Request

from budget_calendar.authors import Actor
from kakehashi_common.auth import Principal
from kakehashi_common.http.origin import origin_of


def actor_of(request: Request, who: Principal) -> Actor:
    """The subject of the token, and where the request came from."""
    return Actor(who=who.subject, origin=origin_of(request))
