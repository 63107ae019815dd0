"""The phases of preparing a municipality's budget, as ``budget-phases-v1`` names them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class BudgetPhase(StrEnum):
    """A phase of preparing next year's budget. The phases follow one another without a gap.

    In the order of the year (common practice).
    """

    INFORMATION_GATHERING = "information_gathering"
    """情報収集."""
    SUMMER_REVIEW = "summer_review"
    """サマーレビュー, plans, reference quotes (参考見積)."""
    BUDGET_POLICY = "budget_policy"
    """予算編成方針: from its announcement until requests are collected."""
    DEPARTMENT_REQUESTS = "department_requests"
    """予算要求 of the departments."""
    FINANCE_ASSESSMENT = "finance_assessment"
    """財政課査定, then the deputy head's."""
    HEAD_ASSESSMENT = "head_assessment"
    """首長査定, unofficial notice (内示), restoration (復活要求)."""
    DELIBERATION = "deliberation"
    """From the submission to the council (議会提出) to its vote (議決)."""
    EXECUTION_PREPARATION = "execution_preparation"
    """執行準備: after the vote, until the new fiscal year; contracts for 1 April, transfers."""


BUDGET_PHASES_JA: Final[Mapping[str, str]] = {
    BudgetPhase.INFORMATION_GATHERING: "情報収集",
    BudgetPhase.SUMMER_REVIEW: "サマーレビュー",
    BudgetPhase.BUDGET_POLICY: "予算編成方針",
    BudgetPhase.DEPARTMENT_REQUESTS: "予算要求",
    BudgetPhase.FINANCE_ASSESSMENT: "財政課査定",
    BudgetPhase.HEAD_ASSESSMENT: "首長査定",
    BudgetPhase.DELIBERATION: "議会審議",
    BudgetPhase.EXECUTION_PREPARATION: "執行準備",
}
"""The Japanese name of each phase, by its slug."""
