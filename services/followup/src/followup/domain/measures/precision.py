"""How often a condition was right: what followed when it was seen."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kakehashi_common.domain.proportions import Proportion

FOLLOWED_WITHIN: Final = timedelta(days=30)
"""A later answer or meeting is not put down to it. Common practice: a monthly review."""


@dataclass(frozen=True, slots=True)
class Precision:
    """What followed the times that a condition was seen at least :data:`FOLLOWED_WITHIN` ago."""

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
