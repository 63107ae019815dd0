"""The precision of a condition: the consequences of the times that it was seen."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kakehashi_common.domain.proportions import Proportion

FOLLOWED_WITHIN: Final = timedelta(days=30)
"""A later answer or meeting is not attributed to it. Common practice: a monthly review."""


@dataclass(frozen=True, slots=True)
class Precision:
    """The consequences of a condition that was seen at least :data:`FOLLOWED_WITHIN` ago."""

    fired: int
    """All times, those too that are too young to count."""
    no_playbook: int
    """Of all times: no playbook in force was entered by it."""
    entered: Proportion
    """Somebody entered a playbook for it."""
    answered: Proportion
    """The contact, or somebody of the municipality, answered."""
    met: Proportion
    """A meeting was booked."""


NEVER_SEEN: Final = Precision(0, 0, Proportion(0, 0), Proportion(0, 0), Proportion(0, 0))
