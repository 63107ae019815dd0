"""A handoff's label: whether field sales took the lead on, and the outcome.

A label is folded from the handoff's steps. The result does not depend on their order or on
repetitions: of every kind of step the first one counts.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

ABOUT_THE_LEAD: Final = frozenset({"recycle", "disqualify"})
"""Consequences of rejections that judge the lead. The others judge the packet (``return``) or the
assignment (``reassign``), and somebody still answers."""


@dataclass(frozen=True, slots=True, order=True)
class Rejection:
    """Field sales don't take the lead on, or not any longer."""

    at: datetime
    reason: str
    consequence: str


@dataclass(frozen=True, slots=True, order=True)
class Ending:
    """The end of a handoff."""

    at: datetime
    status: str
    """``closed``, ``disqualified`` or ``withdrawn``."""
    outcome: str = ""
    """``won``, ``lost`` or ``no_decision``; empty unless closed."""
    deal_id: str = ""
    """The deal whose outcome it is; empty: a person said so."""


@dataclass(frozen=True, slots=True)
class Label:
    """The label of one handoff. Times are timezone-aware."""

    handoff_id: str
    lead_id: str
    from_role: str
    to_role: str
    last_step_at: datetime
    qualification_id: str | None = None
    """The qualification that began it; unknown to this service if a person began the handoff."""
    requested_at: datetime | None = None
    accepted_at: datetime | None = None
    rejection: Rejection | None = None
    """The first that is about the lead."""
    returned_at: datetime | None = None
    recycled_at: datetime | None = None
    contacted_at: datetime | None = None
    met_at: datetime | None = None
    ending: Ending | None = None

    @property
    def accepted(self) -> bool | None:
        """Whether field sales took the lead on as it was qualified; ``None``: no answer yet.

        Not when they rejected it, although they may have taken it on later, when it had rested.
        """
        if self.rejection is not None:
            return False
        return True if self.accepted_at is not None else None

    def merged(self, other: "Label") -> "Label":
        """Return the label of all steps that either of the two knows."""
        return Label(
            self.handoff_id,
            self.lead_id,
            self.from_role,
            self.to_role,
            max(self.last_step_at, other.last_step_at),
            qualification_id=_first(self.qualification_id, other.qualification_id),
            requested_at=_first(self.requested_at, other.requested_at),
            accepted_at=_first(self.accepted_at, other.accepted_at),
            rejection=_first(self.rejection, other.rejection),
            returned_at=_first(self.returned_at, other.returned_at),
            recycled_at=_first(self.recycled_at, other.recycled_at),
            contacted_at=_first(self.contacted_at, other.contacted_at),
            met_at=_first(self.met_at, other.met_at),
            ending=_first(self.ending, other.ending),
        )


_T = TypeVar("_T", str, datetime, Rejection, Ending)


def _first(one: _T | None, other: _T | None) -> _T | None:
    known = [each for each in (one, other) if each is not None]
    return min(known, default=None)
