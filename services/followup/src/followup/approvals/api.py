"""``/v1/approvals``: texts to be sent, for a person to read, change and approve."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from followup.approvals.answers import Answers
from followup.approvals.repository import Approval, ApprovalFilter, ApprovalStatus
from followup.approvals.schemas import (
    AnswerIn,
    ApprovalIn,
    ApprovalOut,
    DelegationIn,
    EditedIn,
    RejectionIn,
)
from followup.approvals.service import Approvals
from followup.contents.schemas import ContentOut
from followup.contents.service import Contents
from followup.fields import WorkId, Writer
from followup.scopes import READ
from kakehashi_common.audit import Actor
from kakehashi_common.auth import actor_of, origin_of, require_scope
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.etags import Precondition, etag, require_match
from kakehashi_common.http.fields import Cursor, Id, IdempotencyKey, IfMatch, Limit
from kakehashi_common.http.idempotency import idempotent_request

_KEY: Final = TypeAdapter(tuple[datetime, str])


def router(approvals: Approvals, answers: Answers, contents: Contents) -> APIRouter:
    """Return the routes of approvals."""
    routes = APIRouter(prefix="/v1/approvals", tags=["approvals"])
    _reading_routes(routes, approvals, contents)
    _deciding_routes(routes, approvals, contents)

    @routes.post("/{approval_id}/keep-answer")
    async def keep_answer(
        request: Request, approval_id: WorkId, body: AnswerIn, who: Writer
    ) -> ContentOut:
        """Keep the answer of an approved text in the catalogue, as `own_answer`.

        It is offered, with its source, to whoever answers a similar question later. `by` is who
        approved the text. Of the text only the passage that its template calls its `answer` is
        kept; one that names a person is refused. Again changes the same entry.
        """
        by = body.by or who.subject
        actor = Actor(by, origin_of(request, who, body.by))
        return ContentOut.of(await answers.keep(approval_id, by, body.answer(), actor))

    return routes


async def _all_shown(found: Sequence[Approval], contents: Contents) -> list[ApprovalOut]:
    chosen = await contents.chosen([each.approval_id for each in found])
    return [ApprovalOut.of(each, chosen.get(each.approval_id, ())) for each in found]


async def _shown(approval: Approval, contents: Contents) -> ApprovalOut:
    return (await _all_shown([approval], contents))[0]


def _reading_routes(routes: APIRouter, approvals: Approvals, contents: Contents) -> None:
    may_read = [Depends(require_scope(READ))]

    @routes.get("", dependencies=may_read)
    async def list_approvals(
        response: Response,
        status: Annotated[ApprovalStatus | None, Query()] = ApprovalStatus.PENDING,
        approver: Annotated[Id | None, Query()] = None,
        sequence_id: Annotated[Id | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[ApprovalOut]:
        """List the approvals that match all given filters, in the order in which they expire."""
        response.headers["Cache-Control"] = "no-store"
        after = decode_cursor("approvals", cursor, _KEY)
        wanted = ApprovalFilter(status, approver, sequence_id)
        rows = await approvals.list_approvals(wanted, after=after, limit=limit + 1)
        shown, next_cursor = page(
            "approvals", rows, limit, lambda row: (row.expires_at.isoformat(), row.approval_id)
        )
        return Page(items=await _all_shown(shown, contents), next_cursor=next_cursor)

    @routes.get("/{approval_id}", dependencies=may_read)
    async def get_approval(response: Response, approval_id: WorkId) -> ApprovalOut:
        """Return the text that a step will send. The `ETag` identifies the text."""
        response.headers["Cache-Control"] = "no-store"
        approval = await approvals.find(approval_id)
        response.headers["ETag"] = etag(approval.text_digest)
        return await _shown(approval, contents)


def _deciding_routes(routes: APIRouter, approvals: Approvals, contents: Contents) -> None:
    @routes.put("/{approval_id}/text")
    async def edit_approval(
        request: Request,
        response: Response,
        approval_id: WorkId,
        body: EditedIn,
        who: Writer,
        if_match: IfMatch = None,
    ) -> ApprovalOut:
        """Change what will be sent; the original stays beside it.

        With `If-Match` only if nobody has changed the text since you read it.
        """
        actor = Actor(body.by or who.subject, origin_of(request, who, body.by))
        edited = await approvals.edit(
            approval_id, body.subject, body.text, actor, _as_seen(if_match)
        )
        response.headers["ETag"] = etag(edited.text_digest)
        return await _shown(edited, contents)

    @routes.post("/{approval_id}/approve")
    async def approve_step(
        request: Request,
        approval_id: WorkId,
        body: ApprovalIn,
        who: Writer,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> ApprovalOut:
        """Let it go, at the time that the send policy allows; `fill_ins` has what a person writes.

        A name that is missing or unknown is refused; what was written is shown with the approval.
        `by` is who holds the approval, stands in for them or approves for them (else
        `not_the_approver`). With `If-Match` only the text that you have seen goes.
        """
        repeat = await idempotent_request(request, who, idempotency_key)
        origin = origin_of(request, who, body.by)
        approved = await approvals.approve(
            approval_id, body.by or who.subject, body.fill_ins, origin, _as_seen(if_match), repeat
        )
        return await _shown(approved, contents)

    @routes.post("/{approval_id}/reject")
    async def reject_step(
        request: Request,
        approval_id: WorkId,
        body: RejectionIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> ApprovalOut:
        """Don't let it go: the sequence ends. `by` is who may approve, too."""
        repeat = await idempotent_request(request, who, idempotency_key)
        origin = origin_of(request, who, body.by)
        by = body.by or who.subject
        rejected = await approvals.reject(approval_id, by, body.reason, origin, repeat)
        return await _shown(rejected, contents)

    @routes.post("/{approval_id}/delegate")
    async def delegate_approval(
        request: Request, approval_id: WorkId, body: DelegationIn, who: Writer
    ) -> ApprovalOut:
        """Give it to somebody else."""
        given = await approvals.delegate(approval_id, body.to, actor_of(request, who))
        return await _shown(given, contents)


def _as_seen(if_match: str | None) -> Precondition[Approval] | None:
    """Return what refuses to decide on another text than the one that was seen, if that is said."""
    if if_match is None:
        return None
    return lambda approval: require_match(if_match, etag(approval.text_digest))
