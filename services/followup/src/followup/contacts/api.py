"""``/v1/contacts/{lead_id}``: who a contact is."""

from fastapi import APIRouter, Depends, Response

from followup.contacts.schemas import ContactOut
from followup.contacts.service import Contacts
from followup.scopes import PERSONAL_DATA
from kakehashi_common.auth import require_scope
from kakehashi_common.http.lead_ids import LeadIdInPath


def router(contacts: Contacts) -> APIRouter:
    """Return the routes of contacts."""
    routes = APIRouter(prefix="/v1/contacts", tags=["contacts"])

    @routes.get("/{lead_id:path}", dependencies=[Depends(require_scope(PERSONAL_DATA))])
    async def get_contact(response: Response, lead_id: LeadIdInPath) -> ContactOut:
        """Return a contact and their address; a merged id stands for the one that stays."""
        response.headers["Cache-Control"] = "no-store"
        return ContactOut.of(*await contacts.find(lead_id))

    return routes
