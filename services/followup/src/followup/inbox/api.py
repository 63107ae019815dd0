"""``/v1/incoming-mails``: mails that another program has received, one by one."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response, status

from followup.inbox.answers import Answers
from followup.inbox.maildir import ArrivedMail
from followup.inbox.schemas import AnswerOut, IncomingMailOut
from followup.inbox.service import IncomingMails
from followup.scopes import PERSONAL_DATA, RECEIVE_MAILS
from kakehashi_common.auth import Principal, actor_of, require_scope
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


Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="As a notice names it")]


def router(mails: IncomingMails, answers: Answers, clock: Clock) -> APIRouter:
    """Return the routes that take mails in, and that show what was answered."""
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

    @routes.get("/{digest}")
    async def get_incoming_mail(
        request: Request,
        response: Response,
        digest: Digest,
        who: Annotated[Principal, Depends(require_scope(PERSONAL_DATA))],
    ) -> AnswerOut:
        """Show a mail that refers to one of ours, such as an answer, with its text; it is audited.

        Daily lists and the notices to sellers name its digest.
        """
        answer = await answers.read(digest, actor_of(request, who))
        response.headers["Cache-Control"] = "no-store"
        return AnswerOut.of(answer)

    return routes
