"""``/v1/tasks``: people's tasks for sequences."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from followup.contents.service import Contents
from followup.fields import WorkId, Writer
from followup.scopes import READ
from followup.tasks.hearing_goal_schemas import HearingGoalOut
from followup.tasks.record_schemas import Recorded
from followup.tasks.repository import Task, TaskFilter, TaskStatus
from followup.tasks.role_schemas import DecisionRolesOut
from followup.tasks.schemas import CompletionIn, SnoozeIn, TaskDelegationIn, TaskOut
from followup.tasks.service import Tasks
from kakehashi_common.auth import actor_of, origin_of, require_scope
from kakehashi_common.contracts.events import LeadId, MunicipalityCode
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Id, IdempotencyKey, InstantWithinReach, Limit
from kakehashi_common.http.idempotency import idempotent_request

_KEY: Final = TypeAdapter(tuple[datetime, str])


def router(tasks: Tasks, contents: Contents) -> APIRouter:
    """Return the routes of tasks."""
    routes = APIRouter(prefix="/v1/tasks", tags=["tasks"])
    _reading_routes(routes, tasks, contents)
    _doing_routes(routes, tasks, contents)
    return routes


async def _all_shown(found: Sequence[Task], contents: Contents) -> list[TaskOut]:
    chosen = await contents.chosen([each.task_id for each in found])
    return [TaskOut.of(each, chosen.get(each.task_id, ())) for each in found]


async def _shown(task: Task, contents: Contents) -> TaskOut:
    return (await _all_shown([task], contents))[0]


def _reading_routes(routes: APIRouter, tasks: Tasks, contents: Contents) -> None:
    may_read = [Depends(require_scope(READ))]

    @routes.get("", dependencies=may_read)
    async def list_tasks(
        response: Response,
        status: Annotated[TaskStatus | None, Query()] = TaskStatus.OPEN,
        owner: Annotated[Id | None, Query()] = None,
        lead_id: Annotated[LeadId | None, Query()] = None,
        due_before: Annotated[InstantWithinReach | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[TaskOut]:
        """List the tasks that match all given filters, in the order in which they are due."""
        response.headers["Cache-Control"] = "no-store"
        after = decode_cursor("tasks", cursor, _KEY)
        wanted = TaskFilter(status, owner, lead_id, due_before)
        rows = await tasks.list_tasks(wanted, after=after, limit=limit + 1)
        shown, next_cursor = page(
            "tasks", rows, limit, lambda row: (row.due_at.isoformat(), row.task_id)
        )
        return Page(items=await _all_shown(shown, contents), next_cursor=next_cursor)

    @routes.get("/records", dependencies=may_read)
    async def list_task_records(
        response: Response,
        lead_id: Annotated[LeadId | None, Query()] = None,
        municipality_code: Annotated[MunicipalityCode | None, Query()] = None,
        kind: Annotated[Recorded | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[TaskOut]:
        """List the recorded weekly checks, study sessions and hearings, the newest first."""
        response.headers["Cache-Control"] = "no-store"
        after = decode_cursor("task-records", cursor, _KEY)
        rows = await tasks.records(
            lead_id=lead_id,
            municipality_code=municipality_code,
            kind=kind,
            after=after,
            limit=limit + 1,
        )
        shown, next_cursor = page(
            "task-records",
            rows,
            limit,
            lambda row: (row.closed_at.isoformat() if row.closed_at else "", row.task_id),
        )
        return Page(items=await _all_shown(shown, contents), next_cursor=next_cursor)

    @routes.get("/records/decision-roles", dependencies=may_read)
    async def get_decision_roles(
        response: Response, municipality_code: Annotated[MunicipalityCode, Query()]
    ) -> DecisionRolesOut:
        """Return the decision roles that a municipality's study sessions have reached and missed.

        It is based on the sessions that were completed with a record; the number of sessions
        without recorded attendees is given beside it.
        """
        response.headers["Cache-Control"] = "no-store"
        found = await tasks.decision_roles(municipality_code)
        return DecisionRolesOut.of(municipality_code, found)

    @routes.get("/records/{task_id}/goal", dependencies=may_read)
    async def get_hearing_goal(response: Response, task_id: WorkId) -> HearingGoalOut:
        """Return a hearing's result as a goal for a pursuit in budget-calendar; nothing is sent.

        Add what is `missing` to `goal`, read its description, and send it as the `goal` of
        `POST /v1/pursuits`, or as the body of `POST /v1/pursuits/{pursuit_id}/goal`.
        """
        response.headers["Cache-Control"] = "no-store"
        task, hearing, policy_area = await tasks.hearing(task_id)
        return HearingGoalOut.of(task.task_id, task.municipality_code, hearing, policy_area)

    @routes.get("/{task_id}", dependencies=may_read)
    async def get_task(response: Response, task_id: WorkId) -> TaskOut:
        """Return one task, with the text to start from."""
        response.headers["Cache-Control"] = "no-store"
        return await _shown(await tasks.find(task_id), contents)


def _doing_routes(routes: APIRouter, tasks: Tasks, contents: Contents) -> None:
    @routes.post("/{task_id}/complete")
    async def complete_task(
        request: Request,
        task_id: WorkId,
        body: CompletionIn,
        who: Writer,
        idempotency_key: IdempotencyKey = None,
    ) -> TaskOut:
        """Record the outcome: the sequence goes on, or ends."""
        repeat = await idempotent_request(request, who, idempotency_key)
        origin = origin_of(request, who, body.by)
        done = await tasks.complete(
            task_id,
            body.by or who.subject,
            body.outcome,
            body.note,
            origin,
            None if body.record is None else body.record.record(),
            repeat,
        )
        return await _shown(done, contents)

    @routes.post("/{task_id}/snooze")
    async def snooze_task(task_id: WorkId, body: SnoozeIn, _: Writer) -> TaskOut:
        """Put it off; its due time stays the same."""
        return await _shown(await tasks.snooze(task_id, body.until), contents)

    @routes.post("/{task_id}/delegate")
    async def delegate_task(
        request: Request, task_id: WorkId, body: TaskDelegationIn, who: Writer
    ) -> TaskOut:
        """Give it to somebody else."""
        given = await tasks.delegate(task_id, body.to, actor_of(request, who))
        return await _shown(given, contents)
