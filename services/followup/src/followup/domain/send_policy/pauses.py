"""A stop of all sending, to one organisation or to everybody."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PauseCause(StrEnum):
    """Why nothing is sent."""

    DISASTER = "disaster"
    """災害: the place has other worries."""
    SELLER = "seller"
    """Somebody on the seller's side stopped it."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is sent from ``since`` until ``ends``, or until somebody lifts it."""

    cause: PauseCause
    since: datetime
    ends: datetime | None = None
    organisation: str | None = None
    """``None``: to nobody at all."""

    def holds(self, organisation: str | None, at: datetime) -> bool:
        """Whether it stops mail to ``organisation`` at ``at``."""
        concerns = self.organisation is None or self.organisation == organisation
        return concerns and self.since <= at and (self.ends is None or at < self.ends)
