"""Messages from people and other systems to a handoff, as the API takes them."""

from typing import Annotated

from pydantic import Field

from handoff.domain.handoff import commands
from handoff.domain.handoff.checks import MOST
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import Direction, Outcome, PauseReason, ReassignReason
from handoff.domain.readiness import Answer
from handoff.handoffs.schemas import By
from kakehashi_common.contracts.events import Slug
from kakehashi_common.domain.checks import LONGEST_NOTE
from kakehashi_common.http.fields import DayWithinReach, Id, InstantWithinReach
from kakehashi_common.http.requests import RequestBody, Whole

Note = Annotated[str, Field(max_length=LONGEST_NOTE, description="No personal data")]
Why = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE, description="No personal data")]
FactName = Annotated[
    str,
    Field(min_length=1, max_length=64, description="A field of the packet, or a few words"),
]


class ByWhom(RequestBody):
    """The member who acts."""

    by: By = None


class RejectionIn(ByWhom):
    """A rejection by the owner; the reason determines what follows, and what else is required."""

    reason: RejectionReason
    until: DayWithinReach | None = Field(
        default=None, description="For a recycle: the day on which it wakes at the latest"
    )
    phase: Slug | None = Field(
        default=None, description="For a recycle: the budget phase that wakes it earlier"
    )
    missing_facts: list[FactName] = Field(
        default_factory=list, max_length=MOST, description="For `facts_missing`: which"
    )
    note: Note = ""

    def command(self, by: str, origin: str) -> commands.Reject:
        """Return the domain's command."""
        return commands.Reject(
            by,
            self.reason,
            self.until,
            self.phase,
            tuple(self.missing_facts),
            self.note,
            origin=origin,
        )


class DoneIn(ByWhom):
    """The time at which something was done."""

    at: InstantWithinReach


class ResubmissionIn(ByWhom):
    """The facts that the sender has supplied in the packet."""

    supplied_facts: list[FactName] = Field(min_length=1, max_length=MOST)


class PauseClocksIn(ByWhom):
    """A pause during which nothing can be expected, with its limit and reason."""

    reason: PauseReason
    until: InstantWithinReach
    note: Note = ""


class ReassignmentIn(ByWhom):
    """The owner from whom the handoff is taken, and the next owner."""

    reason: ReassignReason = Field(
        default=ReassignReason.DECIDED, description="`decided`, `member_left` or `member_absent`"
    )
    from_member: Id | None = Field(
        description="The owner as the caller knows it: so a repeat changes nothing. Null: nobody"
    )
    to: Id | None = Field(default=None, description="None: the assignment decides")
    note: Note = ""


class FurtherOwnerIn(ByWhom):
    """The member responsible for a function."""

    member_id: Id | None = Field(description="Null: nobody any longer")


class RatingIn(ByWhom):
    """One side's rating of the other's work."""

    direction: Direction
    score: Annotated[Whole, Field(ge=1, le=5)] = Field(description="1 (poor) to 5 (excellent)")
    reason: Why


class OverrideIn(ByWhom):
    """A person's answer to a criterion, instead of the computed one."""

    answer: Answer
    reason: Why


class ClosingIn(ByWhom):
    """The outcome of the deal."""

    outcome: Outcome
    reason: Note = Field(default="", description="Required unless it was won")


class WithdrawalIn(ByWhom):
    """The reason why it shouldn't have been handed off, or can't be any longer."""

    reason: Why


class LeadAnswerIn(DoneIn):
    """The time at which inside sales answered the lead for the first time."""
