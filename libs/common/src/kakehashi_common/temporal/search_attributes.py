"""Search attributes: what an operator can find workflows by. They hold no personal data."""

from typing import Any

from temporalio import workflow
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributeUpdate,
    TypedSearchAttributes,
)

from kakehashi_common.contracts.municipalities import municipality_name
from kakehashi_common.errors import ConflictError
from kakehashi_common.temporal.error_boundary import rpc_errors

MUNICIPALITY_CODE = SearchAttributeKey.for_keyword("MunicipalityCode")
MUNICIPALITY_NAME = SearchAttributeKey.for_keyword("MunicipalityName")
"""With its prefecture, such as ``群馬県桐生市``; ``STARTS_WITH`` finds a prefecture's."""
FISCAL_YEAR = SearchAttributeKey.for_int("FiscalYear")
BUDGET_PHASE = SearchAttributeKey.for_keyword("BudgetPhase")
POLICY_AREA = SearchAttributeKey.for_keyword("PolicyArea")
OWNER = SearchAttributeKey.for_keyword("Owner")
"""The team or the staff number, never a name."""
PURSUIT_STAGE = SearchAttributeKey.for_keyword("PursuitStage")
HANDOFF_STATUS = SearchAttributeKey.for_keyword("HandoffStatus")
SEQUENCE_STATUS = SearchAttributeKey.for_keyword("SequenceStatus")
PLAYBOOK = SearchAttributeKey.for_keyword("Playbook")
LEAD_ID = SearchAttributeKey.for_keyword("LeadId")

TYPES: dict[str, IndexedValueType.ValueType] = {
    key.name: IndexedValueType.ValueType(key.indexed_value_type)
    for key in (
        MUNICIPALITY_CODE,
        MUNICIPALITY_NAME,
        FISCAL_YEAR,
        BUDGET_PHASE,
        POLICY_AREA,
        OWNER,
        PURSUIT_STAGE,
        HANDOFF_STATUS,
        SEQUENCE_STATUS,
        PLAYBOOK,
        LEAD_ID,
    )
}


def named(municipality_code: str | None) -> TypedSearchAttributes:
    """Return the search attributes that a workflow about a municipality is started with."""
    if municipality_code is None:
        return TypedSearchAttributes.empty
    return known((MUNICIPALITY_NAME, municipality_name(municipality_code)))


def known(*values: tuple[SearchAttributeKey[str], str | None]) -> TypedSearchAttributes:
    """Return the search attributes that a workflow is started with; those without a value not."""
    return TypedSearchAttributes(
        [SearchAttributePair(key, value) for key, value in values if value is not None]
    )


def upsert_changed(*wanted: SearchAttributeUpdate[Any]) -> None:
    """Set those of a workflow's search attributes that have another value."""
    there = workflow.info().typed_search_attributes
    if changed := [each for each in wanted if there.get(each.key) != each.value]:
        workflow.upsert_search_attributes(changed)


async def register_search_attributes(client: Client) -> list[str]:
    """Register what is missing in the client's namespace; return the names that were added.

    Raises:
        ConflictError: a name is there with another type; Temporal can't change it.
        TransientError: Temporal is unavailable.
        FaultError: Temporal refuses the request: no such namespace, no permission.
    """
    namespace = client.namespace
    with rpc_errors():
        there = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=namespace)
        )
        for name, kind in TYPES.items():
            found = there.custom_attributes.get(name)
            if found is not None and found != kind:
                raise ConflictError(
                    f"search attribute {name} is {IndexedValueType.Name(found)} in namespace "
                    f"{namespace}, not {IndexedValueType.Name(kind)}; remove it there first"
                )
        missing = {n: k for n, k in TYPES.items() if n not in there.custom_attributes}
        if missing:
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(namespace=namespace, search_attributes=missing)
            )
    return sorted(missing)
