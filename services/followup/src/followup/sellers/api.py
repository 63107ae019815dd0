"""``/v1/sellers``: whose name stands under a message, and who does tasks."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, status
from pydantic import TypeAdapter

from followup.fields import Reader, Writer
from followup.sellers.schemas import AbsenceIn, AbsenceOut, SellerIn, SellerOut
from followup.sellers.service import Sellers
from kakehashi_common.auth import actor_of
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Id, Limit

SellerId = Annotated[Id, Path()]

_KEY: Final = TypeAdapter(tuple[Id])


def router(sellers: Sellers) -> APIRouter:
    """Return the routes of sellers."""
    routes = APIRouter(prefix="/v1/sellers", tags=["sellers"])

    @routes.put("/{seller_id}")
    async def put_seller(
        request: Request, seller_id: SellerId, body: SellerIn, who: Writer
    ) -> SellerOut:
        """Create or replace a seller. Who leaves is made inactive."""
        return SellerOut.of(await sellers.put(body.seller(seller_id), actor_of(request, who)))

    @routes.get("/{seller_id}", dependencies=[Reader])
    async def get_seller(seller_id: SellerId) -> SellerOut:
        """One seller."""
        return SellerOut.of(await sellers.find(seller_id))

    @routes.get("", dependencies=[Reader])
    async def list_sellers(cursor: Cursor = None, limit: Limit = 50) -> Page[SellerOut]:
        """Sellers, by id."""
        after = decode_cursor("sellers", cursor, _KEY)
        rows = await sellers.list_sellers(
            after=None if after is None else after[0], limit=limit + 1
        )
        shown, next_cursor = page("sellers", rows, limit, lambda row: (row.seller_id,))
        return Page(items=[SellerOut.of(row) for row in shown], next_cursor=next_cursor)

    _absence_routes(routes, sellers)
    return routes


def _absence_routes(routes: APIRouter, sellers: Sellers) -> None:
    @routes.get("/{seller_id}/absences", dependencies=[Reader])
    async def list_absences(seller_id: SellerId) -> list[AbsenceOut]:
        """List a seller's absences, the earliest first."""
        return [AbsenceOut.of(each) for each in await sellers.absences(seller_id)]

    @routes.put("/{seller_id}/absences/{absence_id}")
    async def put_absence(
        request: Request, seller_id: SellerId, absence_id: SellerId, body: AbsenceIn, who: Writer
    ) -> AbsenceOut:
        """Enter or replace an absence: approvals, and tasks due before its end, go to others."""
        absence = body.seller_absence(seller_id, absence_id)
        await sellers.put_absence(absence, actor_of(request, who))
        return AbsenceOut.of(absence)

    @routes.delete("/{seller_id}/absences/{absence_id}", status_code=status.HTTP_204_NO_CONTENT)
    async def delete_absence(
        request: Request, seller_id: SellerId, absence_id: SellerId, who: Writer
    ) -> None:
        """Delete an absence; what has gone to others stays with them."""
        await sellers.delete_absence(seller_id, absence_id, actor_of(request, who))
