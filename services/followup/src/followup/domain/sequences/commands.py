"""The commands to a sequence: of a person, an event, the send policy, the clock.

:func:`~followup.domain.sequences.checks.check` checks a command at the edge where it arrives, and
again when it is decided, so that none of them fails a workflow.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.terms import PauseReason, TaskOutcome

CLOCK: Final = "clock"
"""The author of commands that are due by themselves."""

TEMPORAL: Final = "temporal"
"""The origin of a message that names none: sent in the Temporal UI or by another client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Base of messages from outside."""

    origin: str = TEMPORAL
    """The origin of the message, such as an address or a topic."""


@dataclass(frozen=True, slots=True)
class Enter(Message):
    """A contact enters a playbook."""

    sequence_id: str
    playbook_id: str
    playbook_version: int
    lead_id: str
    trigger_id: str
    """Of what began it; the same trigger enters the contact once."""
    reason: str
    """The slug of a reason or behaviour."""
    by: str
    municipality_code: str | None = None
    owner: str | None = None
    """The seller whose contact it is."""
    phase: str | None = None
    """The budget phase that the municipality is in."""
    urgent: bool = False
    """Whether its mails wait for no better hour."""
    good_until: date | None = None
    """The last day in Japan on which what the reason is about can be said."""
    policy_area: str | None = None
    """The slug of the policy area that the reason is about."""
    one_per_municipality: bool = False
    """Whether the contact stands for all of the municipality."""
    playbook_name: str | None = None
    """In Japanese, for those who see the entry in the Temporal UI."""


@dataclass(frozen=True, slots=True)
class React(Message):
    """The contact did something, or something became known of them or their municipality."""

    occurrence: OccurrenceKind
    at: datetime
    by: str
    name: str = ""
    """Of the behaviour or the budget phase."""


@dataclass(frozen=True, slots=True)
class Pause(Message):
    """Pause the sequence."""

    by: str
    reason: PauseReason = PauseReason.PERSON
    until: datetime | None = None
    """``None``: until somebody resumes it."""


@dataclass(frozen=True, slots=True)
class Resume(Message):
    """Resume the sequence."""

    by: str
    reason: PauseReason | None = None
    """Only if it was paused for this reason; ``None``: for any."""


@dataclass(frozen=True, slots=True)
class Skip(Message):
    """Leave the present step out."""

    by: str
    step_id: str


@dataclass(frozen=True, slots=True)
class Stop(Message):
    """End it."""

    by: str


@dataclass(frozen=True, slots=True)
class Approve(Message):
    """The message of the present step is approved."""

    by: str
    approval_id: str
    edited: bool = False
    """Whether the text was changed; the text itself is kept with the approval."""


@dataclass(frozen=True, slots=True)
class Reject(Message):
    """The message is not approved: the sequence ends."""

    by: str
    approval_id: str


@dataclass(frozen=True, slots=True)
class CompleteTask(Message):
    """A person has done what the present step asks."""

    by: str
    task_id: str
    outcome: TaskOutcome = TaskOutcome.DONE


@dataclass(frozen=True, slots=True)
class ChangeOwner(Message):
    """Another seller has the contact from now on."""

    by: str
    before: str
    """Only if it is still this one's."""
    owner: str


@dataclass(frozen=True, slots=True)
class TakeChannel:
    """Result of choosing: by which of its channels the step is carried out."""

    attempt: int
    step_id: str
    """Of the channel."""
    why: str
    """In Japanese."""


@dataclass(frozen=True, slots=True)
class RequestApproval:
    """Result of preparing: somebody is asked to approve."""

    attempt: int
    approval_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Result of preparing: a person is asked to do the step."""

    attempt: int
    task_id: str
    owner: str | None
    due_at: datetime
    variant: str | None = None
    """Of the playbook's experiment."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Result of planning: when the step may be done."""

    attempt: int
    due_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class RefuseStep:
    """Result of any work: the send policy does not allow it now, or ever (without ``until``)."""

    attempt: int
    reason: str
    until: datetime | None = None
    why: str = ""
    """In Japanese: the reason in words."""


@dataclass(frozen=True, slots=True)
class RecordSent:
    """Result of sending: the message was taken by the other side."""

    attempt: int
    message_id: str
    variant: str | None = None
    role: str | None = None
    """Of the person whom it was sent to."""


@dataclass(frozen=True, slots=True)
class RecordFailure:
    """Result of sending: it was not taken, and will not be."""

    attempt: int
    message_id: str
    code: str


@dataclass(frozen=True, slots=True)
class TimeCame:
    """The time that the sequence waits for has come."""


Result = (
    TakeChannel | RequestApproval | OpenTask | Schedule | RefuseStep | RecordSent | RecordFailure
)
FromOutside = React | Pause | Resume | Skip | Stop | Approve | Reject | CompleteTask | ChangeOwner
Command = FromOutside | Result | TimeCame
