"""Workflows that run at our users' go on after an upgrade: committed histories replay.

A history stays as long as a workflow with its shape may be running somewhere. A change that
fails here needs ``workflow.patched``. New shapes are recorded on a real Temporal::

    RECORD_HISTORIES=1 python -m pytest tests/integration/lead_scoring/maintenance

which writes every file below ``histories/``; commit the new ones beside the old.
"""

import pytest
from temporalio.client import WorkflowHistory

from lead_scoring.maintenance.workflow import WORKFLOWS
from tests.support.histories import committed, workflow_type
from tests.support.workers import unhurried_replayer

HISTORIES = committed(__file__)


@pytest.mark.parametrize("name", HISTORIES)
async def test_a_committed_history_replays(name: str) -> None:
    history = WorkflowHistory.from_json(name, HISTORIES[name])
    replayer = unhurried_replayer(WORKFLOWS, ["lead_scoring"])
    await replayer.replay_workflow(history)


def test_every_workflow_has_a_history() -> None:
    assert {workflow_type(each) for each in HISTORIES.values()} == {w.__name__ for w in WORKFLOWS}
