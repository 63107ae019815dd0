"""Requests that work as they stand: the API's description shows them, and a test sends them."""

from typing import Final

from followup.playbooks.reading import shipped
from kakehashi_common.collector.description import Examples

PLAYBOOK: Final = "welcome"
LEAD: Final = "crm-48213"

_PATH_VALUES: Final[dict[str, str | int]] = {
    "lead_id": LEAD,
    "playbook_id": PLAYBOOK,
    "version": 1,
    "place": "102032",
    "fact": "hours_saved",
}

_FIGURE: Final = {"value": "1200", "source": "窓口での実証（2026年8月）の平均から年間に換算"}


def path_values() -> dict[str, str | int]:
    """Return a value for each parameter of a path."""
    return dict(_PATH_VALUES)


def bodies() -> dict[str, Examples]:
    """Return the requests of each operation that has a body."""
    playbook = {PLAYBOOK: {"summary": "One that ships", "value": shipped()[PLAYBOOK]}}
    return {
        "publish_playbook": playbook,
        "save_playbook_draft": playbook,
        "enter_figure": {"hours": {"summary": "Hours saved a year", "value": _FIGURE}},
        "roll_back_playbook": {"first": {"summary": "The first version", "value": {"version": 1}}},
    }
