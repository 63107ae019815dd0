"""Assigning a handoff: relations, eligibility, capacity and a fair rotation."""

import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.assignment.choice import Assignment, Basis, NobodyEligible, assign, why_not
from handoff.domain.assignment.eligibility import Demand, Exclusion, Load
from handoff.domain.assignment.ledger import HANDOFF, Account, Ledger
from handoff.domain.teams.members import Member, Role
from kakehashi_common.clock import TOKYO
from kakehashi_common.domain.business_time import WEEKDAYS, Absence, BusinessTime, Hours

MONDAY = datetime(2026, 11, 30, 10, 0, tzinfo=TOKYO)
OFFICE = dict.fromkeys(WEEKDAYS, (Hours(time(9), time(18)),))
FIELD_SALES = frozenset({Role.FIELD_SALES})


def seller(member_id: str, **differences: Any) -> Member:
    return replace(Member(member_id, "east", FIELD_SALES, capacity=30), **differences)


def chosen(
    *members: Member,
    demand: Demand | None = None,
    load: dict[str, int] | None = None,
    ledger: Ledger | None = None,
    related: tuple[str, ...] = (),
) -> Assignment | NobodyEligible:
    return assign(
        demand or Demand(Role.FIELD_SALES, "east", answer_by=MONDAY + timedelta(hours=8)),
        members,
        {each.member_id: BusinessTime(lambda _: True, OFFICE, each.absences) for each in members},
        Load(load or {}),
        ledger or Ledger(),
        related=related,
        now=MONDAY,
    )


def charged(ledger: Ledger, found: Assignment) -> Ledger:
    return ledger.charged(found.member_id, found.shares)


LEAVE = Absence(MONDAY, MONDAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("member", "load", "exclusion"),
    [
        pytest.param(seller("x", active=False), {}, Exclusion.LEFT, id="has left"),
        pytest.param(
            seller("x", roles=frozenset({Role.INSIDE_SALES})),
            {},
            Exclusion.OTHER_ROLE,
            id="another role",
        ),
        pytest.param(seller("x", team_id="west"), {}, Exclusion.OTHER_TEAM, id="another team"),
        pytest.param(seller("x", absences=(LEAVE,)), {}, Exclusion.ABSENT, id="absent"),
        pytest.param(seller("x", capacity=2), {"x": 2}, Exclusion.AT_CAPACITY, id="full"),
        pytest.param(seller("x", capacity=0), {}, Exclusion.AT_CAPACITY, id="takes none"),
    ],
)
def test_who_may_not_receive_it_is_passed_over_and_told_why(
    member: Member, load: dict[str, int], exclusion: Exclusion
) -> None:
    found = chosen(member, seller("y"), load=load)
    assert isinstance(found, Assignment)
    assert found.member_id == "y"
    assert found.considered[0].exclusions == (exclusion,)
    assert why_not(found, "x").endswith("対象外です。")


def test_a_missing_skill_excludes() -> None:
    demand = Demand(Role.FIELD_SALES, "east", skills=frozenset({"disaster_prevention"}))
    skilled = seller("y", skills=frozenset({"disaster_prevention", "digital"}))
    other = seller("x", skills=frozenset({"digital"}))
    found = chosen(other, skilled, demand=demand)
    assert isinstance(found, Assignment)
    assert found.member_id == "y"
    assert found.considered[0].exclusions == (Exclusion.SKILL_MISSING,)


def test_who_has_no_skills_entered_takes_everything_as_coverage_says() -> None:
    demand = Demand(Role.FIELD_SALES, "east", skills=frozenset({"disaster_prevention"}))
    found = chosen(seller("x"), demand=demand)
    assert isinstance(found, Assignment)
    assert found.member_id == "x"


def test_the_complexity_of_a_handoff_counts_against_the_capacity() -> None:
    demand = Demand(Role.FIELD_SALES, "east", complexity=3)
    found = chosen(
        seller("x", capacity=5), seller("y", capacity=5), demand=demand, load={"x": 3, "y": 2}
    )
    assert isinstance(found, Assignment)
    assert found.member_id == "y"


def test_who_had_it_before_does_not_get_it_again() -> None:
    demand = Demand(Role.FIELD_SALES, "east", had_before=("x",))
    found = chosen(seller("x"), seller("y"), demand=demand)
    assert isinstance(found, Assignment)
    assert found.member_id == "y"


def test_an_existing_relation_goes_first_even_from_another_team() -> None:
    behind = Ledger(1, {}).charged("z", {"x": 1, "z": 1})
    found = chosen(seller("x"), seller("z", team_id="west"), ledger=behind, related=("z",))
    assert isinstance(found, Assignment)
    assert (found.member_id, found.basis) == ("z", Basis.RELATION)
    assert why_not(found, "x") == "この自治体をすでに担当しているzが優先されました。"


def test_a_relation_who_is_full_does_not_get_it() -> None:
    found = chosen(seller("x"), seller("z", capacity=1), load={"z": 1}, related=("z",))
    assert isinstance(found, Assignment)
    assert (found.member_id, found.basis) == ("x", Basis.ROTATION)


