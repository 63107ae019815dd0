"""The activities of handoffs for an organisation in memory: real workflows and rules, no server."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from temporalio import activity

from handoff.domain.assignment.choice import Assignment, assign
from handoff.domain.assignment.eligibility import Load
from handoff.domain.assignment.ledger import Ledger
from handoff.domain.handoff.assigning import demand_of, result_of
from handoff.domain.handoff.commands import Assign
from handoff.domain.handoff.effects import Notify
from handoff.domain.handoff.facts import Fact
from handoff.domain.handoff.policy import ClockPolicy, PolicyRule, policy_for
from handoff.domain.handoff.service_levels import ServiceLevels
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import OWNED
from handoff.domain.teams.members import Member, Team
from handoff.domain.teams.territories import Territory, territory_of
from handoff.domain.teams.working_time import OFFICE_HOURS, WorkingHours, working_time
from handoff.handoffs.messages import (
    AssignmentResult,
    Beginning,
    HandoffRecorded,
    ReadServiceLevels,
    RecordedDecision,
    RecordHandoff,
    ReleaseAssignment,
)
from handoff.teams.places import place_of
from handoff.workflow.activities import HandoffActivities
from handoff.workflow.service_levels import holidays, require_member
from kakehashi_common.clock import japan_day
from kakehashi_common.japanese_holidays import BUSINESS_DAYS


@dataclass
class SimulatedHandoffs:
    """A sales organisation; what its handoffs record is kept here."""

    teams: Mapping[str, Team]
    members: dict[str, Member]
    territories: Sequence[Territory] = ()
    rules: Sequence[PolicyRule] = ()
    recorded: dict[str, HandoffState] = field(default_factory=dict)
    decisions: dict[str, list[RecordedDecision]] = field(default_factory=dict)
    notices: list[tuple[str, Notify]] = field(default_factory=list)
    ledgers: dict[str | None, Ledger] = field(default_factory=dict)
    on_fact: Callable[[HandoffState, Fact], None] = lambda state, fact: None  # noqa: ARG005
    """Called with each fact, once it is recorded, and the state after it."""
    _assigned: dict[str, str] = field(default_factory=dict)
    """Who was found for a handoff that isn't recorded yet."""

    def activities(self) -> Sequence[Callable[..., Any]]:
        """Return what a worker registers."""
        return (
            self.read_service_levels,
            self.record_handoff,
            self.release_assignment,
        )

    @activity.defn(name=HandoffActivities.read_service_levels.__name__)
    async def read_service_levels(self, request: ReadServiceLevels) -> Beginning:
        """Return the hours and the policy of the organisation as it is now."""
        wanted = request.request
        owner = self.members.get(request.owner or "")
        if request.must_be_member:
            require_member(owner, request.owner or "", request.must_have)
        place = place_of(wanted.municipality_code, wanted.policy_area)
        territory = territory_of(place, self.territories)
        team = self.teams.get(
            owner.team_id if owner else territory.team_id if territory else "", None
        )
        levels = ServiceLevels(
            policy_for(self.rules, wanted.kind, request.grade),
            WorkingHours(team.hours if team else OFFICE_HOURS),
            holidays(japan_day(request.now)),
            owner=self._hours_of(owner),
            sender=self._hours_of(self.members.get(wanted.sender or "")),
        )
        return Beginning(levels, self.recorded.get(wanted.handoff_id) if request.begins else None)

    @activity.defn(name=HandoffActivities.record_handoff.__name__)
    async def record_handoff(self, request: RecordHandoff) -> HandoffRecorded:
        """Keep what is newer than what is known; find an owner if one is wanted."""
        for decision in request.decisions:
            state = decision.state
            if self._open_elsewhere(state):
                return HandoffRecorded(opened_elsewhere=True)
            known = self.recorded.get(state.handoff_id)
            if known is not None and known.version >= state.version:
                continue
            self.recorded[state.handoff_id] = state
            self._assigned.pop(state.handoff_id, None)
            self.decisions.setdefault(state.handoff_id, []).append(decision)
            self.notices.extend((state.handoff_id, notice) for _, notice in decision.notices)
            for _, fact in decision.facts:
                self.on_fact(state, fact)
        if request.assign_by is None:
            return HandoffRecorded()
        return HandoffRecorded(assigned=self._assign(request.decisions[-1], request.assign_by))

    def _assign(self, wanting: RecordedDecision, policy: ClockPolicy) -> AssignmentResult:
        """Find an owner by the rotation of the territory's team."""
        state, now = wanting.state, wanting.at
        territory = territory_of(
            place_of(state.municipality_code, state.policy_area), self.territories
        )
        team_id = None if territory is None else territory.team_id
        hours = OFFICE_HOURS if team_id is None else self.teams[team_id].hours
        levels = ServiceLevels(policy, WorkingHours(hours), holidays(japan_day(now)))
        ledger = self.ledgers.get(team_id, Ledger())
        found = assign(
            demand_of(state, team_id, now, levels.sla()),
            self.members.values(),
            {
                each.member_id: working_time(
                    each, self.teams[each.team_id], BUSINESS_DAYS.__contains__
                )
                for each in self.members.values()
            },
            Load(self._load()),
            ledger,
            related=[state.preferred] if state.preferred else (),
            now=now,
        )
        if isinstance(found, Assignment):
            self.ledgers[team_id] = ledger.charged(found.member_id, found.shares)
            self._assigned[state.handoff_id] = found.member_id
        command = result_of(state.attempt, found)
        owner = self.members[command.member_id] if isinstance(command, Assign) else None
        return AssignmentResult(command, self._hours_of(owner))

    @activity.defn(name=HandoffActivities.release_assignment.__name__)
    async def release_assignment(self, request: ReleaseAssignment) -> None:
        """Free the capacity of who was found."""
        self._assigned.pop(request.handoff_id, None)

    def _load(self) -> dict[str, int]:
        carried = {
            state.handoff_id: state.owner
            for state in self.recorded.values()
            if state.status in OWNED and state.owner
        } | self._assigned
        load: dict[str, int] = {}
        for handoff_id, member_id in carried.items():
            complexity = self.recorded[handoff_id].complexity
            load[member_id] = load.get(member_id, 0) + complexity
        return load

    def _hours_of(self, member: Member | None) -> WorkingHours | None:
        return None if member is None else WorkingHours.of(member, self.teams[member.team_id])

    def _open_elsewhere(self, state: HandoffState) -> bool:
        others: Iterable[HandoffState] = self.recorded.values()
        return any(
            each.handoff_id != state.handoff_id
            and (each.lead_id, each.kind) == (state.lead_id, state.kind)
            and not each.ended
            for each in others
        )
