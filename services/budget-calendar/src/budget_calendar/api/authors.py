"""Who asks for a change over HTTP, for the audit trail."""

from fastapi import Request

from budget_calendar.authors import Author
from kakehashi_common.auth import Principal
from kakehashi_common.http.origin import origin_of


def author_of(request: Request, who: Principal) -> Author:
    """The subject of the token, and where the request came from."""
    return Author(who=who.subject, origin=origin_of(request))
