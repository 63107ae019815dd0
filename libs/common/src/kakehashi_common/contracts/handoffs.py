"""Topic ``handoffs-v1``: every step of every handoff, with its reason.

Reasons are codes. Notes and reasons in a person's own words stay with the service, and so do names:
members are staff numbers. A :data:`Slug` is of a list that may grow: readers pass over what they
don't know, as they do with :class:`OtherStep`.
"""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, Tag

from kakehashi_common.contracts.deal_events import DealOutcome
from kakehashi_common.contracts.events import EventData, Slug
from kakehashi_common.contracts.instants import Day, Instant
from kakehashi_common.contracts.open_unions import kinds_of, known_or_other
from kakehashi_common.contracts.seller_activities import SellerRole

By = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        description="Who did it: a staff number or a program, never a name",
        examples=["s-1042", "clock"],
    ),
]
Id = Annotated[str, Field(min_length=1, max_length=64)]
MemberId = Annotated[Id, Field(description="A staff number, never a name", examples=["s-1042"])]
Grade = Annotated[Id, Field(examples=["A1"])]


class StoppedClock(BaseModel):
    """The time that something took, by the clock that measured it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Slug = Field(examples=["accept"])
    started_at: Instant
    stopped_at: Instant
    due_at: Instant = Field(
        description="By the policy in force when it stopped, in business time, without the pauses"
    )
    kept: bool


class Obstacle(BaseModel):
    """The number of members of the right role whom one obstacle excludes from the handoff."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    exclusion: Slug = Field(examples=["at_capacity"])
    members: int = Field(ge=1)


class Step(BaseModel):
    """Base of all steps; the event's ``time`` is when it happened."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Requested(Step):
    """The handoff began."""

    kind: Literal["requested"]
    by: By
    grade: Grade | None = None
    sender: MemberId | None = None
    qualification_id: Id | None = None


class Joined(Step):
    """The lead was qualified again, which joined the open handoff."""

    kind: Literal["joined"]
    qualification_id: Id
    grade: Grade | None = None


class LeadAnswered(Step):
    """Inside sales answered the lead for the first time."""

    kind: Literal["lead_answered"]
    by: By
    clock: StoppedClock


class Assigned(Step):
    """Somebody is asked to accept."""

    kind: Literal["assigned"]
    member_id: MemberId
    answer_by: Instant = Field(description="By the policy in force at that time")
    clock: StoppedClock
    basis: Slug | None = Field(
        default=None, description="What decided it; absent: a person did", examples=["rotation"]
    )


class Unassigned(Step):
    """Nobody is eligible."""

    kind: Literal["unassigned"]
    reasons: tuple[Obstacle, ...] = Field(description="Empty: there is no member of that role")


class Accepted(Step):
    """The owner took it on."""

    kind: Literal["accepted"]
    member_id: MemberId
    clock: StoppedClock
    implied: bool = Field(description="The first contact or the meeting said so")


class Rejected(Step):
    """The owner doesn't take it on, or not any longer."""

    kind: Literal["rejected"]
    member_id: MemberId
    reason: Slug = Field(examples=["no_budget_yet"])
    consequence: Slug = Field(
        description="What follows: recycle, return, disqualify or reassign", examples=["recycle"]
    )
    after_acceptance: bool
    clock: StoppedClock | None = Field(
        default=None, description="Of the answer; absent after acceptance"
    )


class Recycled(Step):
    """It rests until a day, or a budget phase before that."""

    kind: Literal["recycled"]
    until: Day
    phase: Slug | None = None


class Woken(Step):
    """It has rested; an owner is looked for again."""

    kind: Literal["woken"]
    by: By
    phase: Slug | None = None


class Returned(Step):
    """The sender has to supply facts."""

    kind: Literal["returned"]
    by: By
    missing_fields: tuple[Slug, ...] = Field(description="Fields of the packet")
    questions: int = Field(ge=0, description="How many further facts, in a person's own words")


class Resubmitted(Step):
    """The sender has supplied facts."""

    kind: Literal["resubmitted"]
    by: By
    supplied_fields: tuple[Slug, ...] = Field(description="Fields of the packet")
    answers: int = Field(ge=0, description="How many further facts, in a person's own words")
    clock: StoppedClock


class Disqualified(Step):
    """The end: nothing is to be sold here."""

    kind: Literal["disqualified"]
    by: By
    reason: Slug = Field(examples=["no_need"])


class Reminded(Step):
    """Somebody was reminded of what is due."""

    kind: Literal["reminded"]
    clock: Slug = Field(examples=["accept"])
    member_id: MemberId | None = None
    due_at: Instant


class Escalated(Step):
    """The team's lead or the manager was told that something is overdue, or can't be assigned."""

    kind: Literal["escalated"]
    clock: Slug = Field(examples=["contact"])
    level: Slug = Field(examples=["lead", "manager"])
    member_id: MemberId | None = Field(default=None, description="Who was expected to do it")
    due_at: Instant
    repetition: int = Field(ge=0, description="How often this level had been told before")


