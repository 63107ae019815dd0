"""Topic ``followups-v1``: what has happened to each sequence of follow-ups to a contact.

Ids, codes and times only: texts, addresses and reasons in a person's own words stay with the
service, and so do names. A :data:`Slug` is of a list that may grow: readers pass over what they
don't know, as they do with :class:`OtherFact`.
"""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, Tag

from kakehashi_common.contracts.events import EventData, LeadId, Slug
from kakehashi_common.contracts.handoffs import By, Id
from kakehashi_common.contracts.instants import Instant
from kakehashi_common.contracts.open_unions import kinds_of, known_or_other

StepId = Annotated[Id, Field(description="Of the playbook's step", examples=["introduction"])]
SellerId = Annotated[Id, Field(description="A staff number, never a name", examples=["s-1042"])]
WorkId = Annotated[
    str, Field(min_length=1, max_length=160, description="Of the approval or task of this visit")
]
MessageId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=320,
        description="Of a mail its Message-ID, in angle brackets, from which neither person nor "
        "address can be read; of a webhook the id of the call",
        examples=["<followup.0f0e1a3b5c7d9e8f0f0e1a3b5c7d9e8f@mail.example.jp>"],
    ),
]


StepKind = Annotated[
    Slug | None,
    Field(description="The kind of step", examples=["mail", "call_task", "webhook"]),
]


