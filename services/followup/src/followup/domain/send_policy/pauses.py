"""A stop of all sending, to one organisation or to everybody."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from followup.domain.triggers.catalogue import ENQUIRIES
from kakehashi_common.domain.reasons import ReasonKind


class PauseCause(StrEnum):
    """The reason for sending nothing."""

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

    def holds_work(self, organisation: str | None, reason: str, at: datetime) -> bool:
        """Whether it stops what people are asked to do about ``organisation``, such as calls.

        A stop of all mail does not; nor does any stop what follows from ``reason``, if that is the
        disaster itself, or what somebody there has asked.
        """
        return (
            self.organisation is not None
            and reason not in _MEANT_FOR_IT
            and self.holds(organisation, at)
        )


_MEANT_FOR_IT: Final = frozenset({ReasonKind.DISASTER.value, *ENQUIRIES})
