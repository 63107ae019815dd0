"""``/v1/contacts/{lead_id}/personal-data``, ``/v1/personal-data``: exported, erased."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status

from followup.personal_data.schemas import (
    AddressDataOut,
    AddressIn,
    ErasedOut,
    PersonalDataOut,
)
from followup.personal_data.service import PersonalData
from followup.scopes import PERSONAL_DATA
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.http.lead_ids import LeadIdInPath

Privacy = Annotated[Principal, Depends(require_scope(PERSONAL_DATA))]


def router(personal_data: PersonalData) -> APIRouter:
    """Return the routes for data subjects' requests."""
    routes = APIRouter(prefix="/v1", tags=["personal data"])

    @routes.get("/contacts/{lead_id:path}/personal-data")
    async def export_contact(
        request: Request, response: Response, lead_id: LeadIdInPath, who: Privacy
    ) -> PersonalDataOut:
        """Show everything that is held about the person, to hand to them; it is audited."""
        held = await personal_data.export(lead_id, actor_of(request, who))
        response.headers["Cache-Control"] = "no-store"
        return PersonalDataOut.of(lead_id, held)

    @routes.delete("/contacts/{lead_id:path}/personal-data", status_code=status.HTTP_204_NO_CONTENT)
    async def erase_contact(request: Request, lead_id: LeadIdInPath, who: Privacy) -> None:
        """Forget the person behind a lead.

        Their sequences end, and what Temporal keeps of them is deleted, within minutes while it is
        there. That an address must not be written to stays, without the address. Doing it again
        changes nothing. The request is audited. An erasure in lead-scoring does the same by itself:
        it publishes the end of the lead's score. What events say of the person from then on is not
        kept, under this lead id, however late they come.
        """
        await personal_data.erase(lead_id, actor_of(request, who))

    @routes.post("/personal-data/exports")
    async def export_address(
        request: Request, response: Response, body: AddressIn, who: Privacy
    ) -> AddressDataOut:
        """Show everything that is held about whoever has an address; it is audited.

        A POST, since what names a person has no place in URLs, which end up in logs. An address
        that no contact has may still have consents and answers.
        """
        found = await personal_data.export_address(body.email, actor_of(request, who))
        response.headers["Cache-Control"] = "no-store"
        return AddressDataOut.of(*found)

    @routes.post("/personal-data/erasures")
    async def erase_address(request: Request, body: AddressIn, who: Privacy) -> ErasedOut:
        """Forget every contact with an address, and what is held by the address alone.

        As `DELETE /v1/contacts/{lead_id}/personal-data` does. Doing it again changes nothing.
        """
        erased = await personal_data.erase_address(body.email, actor_of(request, who))
        return ErasedOut.of(*erased)

    return routes
