"""Everything that a worker runs."""

from typing import Final

from followup.maintenance.workflow import PurgeOldFollowUpsWorkflow
from followup.workflow.workflow import SequenceWorkflow
from kakehashi_common.domain.errors import DomainError

WORKFLOWS: Final = (SequenceWorkflow, PurgeOldFollowUpsWorkflow)

PERMANENT_ERRORS: Final = (DomainError,)
"""Errors that, like ``PermanentError``, an activity doesn't retry."""

PASSED_THROUGH: Final = ("followup", "jpholiday", "jinja2")
"""Modules that workflow runs share: see ``kakehashi_common.temporal.worker``."""
