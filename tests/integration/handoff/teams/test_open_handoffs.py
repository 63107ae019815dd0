"""Members with open handoffs can't be deleted, and keep them when they become inactive."""

from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from handoff.domain.handoff.state import FurtherOwner
from handoff.domain.teams.members import Function
from tests.support.handoff_api import Service
from tests.support.handoff_rows import record, waiting

MONDAY = "2026-11-30 10:00"
MEMBER: dict[str, Any] = {
    "team_id": "kanto",
    "name": "佐藤 花子",
    "roles": ["field_sales"],
    "capacity": 20,
}
HANAKO = "/members/s-1"
FURTHER = (FurtherOwner(Function.COUNCIL_LIAISON, "s-1"),)


@pytest_asyncio.fixture
async def entered(service: Service) -> Service:
    """A team with one member."""
    await service.put("/teams/kanto", {"name": "関東営業部", "hours": {"monday": ["09:00-18:00"]}})
    await service.put(HANAKO, MEMBER)
    return service


@pytest.mark.parametrize(
    ("differences", "columns", "named"),
    [
        ({}, {"owner": "s-1"}, True),
        ({}, {"carried_by": "s-1"}, True),
        ({"further_owners": FURTHER}, {"owner": "s-2"}, True),
        ({}, {"owner": "s-2"}, False),
        ({}, {"owner": "s-1", "is_open": False}, False),
        ({"further_owners": FURTHER}, {"owner": "s-1", "is_open": False}, False),
    ],
    ids=["owner", "just assigned", "further owner", "another's", "ended", "ended, further owner"],
)
async def test_who_is_named_in_an_open_handoff_is_not_deleted(
    entered: Service,
    differences: dict[str, Any],
    columns: dict[str, Any],
    named: bool,  # noqa: FBT001 - a column of the table
) -> None:
    await record(entered, replace(waiting("h-1", MONDAY), **differences), **columns)
    inactive = await entered.put(HANAKO, MEMBER | {"active": False})
    assert inactive["open_handoffs"] == named
    answer = await entered.http.delete(HANAKO)
    if not named:
        assert answer.status_code == 204
        return
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "member_in_use")
    assert "s-1 is named in open handoff h-1: make" in problem["detail"]
    assert "/v1/members/s-1/reassignment" in problem["detail"]
    assert (await entered.http.get(HANAKO)).status_code == 200


async def test_of_several_handoffs_the_first_one_is_named(entered: Service) -> None:
    for number in (3, 1, 2):
        await record(entered, waiting(f"h-{number}", MONDAY), owner="s-1")
    detail = (await entered.http.delete(HANAKO)).json()["detail"]
    assert "handoff h-1, and in 2 more: " in detail
