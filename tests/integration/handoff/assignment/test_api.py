"""Assignments and rotations over HTTP: why this member and not that one."""

from typing import Any

import pytest
import pytest_asyncio

from handoff.domain.handoff.policy import ClockPolicy
from tests.support.handoff_api import Service
from tests.support.handoff_rows import record, waiting
from tests.support.handoffs import at

MONDAY = "2026-11-30 10:00"
DAY = ["09:00-12:00", "13:00-18:00"]
TEAM: dict[str, Any] = {"name": "関東営業部", "hours": {"monday": DAY, "tuesday": DAY}}
SELLER: dict[str, Any] = {
    "team_id": "kanto",
    "name": "営業 担当",
    "roles": ["field_sales"],
    "capacity": 4,
}


@pytest_asyncio.fixture
async def assigned(service: Service) -> Service:
    """Three handoffs for three sellers, one of whom takes none at present."""
    await service.put("/teams/kanto", TEAM)
    await service.put("/members/s-1", SELLER)
    await service.put("/members/s-2", SELLER)
    await service.put("/members/s-3", SELLER | {"capacity": 0})
    await service.put("/territories/gunma", {"team_id": "kanto", "prefectures": ["群馬県"]})
    for handoff_id, code in (("h-1", "102032"), ("h-2", "102041"), ("h-3", "102041")):
        state = await record(service, waiting(handoff_id, MONDAY, municipality_code=code))
        async with service.database.transaction() as connection:
            await service.assignments.assign(connection, state, at(MONDAY), ClockPolicy())
        await service.fetch(
            "update handoff set owner = carried_by where handoff_id = $1 returning 1", handoff_id
        )
    return service


async def get(service: Service, path: str) -> Any:
    answer = await service.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_assignment_says_why_each_other_member_did_not_get_it(assigned: Service) -> None:
    [shown] = await get(assigned, "/handoffs/h-2/assignments")
    considered = {each.pop("member_id"): each for each in shown.pop("considered")}
    assert shown == {
        "attempt": 1,
        "at": "2026-11-30T10:00:00+09:00",
        "team_id": "kanto",
        "role": "field_sales",
        "member_id": "s-2",
        "basis": "rotation",
        "released": False,
    }
    assert considered["s-2"] == {
        "exclusions": [],
        "related": False,
        "load": 0,
        "capacity": 4,
        "share": 1,
        "deficit": 0.5,
        "why_not": None,
    }
    assert considered["s-1"]["load"] == 1
    assert considered["s-1"]["why_not"] == (
        "順番ではs-2が先でした(不足 +0.50 件。s-1は -0.50 件)。"
    )
    assert considered["s-3"]["exclusions"] == ["at_capacity"]
    assert considered["s-3"]["why_not"] == "担当件数が上限に達しているため、対象外です。"


async def test_a_relation_is_the_reason_for_the_others(assigned: Service) -> None:
    [shown] = await get(assigned, "/handoffs/h-3/assignments")
    assert (shown["member_id"], shown["basis"]) == ("s-2", "relation")
    why_not = {each["member_id"]: each["why_not"] for each in shown["considered"]}
    assert why_not["s-1"] == "この自治体をすでに担当しているs-2が優先されました。"


async def test_a_rotation_is_read_as_handoffs_the_largest_deficit_first(assigned: Service) -> None:
    assert await get(assigned, "/rotations/kanto/field_sales") == {
        "team_id": "kanto",
        "role": "field_sales",
        "handoffs": 3,
        "accounts": [
            account("s-1", 1, 1.5, 1, 0.5, 1),
            account("s-3", 1, 0.0, 0, 0.0, 0),
            account("s-2", 1, 1.5, 2, -0.5, 3),
        ],
    }


@pytest.mark.parametrize("path", ["/rotations/-/field_sales", "/rotations/kanto/inside_sales"])
async def test_a_rotation_that_assigned_nothing_is_empty_or_even(
    assigned: Service, path: str
) -> None:
    shown = await get(assigned, path)
    assert shown["handoffs"] == 0
    assert {each["deficit"] for each in shown["accounts"]} <= {0.0}


async def test_a_handoff_given_by_name_has_no_assignment(assigned: Service) -> None:
    await record(assigned, waiting("h-9", MONDAY, to="s-1"))
    assert await get(assigned, "/handoffs/h-9/assignments") == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/handoffs/h-0/assignments", 404),
        ("/rotations/kansai/field_sales", 404),
        ("/rotations/kanto/boss", 422),
        ("/rotations/--/field_sales", 422),
    ],
)
async def test_what_is_not_there_is_said(assigned: Service, path: str, status: int) -> None:
    assert (await assigned.http.get(path)).status_code == status


async def test_reading_them_needs_the_scope(assigned: Service) -> None:
    nothing = assigned.token("handoff:teams:write")
    for path in ("/handoffs/h-1/assignments", "/rotations/kanto/field_sales"):
        assert (await assigned.http.get(path, headers=nothing)).status_code == 403


def account(
    member: str, share: int, entitled: float, assigned: int, deficit: float, last: int
) -> dict[str, Any]:
    return {
        "member_id": member,
        "share": share,
        "entitled": entitled,
        "assigned": assigned,
        "deficit": deficit,
        "last": last,
    }
