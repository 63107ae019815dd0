"""Names of workflows: ids, and the summaries that operators see in the Temporal UI."""

from enum import StrEnum
from typing import Final

from kakehashi_common.contracts.municipalities import municipality_name
from kakehashi_common.domain.japanese_names import area_name

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


def cycle_summary(code: str) -> str:
    """Return the static summary of a budget cycle: ``群馬県桐生市（102032）の予算年度``."""
    return f"{municipality_name(code)}（{code}）の予算年度"


def pursuit_summary(code: str, policy_area: str, owner: str) -> str:
    """Return the static summary of a pursuit.

    Such as ``群馬県桐生市：デジタル分野の案件（担当 fs-east）``.
    """
    return f"{municipality_name(code)}：{area_name(policy_area)}分野の案件（担当 {owner}）"
