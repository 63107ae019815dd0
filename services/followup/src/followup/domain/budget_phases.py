"""The phases of a budget year, as ``budget-phases-v1`` names them."""

from enum import StrEnum


class BudgetPhase(StrEnum):
    """In the order of the year."""

    INFORMATION_GATHERING = "information_gathering"
    SUMMER_REVIEW = "summer_review"
    BUDGET_POLICY = "budget_policy"
    DEPARTMENT_REQUESTS = "department_requests"
    FINANCE_ASSESSMENT = "finance_assessment"
    HEAD_ASSESSMENT = "head_assessment"
    DELIBERATION = "deliberation"
    EXECUTION_PREPARATION = "execution_preparation"
