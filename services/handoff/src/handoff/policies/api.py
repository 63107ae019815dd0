"""``/v1/policies/…``: the settings of the sales organisation."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from handoff.domain.handoff.policy import PolicyRule
from handoff.policies.schemas import ClockRulesIn, ClockRulesOut
from handoff.policies.service import Policies
from handoff.scopes import READ, WRITE_POLICIES
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.http.etags import NOT_MODIFIED, etag, require_match, require_no_match
from kakehashi_common.http.fields import IfMatch, IfNoneMatch

Writer = Annotated[Principal, Depends(require_scope(WRITE_POLICIES))]


def router(clocks: Policies[tuple[PolicyRule, ...]]) -> APIRouter:
    """Return the operations of policies."""
    routes = APIRouter(prefix="/v1/policies", tags=["policies"])

    @routes.get("/clocks", dependencies=[Depends(require_scope(READ))], responses=NOT_MODIFIED)
    async def get_clock_policy(
        response: Response, if_none_match: IfNoneMatch = None
    ) -> ClockRulesOut:
        """Return the time allowed for each step, by kind and grade."""
        stored = await clocks.get()
        response.headers.update(require_no_match(if_none_match, etag(stored.version)))
        return ClockRulesOut.of(stored)

    @routes.put("/clocks")
    async def put_clock_policy(
        request: Request,
        response: Response,
        wanted: ClockRulesIn,
        who: Writer,
        if_match: IfMatch = None,
    ) -> ClockRulesOut:
        """Replace every rule. Needs `If-Match` with the ETag of what was read.

        It holds for running clocks too, counted from their beginning: what a longer limit makes
        early isn't taken back, and what a shorter one makes late is escalated at once.
        """
        stored = await clocks.replace(
            wanted.policy_rules(),
            actor_of(request, who),
            lambda before: require_match(if_match, etag(before.version)),
        )
        response.headers["ETag"] = etag(stored.version)
        return ClockRulesOut.of(stored)

    return routes
