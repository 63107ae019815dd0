"""The terms of a handoff: its kind, statuses, clocks, and the levels that are notified."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handoff.domain.teams.members import Role


@dataclass(frozen=True, slots=True)
class Kind:
    """From which role to which; each kind has its own packet and clocks."""

    from_role: Role
    to_role: Role


class Status(StrEnum):
    """The status of a handoff."""

    REQUESTED = "requested"
    """An assignment is wanted."""
    UNASSIGNED = "unassigned"
    """Nobody was eligible; it is tried again."""
    ASSIGNED = "assigned"
    """An answer of the owner is awaited."""
    ACCEPTED = "accepted"
    """The first contact is awaited."""
    CONTACTED = "contacted"
    """The first meeting is awaited."""
    MET = "met"
    """The deal goes on; its outcome closes the handoff."""
    RECYCLED = "recycled"
    """Back in nurturing until a day or a budget phase."""
    RETURNED = "returned"
    """The sender has to supply facts."""
    DISQUALIFIED = "disqualified"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


OWNED: Final = frozenset({Status.ASSIGNED, Status.ACCEPTED, Status.CONTACTED, Status.MET})
"""Exactly here an open handoff has an owner."""

ACCEPTED_OR_LATER: Final = frozenset({Status.ACCEPTED, Status.CONTACTED, Status.MET})
"""Here the owner has promised to work on it."""

WAITING: Final = frozenset({Status.REQUESTED, Status.UNASSIGNED})
"""Here an assignment is wanted."""

ENDED: Final = frozenset({Status.DISQUALIFIED, Status.CLOSED, Status.WITHDRAWN})
"""Nothing follows but ratings; the lead's next qualification starts a new handoff."""


class Outcome(StrEnum):
    """The outcome of the deal."""

    WON = "won"
    LOST = "lost"
    NO_DECISION = "no_decision"


NOT_STATED: Final = "not_stated"
"""The reason of an outcome for which the deal gives none."""


class ClockName(StrEnum):
    """A step that is expected within a time limit."""

    RESPOND = "respond"
    """Creation of the lead or enquiry → first answer of inside sales."""
    ASSIGN = "assign"
    """Requested → assigned."""
    ACCEPT = "accept"
    """Assigned → accepted or rejected."""
    CONTACT = "contact"
    """Accepted → first contact."""
    MEET = "meet"
    """First contact → first meeting."""
    SUPPLEMENT = "supplement"
    """Returned → the facts are supplied."""


CLOCK_OF: Final[Mapping[Status, ClockName]] = {
    Status.REQUESTED: ClockName.ASSIGN,
    Status.UNASSIGNED: ClockName.ASSIGN,
    Status.ASSIGNED: ClockName.ACCEPT,
    Status.ACCEPTED: ClockName.CONTACT,
    Status.CONTACTED: ClockName.MEET,
    Status.RETURNED: ClockName.SUPPLEMENT,
}
"""The clock that runs in a status; ``RESPOND`` may run beside it."""

OF_SENDER: Final = frozenset({ClockName.RESPOND, ClockName.SUPPLEMENT})
"""Clocks that expect a step of the sender."""


class Level(StrEnum):
    """The levels that are notified of a step that hasn't been done yet, in this order."""

    REMINDER = "reminder"
    """The member who is expected to do it."""
    LEAD = "lead"
    """The team's lead."""
    MANAGER = "manager"


class PauseReason(StrEnum):
    """The reason why nothing can be expected for a while."""

    CUSTOMER_ASKED = "customer_asked"
    """先方の都合."""
    COUNCIL_SESSION = "council_session"
    """議会会期中."""
    PERSONNEL_CHANGE = "personnel_change"
    """人事異動."""
    DISASTER = "disaster"
    """災害対応."""
    INTERNAL = "internal"
    """社内の事情."""


class ReassignReason(StrEnum):
    """The reason why a handoff goes to somebody else."""

    DECIDED = "decided"
    """A person decides so."""
    MEMBER_LEFT = "member_left"
    MEMBER_ABSENT = "member_absent"
    NOT_ACCEPTED = "not_accepted"
    """The time to accept has passed."""
    REJECTED = "rejected"
    """The owner says that it belongs to somebody else."""


class Direction(StrEnum):
    """The direction of a rating."""

    SENDER_RATES_RECEIVER = "sender_rates_receiver"
    RECEIVER_RATES_SENDER = "receiver_rates_sender"
