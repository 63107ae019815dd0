"""Priorities of tasks when workers are overloaded: 1 to 5, lower keys first."""

from typing import Final

from temporalio.common import Priority

PERSON_WAITS: Final = Priority(priority_key=2)
"""A person waits for the answer."""
BULK: Final = Priority(priority_key=4)
"""Started by the hundred, in the background. What says nothing has 3."""
