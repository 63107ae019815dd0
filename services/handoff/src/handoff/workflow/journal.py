"""The state of a handoff's workflow: decisions made, and work still to be carried out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from handoff.domain.handoff import Decision, HandoffState, check, decide, request
from handoff.domain.handoff.commands import (
    CLOCK,
    Accept,
    AnswerLead,
    Close,
    Command,
    Join,
    Message,
    NameFurtherOwner,
    OverrideReadiness,
    PauseClocks,
    PhaseEntered,
    Rate,
    Reassign,
    RecordContact,
    RecordMeeting,
    Reject,
    Request,
    Resubmit,
    Resume,
    Wake,
    Withdraw,
)
from handoff.domain.handoff.effects import AssignmentWanted
from handoff.domain.handoff.policy import Sla
from handoff.domain.handoff.service_levels import ServiceLevels
from handoff.domain.teams.working_time import WorkingHours
from handoff.handoffs.messages import (
    AuditRecord,
    Handoff,
    RecordedDecision,
    RecordHandoff,
    next_due_at,
)
from kakehashi_common.domain.errors import StateConflictError


@dataclass(slots=True)
class HandoffJournal:
    """A handoff's state, and what has to be carried out before its workflow can wait again.

    Every decision is the domain's: a command and an instant in, a new state and effects out.
    """

    state: HandoffState | None
    levels: ServiceLevels | None
    recorded: int
    """The version of the state that is in the database."""
    decisions: int = 0
    assignment_wanted: bool = False
    """Whether an owner is to be found for what is to be recorded."""
    outdated: int | None = None
    """The number of an assignment that was made and is no longer wanted."""
    levels_changed: bool = False
    """Whether policy or working hours may have changed since they were read."""
    opened_elsewhere: bool = False
    """Whether another handoff of the lead was open when this one was to be recorded."""
    due_at: datetime | None = None
    """When the first clock is due, as recorded in this run."""
    due_changed: bool = False
    _decided: list[RecordedDecision] = field(default_factory=list)

    @classmethod
    def of(cls, run: Handoff) -> "HandoffJournal":
        """Return the journal that a run begins with."""
        return cls(run.state, run.levels, 0 if run.state is None else run.state.version)

    def next_run(self, run: Handoff) -> Handoff:
        """Return the input of the run that follows ``run``."""
        return replace(run, state=self.state, levels=self.levels)

    @property
    def requested(self) -> HandoffState:
        """The state of a handoff that has begun.

        Raises:
            ValueError: it has not.
        """
        if self.state is None:
            raise ValueError("the handoff has not begun yet")
        return self.state

    @property
    def sla(self) -> Sla:
        """The service levels as last read.

        Raises:
            ValueError: it has not been read yet.
        """
        if self.levels is None:
            raise ValueError("the service levels have not been read yet")
        return self.levels.sla()

    @property
    def unrecorded(self) -> bool:
        """Whether there is something that is not in the database."""
        return bool(self._decided) or self.due_changed

    @property
    def unfinished(self) -> bool:
        """Whether anything has to be carried out."""
        return not self.opened_elsewhere and (
            self.unrecorded or self.outdated is not None or self.levels_changed
        )

    def begin(
        self, wanted: Request, levels: ServiceLevels, stored: HandoffState | None, now: datetime
    ) -> None:
        """Begin the handoff, or go on with one whose workflow was terminated.

        Raises:
            DomainError: see :func:`~handoff.domain.handoff.deciding.request`.
        """
        self.levels = levels
        if stored is not None:
            self.state, self.recorded = stored, stored.version
            return
        self._keep(request(wanted, now, levels.sla()), wanted, now)

    def check(self, command: Command, now: datetime) -> None:
        """Refuse a command that makes no sense by itself or as the handoff stands.

        Raises:
            DomainError: it makes none.
        """
        check(command)
        if self.state is not None and self.levels is not None:
            decide(self.state, command, now, self.sla)

    def apply(self, command: Command, now: datetime, owner: WorkingHours | None = None) -> None:
        """Decide, and keep the decision if it changes anything.

        Args:
            command: what is asked.
            now: the present instant.
            owner: the working hours of the member whom the command names as the owner.

        Raises:
            DomainError: the command makes no sense here; nothing has changed.
        """
        levels = self.levels
        if levels is None:
            raise ValueError("the service levels have not been read yet")
        if owner is not None:
            levels = replace(levels, owner=owner)
        decision = decide(self.requested, command, now, levels.sla())
        if decision.unchanged:
            return
        self.levels = replace(levels, owner=levels.owner if decision.state.owner else None)
        self._keep(decision, command, now)

    def _keep(self, decision: Decision, command: Command | Request, now: datetime) -> None:
        """Adopt the decision's state, and remember the work that follows from it."""
        before, self.state = self.state, decision.state
        self.decisions += 1
        if any(isinstance(each, AssignmentWanted) for each in decision.effects):
            self.assignment_wanted = True
        elif decision.state.assignment_wanted_at is None:
            self.assignment_wanted = False
        audit = audit_record(command, before, decision.state)
        self._decided.append(RecordedDecision.of(decision, now, audit))

    def to_record(self) -> RecordHandoff:
        """Return the decisions that were not returned before, and whether an owner is wanted."""
        decided, self._decided = tuple(self._decided), []
        wanted, self.assignment_wanted = self.assignment_wanted, False
        sla = self.sla
        self.due_at, self.due_changed = next_due_at(self.requested, sla), False
        return RecordHandoff(
            self.requested.handoff_id, decided, self.due_at, sla.policy if wanted else None
        )

    def take(self, levels: ServiceLevels) -> None:
        """Use this policy and these working hours from now on."""
        self.levels = levels
        self.due_changed = next_due_at(self.requested, self.sla) != self.due_at


def check_same(first: Request, again: Request) -> None:
    """Refuse a request that can't join the handoff which began with ``first``.

    Raises:
        DomainError: it makes no sense by itself.
        StateConflictError: it is of another lead or kind (``handoff_exists``).
    """
    check(again)
    if (again.lead_id, again.kind) != (first.lead_id, first.kind):
        raise StateConflictError(
            f"handoff {first.handoff_id} is of another lead or kind: take another id",
            field="handoff_id",
            code="handoff_exists",
        )


VERBS: Final[Mapping[type[Message], str]] = {
    Request: "request_handoff",
    Join: "join_handoff",
    AnswerLead: "answer_lead",
    Accept: "accept_handoff",
    Reject: "reject_handoff",
    RecordContact: "record_contact",
    RecordMeeting: "record_meeting",
    Resubmit: "resubmit_handoff",
    PauseClocks: "pause_clocks",
    Resume: "resume_clocks",
    Reassign: "reassign_handoff",
    NameFurtherOwner: "name_further_owner",
    Rate: "rate_handoff",
    OverrideReadiness: "override_readiness",
    Close: "close_handoff",
    Withdraw: "withdraw_handoff",
    Wake: "wake_handoff",
    PhaseEntered: "enter_phase",
}
"""Actions in the audit log. The words are stored: a class may be renamed, its word may not."""


def audit_record(
    command: Command | Request, before: HandoffState | None, after: HandoffState
) -> AuditRecord | None:
    """Return who asked for something and what it changed; ``None`` for what the clock brings."""
    if not isinstance(command, Message) or command.by == CLOCK:
        return None
    return AuditRecord(
        command.by,
        VERBS[type(command)],
        command.origin,
        None if before is None else _outline(before),
        _outline(after),
    )


def _outline(state: HandoffState) -> dict[str, Any]:
    return {"version": state.version, "status": state.status.value, "owner": state.owner}
