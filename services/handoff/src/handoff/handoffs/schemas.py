"""Handoffs, as the API shows and takes them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from handoff.domain.handoff import commands
from handoff.domain.handoff.checks import MOST, MOST_COMPLEX
from handoff.domain.handoff.facts import Fact
from handoff.domain.handoff.narrative import sentence
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import (
    Direction,
    Kind,
    Outcome,
)
from handoff.domain.readiness import Answer, Criterion
from handoff.domain.teams.members import Function, Role
from handoff.handoffs.messages import HandoffStatus
from handoff.handoffs.repository import FACTS, StoredHandoff
from kakehashi_common.contracts.events import LeadId, MunicipalityCode, Slug
from kakehashi_common.domain.checks import LONGEST_BY
from kakehashi_common.fact_log import StoredFact
from kakehashi_common.http.fields import Id, InstantWithinReach
from kakehashi_common.http.requests import RequestBody, ResponseBody, Whole

By = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=LONGEST_BY,
        description="The member who acts; without it the subject of the token",
    ),
]


class KindIn(RequestBody):
    """From which role to which."""

    from_role: Role = Role.INSIDE_SALES
    to_role: Role = Role.FIELD_SALES

    def kind(self) -> Kind:
        """Return the domain's value."""
        return Kind(self.from_role, self.to_role)


class HandoffIn(RequestBody):
    """A handoff as it is requested."""

    lead_id: LeadId
    kind: KindIn = KindIn()
    municipality_code: MunicipalityCode | None = None
    grade: str | None = Field(default=None, pattern=r"^[ABC][123]$", examples=["A1"])
    policy_area: Slug | None = Field(default=None, examples=["digital"])
    complexity: Annotated[Whole, Field(ge=1, le=MOST_COMPLEX)] = Field(
        default=1, description="How much of a member's capacity it takes up"
    )
    skills: list[Slug] = Field(default_factory=list, max_length=MOST)
    sender: Id | None = Field(
        default=None, description="The member who hands it off; none: the sending team"
    )
    to: Id | None = Field(
        default=None, description="The member who shall receive it; none: the assignment decides"
    )
    lead_created_at: InstantWithinReach | None = Field(
        default=None, description="When the lead or enquiry came in; none: no answer is awaited"
    )
    lead_answered_at: InstantWithinReach | None = None
    by: By = None

    def request(self, handoff_id: str, by: str, origin: str) -> commands.Request:
        """Return the domain's command; the request is its own qualification."""
        return commands.Request(
            handoff_id,
            self.lead_id,
            self.kind.kind(),
            by,
            municipality_code=self.municipality_code,
            grade=self.grade,
            complexity=self.complexity,
            skills=tuple(self.skills),
            policy_area=self.policy_area,
            sender=self.sender,
            to=self.to,
            qualification_id=handoff_id,
            lead_created_at=self.lead_created_at,
            lead_answered_at=self.lead_answered_at,
            origin=origin,
        )


class HandoffStatusOut(ResponseBody):
    """The state of a handoff once the request is recorded."""

    handoff_id: str
    version: int
    status: str
    owner: str | None
    joined: bool = Field(description="Whether the request joined a handoff that was open already")
    ja: str

    @classmethod
    def of(cls, status: HandoffStatus) -> "HandoffStatusOut":
        """Show it."""
        return cls(
            handoff_id=status.handoff_id,
            version=status.version,
            status=status.status,
            owner=status.owner,
            joined=status.joined,
            ja=status.ja,
        )


class ListedHandoffOut(ResponseBody):
    """A handoff as lists show it."""

    handoff_id: str
    lead_id: str
    from_role: Role
    to_role: Role
    status: str
    municipality_code: str | None
    policy_area: str | None
    grade: str | None
    owner: str | None
    sender: str | None
    round: int = Field(description="2 and more after a recycle")
    requested_at: datetime
    next_due_at: datetime | None = Field(description="When its first running clock is due")
    updated_at: datetime

    @classmethod
    def of(cls, stored: StoredHandoff) -> "ListedHandoffOut":
        """Show it."""
        return cls(**_listed(stored))


