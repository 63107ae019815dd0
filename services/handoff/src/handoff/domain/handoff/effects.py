"""Effects of a command, which others carry out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from handoff.domain.handoff.facts import Fact
from handoff.domain.handoff.state import HISTORY_KEPT, HandoffState
from handoff.domain.teams.members import Role


class Recipient(StrEnum):
    """The recipient of a notification."""

    MEMBER = "member"
    SENDER = "sender"
    """If the handoff has no sender: the sending team's lead."""
    LEAD = "lead"
    MANAGER = "manager"


class NotifyReason(StrEnum):
    """The reason for a notification; stable, for programs."""

    ASSIGNED = "assigned"
    TAKEN_AWAY = "taken_away"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    NOBODY_ELIGIBLE = "nobody_eligible"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FACTS_MISSING = "facts_missing"
    WOKEN = "woken"
    RESUMED = "resumed"
    QUALIFIED_AGAIN = "qualified_again"
    FURTHER_OWNER = "further_owner"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    RATED = "rated"


@dataclass(frozen=True, slots=True)
class Notify:
    """Notify somebody of the handoff."""

    recipient: Recipient
    reason: NotifyReason
    text: str
    """In Japanese."""
    member_id: str | None = None
    """The member or sender. With the lead or manager: whose; ``None``: of the team whose territory
    it is."""
    of_role: Role | None = None
    """With the lead or manager: in which of the two teams to look if no member is given."""
    act_by: datetime | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class AssignmentWanted:
    """Find an owner, and answer with ``Assign`` or ``LeaveUnassigned`` of the same attempt."""

    attempt: int
    preferred: str | None = None
    """Members who know this lead, which counts as an existing relation."""
    excluded: tuple[str, ...] = ()
    """Members who had it before: ``Demand.had_before``."""


Effect = Fact | Notify | AssignmentWanted


@dataclass(frozen=True, slots=True)
class Decision:
    """The state after a command, and its effects."""

    state: HandoffState
    effects: tuple[Effect, ...] = ()
    unchanged: bool = False
    """Nothing has changed and nothing follows, mostly because the command was carried out before.
    """

    def plus(self, *effects: Effect) -> "Decision":
        """Return the decision with more effects; the state's history has the facts among them."""
        facts = _facts_of(effects)
        state = replace(self.state, history=(*self.state.history, *facts)[-HISTORY_KEPT:])
        return replace(self, state=state, effects=(*self.effects, *effects))

    def at(self, state: HandoffState) -> "Decision":
        """Return the decision with another state."""
        return replace(self, state=state)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts among the effects, in order."""
        return _facts_of(self.effects)

    def identified(self) -> Iterator[tuple[str, Effect]]:
        """Yield each effect with an identity that no other effect of any handoff has.

        It is the same however often the decision is made again, so it makes a stable event id.
        """
        for number, effect in enumerate(self.effects):
            yield f"{self.state.handoff_id}/{self.state.version}/{number}", effect


def _facts_of(effects: Iterable[Effect]) -> tuple[Fact, ...]:
    return tuple(each for each in effects if not isinstance(each, Notify | AssignmentWanted))
