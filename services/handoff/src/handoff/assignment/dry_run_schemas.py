"""Dry runs of assignments, as the API takes and shows them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from handoff.assignment.dry_runs import ChangedRules
from handoff.domain.assignment.choice import Assignment, Basis, why_not
from handoff.domain.assignment.replay import Replayed
from handoff.domain.teams.members import Role
from handoff.teams.schemas import TerritoryIn
from kakehashi_common.contracts.events import Slug
from kakehashi_common.http.fields import Id, JapanTime
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody, Whole


class MemberChange(RequestBody):
    """The fields in which a member would differ; what is left out is as stored."""

    team_id: Id | None = None
    roles: list[Role] | None = Field(default=None, min_length=1, max_length=len(Role))
    skills: list[Slug] | None = Field(default=None, max_length=100)
    capacity: Annotated[Whole, Field(ge=0, le=10_000)] | None = None
    share: Annotated[Whole, Field(ge=1, le=100)] | None = None
    active: Flag | None = None

    def fields(self) -> Mapping[str, Any]:
        """Return what differs, as the domain has it."""
        given = {name: value for name, value in self if value is not None}
        return {
            name: frozenset(value) if isinstance(value, list) else value
            for name, value in given.items()
        }


class DryRunIn(RequestBody):
    """Rules that would be different when the last handoffs are assigned again."""

    last: Annotated[Whole, Field(ge=1, le=1_000)] = Field(
        default=100, description="How many assignments, the newest"
    )
    members: Mapping[Id, MemberChange] = Field(
        default_factory=dict,
        max_length=1_000,
        description="Changes by member. One that isn't there needs team_id, roles and capacity",
    )
    territories: Mapping[Id, TerritoryIn | None] = Field(
        default_factory=dict,
        max_length=1_000,
        description="Territories as they would be, by id; null: not there",
    )

    def changed(self) -> ChangedRules:
        """Return the domain's values."""
        return ChangedRules(
            {member: change.fields() for member, change in self.members.items()},
            {
                territory_id: None if territory is None else territory.territory(territory_id)
                for territory_id, territory in self.territories.items()
            },
        )


class MemberDifference(ResponseBody):
    """The number of handoffs that a member got, and would have got."""

    member_id: str
    got: int
    would_get: int


class AssignmentDifference(ResponseBody):
    """An assignment whose result would have been different."""

    handoff_id: str
    at: JapanTime
    got: str | None = Field(description="Who got it; null: nobody was eligible")
    would_get: str | None
    basis: Basis | None = Field(description="What would have decided")
    why: str | None = Field(
        description="Why who got it would not have, in Japanese; null when that is nobody who is "
        "still there"
    )

    @classmethod
    def of(cls, replayed: Replayed) -> "AssignmentDifference":
        """Show it."""
        got, found = replayed.past.member_id, replayed.found
        considered = any(line.member_id == got for line in found.considered)
        return cls(
            handoff_id=replayed.past.handoff_id,
            at=replayed.past.at,
            got=got,
            would_get=replayed.member_id,
            basis=found.basis if isinstance(found, Assignment) else None,
            why=why_not(found, got) if got is not None and considered else None,
        )


class DryRunOut(ResponseBody):
    """The results of the last assignments under the changed rules. Nothing has changed."""

    assignments: int = Field(description="How many were made once more")
    different: int = Field(description="How many would have come to something else")
    members: list[MemberDifference] = Field(description="By id")
    differences: list[AssignmentDifference] = Field(description="The oldest first")

    @classmethod
    def of(cls, done: Sequence[Replayed]) -> "DryRunOut":
        """Show it."""
        got = Counter(each.past.member_id for each in done)
        would_get = Counter(each.member_id for each in done)
        differences = [AssignmentDifference.of(each) for each in done if each.differs]
        return cls(
            assignments=len(done),
            different=len(differences),
            members=[
                MemberDifference(member_id=each, got=got[each], would_get=would_get[each])
                for each in sorted(member for member in got | would_get if member is not None)
            ],
            differences=differences,
        )