class FirstContactMade(Step):
    """The customer was contacted for the first time."""

    kind: Literal["first_contact_made"]
    member_id: MemberId
    clock: StoppedClock
    activity_id: Id | None = Field(
        default=None, description="From which it was recognised; absent: a person said so"
    )


class MeetingHeld(Step):
    """The first meeting took place."""

    kind: Literal["meeting_held"]
    member_id: MemberId
    clock: StoppedClock
    activity_id: Id | None = Field(
        default=None, description="From which it was recognised; absent: a person said so"
    )


class Reassigned(Step):
    """It was taken from its owner, or given to somebody by hand."""

    kind: Literal["reassigned"]
    by: By
    reason: Slug = Field(examples=["member_left"])
    from_member: MemberId | None = None
    to_member: MemberId | None = Field(default=None, description="Absent: the assignment decides")


class FurtherOwnerNamed(Step):
    """Somebody is responsible for a function beside the owner."""

    kind: Literal["further_owner_named"]
    by: By
    function: Slug = Field(examples=["finance_negotiation"])
    member_id: MemberId | None = Field(default=None, description="Absent: nobody any longer")


class Paused(Step):
    """The clocks stand still until ``resumed``, or whatever else moves the handoff on."""

    kind: Literal["paused"]
    by: By
    reason: Slug = Field(examples=["council_session"])
    until: Instant = Field(description="Its limit")


class Resumed(Step):
    """The clocks run again."""

    kind: Literal["resumed"]
    by: By


class Rated(Step):
    """One side rated the other, or changed its rating."""

    kind: Literal["rated"]
    by: By
    direction: Slug = Field(examples=["sender_rates_receiver"])
    score: int = Field(ge=1, le=5, description="1 (poor) to 5 (excellent)")
    changed: bool


class ReadinessOverridden(Step):
    """A person answered a criterion of readiness instead of the rule."""

    kind: Literal["readiness_overridden"]
    by: By
    criterion: Slug = Field(examples=["budget_phase"])
    answer: Slug = Field(description="met, not_met or unknown", examples=["met"])


class Closed(Step):
    """The end: the deal has an outcome."""

    kind: Literal["closed"]
    by: By
    outcome: DealOutcome
    reason: Slug | None = Field(default=None, description="The deal's", examples=["price"])
    deal_id: Id | None = Field(default=None, description="Absent: a person said so")


class Withdrawn(Step):
    """The end: it shouldn't have been handed off, or can't be any longer."""

    kind: Literal["withdrawn"]
    by: By


KnownStep = (
    Requested
    | Joined
    | LeadAnswered
    | Assigned
    | Unassigned
    | Accepted
    | Rejected
    | Recycled
    | Woken
    | Returned
    | Resubmitted
    | Disqualified
    | Reminded
    | Escalated
    | FirstContactMade
    | MeetingHeld
    | Reassigned
    | FurtherOwnerNamed
    | Paused
    | Resumed
    | Rated
    | ReadinessOverridden
    | Closed
    | Withdrawn
)

KINDS: Final[frozenset[str]] = kinds_of(KnownStep)
"""The steps that there are."""


class OtherStep(Step):
    """A step of a kind that was added later: readers pass over it."""

    kind: Slug = Field(json_schema_extra={"not": {"enum": [*sorted(KINDS)]}})


AnyStep = Annotated[
    Annotated[KnownStep, Field(discriminator="kind"), Tag("known")]
    | Annotated[OtherStep, Tag("other")],
    known_or_other(KINDS),
]


class HandoffChanged(EventData):
    """A handoff from one sales role to another moved by a step.

    All but ``step`` says how the handoff stands after the decision that the step belongs to; a
    decision may have several steps, which share a version and follow each other. Notes and reasons
    in a person's own words are left out.
    """

    TYPE: ClassVar[str] = "jp.kakehashi.handoff.handoff_changed.v1"

    handoff_id: Id
    lead_id: str = Field(min_length=1, max_length=128)
    from_role: SellerRole
    to_role: SellerRole
    version: int = Field(ge=1, description="Counts the decisions that changed something")
    round: int = Field(ge=1, description="1, and one more each time it wakes from a recycle")
    status: Slug = Field(examples=["accepted"])
    owner: MemberId | None = Field(
        default=None, description="Who has it; of an ended handoff, who had it last"
    )
    sender: MemberId | None = Field(
        default=None, description="Who handed it off; absent: an event did, for the sending team"
    )
    municipality_code: str | None = Field(default=None, pattern=r"^[0-9]{6}$")
    policy_area: Slug | None = None
    grade: Grade | None = Field(default=None, description="Of the lead's newest qualification")
    qualification_id: Id | None = Field(
        default=None,
        description="Of the newest qualification, where one is known: the digest of the source and "
        "the id of its event on lead-qualified-v1; of one that a person requested, its own id",
    )
    step: AnyStep
