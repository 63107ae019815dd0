"""``/v1/incoming-mails``: mails that another program has received, one by one."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, status

from followup.inbox.maildir import ArrivedMail
from followup.inbox.schemas import IncomingMailOut
from followup.inbox.service import IncomingMails
from followup.scopes import RECEIVE_MAILS
from kakehashi_common.auth import Principal, require_scope
from kakehashi_common.clock import Clock
from kakehashi_common.http.requests import UnsupportedMediaTypeError

MAIL_TYPE: Final = "message/rfc822"
"""Source: RFC 2046, section 5.2.1."""

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            MAIL_TYPE: {
                "schema": {
                    "type": "string",
                    "description": "The mail as it came over the wire, with its headers",
                }
            }
        },
    }
}


def router(mails: IncomingMails, clock: Clock) -> APIRouter:
    """Return the route that takes mails in."""
    routes = APIRouter(prefix="/v1/incoming-mails", tags=["incoming mails"])

    @routes.post("", openapi_extra=_BODY, status_code=status.HTTP_202_ACCEPTED)
    async def take_incoming_mail(
        request: Request, _: Annotated[Principal, Depends(require_scope(RECEIVE_MAILS))]
    ) -> IncomingMailOut:
        """Take a mail in: what follows from it is done within seconds.

        The same mail again changes nothing and is answered alike. One that can't be read is
        refused with the reason: keep it for a person.
        """
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != MAIL_TYPE:
            raise UnsupportedMediaTypeError(f"send {MAIL_TYPE}", field="Content-Type")
        arrived = ArrivedMail.of(await request.body(), clock.now())
        return IncomingMailOut.of(arrived.digest, await mails.take(arrived))

    return routes
