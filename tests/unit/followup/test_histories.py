"""Sequences that run at our users' go on after an upgrade: committed histories replay.

A history stays as long as a workflow with its shape may be running somewhere. A change that
fails here needs ``workflow.patched``. New shapes are recorded on real servers::

    RECORD_HISTORIES=1 python -m pytest tests/integration/followup

which writes every file below ``histories/``; commit the new ones beside the old.
"""

import pytest
from temporalio.client import WorkflowHistory

from followup.workflows import PASSED_THROUGH, WORKFLOWS
from tests.support.histories import ahead_of, committed, workflow_type
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
