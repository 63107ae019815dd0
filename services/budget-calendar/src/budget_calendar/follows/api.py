"""``/v1/follows``: follow municipalities one by one or a prefecture at a time."""

from typing import Annotated, Final

from fastapi import APIRouter, BackgroundTasks, Depends, Request, status
from pydantic import Field, TypeAdapter, model_validator

from budget_calendar.fields import Prefecture
from budget_calendar.follows.queries import FollowQueries
from budget_calendar.follows.schemas import FollowOut
from budget_calendar.follows.service import Followed, Follows
from budget_calendar.scopes import FOLLOW, READ
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.contracts.events import MunicipalityCode
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, IdempotencyKey, Limit
from kakehashi_common.http.idempotency import idempotent_request
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody

_KEY: Final = TypeAdapter(tuple[MunicipalityCode])


class WhichIn(RequestBody):
    """The municipalities: one of the three."""

    codes: list[MunicipalityCode] | None = Field(default=None, min_length=1, max_length=2000)
    prefecture: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="The prefecture and everything in it, such as 群馬県, 群馬 or 10",
    )
    all: Flag = Field(default=False, description="Every municipality and prefecture")

    @model_validator(mode="after")
    def _one_way(self) -> "WhichIn":
        if sum((self.codes is not None, self.prefecture is not None, self.all)) != 1:
            raise ValueError("give codes, a prefecture, or all: true, and only one of them")
        return self


class FollowedOut(ResponseBody):
    """The result of following or unfollowing."""

    changed: list[str] = Field(description="Codes", examples=[["102032"]])
    unchanged: list[str] = Field(description="Codes that were as asked for already")

    @classmethod
    def of(cls, followed: Followed) -> "FollowedOut":
        """Show it."""
        return cls(changed=list(followed.changed), unchanged=list(followed.unchanged))


def router(following: Follows, queries: FollowQueries) -> APIRouter:
    """The routes that follow and list."""
    routes = APIRouter(prefix="/v1", tags=["follows"])

    @routes.get("/follows", dependencies=[Depends(require_scope(READ))])
    async def list_follows(
        prefecture: Prefecture = "", cursor: Cursor = None, limit: Limit = 100
    ) -> Page[FollowOut]:
        """Followed municipalities by code, and whether their workflows know all there is."""
        after = decode_cursor("follows", cursor, _KEY)
        rows = await queries.list_follows(prefecture, "" if after is None else after[0], limit + 1)
        shown, next_cursor = page("follows", rows, limit, lambda row: (row[1].code,))
        return Page(
            items=[FollowOut.of(municipality, each) for municipality, each in shown],
            next_cursor=next_cursor,
        )

    @routes.post("/follows", status_code=status.HTTP_202_ACCEPTED)
    async def follow(
        request: Request,
        which: WhichIn,
        who: Annotated[Principal, Depends(require_scope(FOLLOW))],
        idempotency_key: IdempotencyKey = None,
    ) -> FollowedOut:
        """Follow municipalities: their calendars are opened and what comes near is published.

        Their workflows start in the background, at once where Temporal can be reached.
        """
        followed = await following.follow(
            await _codes(queries, which),
            actor_of(request, who),
            await idempotent_request(request, who, idempotency_key),
        )
        return FollowedOut.of(followed)

    @routes.post("/unfollows", status_code=status.HTTP_202_ACCEPTED)
    async def unfollow(
        request: Request,
        background: BackgroundTasks,
        which: WhichIn,
        who: Annotated[Principal, Depends(require_scope(FOLLOW))],
    ) -> FollowedOut:
        """Unfollow municipalities: nothing more is published about them.

        Their calendars are kept. A POST, as many clients can't send a DELETE with a body; sent
        twice it changes nothing more.
        """
        unfollowed = await following.unfollow(await _codes(queries, which), actor_of(request, who))
        background.add_task(following.end_cycles, unfollowed.changed)
        return FollowedOut.of(unfollowed)

    return routes


async def _codes(queries: FollowQueries, which: WhichIn) -> list[str]:
    if which.codes is not None:
        return which.codes
    return await queries.list_codes(which.prefecture or "")
