"""Everything that a worker runs."""

from typing import Final

from handoff.maintenance.workflow import PurgeOldRowsWorkflow
from handoff.workflow.settings_changed import SettingsChangedWorkflow
from handoff.workflow.workflow import HandoffWorkflow
from kakehashi_common.domain.errors import DomainError

WORKFLOWS: Final = (HandoffWorkflow, SettingsChangedWorkflow, PurgeOldRowsWorkflow)

PERMANENT_ERRORS: Final = (DomainError,)
"""Errors that, like ``PermanentError``, an activity doesn't retry."""

PASSED_THROUGH: Final = ("handoff", "jpholiday")
"""Modules that workflow runs share: see ``kakehashi_common.temporal.worker``."""
