"""``/v1/handoffs``: request handoffs, and read them with their history."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status
from pydantic import TypeAdapter

from handoff.domain.handoff.terms import Status
from handoff.handoffs.repository import HandoffFilter
from handoff.handoffs.schemas import (
    FactOut,
    HandoffIn,
    HandoffOut,
    HandoffStatusOut,
    ListedHandoffOut,
)
from handoff.handoffs.service import Handoffs
from handoff.scopes import READ, WRITE
from kakehashi_common.auth import Principal, origin_of, require_scope
from kakehashi_common.contracts.events import LeadId, MunicipalityCode
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Id, IdempotencyKey, Limit
from kakehashi_common.http.idempotency import idempotent_request, made_id

HandoffIdInPath = Annotated[Id, Path()]
Writer = Annotated[Principal, Depends(require_scope(WRITE))]

_KEY: Final = TypeAdapter(tuple[Id])
_FACT_KEY: Final = TypeAdapter(tuple[int, int])


def router(handoffs: Handoffs) -> APIRouter:
    """Return the operations that request and read handoffs."""
    routes = APIRouter(prefix="/v1", tags=["handoffs"])
    may_read = [Depends(require_scope(READ))]

    @routes.post(
        "/handoffs",
        status_code=status.HTTP_201_CREATED,
        responses={
            status.HTTP_200_OK: {
                "model": HandoffStatusOut,
                "description": "It joined the open handoff of the lead",
            }
        },
    )
    async def request_handoff(
        request: Request,
        response: Response,
        wanted: HandoffIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> HandoffStatusOut:
        """Hand off a lead: it is assigned, and the member is asked to accept.

        A lead has one open handoff of a kind: a further request joins it, and says so. Sent again
        with the same `Idempotency-Key`, it is done once and answered alike.
        """
        repeat = await idempotent_request(request, who, idempotency_key)
        command = wanted.request(
            made_id(repeat), wanted.by or who.subject, origin_of(request, who, wanted.by)
        )
        done = await handoffs.start(command, repeat)
        response.headers["Location"] = f"/v1/handoffs/{done.handoff_id}"
        if done.joined:
            response.status_code = status.HTTP_200_OK
        return HandoffStatusOut.of(done)

    @routes.get("/handoffs", dependencies=may_read)
    async def list_handoffs(
        lead_id: Annotated[LeadId | None, Query()] = None,
        municipality_code: Annotated[MunicipalityCode | None, Query()] = None,
        owner: Annotated[Id | None, Query()] = None,
        standing: Annotated[Status | None, Query(alias="status")] = None,
        is_open: Annotated[bool | None, Query(alias="open")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[ListedHandoffOut]:
        """List the handoffs that match all given filters, by id."""
        after = decode_cursor("handoffs", cursor, _KEY)
        wanted = HandoffFilter(
            lead_id,
            municipality_code,
            owner,
            None if standing is None else standing.value,
            is_open,
        )
        rows = await handoffs.list_handoffs(
            wanted, after=None if after is None else after[0], limit=limit + 1
        )
        shown, next_cursor = page("handoffs", rows, limit, lambda row: (row.state.handoff_id,))
        return Page(items=[ListedHandoffOut.of(row) for row in shown], next_cursor=next_cursor)

    @routes.get("/handoffs/{handoff_id}", dependencies=may_read)
    async def get_handoff(handoff_id: HandoffIdInPath) -> HandoffOut:
        """Return one handoff as last recorded; works while Temporal is unavailable, too."""
        return HandoffOut.of(await handoffs.find(handoff_id))

    @routes.get("/handoffs/{handoff_id}/history", dependencies=may_read)
    async def list_history(
        handoff_id: HandoffIdInPath, cursor: Cursor = None, limit: Limit = 100
    ) -> Page[FactOut]:
        """List the facts of a handoff, in order."""
        after = decode_cursor("history", cursor, _FACT_KEY)
        rows = await handoffs.facts(handoff_id, after=after, limit=limit + 1)
        shown, next_cursor = page("history", rows, limit, lambda row: (row.version, row.position))
        return Page(items=[FactOut.of(row) for row in shown], next_cursor=next_cursor)

    return routes
