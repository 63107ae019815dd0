"""``/v1/municipalities``: find one, and enter facts that no registry has."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from budget_calendar.calendars.queries import CalendarQueries
from budget_calendar.calendars.schemas import RevisionOut
from budget_calendar.calendars.service import Calendars
from budget_calendar.domain.budget_year.corrections import StandingFacts
from budget_calendar.fields import CodeInPath, Prefecture, SizeBands, Types
from budget_calendar.registry.queries import RegistryQueries
from budget_calendar.registry.repository import Registered
from budget_calendar.registry.schemas import FactsIn, MunicipalityOut, MunicipalityWithFactsOut
from budget_calendar.registry.search import Criteria
from budget_calendar.scopes import CORRECT, READ
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.clock import Clock
from kakehashi_common.contracts.events import MunicipalityCode
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.etags import NOT_MODIFIED, digest, etag, require_match, require_no_match
from kakehashi_common.http.fields import Cursor, IfMatch, IfNoneMatch

_KEY: Final = TypeAdapter(tuple[MunicipalityCode])
_registered: Final = TypeAdapter(Registered)

Searched = Annotated[str, Query(max_length=64)]


def router(
    registry: RegistryQueries, calendar_queries: CalendarQueries, calendars: Calendars, clock: Clock
) -> APIRouter:
    """The routes of the registry."""
    routes = APIRouter(prefix="/v1/municipalities", tags=["registry"])
    may_read = [Depends(require_scope(READ))]

    @routes.get("", dependencies=may_read)
    async def list_municipalities(  # noqa: PLR0913 - one for each way to search
        *,
        text: Annotated[
            str,
            Query(
                max_length=64,
                description="Part of the name (with or without its prefecture before it) or of the "
                "kana; digits are the beginning of a code",
                examples=["桐生"],
            ),
        ] = "",
        code: Annotated[str, Query(max_length=6, description="Its first digits, or all six")] = "",
        name: Searched = "",
        kana: Annotated[str, Query(max_length=64, description="Hiragana or katakana")] = "",
        from_start: Annotated[
            bool, Query(description="Text, name and kana must be at the beginning")
        ] = False,
        prefecture: Prefecture = "",
        types: Types = None,
        size_bands: SizeBands = None,
        cursor: Cursor = None,
        limit: Annotated[int, Query(ge=1, le=2000, description="Rows on a page")] = 50,
    ) -> Page[MunicipalityOut]:
        """Municipalities that fit all that is given, by code."""
        after = decode_cursor("municipalities", cursor, _KEY)
        found = (await registry.registry()).find(
            Criteria(
                text=text,
                code=code,
                name=name,
                kana=kana,
                from_start=from_start,
                prefecture=prefecture,
                types=frozenset(types or ()),
                size_bands=frozenset(size_bands or ()),
            ),
            after=None if after is None else after[0],
            limit=limit + 1,
        )
        shown, next_cursor = page("municipalities", found, limit, lambda each: (each.code,))
        return Page(items=[MunicipalityOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.get(
        "/{code}",
        dependencies=may_read,
        responses=NOT_MODIFIED,
    )
    async def get_municipality(
        response: Response, code: CodeInPath, if_none_match: IfNoneMatch = None
    ) -> MunicipalityWithFactsOut:
        """One municipality with its fiscal indices and what people entered about it."""
        found = await calendar_queries.get_municipality(code)
        response.headers.update(require_no_match(if_none_match, _tag(found)))
        return MunicipalityWithFactsOut.registered(found)

    @routes.put("/{code}/facts")
    async def enter_facts(
        request: Request,
        response: Response,
        code: CodeInPath,
        facts: FactsIn,
        who: Annotated[Principal, Depends(require_scope(CORRECT))],
        if_match: IfMatch = None,
    ) -> RevisionOut:
        """Say when the head's term ends and whether the council sits all year.

        Needs `If-Match` with the ETag of the municipality. Its calendars are computed again.
        """
        actor = actor_of(request, who)
        revised = await calendars.enter_facts(
            StandingFacts(
                code=code,
                head_term_ends=facts.head_term_ends,
                year_round_session=facts.year_round_session,
                source=facts.source,
                reason=facts.reason,
                by=actor.who,
                at=clock.now(),
            ),
            actor,
            precondition=lambda found: require_match(if_match, _tag(found)),
        )
        response.headers["ETag"] = _tag(await calendar_queries.get_municipality(code))
        return RevisionOut.of(revised)

    return routes


def _tag(found: Registered) -> str:
    """Changes with whatever is shown of the municipality."""
    return etag(digest(_registered.dump_json(found)))
