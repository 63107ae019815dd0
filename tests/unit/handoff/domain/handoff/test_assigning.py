"""A handoff and the assignment: what it asks for, and what it makes of the result."""

from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from handoff.domain.assignment.choice import Basis
from handoff.domain.assignment.choice import assign as choose
from handoff.domain.assignment.eligibility import Demand, Exclusion, Load
from handoff.domain.assignment.ledger import Ledger
from handoff.domain.handoff import HandoffState
from handoff.domain.handoff.assigning import demand_of, result_of
from handoff.domain.handoff.commands import (
    Accept,
    Assign,
    Join,
    LeaveUnassigned,
    NameFurtherOwner,
    Reassign,
    Reject,
    Wake,
)
from handoff.domain.handoff.effects import AssignmentWanted, NotifyReason
from handoff.domain.handoff.facts import Assigned, UnassignedReason
from handoff.domain.handoff.policy import ClockPolicy, PolicyRule
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.state import HISTORY_KEPT, QUALIFICATIONS_KEPT
from handoff.domain.handoff.terms import ReassignReason, Status
from handoff.domain.teams.members import Function, Member, Role
from kakehashi_common.domain.errors import DomainError
from tests.support.handoffs import DAY, IS_TO_FS, TEAM, Life, at

MONDAY = "2026-11-30 10:00"
SELLERS = frozenset({Role.FIELD_SALES})
DX = frozenset({"dx"})
OTHER = frozenset({"welfare"})


def members(*ids: str) -> list[Member]:
    return [Member(each, "east", SELLERS, capacity=3, skills=DX) for each in ids]


def test_what_it_asks_of_a_member() -> None:
    life = Life(MONDAY, assigned=False, complexity=3, skills=("dx",))
    assert demand_of(life.state, "east", life.now, life.sla()) == Demand(
        Role.FIELD_SALES, "east", 3, DX, at("2026-12-01 10:00"), had_before=()
    )


@pytest.mark.parametrize(
    ("sellers", "result"),
    [
        (members("x", "y"), Assign(1, "x", Basis.ROTATION)),
        (
            [replace(each, capacity=0, skills=OTHER) for each in members("x", "y")],
            LeaveUnassigned(
                1,
                (
                    UnassignedReason(Exclusion.AT_CAPACITY, 2),
                    UnassignedReason(Exclusion.SKILL_MISSING, 2),
                ),
            ),
        ),
        ([], LeaveUnassigned(1, ())),
    ],
)
def test_the_result_of_an_assignment_is_a_command(
    sellers: list[Member], result: Assign | LeaveUnassigned
) -> None:
    life = Life(MONDAY, assigned=False, complexity=3, skills=("dx",))
    demand = demand_of(life.state, "east", life.now, life.sla())
    hours = {each.member_id: TEAM for each in sellers}
    found = choose(demand, sellers, hours, Load({}), Ledger(), now=life.now)
    command = result_of(life.state.attempt, found)
    assert command == result
    life.do(command)
    assert life.state.status in {Status.ASSIGNED, Status.UNASSIGNED}


def test_other_reasons_of_nobody_are_said_once_more() -> None:
    life = Life(MONDAY, assigned=False)
    absent, full = (UnassignedReason(each, 1) for each in (Exclusion.ABSENT, Exclusion.AT_CAPACITY))
    life.do(LeaveUnassigned(1, (absent,)))
    facts = life.do(LeaveUnassigned(1, (full,)))
    assert [fact.kind for fact in facts] == ["unassigned"]
    assert life.state.unassigned_reasons == (full,)


def test_a_member_who_is_named_in_the_request_is_asked_at_once() -> None:
    life = Life(MONDAY, to="fs-9")
    assert (life.state.owner, life.state.attempt) == ("fs-9", 1)
    assert not [each for each in life.effects() if isinstance(each, AssignmentWanted)]
    assert life.facts(Assigned)[0].basis is None


