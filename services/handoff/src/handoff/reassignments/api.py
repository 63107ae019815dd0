"""``/v1/members/{member_id}/reassignment``: reassign the handoffs of a member who leaves."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field

from handoff.domain.handoff.terms import ReassignReason
from handoff.domain.teams.members import Function
from handoff.handoffs.command_schemas import ByWhom
from handoff.reassignments.service import (
    Departure,
    ReassignedHandoff,
    ReassignmentOutcome,
    Reassignments,
)
from handoff.scopes import WRITE
from kakehashi_common.auth import Principal, origin_of, require_scope
from kakehashi_common.http.fields import Id
from kakehashi_common.http.requests import ResponseBody


class DepartureIn(ByWhom):
    """Why the member no longer has the handoffs, and who gets them."""

    reason: Literal[ReassignReason.MEMBER_LEFT, ReassignReason.MEMBER_ABSENT]
    to: Id | None = Field(default=None, description="None: the assignment decides about each")


class ReassignedHandoffOut(ResponseBody):
    """A handoff and the result of reassigning it."""

    handoff_id: str
    outcome: ReassignmentOutcome = Field(description="`removed`: is no longer its further owner")
    function: Function | None = Field(description="Of a further owner; null: the owner")
    status: str | None = Field(description="Where it stands; null when refused")
    owner: str | None = Field(description="Null: nobody has it yet")
    code: str | None = Field(description="Why it was refused")
    detail: str | None

    @classmethod
    def of(cls, done: ReassignedHandoff) -> "ReassignedHandoffOut":
        """Show it."""
        return cls(
            handoff_id=done.handoff_id,
            outcome=done.outcome,
            function=done.function,
            status=done.status,
            owner=done.owner,
            code=done.code,
            detail=done.detail,
        )


class ReassignmentsOut(ResponseBody):
    """The result for each open handoff of a member."""

    member_id: str
    refused: int
    handoffs: list[ReassignedHandoffOut] = Field(description="By id")


def router(reassignments: Reassignments) -> APIRouter:
    """Return the route that takes handoffs from a member."""
    routes = APIRouter(prefix="/v1", tags=["members"])

    @routes.post("/members/{member_id}/reassignment")
    async def reassign_handoffs_of_member(
        request: Request,
        member_id: Annotated[Id, Path()],
        body: DepartureIn,
        who: Annotated[Principal, Depends(require_scope(WRITE))],
    ) -> ReassignmentsOut:
        """Take every open handoff from a member who leaves or is away.

        Each goes to `to`, or to the member whom the assignment chooses; as a further owner the
        member is removed. Sent again, it goes on with what is left. Make a member who leaves
        inactive first, so that no new handoff comes in between.
        """
        done = await reassignments.reassign(
            Departure(
                member_id,
                ReassignReason(body.reason),
                body.to,
                body.by or who.subject,
                origin_of(request, who, body.by),
            )
        )
        return ReassignmentsOut(
            member_id=member_id,
            refused=sum(each.outcome is ReassignmentOutcome.REFUSED for each in done),
            handoffs=[ReassignedHandoffOut.of(each) for each in done],
        )

    return routes
