"""``/v1/handoffs/{handoff_id}/…``: what people and other systems say to a handoff.

Each answers where the handoff stands once all that follows has been recorded, changes nothing when
it is sent again, and is refused with 409 when it makes no sense as the handoff stands.
"""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Request

from handoff.domain.handoff import commands
from handoff.domain.readiness import Criterion
from handoff.domain.teams.members import Function
from handoff.handoffs.api import HandoffIdInPath, Writer
from handoff.handoffs.command_schemas import (
    ByWhom,
    ClosingIn,
    DoneIn,
    FurtherOwnerIn,
    LeadAnswerIn,
    OverrideIn,
    PauseClocksIn,
    RatingIn,
    ReassignmentIn,
    RejectionIn,
    ResubmissionIn,
    WithdrawalIn,
)
from handoff.handoffs.schemas import HandoffStatusOut
from handoff.handoffs.service import Handoffs
from kakehashi_common.auth import Principal, origin_of
from kakehashi_common.http.fields import IdempotencyKey
from kakehashi_common.http.idempotency import idempotent_request

OnlyBy = Annotated[ByWhom, Body()]


class _Sender:
    """Sends what one request says."""

    def __init__(self, handoffs: Handoffs) -> None:
        self._handoffs = handoffs

    async def send(
        self,
        request: Request,
        who: Principal,
        key: str | None,
        handoff_id: str,
        message: commands.Message,
    ) -> HandoffStatusOut:
        repeat = await idempotent_request(request, who, key)
        return HandoffStatusOut.of(await self._handoffs.send(handoff_id, message, repeat))


def _said(request: Request, who: Principal, body: ByWhom) -> tuple[str, str]:
    """Return who acts, and where that came from."""
    return body.by or who.subject, origin_of(request, who, body.by)


def router(handoffs: Handoffs) -> APIRouter:
    """Return the operations that send a handoff a message."""
    routes = APIRouter(prefix="/v1/handoffs/{handoff_id}", tags=["handoffs"])
    sender = _Sender(handoffs)
    _answer_routes(routes, sender)
    _progress_routes(routes, sender)
    _ownership_routes(routes, sender)
    _judgement_routes(routes, sender)
    _end_routes(routes, sender)
    return routes


