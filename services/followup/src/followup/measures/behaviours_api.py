"""``/v1/behaviours``: what is watched for, and how often it was right; why it is seen or not."""

from typing import Annotated

from fastapi import APIRouter, Query

from followup.domain.measures.precision import NEVER_SEEN
from followup.fields import Reader
from followup.measures.behaviour_schemas import BehaviourOut, BehavioursOut, JudgementOut
from followup.measures.queries import MeasureQueries
from followup.triggers.behaviours import Behaviours
from kakehashi_common.contracts.events import LeadId


def router(behaviours: Behaviours, queries: MeasureQueries) -> APIRouter:
    """Return the routes of behaviours."""
    routes = APIRouter(prefix="/v1", dependencies=[Reader], tags=["behaviours"])

    @routes.get("/behaviours")
    async def list_behaviours() -> BehavioursOut:
        """List the behaviours that playbooks in force know, each with its precision so far."""
        precisions = await queries.precisions()
        return BehavioursOut(
            items=[
                BehaviourOut.of(each, precisions.get(each.name, NEVER_SEEN))
                for each in await behaviours.watched()
            ]
        )

    @routes.get("/behaviour-judgements")
    async def list_behaviour_judgements(
        lead_id: Annotated[LeadId, Query()],
    ) -> list[JudgementOut]:
        """Say of every behaviour why it is seen in a contact now, or what is missing."""
        precisions = await queries.precisions()
        return [
            JudgementOut.judged(each, precisions.get(each.behaviour.name, NEVER_SEEN))
            for each in await behaviours.explain(lead_id)
        ]

    return routes
