"""What was decided in a pursuit, and what is still to be done about it."""

from dataclasses import dataclass, field
from datetime import datetime

from budget_calendar.domain.goals import PursuitGoal
from budget_calendar.domain.pursuit import Decision, PursuitState
from budget_calendar.domain.pursuit.effects import BeginSuccessor, Replan
from budget_calendar.domain.pursuit.state import Status
from budget_calendar.events.mapping import EventToPublish
from budget_calendar.pursuits.audit import audit_record
from budget_calendar.pursuits.events import events_of
from budget_calendar.pursuits.messages import AuditRecord, Message


@dataclass(slots=True)
class PursuitJournal:
    """A pursuit's state, and what has to be carried out before it can wait again."""

    state: PursuitState | None
    recorded: int
    """The version of the state that is in the database."""
    decisions: int = 0
    plan_wanted: bool = True
    """At the opening, and again in each fiscal year: its calendars have been opened since."""
    successor: PursuitGoal | None = None
    """What the pursuit of the contract that follows wants; ``None``: none is to begin."""
    _acts: list[AuditRecord] = field(default_factory=list)
    _events: list[EventToPublish] = field(default_factory=list)

    @property
    def opened(self) -> PursuitState:
        """The state of a pursuit that has been opened.

        Raises:
            ValueError: it has not.
        """
        if self.state is None:
            raise ValueError("the pursuit has not been opened yet")
        return self.state

    @property
    def ended(self) -> bool:
        """Whether nothing more can happen."""
        return self.state is not None and self.state.status is Status.ENDED

    @property
    def unrecorded(self) -> PursuitState | None:
        """The state, if it is not in the database."""
        state = self.state
        return state if state is not None and self.recorded < state.version else None

    @property
    def unfinished(self) -> bool:
        """Whether anything has to be carried out."""
        return (
            self.unrecorded is not None
            or self.successor is not None
            or (self.plan_wanted and not self.ended)
        )

    def take(
        self, decision: Decision, command: object, now: datetime, *, by: str, origin: str
    ) -> None:
        """Make the decision's state the state, and remember what has to be done about it."""
        before, self.state = self.state, decision.state
        self.decisions += 1
        for effect in decision.effects:
            if isinstance(effect, Replan):
                self.plan_wanted = True
            elif isinstance(effect, BeginSuccessor):
                self.successor = effect.goal
        self._events += events_of(decision.state, decision.effects, now)
        # What the clock or a calendar brought is an act only if the story tells it.
        if (
            isinstance(command, Message)
            or before is None
            or before.history != decision.state.history
        ):
            self._acts.append(audit_record(command, before, decision.state, by=by, origin=origin))

    def to_record(self) -> tuple[tuple[AuditRecord, ...], tuple[EventToPublish, ...]]:
        """What goes into the database with the state; it is asked for once."""
        acts, self._acts = tuple(self._acts), []
        events, self._events = tuple(self._events), []
        return acts, events