def _answer_routes(routes: APIRouter, sender: _Sender) -> None:
    @routes.post("/accept")
    async def accept_handoff(
        request: Request,
        handoff_id: HandoffIdInPath,
        body: OnlyBy,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """Take it on, as its owner."""
        by, origin = _said(request, who, body)
        message = commands.Accept(by, origin=origin)
        return await sender.send(request, who, idempotency_key, handoff_id, message)

    @routes.post("/reject")
    async def reject_handoff(
        request: Request,
        handoff_id: HandoffIdInPath,
        body: RejectionIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """Don't take it on, as its owner; the reason says what follows."""
        message = body.command(*_said(request, who, body))
        return await sender.send(request, who, idempotency_key, handoff_id, message)

    @routes.post("/resubmit")
    async def resubmit_handoff(
        request: Request,
        handoff_id: HandoffIdInPath,
        body: ResubmissionIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """Hand it over again, with the facts that were missing."""
        by, origin = _said(request, who, body)
        message = commands.Resubmit(by, tuple(body.supplied_facts), origin=origin)
        return await sender.send(request, who, idempotency_key, handoff_id, message)


def _progress_routes(routes: APIRouter, sender: _Sender) -> None:
    @routes.post("/lead-answer")
    async def record_lead_answer(
        request: Request,
        handoff_id: HandoffIdInPath,
        body: LeadAnswerIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """Record the first answer of inside sales to the lead."""
        by, origin = _said(request, who, body)
        message = commands.AnswerLead(body.at, by, origin=origin)
        return await sender.send(request, who, idempotency_key, handoff_id, message)

    @routes.post("/contact")
    async def record_contact(
        request: Request,
        handoff_id: HandoffIdInPath,
        body: DoneIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """Record the first contact with the customer; it accepts the handoff as well."""
        by, origin = _said(request, who, body)
        message = commands.RecordContact(body.at, by, origin=origin)
        return await sender.send(request, who, idempotency_key, handoff_id, message)

    @routes.post("/meeting")
    async def record_meeting(
        request: Request,
        handoff_id: HandoffIdInPath,
        body: DoneIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """Record the first meeting; it is the first contact as well if none was recorded."""
        by, origin = _said(request, who, body)
        message = commands.RecordMeeting(body.at, by, origin=origin)
        return await sender.send(request, who, idempotency_key, handoff_id, message)

    @routes.post("/pause")
    async def pause_clocks(
        request: Request,
        handoff_id: HandoffIdInPath,
        body: PauseClocksIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """Stop the clocks until an instant; each reason has a limit."""
        by, origin = _said(request, who, body)
        message = commands.PauseClocks(by, body.reason, body.until, body.note, origin=origin)
        return await sender.send(request, who, idempotency_key, handoff_id, message)

    @routes.post("/resume")
    async def resume_clocks(
        request: Request,
        handoff_id: HandoffIdInPath,
        body: OnlyBy,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """Let the clocks run again before the pause is over."""
        by, origin = _said(request, who, body)
        message = commands.Resume(by, origin=origin)
        return await sender.send(request, who, idempotency_key, handoff_id, message)

    @routes.post("/wake")
    async def wake_handoff(
        request: Request,
        handoff_id: HandoffIdInPath,
        body: OnlyBy,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """End the rest of a recycled handoff before its day: it is assigned again."""
        by, origin = _said(request, who, body)
        message = commands.Wake(by, origin=origin)
        return await sender.send(request, who, idempotency_key, handoff_id, message)


def _ownership_routes(routes: APIRouter, sender: _Sender) -> None:
    @routes.post("/reassign")
    async def reassign_handoff(
        request: Request,
        handoff_id: HandoffIdInPath,
        body: ReassignmentIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """Take it from its owner, and give it to a member or to whom the rotation chooses."""
        by, origin = _said(request, who, body)
        message = commands.Reassign(
            by, body.reason, body.from_member, body.to, body.note, origin=origin
        )
        return await sender.send(request, who, idempotency_key, handoff_id, message)

    @routes.put("/further-owners/{function}")
    async def name_further_owner(
        request: Request,
        handoff_id: HandoffIdInPath,
        function: Annotated[Function, Path()],
        body: FurtherOwnerIn,
        who: Writer,
    ) -> HandoffStatusOut:
        """Make a member responsible for a function beside the owner, or nobody any longer."""
        by, origin = _said(request, who, body)
        message = commands.NameFurtherOwner(by, function, body.member_id, origin=origin)
        return await sender.send(request, who, None, handoff_id, message)


def _judgement_routes(routes: APIRouter, sender: _Sender) -> None:
    @routes.post("/ratings")
    async def rate_handoff(
        request: Request,
        handoff_id: HandoffIdInPath,
        body: RatingIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """Rate the other side's work; open until 14 days after the end."""
        by, origin = _said(request, who, body)
        message = commands.Rate(by, body.direction, body.score, body.reason, origin=origin)
        return await sender.send(request, who, idempotency_key, handoff_id, message)

    @routes.put("/readiness/{criterion}")
    async def override_readiness(
        request: Request,
        handoff_id: HandoffIdInPath,
        criterion: Annotated[Criterion, Path()],
        body: OverrideIn,
        who: Writer,
    ) -> HandoffStatusOut:
        """Answer a criterion of readiness instead of the rule, with the reason."""
        by, origin = _said(request, who, body)
        message = commands.OverrideReadiness(by, criterion, body.answer, body.reason, origin=origin)
        return await sender.send(request, who, None, handoff_id, message)


def _end_routes(routes: APIRouter, sender: _Sender) -> None:
    @routes.post("/close")
    async def close_handoff(
        request: Request,
        handoff_id: HandoffIdInPath,
        body: ClosingIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """End it with the deal's outcome."""
        by, origin = _said(request, who, body)
        message = commands.Close(by, body.outcome, body.reason, origin=origin)
        return await sender.send(request, who, idempotency_key, handoff_id, message)

    @routes.post("/withdraw")
    async def withdraw_handoff(
        request: Request,
        handoff_id: HandoffIdInPath,
        body: WithdrawalIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """End it without an outcome: it shouldn't have been handed off."""
        by, origin = _said(request, who, body)
        message = commands.Withdraw(by, body.reason, origin=origin)
        return await sender.send(request, who, idempotency_key, handoff_id, message)
