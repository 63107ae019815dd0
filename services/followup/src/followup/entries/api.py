"""``/v1/entry-decisions``: why a contact entered playbooks or not."""

from typing import Annotated

from fastapi import APIRouter, Query

from followup.entries.schemas import EntryDecisionOut
from followup.entries.service import Entries
from followup.fields import Reader
from kakehashi_common.contracts.events import LeadId
from kakehashi_common.http.fields import Limit


def router(entries: Entries) -> APIRouter:
    """Return the routes of decisions."""
    routes = APIRouter(prefix="/v1", tags=["entry-decisions"])

    @routes.get("/entry-decisions", dependencies=[Reader])
    async def list_entry_decisions(
        lead_id: Annotated[LeadId, Query()], limit: Limit = 50
    ) -> list[EntryDecisionOut]:
        """List the decisions on a contact's entries into playbooks, the newest first."""
        return [EntryDecisionOut.of(each) for each in await entries.decisions(lead_id, limit)]

    return routes
