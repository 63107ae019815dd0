"""Names of workflows: ids, and the summaries that operators see in the Temporal UI."""

from enum import StrEnum
from typing import Final

from temporalio.common import SearchAttributePair, TypedSearchAttributes

from budget_calendar.domain.goals import japanese_area
from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.temporal.search_attributes import MUNICIPALITY_NAME

BUDGET_CYCLE: Final = "MunicipalBudgetCycleWorkflow"
"""The type of a budget cycle's workflow."""


class WorkflowKind(StrEnum):
    """Workflows that live for years; the value begins their ids."""

    BUDGET_CYCLE = "budget-cycle"
    """One per followed municipality, by its code."""
    PURSUIT = "pursuit"

    def workflow_id(self, identity: str, id_prefix: str = "") -> str:
        """Return the id of the workflow of this municipality or pursuit."""
        return f"{id_prefix}{self}/{identity}"


def municipality_name(code: str) -> str:
    """Return ``群馬県桐生市``; a code that is not in the published list is its own name."""
    known = municipalities().get(code)
    return code if known is None else known.full_name


def named(code: str) -> TypedSearchAttributes:
    """Return the search attributes that a workflow of the municipality is started with."""
    return TypedSearchAttributes([SearchAttributePair(MUNICIPALITY_NAME, municipality_name(code))])


def cycle_summary(code: str) -> str:
    """Return the static summary of a budget cycle: ``群馬県桐生市（102032）の予算年度``."""
    return f"{municipality_name(code)}（{code}）の予算年度"


def pursuit_summary(code: str, policy_area: str, owner: str) -> str:
    """Return the static summary of a pursuit.

    Such as ``群馬県桐生市：デジタル分野の案件（担当 fs-east）``.
    """
    return f"{municipality_name(code)}：{japanese_area(policy_area)}分野の案件（担当 {owner}）"
