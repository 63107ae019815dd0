"""``/v1/feeds`` and ``/v1/calendars/{code}.ics``: what calendar programs subscribe to."""

from hashlib import blake2b
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response, Security, status
from fastapi.security import APIKeyQuery, HTTPAuthorizationCredentials
from pydantic import Field, TypeAdapter

from budget_calendar.api.authors import author_of
from budget_calendar.api.fields import Answer, Ask, CodeInPath
from budget_calendar.api.scopes import READ
from budget_calendar.repository.feeds import Feed
from budget_calendar.subscriptions import Subscriptions
from budget_calendar.wording import Language
from kakehashi_common.auth import BEARER, Principal, require_scope
from kakehashi_common.contracts.events import MunicipalityCode
from kakehashi_common.http.app import TOKEN_PARAMETER
from kakehashi_common.http.bodies import Flag
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.etags import etag, matches
from kakehashi_common.http.fields import Cursor, IfNoneMatch, JapanTime, Limit

ICALENDAR: Final = "text/calendar"
"""Source: RFC 5545, section 8.1."""

_KEY: Final = TypeAdapter(tuple[UUID])
_TOKEN = APIKeyQuery(
    name=TOKEN_PARAMETER,
    scheme_name="FeedToken",
    auto_error=False,
    description="A feed's token, for this one calendar",
)


class FeedIn(Ask):
    """Whose calendar to subscribe to."""

    code: MunicipalityCode
    language: Language = Field(default="ja", description="Of the events")
    phases: Flag = Field(
        default=True,
        description="Whether phases, which last months, are in it beside milestones; the URL says "
        "so, and can be changed",
    )


class FeedOut(Answer):
    """One subscription."""

    id: UUID
    code: str
    language: str
    created_by: str
    created_at: JapanTime

    @classmethod
    def of(cls, feed: Feed) -> "FeedOut":
        """Show it."""
        return cls(**_fields(feed))


class SubscribedOut(FeedOut):
    """A new subscription with its URL."""

    url: str = Field(
        description="Subscribe to this. It holds the token, which is shown here and never again: "
        "whoever has the URL reads this calendar until the feed is revoked"
    )


class _LanguageOfReader:
    """A gate for a feed's token, for its calendar, or whoever may read all; the feed's language."""

    scope = READ

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions
        self._may_read = require_scope(self.scope)

    async def admit(self, request: Request) -> object:
        """Let the request pass, see :class:`kakehashi_common.auth.Gate`."""
        token = await _TOKEN(request)
        if token is None:
            return await self._may_read.admit(request)
        feed = await self._subscriptions.of_token(token, request.path_params["code"])
        request.state.language = feed.language
        return feed

    async def __call__(
        self,
        request: Request,
        _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)],
        _token: Annotated[str | None, Security(_TOKEN)],
        language: Annotated[
            Language | None, Query(description="The feed's own, or ja, when absent")
        ] = None,
    ) -> Language:
        """Return the language that the calendar is read in."""
        own: Language = "en" if getattr(request.state, "language", None) == "en" else "ja"
        return language or own


def router(subscriptions: Subscriptions, public_url: str) -> APIRouter:
    """The routes of feeds, whose addresses begin with ``public_url``."""
    routes = APIRouter(prefix="/v1", tags=["feeds"])
    may_read = require_scope(READ)
    language_of_reader = _LanguageOfReader(subscriptions)

    @routes.get(
        "/calendars/{code}.ics",
        response_class=Response,
        responses={
            200: {"content": {ICALENDAR: {"schema": {"type": "string"}}}},
            304: {"description": "It is as `If-None-Match` names it"},
        },
    )
    async def get_feed(
        code: CodeInPath,
        language: Annotated[Language, Depends(language_of_reader)],
        *,
        phases: Annotated[
            bool, Query(description="Whether phases, months long, are in it beside milestones")
        ] = True,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """This fiscal year's and the next one's calendar, for calendar programs (iCalendar).

        These can't send a bearer token: instead, `token` may be that of a feed (`POST /v1/feeds`).
        """
        feed = await subscriptions.icalendar(code, language, phases=phases)
        tag = etag(blake2b(feed, digest_size=8).hexdigest())
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if matches(if_none_match, tag):
            return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
        headers["Content-Disposition"] = f'inline; filename="budget-{code}.ics"'
        return Response(feed, media_type=ICALENDAR, headers=headers)

    @routes.post("/feeds", status_code=status.HTTP_201_CREATED)
    async def subscribe(
        request: Request,
        response: Response,
        feed: FeedIn,
        who: Annotated[Principal, Depends(may_read)],
    ) -> SubscribedOut:
        """Make a URL that a calendar program subscribes to.

        Its token reads this one calendar and nothing else, until the feed is revoked.
        """
        made = await subscriptions.subscribe(feed.code, feed.language, author_of(request, who))
        query = {} if feed.phases else {"phases": "false"}
        path = request.app.url_path_for("get_feed", code=feed.code)
        url = f"{public_url}{path}?{urlencode({**query, TOKEN_PARAMETER: made.token})}"
        response.headers["Location"] = f"/v1/feeds/{made.feed.id}"
        response.headers["Cache-Control"] = "no-store"
        return SubscribedOut(
            url=url,
            **_fields(made.feed),
        )

    @routes.get("/feeds", dependencies=[Depends(may_read)])
    async def list_feeds(cursor: Cursor = None, limit: Limit = 100) -> Page[FeedOut]:
        """Subscriptions, without their tokens."""
        after = decode_cursor("feeds", cursor, _KEY)
        rows = await subscriptions.listed(None if after is None else after[0], limit + 1)
        shown, next_cursor = page("feeds", rows, limit, lambda each: (str(each.id),))
        return Page(items=[FeedOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.delete("/feeds/{feed_id}", status_code=status.HTTP_204_NO_CONTENT)
    async def revoke_feed(
        request: Request,
        feed_id: Annotated[UUID, Path()],
        who: Annotated[Principal, Depends(may_read)],
    ) -> None:
        """Let a feed's URL read nothing any more.

        Whoever may read may revoke, also what somebody else subscribed to: a URL in wrong hands
        has to be closed by the first to notice, and who did it is kept.
        """
        await subscriptions.revoke(feed_id, author_of(request, who))

    return routes


def _fields(feed: Feed) -> dict[str, object]:
    return {
        "id": feed.id,
        "code": feed.code,
        "language": feed.language,
        "created_by": feed.created_by,
        "created_at": feed.created_at,
    }
