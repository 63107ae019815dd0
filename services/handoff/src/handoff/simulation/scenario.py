"""A scenario: an organisation, its people's habits, and the leads that come.

Teams, members, territories and limits are written as the API takes them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Self

from pydantic import Field, model_validator

from handoff.domain.handoff.policy import PolicyRule
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.teams.members import Member, Role, Team
from handoff.domain.teams.territories import Territory, overlap_reason, overlaps
from handoff.policies.schemas import ClockRulesIn
from handoff.teams.schemas import MemberIn, TeamIn, TerritoryIn
from kakehashi_common.contracts.events import MunicipalityCode, Slug
from kakehashi_common.contracts.instants import Day
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.weeks import Span, Week
from kakehashi_common.http.absences import AbsenceIn
from kakehashi_common.http.fields import Id
from kakehashi_common.http.requests import RequestBody, Whole

Percent = Annotated[Whole, Field(ge=0, le=100)]
AtLeast = Annotated[Whole, Field(ge=1, le=1_000)]
Between = Annotated[tuple[AtLeast, AtLeast], Field(examples=[[1, 6]])]
"""The least and the most; each value in between is as likely."""


def _require_order(name: str, between: tuple[int, int]) -> None:
    if between[0] > between[1]:
        raise ValueError(f"{name} must name the least first, not {list(between)}")


class Habits(RequestBody):
    """A member's habits, in the member's own business hours."""

    answer_hours: Between = (1, 6)
    """Until the member answers a lead, what is handed off, or what is asked back."""
    contact_hours: Between = (1, 6)
    """Accepted → first contact."""
    meeting_hours: Between = (16, 64)
    """First contact → first meeting."""
    ignores_percent: Percent = 0
    """Of what is handed off to the member: never answered."""
    forgets_percent: Percent = 0
    """Of what the member has accepted: contacted only after the team's lead was told."""
    rejects_percent: Mapping[RejectionReason, Percent] = Field(default_factory=dict)
    """Of what is handed off to the member."""

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.ignores_percent + sum(self.rejects_percent.values()) > 100:  # noqa: PLR2004 - percent
            raise ValueError("ignores_percent and rejects_percent must be at most 100 together")
        for name in ("answer_hours", "contact_hours", "meeting_hours"):
            _require_order(name, getattr(self, name))
        return self


class MemberHabits(MemberIn):
    """A member, and how they work."""

    absences: list[AbsenceIn] = Field(default_factory=list)
    leaves: Day | None = None
    """On the morning of this day the remaining handoffs go to somebody else."""
    habits: Habits = Habits()


class Leads(RequestBody):
    """The leads that qualify, spread evenly over the business hours of all weeks."""

    per_week: Annotated[Whole, Field(ge=1, le=100)]
    municipalities: list[MunicipalityCode] = Field(min_length=1, max_length=2_000)
    policy_areas: list[Slug] = Field(min_length=1, max_length=100)
    grades: list[Annotated[str, Field(pattern=r"^[ABC][123]$")]] = Field(
        min_length=1, max_length=100
    )
    """One that is named twice is twice as frequent."""


class Deals(RequestBody):
    """The outcomes of first meetings; the remaining deals stay open."""

    won_percent: Percent = 30
    lost_percent: Percent = 35
    no_decision_percent: Percent = 15
    weeks: Between = (2, 6)
    """First meeting → outcome, in weeks of business time."""

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.won_percent + self.lost_percent + self.no_decision_percent > 100:  # noqa: PLR2004 - percent
            raise ValueError("the percentages must be at most 100 together")
        _require_order("weeks", self.weeks)
        return self


class Scenario(RequestBody):
    """Some weeks of a sales organisation. The same scenario and seed give the same weeks."""

    title: str = Field(min_length=1, max_length=200)
    starts: Day
    """A Monday."""
    weeks: Annotated[Whole, Field(ge=1, le=52)] = 13
    seed: Annotated[Whole, Field(ge=0, le=2**31)] = 1
    teams: Mapping[Id, TeamIn] = Field(min_length=1)
    members: Mapping[Id, MemberHabits]
    territories: Mapping[Id, TerritoryIn] = Field(default_factory=dict)
    clocks: ClockRulesIn = ClockRulesIn(rules=[])
    leads: Leads
    deals: Deals = Deals()
    recycle_weeks: Between = (2, 8)
    """The time for which a handoff that was rejected as too early rests."""

    @property
    def span(self) -> Span:
        """The weeks that pass."""
        first = Week(self.starts)
        return Span(first, first.earlier(1 - self.weeks))

    @property
    def senders(self) -> list[str]:
        """The members who hand off."""
        return [each for each, it in self.members.items() if Role.INSIDE_SALES in it.roles]

    def domain_teams(self) -> dict[str, Team]:
        """Return the teams by id."""
        return {team_id: each.team(team_id) for team_id, each in self.teams.items()}

    def domain_members(self) -> dict[str, Member]:
        """Return the members by id."""
        return {member_id: _member(member_id, each) for member_id, each in self.members.items()}

    def domain_territories(self) -> list[Territory]:
        """Return the territories."""
        return [each.territory(territory_id) for territory_id, each in self.territories.items()]

    def rules(self) -> tuple[PolicyRule, ...]:
        """Return the limits in force."""
        return self.clocks.policy_rules()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _require_order("recycle_weeks", self.recycle_weeks)
        if self.starts.weekday() != 0:
            raise ValueError(f"starts must be a Monday: {self.starts} is none")
        if not self.senders:
            raise ValueError("members: at least one must have the role inside_sales")
        for problem in self._misplaced():
            raise ValueError(problem)
        try:
            self.rules()
            self.domain_members()
        except DomainError as error:
            raise ValueError(f"{error.field}: {error.message}") from error
        for one, other in overlaps(self.domain_territories()):
            raise ValueError(overlap_reason(one, other))
        return self

    def _misplaced(self) -> Iterator[str]:
        """Yield a sentence for each team or member that is named but doesn't exist."""
        for kind, named in (("members", self.members), ("territories", self.territories)):
            for each, it in named.items():
                if it.team_id not in self.teams:
                    yield f"{kind}.{each}: there is no team {it.team_id}"
        for team_id, team in self.teams.items():
            if team.lead is not None and team.lead not in self.members:
                yield f"teams.{team_id}: the lead {team.lead} is no member"


def _member(member_id: str, it: MemberHabits) -> Member:
    member = it.member(member_id)
    return replace(member, absences=tuple(each.absence() for each in it.absences))
