"""``/v1/deals``."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import TypeAdapter

from handoff.deals.repository import DealFilter, StoredDeal
from handoff.deals.schemas import DealIn, DealOut
from handoff.deals.service import Deals
from handoff.scopes import READ, WRITE
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.contracts.deal_events import DealId, DealStage
from kakehashi_common.contracts.events import LeadId, MunicipalityCode
from kakehashi_common.errors import PreconditionFailedError
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.etags import etag, require_match
from kakehashi_common.http.fields import Cursor, IfMatch, Limit

_KEY: Final = TypeAdapter(tuple[DealId])
_IdInPath = Annotated[DealId, Path()]
_Reader = Depends(require_scope(READ))
_Writer = Annotated[Principal, Depends(require_scope(WRITE))]


def router(deals: Deals) -> APIRouter:
    """Return the routes of deals."""
    routes = APIRouter(prefix="/v1/deals", tags=["deals"])

    @routes.get("", dependencies=[_Reader])
    async def list_deals(
        lead_id: Annotated[LeadId | None, Query()] = None,
        municipality_code: Annotated[MunicipalityCode | None, Query()] = None,
        owner: Annotated[str | None, Query(max_length=64)] = None,
        stage: DealStage | None = None,
        is_open: Annotated[
            bool | None, Query(alias="open", description="Neither decided nor superseded")
        ] = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[DealOut]:
        """List deals, by id."""
        after = decode_cursor("deals", cursor, _KEY)
        wanted = DealFilter(lead_id, municipality_code, owner, stage, is_open)
        found = await deals.list_deals(
            wanted, after=None if after is None else after[0], limit=limit + 1
        )
        shown, next_cursor = page("deals", found, limit, lambda deal: (deal.stated.deal_id,))
        return Page(items=[DealOut.of(each) for each in shown], next_cursor=next_cursor)

    @routes.get("/{deal_id}", dependencies=[_Reader])
    async def get_deal(response: Response, deal_id: _IdInPath) -> DealOut:
        """Show a deal."""
        deal = await deals.find(deal_id)
        response.headers["ETag"] = _tag(deal)
        return DealOut.of(deal)

    @routes.put("/{deal_id}")
    async def put_deal(
        request: Request,
        response: Response,
        deal_id: _IdInPath,
        body: DealIn,
        who: _Writer,
        if_match: IfMatch = None,
    ) -> DealOut:
        """State a deal, where no CRM does: it is published on `deal-events-v1`.

        What is left out isn't known. A deal that is there is edited with `If-Match`.
        """

        def as_seen(before: StoredDeal | None) -> None:
            if before is not None:
                require_match(if_match, _tag(before))
            elif if_match is not None:
                raise PreconditionFailedError("there is no such deal to edit", field="If-Match")

        deal = await deals.put(body.stated(deal_id), actor_of(request, who), as_seen)
        response.headers["ETag"] = _tag(deal)
        return DealOut.of(deal)

    return routes


def _tag(deal: StoredDeal) -> str:
    return etag(deal.event_key.hex)
