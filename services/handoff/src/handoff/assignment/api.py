"""``/v1/handoffs/{handoff_id}/assignments``, ``/v1/rotations``, ``/v1/assignment/dry-runs``."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from handoff.assignment.dry_run_schemas import DryRunIn, DryRunOut
from handoff.assignment.dry_runs import DryRuns
from handoff.assignment.queries import AssignmentQueries
from handoff.assignment.repository import NO_TEAM
from handoff.assignment.schemas import AssignmentOut, RotationOut
from handoff.domain.teams.members import Role
from handoff.scopes import READ
from kakehashi_common.auth import require_scope
from kakehashi_common.http.fields import Id

Reader = Depends(require_scope(READ))


def router(queries: AssignmentQueries, dry_runs: DryRuns) -> APIRouter:
    """Return the routes of assignments and rotations."""
    routes = APIRouter(prefix="/v1", tags=["assignment"])

    @routes.get("/handoffs/{handoff_id}/assignments", dependencies=[Reader])
    async def list_assignments(handoff_id: Annotated[Id, Path()]) -> list[AssignmentOut]:
        """Show who got a handoff and why, and why the others did not; the first assignment first.

        One that was handed to a member by name has no assignment.
        """
        return [AssignmentOut.of(each) for each in await queries.assignments(handoff_id)]

    @routes.get("/rotations/{team_id}/{role}", dependencies=[Reader])
    async def get_rotation(
        team_id: Annotated[
            str,
            Path(
                pattern=rf"^({NO_TEAM}|[A-Za-z0-9][A-Za-z0-9._-]{{0,63}})$",
                description=f"`{NO_TEAM}`: of handoffs that lie in nobody's territory",
            ),
        ],
        role: Role,
    ) -> RotationOut:
        """Show what each member was entitled to, and what each got."""
        return RotationOut.of(await queries.rotation(team_id, role))

    @routes.post("/assignment/dry-runs", dependencies=[Reader])
    async def dry_run_assignments(body: DryRunIn) -> DryRunOut:
        """Show who would have got the last handoffs under other rules. Nothing is changed.

        Each assignment is made once more, from what the ones before it come to under these rules:
        ledgers, load and relations follow; when an answer was due stays as it was.
        """
        return DryRunOut.of(await dry_runs.run(body.last, body.changed()))

    return routes
