"""``/v1/pursuits`` and ``/v1/plans``: deals on their way to money, and the routes to it."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status
from pydantic import TypeAdapter

from budget_calendar.calendars.schemas import assumed_corrections
from budget_calendar.domain.pursuit.commands import (
    Cancel,
    ChooseRoute,
    Confirm,
    Message,
    Pause,
    Resume,
    ReviseGoal,
)
from budget_calendar.domain.pursuit.state import Status
from budget_calendar.domain.stages import Stage
from budget_calendar.pursuits.messages import OpenPursuit
from budget_calendar.pursuits.repository import PursuitFilter
from budget_calendar.pursuits.schemas import (
    CancelIn,
    ConfirmationIn,
    GoalIn,
    ListedPursuitOut,
    PauseIn,
    PlanIn,
    PlanOut,
    PursuitIn,
    PursuitOut,
    PursuitStatusOut,
    RouteIn,
)
from budget_calendar.pursuits.service import PursuitRequests
from budget_calendar.scopes import READ, WRITE_PURSUITS
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.clock import Clock
from kakehashi_common.contracts.budget_phases import PursuitId
from kakehashi_common.contracts.events import MunicipalityCode
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, IdempotencyKey, Limit
from kakehashi_common.http.idempotency import idempotent_request, made_id

IdInPath = Annotated[PursuitId, Path()]
Writer = Annotated[Principal, Depends(require_scope(WRITE_PURSUITS))]

_KEY: Final = TypeAdapter(tuple[PursuitId])
_NO_STAGE: Final = ("no_route", "ended")


def router(pursuits: PursuitRequests, clock: Clock) -> APIRouter:  # noqa: C901 - a route each
    """Return the operations of pursuits and plans."""
    routes = APIRouter(prefix="/v1", tags=["pursuits"])
    may_read = [Depends(require_scope(READ))]

    @routes.post("/plans", dependencies=may_read)
    async def plan_routes(wanted: PlanIn) -> PlanOut:
        """Every route to the money for a goal, feasible or not, and why; stores nothing.

        With `assumptions` as if these dates held, with `as_of` as of another day.
        """
        as_of = wanted.as_of or pursuits.today
        code, goal = wanted.municipality_code, wanted.goal.goal()
        dates = ((each.fiscal_year, each) for each in wanted.assumptions)
        assumed = assumed_corrections(code, dates, clock.now())
        municipality, planned = await pursuits.plan(code, goal, as_of, assumed)
        return PlanOut.of(municipality, as_of, planned)

    @routes.post("/pursuits", status_code=status.HTTP_201_CREATED)
    async def open_pursuit(
        request: Request,
        response: Response,
        opened: PursuitIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> PursuitStatusOut:
        """Open a pursuit on the route that is proposed first.

        Sent again with the same `id` or `Idempotency-Key`, it is opened once and answered alike.
        """
        repeat = await idempotent_request(request, who, idempotency_key)
        opening = OpenPursuit(
            opened.id or made_id(repeat),
            opened.municipality_code,
            opened.owner,
            opened.goal.goal(),
            opened.patience.policy(),
        )
        opened_status = await pursuits.open(opening, actor_of(request, who), repeat)
        response.headers["Location"] = f"/v1/pursuits/{opened_status.pursuit_id}"
        return PursuitStatusOut.of(opened_status)

    @routes.get("/pursuits", dependencies=may_read)
    async def list_pursuits(
        municipality_code: Annotated[MunicipalityCode | None, Query()] = None,
        owner: Annotated[str | None, Query(max_length=64)] = None,
        stage: Annotated[
            str | None,
            Query(pattern=f"^({'|'.join((*Stage, *_NO_STAGE))})$", description="Or `no_route`"),
        ] = None,
        standing: Annotated[Status | None, Query(alias="status")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[ListedPursuitOut]:
        """Pursuits that fit all that is given, by id."""
        after = decode_cursor("pursuits", cursor, _KEY)
        wanted = PursuitFilter(
            municipality_code, owner, stage, None if standing is None else standing.value
        )
        rows = await pursuits.list_pursuits(
            wanted, after=None if after is None else after[0], limit=limit + 1
        )
        shown, next_cursor = page("pursuits", rows, limit, lambda row: (row.id,))
        return Page(items=[ListedPursuitOut.of(row) for row in shown], next_cursor=next_cursor)

    @routes.get("/pursuits/{pursuit_id}", dependencies=may_read)
    async def get_pursuit(pursuit_id: IdInPath) -> PursuitOut:
        """One pursuit: where it stands, what is next, its story, and every route as last planned.

        It is answered while Temporal is unavailable, too.
        """
        return PursuitOut.of(*await pursuits.find(pursuit_id))

    async def ask(
        request: Request, who: Principal, key: str | None, pursuit_id: str, message: Message
    ) -> PursuitStatusOut:
        repeat = await idempotent_request(request, who, key)
        return PursuitStatusOut.of(await pursuits.ask(pursuit_id, message, repeat))

    @routes.post("/pursuits/{pursuit_id}/confirmations")
    async def confirm_stage(
        request: Request,
        pursuit_id: IdInPath,
        confirmed: ConfirmationIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> PursuitStatusOut:
        """Say what happened in a stage; answers where the pursuit stands after all that follows."""
        message = Confirm(
            confirmed.stage,
            confirmed.outcome,
            confirmed.on,
            who.subject,
            confirmed.note,
            actor_of(request, who).origin,
        )
        return await ask(request, who, idempotency_key, pursuit_id, message)

    @routes.post("/pursuits/{pursuit_id}/route")
    async def choose_route(
        request: Request,
        pursuit_id: IdInPath,
        chosen: RouteIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> PursuitStatusOut:
        """Take another of the planned routes."""
        message = ChooseRoute(chosen.route_id, who.subject, actor_of(request, who).origin)
        return await ask(request, who, idempotency_key, pursuit_id, message)

    @routes.post("/pursuits/{pursuit_id}/goal")
    async def revise_goal(
        request: Request,
        pursuit_id: IdInPath,
        wanted: GoalIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> PursuitStatusOut:
        """Change the goal; its routes are planned again."""
        message = ReviseGoal(wanted.goal(""), who.subject, actor_of(request, who).origin)
        return await ask(request, who, idempotency_key, pursuit_id, message)

    @routes.post("/pursuits/{pursuit_id}/pause")
    async def pause_pursuit(
        request: Request,
        pursuit_id: IdInPath,
        pause: PauseIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> PursuitStatusOut:
        """Ask nobody for anything until a day; then it goes on by itself."""
        message = Pause(pause.until, who.subject, pause.note, actor_of(request, who).origin)
        return await ask(request, who, idempotency_key, pursuit_id, message)

    @routes.post("/pursuits/{pursuit_id}/resume")
    async def resume_pursuit(
        request: Request,
        pursuit_id: IdInPath,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> PursuitStatusOut:
        """End a pause before its day."""
        message = Resume(who.subject, actor_of(request, who).origin)
        return await ask(request, who, idempotency_key, pursuit_id, message)

    @routes.post("/pursuits/{pursuit_id}/cancel")
    async def cancel_pursuit(
        request: Request,
        pursuit_id: IdInPath,
        cancelled: CancelIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> PursuitStatusOut:
        """Give the pursuit up."""
        message = Cancel(who.subject, cancelled.note, actor_of(request, who).origin)
        return await ask(request, who, idempotency_key, pursuit_id, message)

    return routes
