"""The inputs and answers of a sequence's workflow and its activities."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.walk import Office
from followup.domain.sequences.advancing import Decision, Script
from followup.domain.sequences.commands import Enter, Result
from followup.domain.sequences.facts import Fact
from followup.domain.sequences.narrative import summary
from followup.domain.sequences.state import SequenceState
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.business_time import BusinessTime, Hours


@dataclass(frozen=True, slots=True)
class SequenceScript:
    """The rules of a sequence, as a value that can be stored and sent."""

    playbook: Playbook
    hours: Mapping[int, tuple[Hours, ...]] = field(hash=False)
    """The opening hours of municipalities' offices, by weekday."""
    holidays: tuple[date, ...]
    """Public holidays of the coming years: the government may still move one."""
    pauses_stop_clocks: bool = False
    """See :class:`~followup.domain.sequences.advancing.Script`."""
    left_out_is_no_contact: bool = False
    """Likewise."""

    def shared(self) -> "tuple[SequenceScript, Script]":
        """Return the one object of all equal ones, and the form that decisions take.

        The thousands of sequences in a worker's memory go by a few playbooks.
        """
        return _shared(self)


@lru_cache(maxsize=256)
def _shared(one: SequenceScript) -> tuple[SequenceScript, Script]:
    days = BusinessDays(frozenset(one.holidays).__contains__)
    office = Office(days, BusinessTime(days.__contains__, one.hours))
    return one, Script(one.playbook, office, one.pauses_stop_clocks, one.left_out_is_no_contact)


@dataclass(frozen=True, slots=True)
class Sequence:
    """The input of a run; a first run gives the entry alone."""

    enter: Enter
    state: SequenceState | None = None
    script: SequenceScript | None = None


@dataclass(frozen=True, slots=True)
class SequenceStatus:
    """The state of a sequence, in a few words for programs and a sentence for people."""

    sequence_id: str
    version: int
    status: str
    step_id: str | None
    due_at: datetime | None
    ja: str

    @classmethod
    def of(cls, state: SequenceState, playbook: Playbook | None = None) -> "SequenceStatus":
        """Return the status of a sequence; its playbook names the steps in Japanese."""
        return cls(
            state.sequence_id,
            state.version,
            state.status.value,
            state.step_id,
            state.due_at,
            summary(state, playbook),
        )


@dataclass(frozen=True, slots=True)
class ReadScript:
    """The request for the playbook and calendar of a sequence."""

    enter: Enter
    now: datetime
    begins: bool
    """Whether the workflow begins, and needs the state in which an earlier one ended."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The information that a run needs to begin."""

    script: SequenceScript
    stored: SequenceState | None
    """The last state of a workflow of the same id that was terminated."""


@dataclass(frozen=True, slots=True)
class StepWork:
    """A program's work on the present step.

    It is a message of its own and not the state: it stays small, however long a sequence gets, and
    a worker reads what one of another version has scheduled, whatever becomes of the state.
    """

    sequence_id: str
    playbook_id: str
    playbook_version: int
    step_id: str
    since: datetime
    """Since when it is the present step: with its id it names this visit of the step."""
    week: int
    """Of a step that repeats weekly."""
    attempt: int
    lead_id: str
    reason: str
    municipality_code: str | None
    owner: str | None
    approval_id: str | None
    """Of the approval that was given."""
    in_reply_to: str | None
    """The last message of the thread."""
    urgent: bool = False
    """Whether it waits for no better hour."""
    good_until: date | None = None
    """The last day in Japan on which what the reason is about can be said."""
    policy_area: str | None = None
    """Of the reason, a slug."""
    is_first: bool = False
    """Whether no step before it has turned to anybody."""

    @classmethod
    def of(cls, state: SequenceState) -> "StepWork":
        """Return the work on the present step of a sequence."""
        return cls(
            sequence_id=state.sequence_id,
            playbook_id=state.playbook_id,
            playbook_version=state.playbook_version,
            step_id=state.position.step or "",
            since=state.position.since,
            week=state.position.week,
            attempt=state.attempt,
            lead_id=state.lead_id,
            reason=state.reason,
            municipality_code=state.municipality_code,
            owner=state.owner,
            approval_id=state.approval_id,
            in_reply_to=state.last_message_id,
            urgent=state.urgent,
            good_until=state.good_until,
            policy_area=state.policy_area,
            is_first=state.position.contacted_at is None,
        )

    @property
    def visit(self) -> str:
        """The step, as often as its playbook comes to it: what is sent for it is sent once."""
        return f"{self.step_id}.{self.since.astimezone(UTC):%Y%m%dT%H%M%S%f}"

    @property
    def name(self) -> str:
        """The name of the approval or task of this visit of the step."""
        return f"{self.sequence_id}.{self.visit}"


@dataclass(frozen=True, slots=True)
class StepResult:
    """The result of the work."""

    result: Result


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Something that somebody did to a sequence, for the audit."""

    who: str
    what: str
    origin: str


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """The state after a decision, and its facts."""

    state: SequenceState
    at: datetime
    facts: tuple[Fact, ...]
    audit: AuditRecord | None = None

    def identity(self, position: int) -> str:
        """Return the unique identity of the fact at a position."""
        return f"{self.state.sequence_id}/{self.state.version}/{position}"

    @classmethod
    def of(cls, decision: Decision, at: datetime, audit: AuditRecord | None) -> "RecordedDecision":
        """Return what is recorded of a decision."""
        return cls(decision.state, at, decision.facts, audit)


@dataclass(frozen=True, slots=True)
class RecordSequence:
    """Decisions that are to be recorded together, the oldest first."""

    sequence_id: str
    decisions: tuple[RecordedDecision, ...]
