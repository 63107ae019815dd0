"""Sellers' own calendars, as the API shows and takes them."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from followup.domain.meeting_slots import Span
from followup.sellers.calendar_repository import StoredCalendar
from followup.sellers.free_slots import FreeSlots
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import RequestBody, ResponseBody


class OwnCalendarIn(RequestBody):
    """The address of a seller's own calendar."""

    url: Annotated[
        str,
        Field(
            min_length=1,
            max_length=2_000,
            description="Of an iCalendar file, https; it is never shown: whoever knows it reads it",
            examples=["https://calendar.example.co.jp/s-1042/private-3f9a/basic.ics"],
        ),
    ]


class OwnCalendarOut(ResponseBody):
    """The state of reading a seller's own calendar. Only their busy times are kept, no titles."""

    seller_id: str
    host: str | None = Field(description="Where it is read; null: it was uploaded as a file")
    read_at: JapanTime | None = Field(description="Null: it could not be read yet")
    tried_at: JapanTime
    covers_until: JapanTime | None
    problem: str | None = Field(
        description="Why it can't be trusted now: no text offers a time until then"
    )

    @classmethod
    def of(cls, calendar: StoredCalendar, problem: str | None) -> "OwnCalendarOut":
        """Show a calendar."""
        return cls(
            seller_id=calendar.seller_id,
            host=None if calendar.url is None else urlsplit(calendar.url).hostname,
            read_at=calendar.read_at,
            tried_at=calendar.tried_at,
            covers_until=calendar.covers_until,
            problem=problem,
        )


class SlotOut(ResponseBody):
    """A time for a meeting."""

    starts: JapanTime
    ends: JapanTime

    @classmethod
    def of(cls, slot: Span) -> "SlotOut":
        """Show a slot."""
        return cls(starts=slot.starts, ends=slot.ends)


class FreeSlotsOut(ResponseBody):
    """When a seller is free for a meeting."""

    calendar: OwnCalendarOut
    slots: list[SlotOut] = Field(description="In order; none where the calendar has a problem")

    @classmethod
    def of(cls, found: FreeSlots) -> "FreeSlotsOut":
        """Show when somebody is free."""
        return cls(
            calendar=OwnCalendarOut.of(found.calendar, found.problem),
            slots=[SlotOut.of(each) for each in found.slots],
        )
