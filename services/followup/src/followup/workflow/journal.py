"""The state of a sequence's workflow: what was decided, and what is still to be carried out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from followup.domain.playbooks.playbook import Playbook
from followup.domain.sequences.advancing import Decision, Script
from followup.domain.sequences.checks import check, check_ahead
from followup.domain.sequences.commands import (
    Approve,
    ChangeOwner,
    Command,
    CompleteTask,
    Enter,
    Message,
    Pause,
    React,
    Reject,
    Resume,
    Skip,
    Stop,
)
from followup.domain.sequences.deciding import decide, enter
from followup.domain.sequences.state import SequenceState
from followup.domain.sequences.terms import WORKING
from followup.sequences.messages import (
    AuditRecord,
    Beginning,
    RecordedDecision,
    RecordSequence,
    Sequence,
    SequenceScript,
)
from kakehashi_common.domain.errors import StateConflictError


@dataclass(slots=True)
class SequenceJournal:
    """A sequence's state, and what has to be carried out before its workflow can wait again.

    Every decision is the domain's: a command and an instant in, a new state and facts out.
    """

    state: SequenceState | None
    script: SequenceScript | None
    recorded: int
    """The version of the state that is in the database."""
    decisions: int = 0
    opened_elsewhere: bool = False
    """Whether the contact was in the same playbook when this sequence was to be recorded."""
    _decided: list[RecordedDecision] = field(default_factory=list)
    _script: Script | None = None

    @classmethod
    def of(cls, run: Sequence) -> "SequenceJournal":
        """Return the journal that a run begins with."""
        return cls(run.state, run.script, 0 if run.state is None else run.state.version)

    def next_run(self, run: Sequence) -> Sequence:
        """Return the input of the run that follows ``run``."""
        return replace(run, state=self.state, script=self.script)

    @property
    def entered(self) -> SequenceState:
        """The state of a sequence that has begun.

        Raises:
            ValueError: it has not.
        """
        if self.state is None:
            raise ValueError("the sequence has not begun yet")
        return self.state

    @property
    def playbook(self) -> Playbook | None:
        """The playbook by which it goes, once that has been read."""
        return None if self.script is None else self.script.playbook

    @property
    def unrecorded(self) -> bool:
        """Whether there is something that is not in the database."""
        return bool(self._decided)

    @property
    def unfinished(self) -> bool:
        """Whether anything has to be carried out."""
        if self.opened_elsewhere or self.state is None:
            return False
        return self.unrecorded or self.state.status in WORKING

    def begin(self, command: Enter, found: Beginning, now: datetime) -> None:
        """Begin the sequence, or go on with one whose workflow was terminated.

        Raises:
            DomainError: see :func:`~followup.domain.sequences.deciding.enter`.
        """
        self.take(found.script)
        if found.stored is not None:
            self.state, self.recorded = found.stored, found.stored.version
            return
        self._keep(enter(command, self._goes_by(), now), command, now)

    def take(self, script: SequenceScript) -> None:
        """Go by this calendar from now on."""
        self.script, self._script = script.shared()

    def check(self, command: Command, now: datetime) -> None:
        """Refuse a command that makes no sense by itself or as the sequence stands.

        Raises:
            DomainError: it makes none.
        """
        check(command)
        check_ahead(command, now)
        if self.state is not None and self.script is not None:
            decide(self.state, command, self._goes_by(), now)

    def apply(self, command: Command, now: datetime) -> None:
        """Decide, and keep the decision if it changes anything.

        Raises:
            DomainError: the command makes no sense here; nothing has changed.
        """
        decision = decide(self.entered, command, self._goes_by(), now)
        if not decision.unchanged:
            self._keep(decision, command, now)

    def to_record(self) -> RecordSequence:
        """Return the decisions that were not returned before."""
        decided, self._decided = tuple(self._decided), []
        return RecordSequence(self.entered.sequence_id, decided)

    def _keep(self, decision: Decision, command: Enter | Command, now: datetime) -> None:
        self.state = decision.state
        self.decisions += 1
        self._decided.append(RecordedDecision.of(decision, now, audit_record(command)))

    def _goes_by(self) -> Script:
        if self._script is None:
            if self.script is None:
                raise ValueError("the playbook has not been read yet")
            self.script, self._script = self.script.shared()
        return self._script


def check_same(first: Enter, again: Enter) -> None:
    """Refuse an entry that can't join the sequence which began with ``first``.

    Raises:
        DomainError: it makes no sense by itself.
        StateConflictError: it is of another contact or playbook (``sequence_exists``).
    """
    check(again)
    if (again.lead_id, again.playbook_id) != (first.lead_id, first.playbook_id):
        raise StateConflictError(
            f"sequence {first.sequence_id} is of another contact or playbook: take another id",
            field="sequence_id",
            code="sequence_exists",
        )


VERBS: Final[Mapping[type[Message], str]] = {
    Enter: "enter_playbook",
    React: "react",
    Pause: "pause_sequence",
    Resume: "resume_sequence",
    Skip: "skip_step",
    Stop: "stop_sequence",
    Approve: "approve_step",
    Reject: "reject_step",
    CompleteTask: "complete_task",
    ChangeOwner: "change_owner",
}
"""Actions in the audit log. The words are stored: a class may be renamed, its word may not."""


def audit_record(command: Enter | Command) -> AuditRecord | None:
    """Return who asked for something; ``None`` for what the clock and programs bring."""
    verb = VERBS.get(type(command)) if isinstance(command, Message) else None
    by = getattr(command, "by", None)
    if verb is None or by is None or not isinstance(command, Message):
        return None
    return AuditRecord(by, verb, command.origin)
