"""``/v1/sellers/{seller_id}/daily-list``: what a seller has to do, as JSON, page and calendar."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response, Security, status
from fastapi.security import APIKeyQuery, HTTPAuthorizationCredentials

from followup.daily_lists.calendar import calendar_feed
from followup.daily_lists.calendars import Calendars
from followup.daily_lists.page import daily_list_page
from followup.daily_lists.queries import DailyLists
from followup.daily_lists.schemas import CalendarOut, DailyListOut
from followup.fields import Reader, Writer
from followup.scopes import READ
from followup.sellers.service import Sellers
from kakehashi_common.auth import BEARER, actor_of, require_scope
from kakehashi_common.calendar_feeds import MEDIA_TYPE
from kakehashi_common.http.app import TOKEN_PARAMETER
from kakehashi_common.http.etags import NOT_MODIFIED, REVALIDATE, digest, etag, require_no_match
from kakehashi_common.http.fields import Id, IfNoneMatch

SellerId = Annotated[Id, Path()]

_TOKEN = APIKeyQuery(
    name=TOKEN_PARAMETER,
    scheme_name="CalendarToken",
    auto_error=False,
    description="Of a seller's calendar feed, for this one feed",
)
_PAGE_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
"""The page needs nothing but its own style."""


class _FeedReader:
    """A gate for the token of a seller's feed, or whoever may read."""

    scope = READ

    def __init__(self, calendars: Calendars) -> None:
        self._calendars = calendars
        self._may_read = require_scope(self.scope)

    async def admit(self, request: Request) -> object:
        """Let the request pass, see :class:`kakehashi_common.auth.Gate`."""
        token = await _TOKEN(request)
        if token is None:
            return await self._may_read.admit(request)
        await self._calendars.check(request.path_params["seller_id"], token)
        return token

    async def __call__(
        self,
        request: Request,
        _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)],
        _token: Annotated[str | None, Security(_TOKEN)],
    ) -> None:
        """Describe what the gate takes; it has admitted the request already."""


def router(lists: DailyLists, calendars: Calendars, sellers: Sellers, public_url: str) -> APIRouter:
    """Return the routes of daily lists; the addresses of feeds begin with ``public_url``."""
    routes = APIRouter(prefix="/v1/sellers/{seller_id}", tags=["daily lists"])
    _reading_routes(routes, lists, calendars, sellers)

    @routes.post("/calendar", status_code=status.HTTP_201_CREATED)
    async def open_calendar(
        request: Request, response: Response, seller_id: SellerId, who: Writer
    ) -> CalendarOut:
        """Make a URL by which a calendar program subscribes to the list; a former one ends."""
        await sellers.find(seller_id)
        token = await calendars.open(seller_id, actor_of(request, who))
        path = request.app.url_path_for("read_calendar", seller_id=seller_id)
        response.headers["Cache-Control"] = "no-store"
        return CalendarOut(url=f"{public_url}{path}?{TOKEN_PARAMETER}={token}")

    @routes.delete("/calendar", status_code=status.HTTP_204_NO_CONTENT)
    async def close_calendar(request: Request, seller_id: SellerId, who: Writer) -> None:
        """Let the feed's URL read nothing any more."""
        await calendars.close(seller_id, actor_of(request, who))

    return routes


def _reading_routes(
    routes: APIRouter, lists: DailyLists, calendars: Calendars, sellers: Sellers
) -> None:
    @routes.get("/daily-list", dependencies=[Reader])
    async def get_daily_list(response: Response, seller_id: SellerId) -> DailyListOut:
        """Show what a seller has to do: approvals, and tasks overdue, of today and later."""
        response.headers["Cache-Control"] = "no-store"
        return DailyListOut.of(await lists.of(seller_id))

    @routes.get(
        "/daily-list.html",
        dependencies=[Reader],
        response_class=Response,
        responses=_answer("text/html"),
    )
    async def get_daily_list_page(seller_id: SellerId) -> Response:
        """Show the same as a page to read or print, in Japanese."""
        found = await lists.of(seller_id)
        page = daily_list_page(found, await sellers.names())
        return Response(page, media_type="text/html; charset=utf-8", headers=_PAGE_HEADERS)

    @routes.get(
        "/daily-list.ics",
        dependencies=[Depends(_FeedReader(calendars))],
        response_class=Response,
        responses={**_answer(MEDIA_TYPE), **NOT_MODIFIED},
    )
    async def read_calendar(seller_id: SellerId, if_none_match: IfNoneMatch = None) -> Response:
        """Read the list as calendar programs do (iCalendar), each item by when it is due.

        These can't send a bearer token: instead, `token` may be that of `POST …/calendar`.
        """
        feed = calendar_feed(await lists.of(seller_id), await sellers.names())
        headers = require_no_match(if_none_match, etag(digest(feed)), REVALIDATE)
        headers["Content-Disposition"] = f'inline; filename="daily-list-{seller_id}.ics"'
        return Response(feed, media_type=MEDIA_TYPE, headers=headers)


def _answer(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": {"type": "string"}}}}}
