"""Assignments on PostgreSQL: who is chosen and why, once, and fairly under parallel requests."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from handoff.domain.assignment.choice import Basis
from handoff.domain.assignment.eligibility import Exclusion
from handoff.domain.handoff.commands import Assign, LeaveUnassigned
from handoff.domain.handoff.facts import UnassignedReason
from handoff.domain.handoff.policy import ClockPolicy
from handoff.domain.handoff.state import FormerOwner, HandoffState
from handoff.domain.handoff.terms import Outcome, ReassignReason, Status
from handoff.domain.teams.members import Role
from handoff.handoffs import repository as handoffs
from handoff.handoffs.messages import RecordedDecision
from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.errors import NotFoundError
from tests.support.handoff_api import Service
from tests.support.handoff_rows import record, waiting, wanted_again
from tests.support.handoffs import at

MONDAY = "2026-11-30 10:00"
NOW = at(MONDAY)
KIRYU = "102032"
DAY = ["09:00-12:00", "13:00-18:00"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
TEAM: dict[str, Any] = {"name": "関東営業部", "hours": dict.fromkeys(WEEKDAYS, DAY)}
SELLER: dict[str, Any] = {
    "team_id": "kanto",
    "name": "営業 担当",
    "roles": ["field_sales"],
    "capacity": 20,
}
LEAVE = {"starts": "2026-11-30T00:00:00+09:00", "ends": "2026-12-05T00:00:00+09:00"}


@pytest_asyncio.fixture
async def sellers(service: Service) -> Service:
    """Two who sell in Gunma and Hokkaido."""
    await service.put("/teams/kanto", TEAM)
    await service.put("/members/s-1", SELLER)
    await service.put("/members/s-2", SELLER)
    await service.put(
        "/territories/north", {"team_id": "kanto", "prefectures": ["群馬県", "北海道"]}
    )
    return service


async def assign(service: Service, state: HandoffState) -> Assign | LeaveUnassigned:
    async with service.database.transaction() as connection:
        return await service.assignments.assign(connection, state, NOW, ClockPolicy())


async def release(service: Service, handoff_id: str, attempt: int) -> None:
    async with service.database.transaction() as connection:
        await service.assignments.release(connection, handoff_id, attempt)


async def new(service: Service, handoff_id: str, **differences: Any) -> Assign | LeaveUnassigned:
    """Record a handoff, and assign it."""
    return await assign(service, await record(service, waiting(handoff_id, MONDAY, **differences)))


async def carried(service: Service) -> dict[str, str | None]:
    rows = await service.fetch("select handoff_id, carried_by from handoff order by 1")
    return {row["handoff_id"]: row["carried_by"] for row in rows}


async def stored(service: Service) -> list[list[dict[str, Any]]]:
    tables = ("assignment", "rotation", "handoff")
    return [await service.fetch(f"select * from {each} order by 1, 2") for each in tables]  # noqa: S608


async def test_whoever_is_first_in_turn_carries_it(sellers: Service) -> None:
    assert await new(sellers, "h-1") == Assign(1, "s-1", Basis.ROTATION)
    elsewhere = "102041"
    assert await new(sellers, "h-2", municipality_code=elsewhere) == Assign(
        1, "s-2", Basis.ROTATION
    )
    assert await carried(sellers) == {"h-1": "s-1", "h-2": "s-2"}
    assert await ledger(sellers) == {"s-1": (1, 0), "s-2": (1, 0)}


@pytest.mark.parametrize(
    ("change", "exclusion"),
    [
        ({"active": False}, Exclusion.LEFT),
        ({"roles": ["inside_sales"]}, Exclusion.OTHER_ROLE),
        ({"team_id": "kansai"}, Exclusion.OTHER_TEAM),
        ({"skills": ["welfare"]}, Exclusion.SKILL_MISSING),
        ({"capacity": 2}, Exclusion.AT_CAPACITY),
    ],
)
async def test_who_may_not_receive_it_is_passed_over_with_the_reason(
    sellers: Service, change: dict[str, Any], exclusion: Exclusion
) -> None:
    await sellers.put("/teams/kansai", TEAM)
    await sellers.put("/members/s-1", SELLER | change)
    assert await new(sellers, "h-1", skills=("digital",), complexity=3) == Assign(
        1, "s-2", Basis.ROTATION
    )
    assert await reasons(sellers) == {"s-1": (exclusion,), "s-2": ()}


async def test_who_is_away_until_the_answer_is_due_is_passed_over(sellers: Service) -> None:
    await sellers.put("/members/s-1/absences/leave", LEAVE)
    assert await new(sellers, "h-1") == Assign(1, "s-2", Basis.ROTATION)
    assert await reasons(sellers) == {"s-1": (Exclusion.ABSENT,), "s-2": ()}


async def test_what_a_member_carries_counts_against_the_capacity(sellers: Service) -> None:
    await sellers.put("/members/s-1", SELLER | {"capacity": 4})
    await new(sellers, "h-1", complexity=3, municipality_code="102041")
    assert await new(sellers, "h-2", complexity=2) == Assign(1, "s-2", Basis.ROTATION)
    assert (await reasons(sellers, "h-2"))["s-1"] == (Exclusion.AT_CAPACITY,)


async def test_who_let_the_time_to_accept_pass_does_not_get_it_again(sellers: Service) -> None:
    first = waiting("h-1", MONDAY)
    assert await new(sellers, "h-1") == Assign(1, "s-1", Basis.ROTATION)
    former = FormerOwner("s-1", NOW, ReassignReason.NOT_ACCEPTED, 1)
    again = wanted_again(first, NOW, former_owners=(former,))
    assert await assign(sellers, again) == Assign(2, "s-2", Basis.ROTATION)
    assert await carried(sellers) == {"h-1": "s-2"}


async def test_the_same_assignment_again_gets_the_stored_result(sellers: Service) -> None:
    """The caller was killed between the commit and the answer."""
    assert await new(sellers, "h-1") == Assign(1, "s-1", Basis.ROTATION)
    await sellers.put("/members/s-1", SELLER | {"active": False})
    before = await stored(sellers)
    again = await assign(sellers, waiting("h-1", MONDAY))
    assert again == Assign(1, "s-1", Basis.ROTATION)
    assert await stored(sellers) == before


async def test_what_was_not_committed_was_not_assigned(sellers: Service) -> None:
    state = await record(sellers, waiting("h-1", MONDAY))
    before = await stored(sellers)
    async with sellers.database.engine.connect() as connection:  # without a commit
        await sellers.assignments.assign(connection, state, NOW, ClockPolicy())
    assert await stored(sellers) == before
    assert await assign(sellers, state) == Assign(1, "s-1", Basis.ROTATION)


async def test_while_nobody_is_eligible_it_is_tried_again(sellers: Service) -> None:
    for member in ("s-1", "s-2"):
        await sellers.put(f"/members/{member}", SELLER | {"capacity": 0})
    nobody = LeaveUnassigned(1, (UnassignedReason(Exclusion.AT_CAPACITY, 2),))
    assert await new(sellers, "h-1") == nobody
    await sellers.put("/members/s-2", SELLER)
    state = waiting("h-1", MONDAY)
    assert await assign(sellers, state) == nobody  # the same question, the same answer
    later = replace(state, assignment_wanted_at=NOW + timedelta(hours=4))
    assert await assign(sellers, later) == Assign(1, "s-2", Basis.ROTATION)
    assert await carried(sellers) == {"h-1": "s-2"}


async def test_an_assignment_that_is_taken_back_is_charged_to_nobody(sellers: Service) -> None:
    await new(sellers, "h-1")
    await release(sellers, "h-1", 1)
    assert await carried(sellers) == {"h-1": None}
    assert await ledger(sellers) == {"s-1": (0, 0), "s-2": (0, 0)}
    before = await stored(sellers)
    await release(sellers, "h-1", 1)
    await release(sellers, "h-1", 7)
    assert await stored(sellers) == before


async def test_what_a_person_gave_by_hand_stays_when_the_assignment_is_taken_back(
    sellers: Service,
) -> None:
    await new(sellers, "h-1")
    await sellers.fetch("update handoff set owner = 's-1', carried_by = 's-1' returning 1")
    await release(sellers, "h-1", 1)
    assert await carried(sellers) == {"h-1": "s-1"}


async def test_what_is_assigned_counts_before_the_handoff_is_notified(sellers: Service) -> None:
    """Something else may be recorded between the assignment and its result."""
    await new(sellers, "h-1")
    joined = replace(waiting("h-1", MONDAY), version=2)
    withdrawn = replace(joined, version=3, status=Status.WITHDRAWN, ended_at=NOW)
    for state, carrier in ((joined, "s-1"), (withdrawn, None)):
        async with sellers.database.transaction() as connection:
            decision = RecordedDecision(state, NOW, (), ())
            await handoffs.put(connection, decision, next_due_at=None)
        assert await carried(sellers) == {"h-1": carrier}


async def test_a_handoff_is_recorded_before_it_is_assigned(sellers: Service) -> None:
    before = await stored(sellers)
    with pytest.raises(NotFoundError):
        await assign(sellers, waiting("h-1", MONDAY))
    with pytest.raises(NotFoundError):
        await release(sellers, "h-1", 1)
    assert await stored(sellers) == before


@pytest.mark.parametrize(
    ("columns", "basis"),
    [
        ({}, Basis.RELATION),
        ({"is_open": False, "outcome": Outcome.WON}, Basis.RELATION),
        ({"is_open": False, "outcome": Outcome.LOST}, Basis.ROTATION),
        ({"municipality_code": "102041"}, Basis.ROTATION),
    ],
    ids=["has one", "has won one", "has lost one", "elsewhere"],
)
async def test_who_knows_the_municipality_goes_first_even_from_another_team(
    sellers: Service, columns: dict[str, Any], basis: Basis
) -> None:
    await sellers.put("/teams/kansai", TEAM)
    await sellers.put("/members/s-9", SELLER | {"team_id": "kansai"})
    await record(sellers, waiting("h-0", MONDAY), owner="s-9", **columns)
    member = "s-9" if basis is Basis.RELATION else "s-1"
    assert await new(sellers, "h-1") == Assign(1, member, basis)


async def test_whoever_is_gone_is_no_relation(sellers: Service) -> None:
    await sellers.put("/members/s-2", SELLER | {"active": False})
    await record(sellers, waiting("h-0", MONDAY), owner="s-2")
    assert await new(sellers, "h-1") == Assign(1, "s-1", Basis.ROTATION)


async def test_who_knows_the_lead_goes_first(sellers: Service) -> None:
    state = replace(waiting("h-1", MONDAY), preferred="s-2")
    await record(sellers, state)
    assert await assign(sellers, state) == Assign(1, "s-2", Basis.RELATION)


@pytest.mark.parametrize("code", [None, "131016"], ids=["unknown", "Chiyoda"])
async def test_what_lies_in_nobodys_territory_goes_to_anybody_in_turn(
    sellers: Service, code: str | None
) -> None:
    assert await new(sellers, "h-1", municipality_code=code) == Assign(1, "s-1", Basis.ROTATION)
    assert list(await ledger(sellers, "-")) == ["s-1", "s-2"]
    assert await ledger(sellers) == {}


FIFTY = [each for each in sorted(municipalities()) if each.startswith("01")][:50]
"""Municipalities of Hokkaido: in the same one relations would go first."""


async def test_fifty_at_once_exceed_no_capacity(sellers: Service) -> None:
    for number in range(1, 9):
        await sellers.put(f"/members/s-{number}", SELLER | {"capacity": 7})
    results = await asyncio.gather(
        *(
            new(sellers, f"h-{code}", complexity=1 + number % 3, municipality_code=code)
            for number, code in enumerate(FIFTY)
        )
    )
    rows = await sellers.fetch(
        "select carried_by, sum(complexity) as load from handoff "
        "where carried_by is not null group by 1 order by 1"
    )
    assert len(rows) == 8
    assert max(row["load"] for row in rows) <= 7
    unassigned = [each for each in results if isinstance(each, LeaveUnassigned)]
    assert unassigned
    assert {each.reasons[0].exclusion for each in unassigned} == {Exclusion.AT_CAPACITY}


async def test_fifty_at_once_leave_everybody_within_one_handoff_of_the_own_share(
    sellers: Service,
) -> None:
    shares = {"s-1": 1, "s-2": 2, "s-3": 2, "s-4": 5}
    for member, share in shares.items():
        await sellers.put(f"/members/{member}", SELLER | {"capacity": 100, "share": share})
    results = await asyncio.gather(
        *(new(sellers, f"h-{code}", municipality_code=code) for code in FIFTY)
    )
    got = Counter(each.member_id for each in results if isinstance(each, Assign))
    for member, share in shares.items():
        assert abs(got[member] - 50 * share / 10) <= 1
    assert {each: assigned for each, (assigned, _) in (await ledger(sellers)).items()} == got
    assert sum(deficit for _, deficit in (await ledger(sellers)).values()) == 0


async def ledger(service: Service, team_id: str = "kanto") -> dict[str, tuple[int, int]]:
    """Handoffs and deficit of each account."""
    found = await service.assignment_queries.rotation(team_id, Role.FIELD_SALES)
    return {
        member: (account.assigned, account.deficit)
        for member, account in sorted(found.ledger.accounts.items())
    }


async def reasons(service: Service, handoff_id: str = "h-1") -> dict[str, tuple[Exclusion, ...]]:
    [*_, last] = await service.assignment_queries.assignments(handoff_id)
    return {each.member_id: each.exclusions for each in last.found.considered}
