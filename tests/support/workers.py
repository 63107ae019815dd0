"""Workers and replayers of workflows that tests run beside themselves.

They are without the SDK's deadlock detector, which processes keep: it fails every workflow task
that takes two seconds, and where many tests share a processor a task takes that long without any
fault of its own. A test whose workflow does hang meets pytest's limit.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from temporalio.converter import DataConverter
from temporalio.worker import Replayer
from temporalio.worker.workflow_sandbox import SandboxRestrictions

from kakehashi_common.temporal.codec import PYDANTIC
from kakehashi_common.temporal.time_skipping import ShiftedRunner
from kakehashi_common.temporal.worker import PASSED_THROUGH, make_worker

unhurried_worker = partial(make_worker, debug_mode=True)


def unhurried_replayer(
    workflows: Sequence[type],
    passed_through: Sequence[str] = (),
    data_converter: DataConverter = PYDANTIC,
    ahead: timedelta = timedelta(0),
) -> Replayer:
    """Return a replayer that acts as a worker with the same ``passed_through`` and clock."""
    return Replayer(
        workflows=workflows,
        data_converter=data_converter,
        workflow_runner=ShiftedRunner(
            restrictions=SandboxRestrictions.default.with_passthrough_modules(
                *PASSED_THROUGH, *passed_through
            ),
            ahead=lambda _: ahead,
        ),
        debug_mode=True,
    )
