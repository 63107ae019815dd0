"""``/v1/unknown-mails``: mails of which nobody knows whether they went."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request, status
from pydantic import TypeAdapter

from followup.delivery.schemas import FateIn, UnknownMailOut
from followup.delivery.unknown import UnknownMails
from followup.fields import Reader, Writer
from kakehashi_common.auth import actor_of
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Limit

_KEY: Final = TypeAdapter(tuple[datetime, str])


def router(mails: UnknownMails) -> APIRouter:
    """Return the routes of mails whose fate is unknown."""
    routes = APIRouter(prefix="/v1/unknown-mails", tags=["unknown mails"])

    @routes.get("", dependencies=[Reader])
    async def list_unknown_mails(cursor: Cursor = None, limit: Limit = 50) -> Page[UnknownMailOut]:
        """Mails that were handed over without an answer, the oldest first.

        They are not sent again by themselves, and count as sent after a day.
        """
        after = decode_cursor("unknown_mails", cursor, _KEY)
        rows = await mails.list_mails(after=after, limit=limit + 1)
        shown, next_cursor = page(
            "unknown_mails",
            rows,
            limit,
            lambda row: (row.claimed_at.isoformat(), row.message_id),
        )
        return Page(items=[UnknownMailOut.of(row) for row in shown], next_cursor=next_cursor)

    @routes.post("/settle", status_code=status.HTTP_204_NO_CONTENT)
    async def settle_unknown_mail(request: Request, body: FateIn, who: Writer) -> None:
        """Say whether a mail went, by the mail server's log; it is audited.

        One that did not go may go under the same Message-ID when its sequence asks next, an hour or
        a day after the attempt, if the send policy allows it then.
        """
        await mails.settle(body.message_id, actor_of(request, who), was_sent=body.was_sent)

    return routes
