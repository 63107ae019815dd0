"""Budget cycles that run at our users' go on after an upgrade: committed histories replay.

A history stays as long as a workflow with its shape may be running somewhere. A change that
fails here needs ``workflow.patched``. New shapes are recorded on real servers::

    RECORD_HISTORIES=1 python -m pytest tests/integration/budget_calendar

which writes every file below ``histories/``; commit the new ones beside the old.
"""

import pytest
from temporalio.client import WorkflowHistory

from budget_calendar.workflows import PASSED_THROUGH, WORKFLOWS
from tests.support.histories import ahead_of, committed, events_of, workflow_type
from tests.support.workers import unhurried_replayer
from tests.support.workflow_messages import type_of

HISTORIES = committed(__file__)


@pytest.mark.parametrize("name", HISTORIES)
async def test_a_committed_history_replays(name: str) -> None:
    history = HISTORIES[name]
    replayer = unhurried_replayer(WORKFLOWS, PASSED_THROUGH, ahead=ahead_of(history))
    await replayer.replay_workflow(WorkflowHistory.from_json(name, history))


def test_every_workflow_has_a_history() -> None:
    assert {workflow_type(each) for each in HISTORIES.values()} == set(map(type_of, WORKFLOWS))


def test_lives_that_go_on_and_lives_that_have_ended_are_among_them() -> None:
    lives = [each for each in HISTORIES.values() if "BudgetCycle" in workflow_type(each)]
    last = {str(events_of(each)[-1]["eventType"]) for each in lives}
    assert "EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW" in last
    assert "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED" in last
    assert last & {"EVENT_TYPE_TIMER_STARTED", "EVENT_TYPE_WORKFLOW_TASK_COMPLETED"}
