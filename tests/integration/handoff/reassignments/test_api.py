"""Reassigning the handoffs of a member who leaves: with a worker, real PostgreSQL and Temporal."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from handoff.domain.handoff.commands import NameFurtherOwner
from handoff.domain.teams.members import Function
from tests.support.handoff_api import Service
from tests.support.handoffs import a_request

DAY = ["09:00-12:00", "13:00-18:00"]
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), DAY)
SELLER: dict[str, Any] = {
    "team_id": "east",
    "name": "営業 担当",
    "roles": ["field_sales"],
    "capacity": 20,
}
KIRYU, MAEBASHI, TAKASAKI = "102032", "102016", "102024"


@pytest_asyncio.fixture
async def at_work(service: Service) -> AsyncIterator[Service]:
    """Two handoffs of fs-1, one of fs-2 with fs-1 as a further owner, and fs-3 without any."""
    await service.put("/teams/east", {"name": "東日本営業部", "hours": WEEK})
    for number in (1, 2, 3):
        await service.put(f"/members/fs-{number}", SELLER)
    async with service.working():
        for handoff_id, code, to in (
            ("h-1", KIRYU, "fs-1"),
            ("h-2", MAEBASHI, "fs-1"),
            ("h-3", TAKASAKI, "fs-2"),
        ):
            lead = {"lead_id": f"crm-{handoff_id}", "municipality_code": code, "sender": None}
            await service.handoffs.start(a_request(handoff_id=handoff_id, to=to, **lead))
        further = NameFurtherOwner("lead", Function.COUNCIL_LIAISON, "fs-1")
        await service.handoffs.send("h-3", further)
        yield service
    await service.end()


async def leave(service: Service, member_id: str = "fs-1", **body: Any) -> dict[str, Any]:
    answer = await service.http.post(
        f"/members/{member_id}/reassignment", json={"reason": "member_left", **body}
    )
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_who_leaves_gives_everything_away_and_a_repeat_changes_nothing(
    at_work: Service,
) -> None:
    await at_work.put("/members/fs-1", SELLER | {"active": False})
    shown = await leave(at_work)
    assert (shown["member_id"], shown["refused"]) == ("fs-1", 0)
    assert [
        (each["handoff_id"], each["outcome"], each["function"]) for each in shown["handoffs"]
    ] == [
        ("h-1", "reassigned", None),
        ("h-2", "reassigned", None),
        ("h-3", "removed", "council_liaison"),
    ]
    assert {each["owner"] for each in shown["handoffs"]} <= {"fs-2", "fs-3"}
    assert (await leave(at_work))["handoffs"] == []
    assert (await at_work.http.delete("/members/fs-1")).status_code == 204


async def test_they_may_all_go_to_one_member(at_work: Service) -> None:
    shown = await leave(at_work, to="fs-3")
    assert [each["owner"] for each in shown["handoffs"]] == ["fs-3", "fs-3", "fs-2"]
    assert {each["status"] for each in shown["handoffs"]} == {"assigned"}
    loads = await at_work.fetch("select handoff_id, carried_by from handoff order by 1")
    assert [each["carried_by"] for each in loads] == ["fs-3", "fs-3", "fs-2"]


async def test_who_was_away_may_get_it_again(at_work: Service) -> None:
    for member in ("fs-2", "fs-3"):
        await at_work.put(f"/members/{member}", SELLER | {"active": False})
    absent = await leave(at_work, reason="member_absent")
    assert [each["owner"] for each in absent["handoffs"]][:2] == ["fs-1", "fs-1"]
    left = await leave(at_work)
    assert [(each["status"], each["owner"]) for each in left["handoffs"]] == [
        ("unassigned", None),
        ("unassigned", None),
    ]


async def test_one_that_refuses_stops_no_other(at_work: Service) -> None:
    await at_work.put("/members/is-1", SELLER | {"roles": ["inside_sales"]})
    shown = await leave(at_work, to="is-1")
    assert shown["refused"] == 2
    assert [each["outcome"] for each in shown["handoffs"]] == ["refused", "refused", "removed"]
    assert all(each["detail"] for each in shown["handoffs"][:2])


@pytest.mark.parametrize(
    ("member_id", "body", "status", "code"),
    [
        ("fs-9", {"reason": "member_left"}, 404, "not_found"),
        ("fs-1", {"reason": "decided"}, 422, "validation_failed"),
        ("fs-1", {"reason": "member_left", "to": "fs-1"}, 422, "already_the_owner"),
        ("fs-1", {"reason": "member_left", "to": "fs-9"}, 422, "unknown_member"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    service: Service, member_id: str, body: dict[str, str], status: int, code: str
) -> None:
    await service.put("/teams/east", {"name": "東日本営業部", "hours": WEEK})
    await service.put("/members/fs-1", SELLER)
    answer = await service.http.post(f"/members/{member_id}/reassignment", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_it_needs_the_scope(service: Service) -> None:
    reader = service.token("handoff:read", "handoff:teams:write")
    answer = await service.http.post(
        "/members/fs-1/reassignment", json={"reason": "member_left"}, headers=reader
    )
    assert answer.status_code == 403
