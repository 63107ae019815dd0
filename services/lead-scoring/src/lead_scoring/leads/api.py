"""``/v1/leads`` and ``/v1/municipalities``: scores, why they are what they are, and lists."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import AfterValidator, Field, TypeAdapter

from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.contracts.events import LeadId, MunicipalityCode
from kakehashi_common.contracts.municipalities import known_prefecture
from kakehashi_common.errors import ForbiddenError
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.etags import NOT_MODIFIED, etag, require_no_match
from kakehashi_common.http.fields import Cursor, InstantOrDay, Limit
from kakehashi_common.http.lead_ids import LeadIdInPath
from lead_scoring.leads.call_list_schemas import ListedLeadOut
from lead_scoring.leads.queries import LeadQueries
from lead_scoring.leads.repository import LeadFilter, Order, SortKey
from lead_scoring.leads.schemas import (
    ExplanationOut,
    LeadDetailOut,
    MunicipalityViewOut,
)
from lead_scoring.personal_data.repository import Person
from lead_scoring.personal_data.service import PersonalData
from lead_scoring.scopes import PERSONAL_DATA, READ
from lead_scoring.scoring.schemas import Grade, PastScoreOut

PrefectureDigits = Annotated[
    str,
    AfterValidator(lambda spelling: known_prefecture(spelling).code[:2]),
    Field(max_length=16, examples=["埼玉県"]),
]

LeastPoints = Annotated[float | None, Query(ge=0, le=100)]

_Tenths = Annotated[int, Field(ge=0, le=1000)]
_SumOfTenths = Annotated[int, Field(ge=0, le=2000)]
_SORT_KEYS: Final[dict[Order, TypeAdapter[SortKey]]] = {
    "grade": TypeAdapter(tuple[Grade, _SumOfTenths, LeadId]),
    "engagement": TypeAdapter(tuple[_Tenths, _Tenths, LeadId]),
    "fit": TypeAdapter(tuple[_Tenths, _Tenths, LeadId]),
}
"""The type of the cursor keys of each order."""

_HISTORY_KEY: Final = TypeAdapter(tuple[Annotated[int, Field(ge=1, le=2**63 - 1)]])


def router(queries: LeadQueries, personal_data: PersonalData) -> APIRouter:
    """The routes that read scores from ``queries``, and people from ``personal_data``."""
    routes = APIRouter(prefix="/v1", dependencies=[Depends(require_scope(READ))], tags=["scores"])

    @routes.get("/leads")
    async def list_leads(  # noqa: PLR0913 - what can be asked, each by name
        *,
        request: Request,
        response: Response,
        who: Annotated[Principal, Depends(require_scope(READ))],
        grade: Annotated[list[Grade] | None, Query(description="Repeat it for several")] = None,
        min_fit: LeastPoints = None,
        min_engagement: LeastPoints = None,
        municipality_code: Annotated[MunicipalityCode | None, Query()] = None,
        prefecture: Annotated[
            PrefectureDigits | None,
            Query(description="Such as 埼玉県, 埼玉 or 11; its own government is among them"),
        ] = None,
        reasons: Annotated[
            int, Query(ge=0, le=10, description="So many of the strongest lines of each score")
        ] = 0,
        contact: Annotated[
            bool,
            Query(
                description="Also name, address and number of each person: needs the scope "
                f"`{PERSONAL_DATA}` and is audited"
            ),
        ] = False,
        order: Annotated[
            Order,
            Query(description="grade: A1 first, then by the sum of fit and engagement"),
        ] = "grade",
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[ListedLeadOut]:
        """Leads with their newest score, the best first.

        Whom to call in 埼玉県 this week, and why: `?prefecture=埼玉県&reasons=3&contact=true`.
        """
        if contact and PERSONAL_DATA not in who.scopes:
            raise ForbiddenError(f"contact needs the scope {PERSONAL_DATA}", field="contact")
        wanted = LeadFilter(
            grades=tuple(sorted(set(grade or ()))),
            min_fit=_tenths(min_fit),
            min_engagement=_tenths(min_engagement),
            municipality_code=municipality_code,
            prefecture=prefecture,
        )
        name = f"leads by {order}"
        after = decode_cursor(name, cursor, _SORT_KEYS[order])
        rows = await queries.leads(wanted, order, after, limit + 1)
        shown, next_cursor = page(name, rows, limit, lambda lead: lead.sort_key(order))
        people: Mapping[str, Person] = {}
        if contact:
            response.headers["Cache-Control"] = "no-store"
            people = await personal_data.contacts(
                [lead.lead_id for lead in shown], actor_of(request, who)
            )
        return Page(
            items=[
                ListedLeadOut.with_reasons(lead, people.get(lead.lead.lead_id))
                for lead in await queries.listed(shown, reasons)
            ],
            next_cursor=next_cursor,
        )

    # A lead's id may hold slashes, so what follows it in a path has to be matched first.
    @routes.get("/leads/{lead_id:path}/explanation")
    async def explain_lead(
        lead_id: LeadIdInPath,
        as_of: Annotated[
            InstantOrDay | None,
            Query(
                description="The instant, with an offset (`+` is written `%2B` in a URL), or a day "
                "in Japan, which stands for its end; now when absent. The past is computed from "
                "the event log",
            ),
        ] = None,
        rule_version: Annotated[
            int | None, Query(ge=1, le=2**31 - 1, description="The newest when absent")
        ] = None,
    ) -> ExplanationOut:
        """The score as of an instant, by any version of the rules, line by line."""
        explained = await queries.explanation(lead_id, as_of, rule_version)
        return ExplanationOut.of(lead_id, explained)

    @routes.get("/leads/{lead_id:path}/history")
    async def list_history(
        lead_id: LeadIdInPath, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[PastScoreOut]:
        """The announced scores, newest first: one for each change by a point or more."""
        name = f"history of {lead_id}"
        last_seen = decode_cursor(name, cursor, _HISTORY_KEY)
        before = None if last_seen is None else last_seen[0]
        rows = await queries.history(lead_id, before, limit + 1)
        shown, next_cursor = page(name, rows, limit, lambda past: (past.id,))
        return Page(items=[PastScoreOut.of(past) for past in shown], next_cursor=next_cursor)

    @routes.get(
        "/leads/{lead_id:path}",
        responses=NOT_MODIFIED,
    )
    async def get_lead(
        response: Response,
        lead_id: LeadIdInPath,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> LeadDetailOut:
        """The stored score of one lead with its explanation, as of when it was scored."""
        stored, explained = await queries.lead(lead_id)
        # An erased lead that came back starts its versions again.
        tag = etag(f"{stored.version}-{explained.as_of.timestamp():.6f}")
        response.headers.update(require_no_match(if_none_match, tag))
        return LeadDetailOut.explained(stored, explained)

    @routes.get("/municipalities/{code}")
    async def get_municipality(
        code: Annotated[MunicipalityCode, Path()], cursor: Cursor = None, limit: Limit = 50
    ) -> MunicipalityViewOut:
        """One municipality: its leads, the best of them, and how many people are active."""
        name = f"leads of {code}"
        after = decode_cursor(name, cursor, _SORT_KEYS["grade"])
        view = await queries.municipality(code, after, limit + 1)
        shown, next_cursor = page(name, view.leads, limit, lambda lead: lead.sort_key("grade"))
        return MunicipalityViewOut.of(view, shown, next_cursor)

    return routes


def _tenths(points: float | None) -> int | None:
    return None if points is None else round(points * 10)
