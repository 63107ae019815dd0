"""``/v1/feeds`` and ``/v1/calendars/{code}.ics``: what calendar programs subscribe to."""

from typing import Annotated, Final, Self
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response, Security, status
from fastapi.security import APIKeyQuery, HTTPAuthorizationCredentials
from pydantic import Field, TypeAdapter, model_validator

from budget_calendar.domain.budget_year.wording import Language
from budget_calendar.feeds.repository import Feed, FeedSubject
from budget_calendar.feeds.service import FeedContent, Layout, Subscriptions, invalid_token
from budget_calendar.fields import CodeInPath
from budget_calendar.scopes import READ
from kakehashi_common.auth import BEARER, Principal, actor_of, require_scope
from kakehashi_common.calendar_feeds import MEDIA_TYPE as ICALENDAR
from kakehashi_common.contracts.events import MunicipalityCode
from kakehashi_common.http.app import TOKEN_PARAMETER
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.etags import NOT_MODIFIED, REVALIDATE, etag, require_no_match
from kakehashi_common.http.fields import Cursor, IfNoneMatch, JapanTime, Limit
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody, Whole

_ALARM_DAYS: Final = (
    "So many days before each date an alarm rings, at 9 o'clock; none when absent. Calendar "
    "programs decide whether a subscribed calendar may ring"
)
MOST_ALARM_DAYS: Final = 60
AlarmDays = Annotated[int | None, Query(ge=0, le=MOST_ALARM_DAYS, description=_ALARM_DAYS)]
Phases = Annotated[
    bool, Query(description="Whether phases, months long, are in it beside milestones")
]

_KEY: Final = TypeAdapter(tuple[UUID])
_TOKEN = APIKeyQuery(
    name=TOKEN_PARAMETER,
    scheme_name="FeedToken",
    auto_error=False,
    description="A feed's token, for this one calendar",
)


class FeedIn(RequestBody):
    """The subject: a municipality, a prefecture, all followed municipalities, or pursuits."""

    code: MunicipalityCode | None = Field(default=None, description="Of this municipality")
    prefecture: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="What is followed in this prefecture: such as 群馬県, 群馬 or 10",
        examples=["群馬県"],
    )
    followed: Flag = Field(default=False, description="All that is followed")
    owner: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="The steps of this owner's pursuits",
        examples=["fs-east"],
    )
    language: Language = Field(default="ja", description="Of the events")
    phases: Flag = Field(
        default=True,
        description="Whether phases, which last months, are in it beside milestones, where it is "
        "of one municipality; the URL says so, and can be changed",
    )
    alarm_days: Whole | None = Field(
        default=None,
        le=MOST_ALARM_DAYS,
        description=f"{_ALARM_DAYS}. The URL says so, and can be changed",
        examples=[5],
    )

    @model_validator(mode="after")
    def _shows_one_thing(self) -> Self:
        given = [
            name for name in ("code", "prefecture", "followed", "owner") if getattr(self, name)
        ]
        if len(given) != 1:
            raise ValueError("give one of code, prefecture, followed (true) or owner")
        return self

    def subject(self) -> FeedSubject:
        """As the service knows it."""
        return FeedSubject(self.code, self.owner, self.prefecture)


class FeedOut(ResponseBody):
    """One subscription; of all that is followed where neither code, owner nor prefecture is set."""

    id: UUID
    code: str | None
    owner: str | None
    prefecture: str | None = Field(description="The code of its own government")
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
        feed = await self._subscriptions.get_by_token(token)
        wanted = request.path_params
        if "code" in wanted and wanted["code"] != feed.subject.code:
            raise invalid_token()
        if "feed_id" in wanted and wanted["feed_id"] != str(feed.id):
            raise invalid_token()
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
            **NOT_MODIFIED,
        },
    )
    async def get_feed(
        code: CodeInPath,
        language: Annotated[Language, Depends(language_of_reader)],
        *,
        phases: Phases = True,
        alarm_days: AlarmDays = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """This fiscal year's and the next one's calendar, for calendar programs (iCalendar).

        These can't send a bearer token: instead, `token` may be that of a feed (`POST /v1/feeds`).
        """
        layout = Layout(language, phases=phases, alarm_days=alarm_days)
        content = await subscriptions.content(FeedSubject(code=code), layout)
        return await _icalendar(content, f"budget-{code}.ics", if_none_match)

    @routes.get(
        "/feeds/{feed_id}.ics",
        response_class=Response,
        responses={
            200: {"content": {ICALENDAR: {"schema": {"type": "string"}}}},
            **NOT_MODIFIED,
        },
    )
    async def read_feed(
        feed_id: Annotated[UUID, Path()],
        language: Annotated[Language, Depends(language_of_reader)],
        *,
        phases: Phases = True,
        alarm_days: AlarmDays = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """Read a feed as calendar programs do (iCalendar), by its own token.

        Of many municipalities: what likely falls between 31 days ago and 400 days ahead, at most
        5,000 milestones, those to come first. Of an owner: the steps of pursuits that nobody has
        confirmed.
        """
        feed = await subscriptions.feed(feed_id)
        layout = Layout(language, phases=phases, alarm_days=alarm_days)
        content = await subscriptions.content(feed.subject, layout)
        return await _icalendar(content, f"budget-{feed_id}.ics", if_none_match)

    @routes.post("/feeds", status_code=status.HTTP_201_CREATED)
    async def subscribe(
        request: Request,
        response: Response,
        feed: FeedIn,
        who: Annotated[Principal, Depends(may_read)],
    ) -> SubscribedOut:
        """Make a URL that a calendar program subscribes to.

        Its token reads this one feed and nothing else, until the feed is revoked.
        """
        made = await subscriptions.subscribe(feed.subject(), feed.language, actor_of(request, who))
        query = {} if feed.phases else {"phases": "false"}
        if feed.alarm_days is not None:
            query["alarm_days"] = str(feed.alarm_days)
        path = (
            request.app.url_path_for("read_feed", feed_id=made.feed.id)
            if feed.code is None
            else request.app.url_path_for("get_feed", code=feed.code)
        )
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
        rows = await subscriptions.list_feeds(None if after is None else after[0], limit + 1)
        shown, next_cursor = page("feeds", rows, limit, lambda each: (str(each.id),))
        return Page(items=[FeedOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.delete("/feeds/{feed_id:uuid}", status_code=status.HTTP_204_NO_CONTENT)
    async def revoke_feed(
        request: Request,
        feed_id: Annotated[UUID, Path()],
        who: Annotated[Principal, Depends(may_read)],
    ) -> None:
        """Let a feed's URL read nothing any more.

        Whoever may read may revoke, also what somebody else subscribed to: a URL in wrong hands
        has to be closed by the first to notice, and who did it is kept.
        """
        await subscriptions.revoke(feed_id, actor_of(request, who))

    return routes


async def _icalendar(content: FeedContent, name: str, if_none_match: str | None) -> Response:
    headers = require_no_match(if_none_match, etag(content.revision), REVALIDATE)
    headers["Content-Disposition"] = f'inline; filename="{name}"'
    return Response(await content.write(), media_type=ICALENDAR, headers=headers)


def _fields(feed: Feed) -> dict[str, object]:
    return {
        "id": feed.id,
        "code": feed.subject.code,
        "owner": feed.subject.owner,
        "prefecture": feed.subject.prefecture,
        "language": feed.language,
        "created_by": feed.created_by,
        "created_at": feed.created_at,
    }
