"""``/v1/contacts/{lead_id}``: who a contact is; ``…/personal-data``: erased."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status

from followup.contacts.schemas import ContactOut
from followup.contacts.service import Contacts
from followup.scopes import PERSONAL_DATA
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.http.lead_ids import LeadIdInPath

Privacy = Annotated[Principal, Depends(require_scope(PERSONAL_DATA))]


def router(contacts: Contacts) -> APIRouter:
    """Return the routes of contacts."""
    routes = APIRouter(prefix="/v1/contacts", tags=["contacts"])

    @routes.delete("/{lead_id:path}/personal-data", status_code=status.HTTP_204_NO_CONTENT)
    async def erase_contact(request: Request, lead_id: LeadIdInPath, who: Privacy) -> None:
        """Forget the person behind a lead.

        Doing it again changes nothing. The request is audited. An erasure in lead-scoring does the
        same by itself: it publishes the end of the lead's score. What events say of the person
        from then on is not kept, under this lead id, however late they come.
        """
        await contacts.erase(lead_id, actor_of(request, who))

    @routes.get("/{lead_id:path}", dependencies=[Depends(require_scope(PERSONAL_DATA))])
    async def get_contact(response: Response, lead_id: LeadIdInPath) -> ContactOut:
        """Who a contact is, and how to reach them."""
        response.headers["Cache-Control"] = "no-store"
        return ContactOut.of(await contacts.find(lead_id))

    return routes