def test_nobody_eligible_is_a_named_result_with_its_reasons() -> None:
    found = chosen(
        seller("a", absences=(LEAVE,)),
        seller("b", capacity=0),
        seller("c", roles=frozenset({Role.INSIDE_SALES}), capacity=0),
    )
    assert isinstance(found, NobodyEligible)
    assert found.reasons == {Exclusion.ABSENT: 1, Exclusion.AT_CAPACITY: 1}
    assert why_not(found, "b") == "担当件数が上限に達しているため、対象外です。"


def test_the_rotation_explains_itself() -> None:
    first = chosen(seller("x"), seller("y"))
    assert isinstance(first, Assignment)
    second = chosen(seller("x"), seller("y"), ledger=charged(Ledger(), first))
    assert isinstance(second, Assignment)
    assert [first.member_id, second.member_id] == ["x", "y"]
    assert why_not(second, "x") == "順番ではyが先でした(不足 +0.50 件。xは -0.50 件)。"


def test_half_time_work_gets_half() -> None:
    ledger, got = Ledger(), Counter[str]()
    for _ in range(300):
        found = chosen(seller("x", share=2), seller("y", share=1), ledger=ledger)
        assert isinstance(found, Assignment)
        ledger = charged(ledger, found)
        got[found.member_id] += 1
    assert got == {"x": 200, "y": 100}


@pytest.mark.parametrize(
    ("shares", "said"), [({}, "nobody is eligible"), ({"x": 0}, "a share is a positive number")]
)
def test_impossible_rotations_are_refused(shares: dict[str, int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Ledger().next(shares)


@pytest.mark.parametrize("size", [2, 3, 8, 20])
def test_everybody_is_within_one_handoff_of_the_own_share(size: int) -> None:
    draw = random.Random(size)  # noqa: S311 - no secret
    shares = {f"m{number:02}": draw.randint(1, 5) for number in range(size)}
    ledger = Ledger()
    for _ in range(10_000):
        ledger = ledger.charged(ledger.next(shares), shares)
        assert max(abs(ledger.account(member).deficit) for member in shares) < HANDOFF


@pytest.mark.parametrize("size", [2, 3, 8, 20])
def test_ten_thousand_assignments_with_absences_are_fair(size: int) -> None:
    """Each member is away for one week in six. Whoever is there may get ahead by a hair more than
    one handoff, while several are away whom the rotation owes something."""
    draw = random.Random(size)  # noqa: S311 - no secret
    shares = {f"m{number:02}": draw.randint(1, 3) for number in range(size)}
    back = dict.fromkeys(shares, 0)
    ledger, above = Ledger(), 0
    for number in range(10_000):
        for member in shares:
            if number >= back[member] and draw.random() < 1 / 250:
                back[member] = number + 50
        eligible = {each: share for each, share in shares.items() if number >= back[each]}
        if eligible:
            ledger = ledger.charged(ledger.next(eligible), eligible)
            deficits = [ledger.account(member).deficit for member in shares]
            worst = max(map(abs, deficits))
            assert worst <= HANDOFF * 1.05
            assert sum(deficits) == 0
            above += worst > HANDOFF
    assert above <= 10


@given(
    st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), min_size=1, max_size=60),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 5), min_size=6, max_size=6),
)
def test_a_ledger_sums_to_the_handoffs_that_it_assigned(
    eligible: list[set[str]], shares: dict[str, int]
) -> None:
    ledger = Ledger()
    for members in eligible:
        of_these = {member: shares[member] for member in members}
        ledger = ledger.charged(ledger.next(of_these), of_these)
    accounts = ledger.accounts.values()
    assert sum(account.assigned for account in accounts) == ledger.handoffs == len(eligible)
    assert sum(account.entitled for account in accounts) == len(eligible) * HANDOFF


@given(
    st.lists(st.tuples(st.sets(st.sampled_from("abcde"), min_size=1), st.booleans()), max_size=40),
    st.dictionaries(st.sampled_from("abcde"), st.integers(1, 5), min_size=5, max_size=5),
)
def test_a_ledger_forgets_what_was_taken_back(
    handoffs: list[tuple[set[str], bool]], shares: dict[str, int]
) -> None:
    """In whatever order the handoffs come, and whichever of them are taken back."""
    ledger, kept, back = Ledger(), Ledger(), []
    for members, taken_back in handoffs:
        of_these = {member: shares[member] for member in members}
        got = ledger.next(of_these)
        ledger = ledger.charged(got, of_these)
        if taken_back:
            back.append((got, of_these))
        else:
            kept = kept.charged(got, of_these)
    for got, of_these in back:
        ledger = ledger.refunded(got, of_these)
    assert ledger.handoffs == kept.handoffs
    for member in shares:
        ours, theirs = ledger.account(member), kept.account(member)
        assert (ours.entitled, ours.assigned) == (theirs.entitled, theirs.assigned)


def test_who_has_left_is_refunded_nothing() -> None:
    ledger = Ledger().charged("x", {"x": 1, "y": 1}).without(["x"])
    assert ledger.refunded("x", {"x": 1, "y": 1}) == Ledger(0, {"y": Account()})


def test_who_leaves_takes_the_own_account_along() -> None:
    ledger = Ledger().charged("x", {"x": 1, "y": 1})
    assert set(ledger.without(["x"]).accounts) == {"y"}
