"""A workflow of pursuits with a bug; in a module of its own, as the sandbox requires."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from budget_calendar.pursuits.messages import Pursuit


@workflow.defn(name="PursuitWorkflow")
class BrokenPursuitWorkflow:
    """Each of its workflow tasks fails."""

    @workflow.run
    async def run(self, request: Pursuit) -> str:
        """Fail."""
        raise ZeroDivisionError(request.opening.pursuit_id)
