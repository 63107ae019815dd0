"""Names of a handoff's workflow: its id, and the summary that operators see in the Temporal UI."""

from typing import Final

from temporalio.common import SearchAttributePair, TypedSearchAttributes

from handoff.domain.handoff.commands import Request
from handoff.domain.handoff.labels import ROLES
from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.temporal.search_attributes import MUNICIPALITY_NAME

WORKFLOW: Final = "HandoffWorkflow"
"""The type of a handoff's workflow."""

SETTINGS_WORKFLOW: Final = "SettingsChangedWorkflow"
"""The type of the workflow that tells open handoffs of changed settings."""


def workflow_id(handoff_id: str, id_prefix: str = "") -> str:
    """Return the id of a handoff's workflow."""
    return f"{id_prefix}handoff/{handoff_id}"


def municipality_name(code: str | None) -> str:
    """Return ``群馬県桐生市``; a code that is not in the published list is its own name."""
    if code is None:
        return "自治体未定"
    known = municipalities().get(code)
    return code if known is None else known.full_name


def static_summary(request: Request) -> str:
    """Return such as ``群馬県桐生市：インサイドセールスからフィールドセールスへ（crm-48213）``."""
    kind = request.kind
    return (
        f"{municipality_name(request.municipality_code)}："
        f"{ROLES[kind.from_role]}から{ROLES[kind.to_role]}へ（{request.lead_id}）"
    )


def named(municipality_code: str | None) -> TypedSearchAttributes:
    """Return the search attributes that a handoff's workflow is started with."""
    if municipality_code is None:
        return TypedSearchAttributes.empty
    return TypedSearchAttributes(
        [SearchAttributePair(MUNICIPALITY_NAME, municipality_name(municipality_code))]
    )
