"""``/v1/unsubscribe/{token}``: the link of every mail. It needs no token of an issuer.

A mail program posts to it (RFC 8058). A person gets a page with a button: scanners of mails follow
links, so a GET changes nothing. Of a link that was damaged on its way what can be verified counts.
"""

from fastapi import APIRouter, status
from fastapi.responses import HTMLResponse

from followup.delivery.unsubscribing import confirmation_page, done_page, token_in, unknown_page
from followup.opt_outs.service import OptOuts

_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def router(opt_outs: OptOuts, company: str) -> APIRouter:
    """Return the routes of the link; they are for people and mail programs, not in the OpenAPI."""
    routes = APIRouter(prefix="/v1/unsubscribe", tags=["opt-outs"], include_in_schema=False)

    @routes.get("/{rest:path}")
    async def show_unsubscribe_page(rest: str) -> HTMLResponse:
        """Ask whether to opt out."""
        if not opt_outs.knows(token_in(rest)):
            return _page(unknown_page(), status.HTTP_404_NOT_FOUND)
        return _page(confirmation_page(company))

    @routes.post("/{rest:path}")
    async def unsubscribe(rest: str) -> HTMLResponse:
        """Opt out; again changes nothing. The body is whatever a mail program sends."""
        if not await opt_outs.opt_out(token_in(rest)):
            return _page(unknown_page(), status.HTTP_404_NOT_FOUND)
        return _page(done_page(company))

    return routes


def _page(html: str, code: int = status.HTTP_200_OK) -> HTMLResponse:
    return HTMLResponse(html, status_code=code, headers=_HEADERS)
