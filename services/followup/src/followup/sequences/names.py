"""Names of a sequence's workflow: its id, and the summary that operators see in the Temporal UI."""

from typing import Final

from followup.domain.playbooks.playbook import Playbook
from followup.domain.sequences.commands import Enter
from kakehashi_common.contracts.municipalities import municipality_name

WORKFLOW: Final = "SequenceWorkflow"
"""The type of a sequence's workflow."""


def workflow_id(sequence_id: str, id_prefix: str = "") -> str:
    """Return the id of a sequence's workflow."""
    return f"{id_prefix}followup/{sequence_id}"


def static_summary(enter: Enter, playbook: Playbook | None = None) -> str:
    """Return such as ``群馬県桐生市：料金・比較ページを見た方（crm-48213）``."""
    name = enter.playbook_name or enter.playbook_id if playbook is None else playbook.name
    return f"{municipality_name(enter.municipality_code)}：{name}（{enter.lead_id}）"
