"""Choose the member who gets a handoff: existing relations first, then the rotation."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handoff.domain.assignment.eligibility import Demand, Exclusion, Load, exclusions, has_time
from handoff.domain.assignment.ledger import HANDOFF, Ledger
from handoff.domain.teams.members import Member
from kakehashi_common.domain.business_time import BusinessTime


class Basis(StrEnum):
    """The basis of an assignment."""

    RELATION = "relation"
    """The member looks after the municipality already."""
    ROTATION = "rotation"
    """The member's share is the furthest behind."""


@dataclass(frozen=True, slots=True)
class Considered:
    """One candidate for one handoff: a line of the explanation."""

    member_id: str
    exclusions: tuple[Exclusion, ...]
    """Empty: eligible."""
    load: int
    """The complexity of open handoffs, before this one."""
    capacity: int
    share: int
    deficit: int
    """Before this handoff, in millionths of one."""
    last: int
    """The rotation's number of the last handoff that this member got; 0: none."""
    related: bool = False
    """Whether this member looks after the municipality already, or knows the lead."""

    @property
    def eligible(self) -> bool:
        """Whether nothing keeps this member from the handoff."""
        return not self.exclusions


@dataclass(frozen=True, slots=True)
class Assignment:
    """The member who gets a handoff, why, and who else was considered."""

    member_id: str
    basis: Basis
    considered: tuple[Considered, ...]

    @property
    def shares(self) -> Mapping[str, int]:
        """The share of each member who was eligible: the handoff is split among them."""
        return {each.member_id: each.share for each in self.considered if each.eligible}


@dataclass(frozen=True, slots=True)
class NobodyEligible:
    """No member may receive a handoff; what keeps each of them from it."""

    considered: tuple[Considered, ...]

    @property
    def reasons(self) -> Mapping[Exclusion, int]:
        """The number of members of the right role whom each exclusion keeps from it."""
        counted: dict[Exclusion, int] = {}
        for each in self.considered:
            if Exclusion.OTHER_ROLE not in each.exclusions:
                for exclusion in each.exclusions:
                    counted[exclusion] = counted.get(exclusion, 0) + 1
        return counted


def assign(
    demand: Demand,
    members: Iterable[Member],
    working_times: Mapping[str, BusinessTime],
    load: Load,
    ledger: Ledger,
    *,
    related: Collection[str] = (),
    now: datetime,
) -> Assignment | NobodyEligible:
    """Choose who gets a handoff; the caller then charges the ledger with the result's shares.

    Of the eligible members those with an existing relation go first, even from another team; then
    the rotation of the territory's team decides by its ledger.

    Args:
        demand: what the handoff asks for.
        members: everybody who may be considered.
        working_times: each member's working hours, less absences, by id; those who work alike
            may share one.
        load: what members carry now.
        ledger: of the rotation.
        related: members who look after the municipality already.
        now: when the handoff is assigned.
    """
    present = {each: has_time(demand, each, now) for each in set(working_times.values())}
    considered: list[Considered] = []
    for member in sorted(members, key=lambda each: each.member_id):
        works = working_times[member.member_id]
        found = exclusions(member, demand, load, present=present[works])
        knows = member.member_id in related
        if knows:
            found = tuple(each for each in found if each is not Exclusion.OTHER_TEAM)
        account = ledger.account(member.member_id)
        considered.append(
            Considered(
                member.member_id,
                found,
                load.of(member.member_id),
                member.capacity,
                member.share,
                account.deficit,
                account.last,
                knows,
            )
        )
    eligible = [each for each in considered if each.eligible]
    if not eligible:
        return NobodyEligible(tuple(considered))
    first = [each for each in eligible if each.related]
    return Assignment(
        ledger.next({each.member_id: each.share for each in first or eligible}),
        Basis.RELATION if first else Basis.ROTATION,
        tuple(considered),
    )


def why_not(assignment: Assignment | NobodyEligible, member_id: str) -> str:
    """Say in Japanese why this member did not get the handoff, and the chosen one did.

    Raises:
        KeyError: the member was not considered.
    """
    lines = {each.member_id: each for each in assignment.considered}
    member = lines[member_id]
    if isinstance(assignment, NobodyEligible) or member.exclusions:
        return "".join((_EXCLUDED[member.exclusions[0]], "対象外です。"))
    chosen = lines[assignment.member_id]
    if member is chosen:
        return "この担当者に割り当てられました。"
    if assignment.basis is Basis.RELATION:
        return f"この自治体をすでに担当している{chosen.member_id}が優先されました。"
    return (
        f"順番では{chosen.member_id}が先でした(不足 {_handoffs(chosen.deficit)} 件。"
        f"{member_id}は {_handoffs(member.deficit)} 件)。"
    )


def _handoffs(deficit: int) -> str:
    return f"{deficit / HANDOFF:+.2f}"


_EXCLUDED: Mapping[Exclusion, str] = {
    Exclusion.LEFT: "退職または異動済みのため、",
    Exclusion.OTHER_ROLE: "役割が異なるため、",
    Exclusion.OTHER_TEAM: "担当地域が別のチームのため、",
    Exclusion.SKILL_MISSING: "必要な専門分野がないため、",
    Exclusion.ABSENT: "回答期限までに勤務時間が足りないため、",
    Exclusion.AT_CAPACITY: "担当件数が上限に達しているため、",
    Exclusion.HAD_IT_BEFORE: "この引き継ぎを一度受けているため、",
}
