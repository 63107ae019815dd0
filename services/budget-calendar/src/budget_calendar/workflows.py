"""What lives for years in Temporal: budget cycles, pursuits, and what starts and notifies them."""

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
"""What ends an activity besides every ``PermanentError``."""

PASSED_THROUGH: Final = ("budget_calendar", "jpholiday")
"""Modules that workflow runs share: see ``kakehashi_common.temporal.worker``."""
