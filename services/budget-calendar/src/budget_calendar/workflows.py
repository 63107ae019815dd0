"""Everything that a worker runs: budget cycles, pursuits, and scheduled work."""

from typing import Final

from budget_calendar.cycles.workflow import MunicipalBudgetCycleWorkflow
from budget_calendar.maintenance.workflow import (
    NotifyPendingWorkflow,
    OpenFiscalYearWorkflow,
    PurgeWorkflow,
)
from budget_calendar.pursuits.workflow import PursuitWorkflow
from kakehashi_common.domain.errors import DomainError

WORKFLOWS: Final = (
    MunicipalBudgetCycleWorkflow,
    PursuitWorkflow,
    NotifyPendingWorkflow,
    OpenFiscalYearWorkflow,
    PurgeWorkflow,
)

PERMANENT_ERRORS: Final = (DomainError,)
"""Errors that, like ``PermanentError``, an activity doesn't retry."""

PASSED_THROUGH: Final = ("budget_calendar", "jpholiday")
"""Modules that workflow runs share: see ``kakehashi_common.temporal.worker``."""