def test_one_that_nobody_has_is_given_by_hand() -> None:
    life = Life(MONDAY, members=())
    give = Reassign("lead-e", ReassignReason.DECIDED, None, "fs-9")
    life.do(give)
    assert (life.state.status, life.state.owner) == (Status.ASSIGNED, "fs-9")
    assert life.decide(give).unchanged
    with pytest.raises(DomainError) as refused:
        life.decide(replace(give, to="fs-8"))
    assert refused.value.code == "not_the_owner"


def test_by_hand_it_may_go_to_whoever_had_it() -> None:
    life = Life(MONDAY)
    life.do(Reject("fs-1", RejectionReason.NO_CAPACITY))
    life.do(Reassign("lead-e", ReassignReason.DECIDED, "fs-2", "fs-1"))
    assert (life.state.owner, life.state.excluded) == ("fs-1", ("fs-1", "fs-2"))


def test_who_leaves_loses_what_they_accepted_and_is_told() -> None:
    life = Life(MONDAY, members=("fs-1", "fs-2"))
    life.do(Accept("fs-1"))
    left = Reassign("lead-e", ReassignReason.MEMBER_LEFT, "fs-1")
    life.do(left)
    assert (life.state.status, life.state.owner) == (Status.ASSIGNED, "fs-2")
    assert NotifyReason.TAKEN_AWAY in {each.reason for each in life.notified()}
    assert life.decide(left).unchanged
    life.do(Reassign("lead-e", ReassignReason.MEMBER_LEFT, "fs-2"))
    assert life.state.status is Status.UNASSIGNED  # fs-1 has left and isn't asked again


def test_an_owner_without_whom_nobody_is_named_is_asked_for() -> None:
    life = Life(MONDAY, members=())
    with pytest.raises(DomainError) as refused:
        life.decide(Reassign("lead-e", ReassignReason.DECIDED, None))
    assert (refused.value.field, refused.value.code) == ("to", "to_missing")


def test_a_further_owner_is_named_replaced_and_removed() -> None:
    life = Life(MONDAY)
    for member in ("fs-5", "fs-6"):
        life.do(NameFurtherOwner("lead-e", Function.POLICY_PROPOSAL, member))
    life.do(NameFurtherOwner("lead-e", Function.COUNCIL_LIAISON, "fs-7"))
    assert list(life.state.owners) == ["fs-1", "fs-6", "fs-7"]
    life.do(NameFurtherOwner("lead-e", Function.POLICY_PROPOSAL, None))
    assert list(life.state.owners) == ["fs-1", "fs-7"]


def test_everybody_may_be_asked_again_after_a_recycle() -> None:
    life = Life(MONDAY)
    life.do(Reject("fs-1", RejectionReason.WRONG_TERRITORY))
    life.do(Reject("fs-2", RejectionReason.TOO_EARLY, until=at("2027-04-01 00:00").date()))
    life.members = ["fs-1"]  # fs-2, who knows the lead, has left meanwhile
    life.do(Wake("is-1"))
    assert (life.state.owner, life.state.excluded) == ("fs-1", ())


def test_a_handoff_stays_small_however_long_it_lives() -> None:
    life = Life(MONDAY)
    until = life.now
    for number in range(120):
        life.do(Join(f"q-{number + 2}", "lead-scoring", "A1"))
        until += 30 * DAY
        life.do(Reject(life.state.owner or "", RejectionReason.TOO_EARLY, until=until.date()))
        life.until(until + 7 * DAY)
    assert life.state.round == 121
    assert len(life.state.history) == HISTORY_KEPT
    assert len(life.state.qualifications) == QUALIFICATIONS_KEPT
    assert len(TypeAdapter(HandoffState).dump_json(life.state)) < 64_000


def test_policies_are_stored_as_they_are() -> None:
    rules = TypeAdapter(tuple[PolicyRule, ...])
    stored = (PolicyRule(ClockPolicy(reassignments=1), IS_TO_FS, "A1"), PolicyRule(ClockPolicy()))
    assert rules.validate_json(rules.dump_json(stored)) == stored
