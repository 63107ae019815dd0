"""Failures of a workflow task that mean that a workflow is stuck."""

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DefaultFailureConverter, DefaultPayloadConverter
from temporalio.worker._workflow import _DeadlockError
from temporalio.workflow import NondeterminismError

from kakehashi_common.temporal.stuck import is_deadlock


@pytest.mark.parametrize(
    ("error", "passes_by_itself"),
    [
        (_DeadlockError("[TMPRL1101] Potential deadlock detected"), True),
        (NondeterminismError("the history has another command"), False),
        (KeyError("a bug"), False),
    ],
)
def test_a_task_that_took_too_long_is_tried_again_and_one_that_failed_is_stuck(
    error: Exception, *, passes_by_itself: bool
) -> None:
    failure = Failure()
    DefaultFailureConverter().to_failure(error, DefaultPayloadConverter(), failure)
    assert is_deadlock(failure) is passes_by_itself
