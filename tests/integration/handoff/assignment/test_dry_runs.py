"""Dry runs: who would have got the last handoffs under other rules."""

from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from handoff.domain.handoff.policy import ClockPolicy
from kakehashi_common.contracts.municipalities import municipalities
from tests.support.handoff_api import Service
from tests.support.handoff_rows import record, waiting
from tests.support.handoffs import at

MONDAY = "2026-11-30 10:00"
DAY = ["09:00-12:00", "13:00-18:00"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
TEAM: dict[str, Any] = {"name": "関東営業部", "hours": dict.fromkeys(WEEKDAYS, DAY)}
SELLER: dict[str, Any] = {
    "team_id": "kanto",
    "name": "営業 担当",
    "roles": ["field_sales"],
    "capacity": 20,
}
TWELVE = [each for each in sorted(municipalities()) if each.startswith("10")][1:13]


@pytest_asyncio.fixture
async def past(service: Service) -> Service:
    """Twelve handoffs that three sellers got in turn, each of another municipality of Gunma."""
    await service.put("/teams/kanto", TEAM)
    await service.put("/teams/kansai", TEAM)
    for number in (1, 2, 3):
        await service.put(f"/members/s-{number}", SELLER)
    await service.put("/members/k-1", SELLER | {"team_id": "kansai"})
    await service.put("/territories/gunma", {"team_id": "kanto", "prefectures": ["群馬県"]})
    for number, code in enumerate(TWELVE):
        state = await record(service, waiting(f"h-{number:02}", MONDAY, municipality_code=code))
        now = at(MONDAY) + timedelta(minutes=number)
        async with service.database.transaction() as connection:
            await service.assignments.assign(connection, state, now, ClockPolicy())
    return service


async def dry_run(service: Service, **body: Any) -> dict[str, Any]:
    answer = await service.http.post("/assignment/dry-runs", json=body)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def shares(shown: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {each["member_id"]: (each["got"], each["would_get"]) for each in shown["members"]}


async def test_the_same_rules_come_to_the_same(past: Service) -> None:
    for last in (12, 5):
        shown = await dry_run(past, last=last)
        assert (shown["assignments"], shown["different"], shown["differences"]) == (last, 0, [])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"members": {"s-1": {"share": 2}}}, {"s-1": (4, 6), "s-2": (4, 3), "s-3": (4, 3)}),
        ({"members": {"s-1": {"active": False}}}, {"s-1": (4, 0), "s-2": (4, 6), "s-3": (4, 6)}),
        ({"members": {"s-1": {"capacity": 2}}}, {"s-1": (4, 2), "s-2": (4, 5), "s-3": (4, 5)}),
        (
            {"members": {"s-4": {"team_id": "kanto", "roles": ["field_sales"], "capacity": 9}}},
            {"s-1": (4, 3), "s-2": (4, 3), "s-3": (4, 3), "s-4": (0, 3)},
        ),
        (
            {"territories": {"gunma": {"team_id": "kansai", "prefectures": ["群馬県"]}}},
            {"k-1": (0, 12), "s-1": (4, 0), "s-2": (4, 0), "s-3": (4, 0)},
        ),
        (
            {"territories": {"gunma": None}},
            {"k-1": (0, 3), "s-1": (4, 3), "s-2": (4, 3), "s-3": (4, 3)},
        ),
    ],
    ids=["share", "left", "capacity", "somebody more", "another team's", "nobody's"],
)
async def test_other_rules_come_to_other_members(
    past: Service, changes: dict[str, Any], expected: dict[str, tuple[int, int]]
) -> None:
    before = await stored(past)
    shown = await dry_run(past, **changes)
    assert shares(shown) == expected
    assert shown["different"] == len(shown["differences"]) > 0
    assert await stored(past) == before


async def test_a_difference_says_why(past: Service) -> None:
    shown = await dry_run(past, members={"s-3": {"active": False}})
    assert shown["differences"][0] == {
        "handoff_id": "h-00",
        "at": "2026-11-30T10:00:00+09:00",
        "got": "s-3",
        "would_get": "s-1",
        "basis": "rotation",
        "why": "退職または異動済みのため、対象外です。",
    }


async def test_relations_follow_who_would_have_got_the_earlier_one(past: Service) -> None:
    state = await record(past, waiting("h-99", MONDAY, municipality_code=TWELVE[0]))
    await past.fetch("update handoff set owner = carried_by where handoff_id = 'h-00' returning 1")
    async with past.database.transaction() as connection:
        now = at(MONDAY) + timedelta(hours=1)
        await past.assignments.assign(connection, state, now, ClockPolicy())
    shown = await dry_run(past, last=13)
    assert shown["differences"] == []
    shown = await dry_run(past, members={"s-3": {"active": False}}, last=13)
    first, *_, last = shown["differences"]
    assert (first["handoff_id"], last["handoff_id"]) == ("h-00", "h-99")
    assert (last["got"], last["would_get"], last["basis"]) == ("s-3", "s-1", "relation")
    assert first["would_get"] == "s-1"


async def test_a_handoff_that_has_ended_takes_up_no_capacity_any_more(past: Service) -> None:
    """Whoever got the first one instead of s-1 has carried it until it ended."""
    ended = at(MONDAY) + timedelta(seconds=30)
    await past.fetch(
        "update handoff set ended_at = $1, carried_by = null where handoff_id = 'h-00' returning 1",
        ended,
    )
    shown = await dry_run(past, members={"s-1": {"active": False}, "s-2": {"capacity": 2}})
    assert shares(shown)["s-2"] == (4, 3)


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({"last": 0}, "/last", "greater_than_equal"),
        ({"last": 1001}, "/last", "less_than_equal"),
        ({"members": {"s-9": {"share": 2}}}, "/members/s-9/team_id", "missing"),
        ({"members": {"s-1": {"team_id": "north"}}}, "/members/s-1/team_id", "unknown_team"),
        ({"members": {"s-1": {"capacity": -1}}}, "/members/s-1/capacity", "greater_than_equal"),
        (
            {"territories": {"all": {"team_id": "north"}}},
            "/territories/all/team_id",
            "unknown_team",
        ),
        (
            {"territories": {"other": {"team_id": "kansai", "prefectures": ["群馬県"]}}},
            "/territories/other",
            "territories_overlap",
        ),
    ],
)
async def test_rules_that_make_no_sense_are_refused(
    past: Service, body: dict[str, Any], where: str, code: str
) -> None:
    answer = await past.http.post("/assignment/dry-runs", json=body)
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (where, code)


async def test_nothing_was_assigned_yet(service: Service) -> None:
    shown = await dry_run(service)
    assert shown == {"assignments": 0, "different": 0, "members": [], "differences": []}


async def stored(service: Service) -> list[list[dict[str, Any]]]:
    tables = ("assignment", "rotation", "handoff", "member", "territory")
    return [await service.fetch(f"select * from {each} order by 1, 2") for each in tables]  # noqa: S608
