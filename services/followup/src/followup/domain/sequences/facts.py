"""Facts of a sequence: the events of ``followups-v1`` and the lines of its timeline.

``kind`` tells the facts apart where they are stored. ``by`` is a member's id or that of a program,
never a name; no fact holds an address or a text that somebody wrote.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from followup.domain.playbooks.steps import Channel, OccurrenceKind
from followup.domain.sequences.terms import PauseReason, TaskOutcome


@dataclass(frozen=True, slots=True)
class Started:
    """The sequence has begun."""

    at: datetime
    by: str
    reason: str
    """The slug of the reason or behaviour that began it."""
    kind: Literal["started"] = "started"


@dataclass(frozen=True, slots=True)
class ChannelChosen:
    """It is known by which of its channels a step is carried out."""

    at: datetime
    step_id: str
    chosen: str
    """The id of the channel's step, which takes its place."""
    channel: Channel
    why: str
    """In Japanese: why this one."""
    kind: Literal["channel_chosen"] = "channel_chosen"


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """Somebody is asked to approve what a step will send."""

    at: datetime
    step_id: str
    approval_id: str
    expires_at: datetime
    channel: str | None = None
    """The kind of step: of a task, what is asked of a person is approved first."""
    kind: Literal["approval_requested"] = "approval_requested"


@dataclass(frozen=True, slots=True)
class Approved:
    """It may be sent."""

    at: datetime
    step_id: str
    approval_id: str
    by: str
    edited: bool
    kind: Literal["approved"] = "approved"


@dataclass(frozen=True, slots=True)
class Rejected:
    """It may not be sent."""

    at: datetime
    step_id: str
    approval_id: str
    by: str
    kind: Literal["rejected"] = "rejected"


@dataclass(frozen=True, slots=True)
class ApprovalExpired:
    """Nobody decided in time: the step was left out."""

    at: datetime
    step_id: str
    approval_id: str
    kind: Literal["approval_expired"] = "approval_expired"


@dataclass(frozen=True, slots=True)
class Scheduled:
    """It is known when a step will be done."""

    at: datetime
    step_id: str
    due_at: datetime
    why: str
    """In Japanese: why then."""
    kind: Literal["scheduled"] = "scheduled"


@dataclass(frozen=True, slots=True)
class Refused:
    """The send policy did not allow a step; without ``until`` it never will, and it is left out."""

    at: datetime
    step_id: str
    reason: str
    """The policy's slug."""
    until: datetime | None = None
    why: str = ""
    """In Japanese: the reason in words."""
    channel: str | None = None
    """The kind of step."""
    kind: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True)
class Sent:
    """A message was taken by the recipient's mail server, or by a webhook's receiver."""

    at: datetime
    step_id: str
    message_id: str
    variant: str | None = None
    role: str | None = None
    """Of the person whom it was sent to."""
    kind: Literal["sent"] = "sent"


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """A message was not taken, and will not be."""

    at: datetime
    step_id: str
    message_id: str
    code: str
    kind: Literal["delivery_failed"] = "delivery_failed"


@dataclass(frozen=True, slots=True)
class TaskOpened:
    """A person has something to do."""

    at: datetime
    step_id: str
    task_id: str
    owner: str | None
    due_at: datetime
    variant: str | None = None
    """Of the playbook's experiment."""
    kind: Literal["task_opened"] = "task_opened"


@dataclass(frozen=True, slots=True)
class TaskOverdue:
    """A person has not done it in time; it stays open."""

    at: datetime
    step_id: str
    task_id: str
    kind: Literal["task_overdue"] = "task_overdue"


@dataclass(frozen=True, slots=True)
class TaskCompleted:
    """A person has done it."""

    at: datetime
    step_id: str
    task_id: str
    by: str
    outcome: TaskOutcome
    kind: Literal["task_completed"] = "task_completed"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody left a step out."""

    at: datetime
    step_id: str
    by: str
    kind: Literal["skipped"] = "skipped"


@dataclass(frozen=True, slots=True)
class Occurred:
    """The contact did something, or something became known of them or their municipality."""

    at: datetime
    occurrence: OccurrenceKind
    by: str
    name: str = ""
    """Of the behaviour or the budget phase."""
    kind: Literal["occurred"] = "occurred"


@dataclass(frozen=True, slots=True)
class Paused:
    """The sequence stands still."""

    at: datetime
    by: str
    reason: PauseReason
    until: datetime | None
    kind: Literal["paused"] = "paused"


@dataclass(frozen=True, slots=True)
class Resumed:
    """It goes on."""

    at: datetime
    by: str
    kind: Literal["resumed"] = "resumed"


@dataclass(frozen=True, slots=True)
class OwnerChanged:
    """Another seller has the contact from now on."""

    at: datetime
    by: str
    before: str
    owner: str
    kind: Literal["owner_changed"] = "owner_changed"


@dataclass(frozen=True, slots=True)
class Stopped:
    """It ended before its last step."""

    at: datetime
    by: str
    reason: str
    """An occurrence, a branch's own words, or one of ``StopReason``."""
    goal_reached: bool = False
    kind: Literal["stopped"] = "stopped"


@dataclass(frozen=True, slots=True)
class Completed:
    """All steps are done."""

    at: datetime
    kind: Literal["completed"] = "completed"


Fact = (
    Started
    | ChannelChosen
    | ApprovalRequested
    | Approved
    | Rejected
    | ApprovalExpired
    | Scheduled
    | Refused
    | Sent
    | DeliveryFailed
    | TaskOpened
    | TaskOverdue
    | TaskCompleted
    | Skipped
    | Occurred
    | Paused
    | Resumed
    | OwnerChanged
    | Stopped
    | Completed
)
