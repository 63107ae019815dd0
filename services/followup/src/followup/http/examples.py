"""Requests that work as they stand: the API's description shows them, and a test sends them."""

from typing import Final

from kakehashi_common.collector.description import Examples

LEAD: Final = "crm-48213"

_PATH_VALUES: Final = {"lead_id": LEAD}


def path_values() -> dict[str, str]:
    """Return a value for each parameter of a path."""
    return dict(_PATH_VALUES)


def bodies() -> dict[str, Examples]:
    """Return the requests of each operation that has a body."""
    return {}
