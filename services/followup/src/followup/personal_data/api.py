"""``/v1/contacts/{lead_id}/personal-data``: exported, erased."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status

from followup.personal_data.schemas import PersonalDataOut
from followup.personal_data.service import PersonalData
from followup.scopes import PERSONAL_DATA
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.http.lead_ids import LeadIdInPath

Privacy = Annotated[Principal, Depends(require_scope(PERSONAL_DATA))]


def router(personal_data: PersonalData) -> APIRouter:
    """Return the routes for data subjects' requests."""
    routes = APIRouter(prefix="/v1/contacts", tags=["contacts"])

    @routes.get("/{lead_id:path}/personal-data")
    async def export_contact(
        request: Request, response: Response, lead_id: LeadIdInPath, who: Privacy
    ) -> PersonalDataOut:
        """Show everything that is held about the person, to hand to them; it is audited."""
        held = await personal_data.export(lead_id, actor_of(request, who))
        response.headers["Cache-Control"] = "no-store"
        return PersonalDataOut.of(lead_id, held)

    @routes.delete("/{lead_id:path}/personal-data", status_code=status.HTTP_204_NO_CONTENT)
    async def erase_contact(request: Request, lead_id: LeadIdInPath, who: Privacy) -> None:
        """Forget the person behind a lead.

        Their sequences end, and what Temporal keeps of them is deleted, within seconds while it is
        there. That an address must not be written to stays, without the address. Doing it again
        changes nothing. The request is audited. An erasure in lead-scoring does the same by itself:
        it publishes the end of the lead's score. What events say of the person from then on is not
        kept, under this lead id, however late they come.
        """
        await personal_data.erase(lead_id, actor_of(request, who))

    return routes