class Fact(BaseModel):
    """Base of all facts; the event's ``time`` is when it happened."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Started(Fact):
    """The contact entered the playbook."""

    kind: Literal["started"]
    by: By
    reason: Slug = Field(description="A reason or behaviour", examples=["price_viewed_twice"])


class ChannelChosen(Fact):
    """It is known by which of its channels a step is carried out."""

    kind: Literal["channel_chosen"]
    step_id: StepId
    chosen: StepId = Field(
        description="The channel's own step, which takes its place", examples=["second_call"]
    )
    channel: Slug = Field(examples=["mail", "call_task", "letter_task"])


class ApprovalRequested(Fact):
    """Somebody is asked to approve what a step will send."""

    kind: Literal["approval_requested"]
    step_id: StepId
    approval_id: WorkId
    expires_at: Instant
    channel: StepKind = None


class Approved(Fact):
    """It may be sent."""

    kind: Literal["approved"]
    step_id: StepId
    approval_id: WorkId
    by: By
    edited: bool = Field(description="Whether a person changed the text")


class Rejected(Fact):
    """It may not be sent."""

    kind: Literal["rejected"]
    step_id: StepId
    approval_id: WorkId
    by: By


class ApprovalExpired(Fact):
    """Nobody decided in time: the step was left out."""

    kind: Literal["approval_expired"]
    step_id: StepId
    approval_id: WorkId


class Scheduled(Fact):
    """The step is planned for a time."""

    kind: Literal["scheduled"]
    step_id: StepId
    due_at: Instant


class Refused(Fact):
    """The send policy, or the mail server, did not take the step now."""

    kind: Literal["refused"]
    step_id: StepId
    reason: Slug = Field(examples=["suppressed"])
    until: Instant | None = Field(
        default=None, description="When it is tried again; absent: never, the step was left out"
    )
    channel: StepKind = None


class Sent(Fact):
    """The recipient's mail server, or a webhook's receiver, took the message."""

    kind: Literal["sent"]
    step_id: StepId
    message_id: MessageId
    variant: Id | None = Field(default=None, description="Of the playbook's experiment")
    role: Slug | None = Field(
        default=None,
        description="The part in decisions of the person whom it went to, where it is known",
        examples=["officer"],
    )


class DeliveryFailed(Fact):
    """The message was not taken, and will not be."""

    kind: Literal["delivery_failed"]
    step_id: StepId
    message_id: MessageId
    code: Slug = Field(description="The mail server's status or code", examples=["5.1.1"])


class TaskOpened(Fact):
    """A person has something to do."""

    kind: Literal["task_opened"]
    step_id: StepId
    task_id: WorkId
    owner: SellerId | None = None
    due_at: Instant
    variant: Id | None = Field(default=None, description="Of the playbook's experiment")


class TaskOverdue(Fact):
    """The person has not done it in time; it stays open."""

    kind: Literal["task_overdue"]
    step_id: StepId
    task_id: WorkId


class TaskCompleted(Fact):
    """The person has done it."""

    kind: Literal["task_completed"]
    step_id: StepId
    task_id: WorkId
    by: By
    outcome: Slug = Field(examples=["done", "answered"])


class Skipped(Fact):
    """Somebody left a step out."""

    kind: Literal["skipped"]
    step_id: StepId
    by: By


class Occurred(Fact):
    """The contact did something, or something became known of them or their municipality.

    ``answered``, ``negative`` (an answer that declines), ``meeting_booked``, ``opted_out``,
    ``suppressed`` (the seller's side decided that nothing is sent any more), ``bounced``,
    ``handoff_accepted``, ``left`` (the contact works there no more), ``merged``, ``erased``,
    ``behaviour``, ``phase_began``. Each open sequence of the contact says so, at the same time.
    """

    kind: Literal["occurred"]
    occurrence: Slug = Field(examples=["answered"])
    by: By
    name: Slug | None = Field(default=None, description="Of the behaviour or the budget phase")


class Paused(Fact):
    """The sequence stands still."""

    kind: Literal["paused"]
    by: By
    reason: Slug = Field(examples=["out_of_office"])
    until: Instant | None = Field(default=None, description="Absent: until somebody resumes it")


class Resumed(Fact):
    """It goes on."""

    kind: Literal["resumed"]
    by: By


class OwnerChanged(Fact):
    """Another seller has the contact from now on."""

    kind: Literal["owner_changed"]
    by: By
    before: SellerId
    owner: SellerId


class Stopped(Fact):
    """The end, before the last step."""

    kind: Literal["stopped"]
    by: By
    reason: Slug = Field(
        description="An occurrence, a behaviour, person, rejected, or branch: the playbook says "
        "why, in its own words",
        examples=["answered"],
    )
    goal_reached: bool


class Completed(Fact):
    """The end: all steps are done."""

    kind: Literal["completed"]


KnownFact = (
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

KINDS: Final[frozenset[str]] = kinds_of(KnownFact)
"""The facts that there are."""


class OtherFact(Fact):
    """A fact of a kind that was added later: readers pass over it."""

    kind: Slug = Field(json_schema_extra={"not": {"enum": [*sorted(KINDS)]}})


AnyFact = Annotated[
    Annotated[KnownFact, Field(discriminator="kind"), Tag("known")]
    | Annotated[OtherFact, Tag("other")],
    known_or_other(KINDS),
]


class FollowupChanged(EventData):
    """Something has happened to a sequence: one contact on the way through one playbook.

    All but ``fact`` says how the sequence stands after the decision that the fact belongs to; a
    decision may have several facts, which share a version and follow each other.
    """

    TYPE: ClassVar[str] = "jp.kakehashi.followup.followup_changed.v1"

    sequence_id: Id
    lead_id: LeadId
    playbook_id: Id
    playbook_version: int = Field(ge=1)
    trigger_id: Id = Field(
        description="Of what began it: a reason, a behaviour, or the request of a person"
    )
    version: int = Field(ge=1, description="Counts the decisions that changed something")
    status: Slug = Field(examples=["awaiting_approval"])
    paused: bool
    step_id: StepId | None = Field(default=None, description="At which it is; absent: it has ended")
    municipality_code: str | None = Field(default=None, pattern=r"^[0-9]{6}$")
    owner: SellerId | None = Field(default=None, description="The seller whose contact it is")
    sent: int = Field(ge=0, description="Messages that have gone")
    fact: AnyFact
