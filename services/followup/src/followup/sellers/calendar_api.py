"""``/v1/sellers/{seller_id}/own-calendar``: when sellers are free for a meeting."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response, status

from followup.fields import Reader, Writer
from followup.sellers.calendar_schemas import FreeSlotsOut, OwnCalendarIn, OwnCalendarOut
from followup.sellers.free_slots import OwnCalendars
from kakehashi_common.auth import actor_of
from kakehashi_common.calendar_feeds import MEDIA_TYPE
from kakehashi_common.http.fields import Id
from kakehashi_common.http.requests import UnsupportedMediaTypeError

SellerId = Annotated[Id, Path()]

_FILE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "description": "iCalendar"}}},
    }
}


def router(calendars: OwnCalendars) -> APIRouter:
    """Return the routes of sellers' own calendars."""
    routes = APIRouter(prefix="/v1/sellers/{seller_id}", tags=["sellers"])

    @routes.put("/own-calendar")
    async def name_own_calendar(
        request: Request, seller_id: SellerId, body: OwnCalendarIn, who: Writer
    ) -> OwnCalendarOut:
        """Say where a seller's calendar is published, in place of the one before; it is read now.

        Only when they are busy is kept, for the next 90 days. `problem` says why it can't be read.
        """
        found = await calendars.name_url(seller_id, body.url, actor_of(request, who))
        return OwnCalendarOut.of(found, found.problem)

    @routes.put("/own-calendar.ics", openapi_extra=_FILE)
    async def upload_own_calendar(
        request: Request, seller_id: SellerId, who: Writer
    ) -> OwnCalendarOut:
        """Take a seller's calendar out of a file, in place of the one before: for 14 days."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != MEDIA_TYPE:
            raise UnsupportedMediaTypeError(f"send {MEDIA_TYPE}", field="Content-Type")
        document = await request.body()
        found = await calendars.upload(seller_id, document, actor_of(request, who))
        return OwnCalendarOut.of(found, found.problem)

    @routes.delete("/own-calendar", status_code=status.HTTP_204_NO_CONTENT)
    async def forget_own_calendar(request: Request, seller_id: SellerId, who: Writer) -> None:
        """Forget a seller's calendar: texts offer no times any more."""
        await calendars.forget(seller_id, actor_of(request, who))

    @routes.get("/free-slots", dependencies=[Reader])
    async def list_free_slots(
        response: Response,
        seller_id: SellerId,
        days: Annotated[int, Query(ge=1, le=40, description="Business days ahead")] = 10,
        minutes: Annotated[int, Query(ge=15, le=180, description="The length of a meeting")] = 60,
    ) -> FreeSlotsOut:
        """When a seller is free for a meeting: on business days 9–12 and 13–17, from tomorrow on.

        By their own calendar, which is read again if that was ten minutes ago, and their absences.
        """
        response.headers["Cache-Control"] = "no-store"
        found = await calendars.free_slots(seller_id, days, timedelta(minutes=minutes))
        return FreeSlotsOut.of(found)

    return routes