class RunningClockOut(ResponseBody):
    """A clock of the handoff, with the times at which it started and stopped."""

    name: str
    started_at: datetime
    stopped_at: datetime | None


class FurtherOwnerOut(ResponseBody):
    """The member responsible for a function."""

    function: Function
    member_id: str


class RatingOut(ResponseBody):
    """One side's rating of the other's work."""

    direction: Direction
    score: int
    reason: str
    by: str
    at: datetime


class OverrideOut(ResponseBody):
    """A person's answer to a criterion of readiness."""

    criterion: Criterion
    answer: Answer
    reason: str
    by: str
    at: datetime


class HandoffOut(ListedHandoffOut):
    """Everything known about one handoff."""

    complexity: int
    skills: list[str]
    assigned_at: datetime | None
    accepted_at: datetime | None
    contacted_at: datetime | None
    met_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    deal_id: str | None
    paused_until: datetime | None
    recycled_until: date | None
    recycled_until_phase: str | None
    missing_facts: list[str] = Field(description="What the sender has to supply")
    clocks: list[RunningClockOut] = Field(description="Of this round")
    further_owners: list[FurtherOwnerOut]
    former_owners: list[str]
    ratings: list[RatingOut]
    overrides: list[OverrideOut]

    @classmethod
    def of(cls, stored: StoredHandoff) -> "HandoffOut":
        """Show it."""
        state = stored.state
        return cls(
            **_listed(stored),
            complexity=state.complexity,
            skills=list(state.skills),
            assigned_at=state.assigned_at,
            accepted_at=state.accepted_at,
            contacted_at=state.contacted_at,
            met_at=state.met_at,
            ended_at=state.ended_at,
            outcome=state.outcome,
            deal_id=state.deal_id,
            paused_until=state.pause.until if state.pause else None,
            recycled_until=state.recycle.until if state.recycle else None,
            recycled_until_phase=state.recycle.phase if state.recycle else None,
            missing_facts=list(state.missing_facts),
            clocks=[
                RunningClockOut(
                    name=each.name, started_at=each.started_at, stopped_at=each.stopped_at
                )
                for each in state.clocks
            ],
            further_owners=[
                FurtherOwnerOut(function=each.function, member_id=each.member_id)
                for each in state.further_owners
            ],
            former_owners=[each.member_id for each in state.former_owners],
            **_said(state),
        )


class FactOut(ResponseBody):
    """Something that has happened to a handoff."""

    version: int
    position: int
    kind: str
    at: datetime
    recorded_at: datetime
    ja: str
    details: dict[str, Any] = Field(description="The fact's own fields, by its kind")

    @classmethod
    def of(cls, stored: StoredFact[Fact]) -> "FactOut":
        """Show it."""
        fact = stored.fact
        return cls(
            version=stored.version,
            position=stored.position,
            kind=fact.kind,
            at=fact.at,
            recorded_at=stored.recorded_at,
            ja=sentence(fact),
            details=FACTS.details(fact),
        )


def _listed(stored: StoredHandoff) -> dict[str, Any]:
    state = stored.state
    return {
        "handoff_id": state.handoff_id,
        "lead_id": state.lead_id,
        "from_role": state.kind.from_role,
        "to_role": state.kind.to_role,
        "status": state.status.value,
        "municipality_code": state.municipality_code,
        "policy_area": state.policy_area,
        "grade": state.grade,
        "owner": state.owner,
        "sender": state.sender,
        "round": state.round,
        "requested_at": state.requested_at,
        "next_due_at": stored.next_due_at,
        "updated_at": stored.updated_at,
    }


def _said(state: HandoffState) -> dict[str, Sequence[ResponseBody]]:
    return {
        "ratings": [
            RatingOut(
                direction=each.direction,
                score=each.score,
                reason=each.reason,
                by=each.by,
                at=each.at,
            )
            for each in state.ratings
        ],
        "overrides": [
            OverrideOut(
                criterion=each.criterion,
                answer=each.answer,
                reason=each.reason,
                by=each.by,
                at=each.at,
            )
            for each in state.overrides
        ],
    }
