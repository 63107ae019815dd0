"""Eligibility of members for a handoff, and what excludes the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from handoff.domain.teams.members import Member, Role
from kakehashi_common.domain.business_time import BusinessTime


class Exclusion(StrEnum):
    """The reason why a member may not receive a handoff."""

    LEFT = "left"
    OTHER_ROLE = "other_role"
    OTHER_TEAM = "other_team"
    """The place lies in another team's territory."""
    SKILL_MISSING = "skill_missing"
    ABSENT = "absent"
    """Too little working time remains until the answer is due."""
    AT_CAPACITY = "at_capacity"
    HAD_IT_BEFORE = "had_it_before"
    """The member rejected this handoff, or let its time to accept pass."""


@dataclass(frozen=True, slots=True)
class Demand:
    """The requirements of a handoff on the member who receives it."""

    role: Role
    team_id: str | None
    """The team whose territory it is; ``None``: any."""
    complexity: int = 1
    """The part of a member's capacity that it takes up."""
    skills: frozenset[str] = frozenset()
    answer_by: datetime | None = None
    """When the answer is due; ``None``: any working hours are early enough."""
    least_working_time: timedelta = timedelta(hours=1)
    """The working time that a member must have from now until the answer is due."""
    had_before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """The members' present load."""

    complexity: Mapping[str, int]
    """The complexity of each member's open handoffs; 0 where there is none."""

    def of(self, member_id: str) -> int:
        """Return the complexity that this member carries."""
        return self.complexity.get(member_id, 0)


def has_time(demand: Demand, works: BusinessTime, now: datetime) -> bool:
    """Whether whoever works in these hours can answer a handoff that is assigned ``now``."""
    if demand.answer_by is None:
        return True
    return works.between(now, demand.answer_by) >= demand.least_working_time


def exclusions(
    member: Member, demand: Demand, load: Load, *, present: bool
) -> tuple[Exclusion, ...]:
    """Return everything that excludes a member from a handoff; empty: the member is eligible.

    Args:
        member: the candidate.
        demand: what the handoff asks for.
        load: the members' present load.
        present: whether this member :func:`has_time` to answer.
    """
    found: list[Exclusion] = []
    if not member.active:
        found.append(Exclusion.LEFT)
    if demand.role not in member.roles:
        found.append(Exclusion.OTHER_ROLE)
    if demand.team_id is not None and member.team_id != demand.team_id:
        found.append(Exclusion.OTHER_TEAM)
    if member.skills and not demand.skills <= member.skills:
        found.append(Exclusion.SKILL_MISSING)
    if not present:
        found.append(Exclusion.ABSENT)
    if load.of(member.member_id) + demand.complexity > member.capacity:
        found.append(Exclusion.AT_CAPACITY)
    if member.member_id in demand.had_before:
        found.append(Exclusion.HAD_IT_BEFORE)
    return tuple(found)
