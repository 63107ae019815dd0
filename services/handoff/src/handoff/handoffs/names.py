"""Names of a handoff's workflow: its id, and the summary that operators see in the Temporal UI."""

from typing import Final

from temporalio.common import (
    SearchAttributeUpdate,
    TypedSearchAttributes,
)

from handoff.domain.handoff.commands import Request
from handoff.domain.handoff.labels import ROLES
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import Status
from kakehashi_common.contracts.municipalities import municipality_name
from kakehashi_common.temporal.search_attributes import (
    HANDOFF_STATUS,
    LEAD_ID,
    MUNICIPALITY_CODE,
    MUNICIPALITY_NAME,
    OWNER,
    POLICY_AREA,
    known,
)

WORKFLOW: Final = "HandoffWorkflow"
"""The type of a handoff's workflow."""

SETTINGS_WORKFLOW: Final = "SettingsChangedWorkflow"
"""The type of the workflow that tells open handoffs of changed settings."""


def workflow_id(handoff_id: str, id_prefix: str = "") -> str:
    """Return the id of a handoff's workflow."""
    return f"{id_prefix}handoff/{handoff_id}"


def static_summary(request: Request) -> str:
    """Return such as ``群馬県桐生市：インサイドセールスからフィールドセールスへ（crm-48213）``."""
    kind = request.kind
    return (
        f"{municipality_name(request.municipality_code)}："
        f"{ROLES[kind.from_role]}から{ROLES[kind.to_role]}へ（{request.lead_id}）"
    )


def first_search_attributes(request: Request) -> TypedSearchAttributes:
    """Return the search attributes that a handoff's workflow is started with."""
    code = request.municipality_code
    return known(
        (LEAD_ID, request.lead_id),
        (HANDOFF_STATUS, Status.REQUESTED.value),
        (MUNICIPALITY_CODE, code),
        (MUNICIPALITY_NAME, None if code is None else municipality_name(code)),
        (POLICY_AREA, request.policy_area),
    )


def search_attributes(state: HandoffState) -> list[SearchAttributeUpdate[str]]:
    """Return the search attributes by which a handoff's workflow is found as it stands."""
    values = (
        (LEAD_ID, state.lead_id),
        (HANDOFF_STATUS, state.status.value),
        (MUNICIPALITY_CODE, state.municipality_code),
        (OWNER, state.owner),
        (POLICY_AREA, state.policy_area),
    )
    return [key.value_unset() if value is None else key.value_set(value) for key, value in values]
