"""``/v1/send-decisions``: why mails to a contact went or not, and whether one could go now."""

from typing import Annotated

from fastapi import APIRouter, Query

from followup.fields import Reader
from followup.send_decisions.schemas import DecisionOut
from followup.send_decisions.service import SendDecisions
from kakehashi_common.contracts.events import LeadId


def router(decisions: SendDecisions) -> APIRouter:
    """Return the route of decisions."""
    routes = APIRouter(prefix="/v1/send-decisions", tags=["consents"], dependencies=[Reader])

    @routes.get("")
    async def get_send_decision(lead_id: Annotated[LeadId, Query()]) -> DecisionOut:
        """Whether a mail to a contact could go now, and why it could or not.

        `earlier` says the same of the mails that were planned or about to go.
        """
        return DecisionOut.of(await decisions.of_lead(lead_id))

    return routes
