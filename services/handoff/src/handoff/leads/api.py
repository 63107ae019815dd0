"""``/v1/leads/{lead_id}``: what is known of a lead; ``…/personal-data``: exported, erased."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from handoff.leads.schemas import ErasedLeadOut, LeadOut, PersonalDataOut
from handoff.leads.service import Leads
from handoff.scopes import PERSONAL_DATA, READ
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.http.lead_ids import LeadIdInPath

Reader = Depends(require_scope(READ))
Privacy = Annotated[Principal, Depends(require_scope(PERSONAL_DATA))]


def router(leads: Leads) -> APIRouter:
    """Return the routes of leads."""
    routes = APIRouter(prefix="/v1/leads", tags=["leads"])

    @routes.get("/{lead_id:path}/personal-data")
    async def export_lead(
        request: Request, response: Response, lead_id: LeadIdInPath, who: Privacy
    ) -> PersonalDataOut:
        """Show everything that is held about the person, to hand to them; it is audited."""
        exported = await leads.export(lead_id, actor_of(request, who))
        response.headers["Cache-Control"] = "no-store"
        return PersonalDataOut.of(exported)

    @routes.delete("/{lead_id:path}/personal-data")
    async def erase_lead(request: Request, lead_id: LeadIdInPath, who: Privacy) -> ErasedLeadOut:
        """Forget the person behind a lead: profile, activity, score, and texts in packets.

        Open handoffs of the lead are withdrawn, notes and reasons in all of them erased, and what
        Temporal keeps of them deleted, within minutes while it is there. Doing it again changes
        nothing. The request is audited. An erasure in lead-scoring does the same by itself: it
        publishes the end of the lead's score. What events say of the person from then on is not
        kept, under this lead id, however late they come.
        """
        erased = await leads.erase(lead_id, actor_of(request, who))
        return ErasedLeadOut(leads=erased.leads, packets=erased.packets)

    @routes.get("/{lead_id:path}", dependencies=[Reader])
    async def get_lead(response: Response, lead_id: LeadIdInPath) -> LeadOut:
        """Show everything that is known of a lead; a lead of which nothing is known is empty."""
        response.headers["Cache-Control"] = "no-store"
        return LeadOut.of(await leads.known(lead_id))

    return routes
