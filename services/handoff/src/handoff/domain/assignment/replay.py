"""Assignments made once more under other rules: who would have got the handoffs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handoff.domain.assignment.choice import Assignment, NobodyEligible, assign
from handoff.domain.assignment.eligibility import Demand, Load
from handoff.domain.assignment.ledger import Account, Ledger
from handoff.domain.teams.members import Member, Role
from handoff.domain.teams.territories import Place, Territory, territory_of
from kakehashi_common.domain.business_time import BusinessTime


@dataclass(frozen=True, slots=True)
class PastAssignment:
    """An assignment as it was made."""

    handoff_id: str
    place: Place
    at: datetime
    demand: Demand
    found: Assignment | NobodyEligible
    carried_until: datetime | None
    """When whoever got it no longer carried it; ``None``: still carries it."""

    @property
    def member_id(self) -> str | None:
        """The member who got it."""
        return _member(self.found)


@dataclass(frozen=True, slots=True)
class Replayed:
    """An assignment as it was made, and as it would have been."""

    past: PastAssignment
    found: Assignment | NobodyEligible

    @property
    def member_id(self) -> str | None:
        """The member who would have got it."""
        return _member(self.found)

    @property
    def differs(self) -> bool:
        """Whether somebody else would have got it."""
        return self.member_id != self.past.member_id


def replay(
    past: Sequence[PastAssignment],
    members: Sequence[Member],
    working_times: Mapping[str, BusinessTime],
    territories: Sequence[Territory],
) -> list[Replayed]:
    """Make past assignments once more, each from what the ones before it come to now.

    Ledgers, loads and relations begin as they were. What a member would have got instead counts
    as long as it was in fact carried. When an answer was due stays as it was.

    Args:
        past: the oldest one first.
        members: everybody who may be considered.
        working_times: each member's working hours, less absences, by id.
        territories: of all teams.
    """
    ledgers = _ledgers(past)
    done: list[Replayed] = []
    for each in past:
        before = [one for one in done if one.differs]
        territory = territory_of(each.place, territories)
        demand = replace(
            each.demand,
            team_id=None if territory is None else territory.team_id,
            had_before=_had_before(each, before),
        )
        rotation = demand.team_id, demand.role
        ledger = ledgers.get(rotation, Ledger())
        found = assign(
            demand,
            members,
            working_times,
            _load(each, before),
            ledger,
            related=_related(each, before),
            now=each.at,
        )
        if isinstance(found, Assignment):
            ledgers[rotation] = ledger.charged(found.member_id, found.shares)
        done.append(Replayed(each, found))
    return done


def _ledgers(past: Iterable[PastAssignment]) -> dict[tuple[str | None, Role], Ledger]:
    """Return each rotation's ledger as it was before the first of these assignments."""
    ledgers: dict[tuple[str | None, Role], Ledger] = {}
    for each in past:
        rotation = each.demand.team_id, each.demand.role
        if rotation not in ledgers:
            lines = [line for line in each.found.considered if line.deficit or line.last]
            ledgers[rotation] = Ledger(
                max((line.last for line in lines), default=0),
                {line.member_id: Account(line.deficit, last=line.last) for line in lines},
            )
    return ledgers


def _load(each: PastAssignment, before: Iterable[Replayed]) -> Load:
    load = {line.member_id: line.load for line in each.found.considered}
    for one in before:
        until = one.past.carried_until
        if until is None or until > each.at:
            for member, sign in ((one.past.member_id, -1), (one.member_id, 1)):
                if member is not None:
                    load[member] = load.get(member, 0) + sign * one.past.demand.complexity
    return Load(load)


def _related(each: PastAssignment, before: Iterable[Replayed]) -> set[str]:
    """Return who knows the municipality: whoever got an earlier handoff of it instead, too."""
    related = {line.member_id for line in each.found.considered if line.related}
    for one in before:
        code = one.past.place.municipality_code
        another = one.past.handoff_id != each.handoff_id
        if another and code is not None and code == each.place.municipality_code:
            knew = {line.member_id for line in one.past.found.considered if line.related}
            related -= {one.past.member_id} - knew
            related |= {one.member_id} if one.member_id else set()
    return related


def _had_before(each: PastAssignment, before: Iterable[Replayed]) -> tuple[str, ...]:
    instead = {
        one.past.member_id: one.member_id
        for one in before
        if one.past.handoff_id == each.handoff_id
    }
    named = (instead.get(member, member) for member in each.demand.had_before)
    return tuple(member for member in named if member is not None)


def _member(found: Assignment | NobodyEligible) -> str | None:
    return found.member_id if isinstance(found, Assignment) else None
