"""``/v1/handoffs/{handoff_id}/readiness``, ``/v1/leads/{lead_id}/readiness``."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from handoff.domain.handoff.labels import ANSWERS, CRITERIA
from handoff.domain.readiness import Answer, Criterion, Judgement, Override, Readiness
from handoff.domain.teams.members import Role
from handoff.packets.api import HandoffIdInPath
from handoff.packets.service import Packets
from handoff.scopes import READ
from kakehashi_common.auth import require_scope
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.lead_ids import LeadIdInPath
from kakehashi_common.http.requests import ResponseBody

Reader = Depends(require_scope(READ))


class ReadinessOverrideOut(ResponseBody):
    """A person's answer instead of the computed one."""

    answer: Answer
    reason: str
    by: str
    at: JapanTime

    @classmethod
    def of(cls, override: Override) -> "ReadinessOverrideOut":
        """Show it."""
        return cls(answer=override.answer, reason=override.reason, by=override.by, at=override.at)


class CriterionOut(ResponseBody):
    """One criterion's answer and what it rests on."""

    criterion: Criterion
    label: str
    answer: Answer = Field(description="As computed")
    in_force: Answer = Field(description="The override's answer where there is one")
    label_in_force: str
    evidence: str = Field(description="What is known, in Japanese")
    override: ReadinessOverrideOut | None

    @classmethod
    def of(cls, judged: Judgement) -> "CriterionOut":
        """Show it."""
        return cls(
            criterion=judged.criterion,
            label=CRITERIA[judged.criterion],
            answer=judged.answer,
            in_force=judged.in_force,
            label_in_force=ANSWERS[judged.in_force],
            evidence=judged.evidence,
            override=None if judged.override is None else ReadinessOverrideOut.of(judged.override),
        )


class ReadinessOut(ResponseBody):
    """Whether a lead is ready to be handed over."""

    lead_id: str
    ready: bool = Field(description="Whether every criterion is met")
    criteria: list[CriterionOut]

    @classmethod
    def of(cls, lead_id: str, readiness: Readiness) -> "ReadinessOut":
        """Show it."""
        return cls(
            lead_id=lead_id,
            ready=readiness.ready,
            criteria=[CriterionOut.of(each) for each in readiness.judgements],
        )


def router(packets: Packets) -> APIRouter:
    """Return the routes of readiness."""
    routes = APIRouter(prefix="/v1", tags=["readiness"], dependencies=[Reader])

    @routes.get("/handoffs/{handoff_id}/readiness")
    async def get_handoff_readiness(handoff_id: HandoffIdInPath) -> ReadinessOut:
        """Show each criterion as met, not met or unknown, with its evidence and overrides."""
        lead_id, readiness = await packets.readiness(handoff_id)
        return ReadinessOut.of(lead_id, readiness)

    @routes.get("/leads/{lead_id:path}/readiness")
    async def get_lead_readiness(
        lead_id: LeadIdInPath,
        to: Annotated[
            Role, Query(description="Who would receive it: its packet's fields are required")
        ] = Role.FIELD_SALES,
    ) -> ReadinessOut:
        """Show whether a lead is ready before a handoff is requested.

        What people have entered counts once there is a handoff.
        """
        return ReadinessOut.of(lead_id, await packets.readiness_of_lead(lead_id, to))

    return routes
