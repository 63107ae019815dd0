"""The phases of ``budget-phases-v1``, in the order of the year, and what they are called."""

from collections.abc import Mapping
from typing import Final

PHASE_NAMES: Final[Mapping[str, str]] = {
    "information_gathering": "情報収集",
    "summer_review": "サマーレビュー",
    "budget_policy": "予算編成方針",
    "department_requests": "予算要求",
    "finance_assessment": "財政課査定",
    "head_assessment": "首長査定",
    "deliberation": "議会審議",
    "execution_preparation": "執行準備",
}
