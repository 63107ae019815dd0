"""Open work of a seller who is away goes to somebody else."""

from datetime import timedelta
from typing import Any

from followup import tables
from tests.support.followup_api import Service
from tests.support.followup_examples import ENTRY, SELLER
from tests.support.waiting import eventually


async def is_away(service: Service, seller_id: str, days: int = 30, **more: Any) -> None:
    """Have a seller be away since yesterday, for so many days more."""
    now = service.clock.now()
    absence = {
        "starts": (now - timedelta(days=1)).isoformat(),
        "ends": (now + timedelta(days=days)).isoformat(),
        **more,
    }
    await service.call("PUT", f"/sellers/{seller_id}/absences/leave", absence)


async def asked_for(service: Service) -> str:
    """Have a contact enter the playbook, and return the path of the approval."""
    status = await service.call("POST", "/sequences", ENTRY)
    shown = await service.call("GET", f"/sequences/{status['sequence_id']}")
    return f"/approvals/{shown['approval_id']}"


async def task_of(service: Service) -> str:
    """Have a contact come to the playbook's call, and return the path of the task."""
    status = await service.call("POST", "/sequences", ENTRY)
    for step in ("hello", "reaction"):
        path = f"/sequences/{status['sequence_id']}/skip"
        await service.call("POST", path, {"step_id": step})

    async def opened() -> bool:
        return bool((await service.call("GET", "/tasks"))["items"])

    await eventually(opened, what="the task")
    [task] = (await service.call("GET", "/tasks"))["items"]
    return f"/tasks/{task['task_id']}"


async def audited(service: Service) -> list[tuple[str, Any, Any]]:
    table = tables.audit_table
    async with service.database.transaction() as connection:
        query = table.select().where(table.c.who == "system:reassignments").order_by(table.c.id)
        return [(row.what, row.before, row.after) for row in await connection.execute(query)]


async def test_an_approval_goes_to_the_deputy_and_shows_whose_it_was(at_work: Service) -> None:
    await at_work.call("PUT", "/sellers/s-2", SELLER)
    path = await asked_for(at_work)
    await is_away(at_work, "s-1", deputy="s-2")

    assert await at_work.reassignments.look() == 1
    assert await at_work.reassignments.look() == 0

    shown = await at_work.call("GET", path)
    assert (shown["approver"], shown["moved_from"]) == ("s-2", "s-1")
    assert await audited(at_work) == [
        ("move_approval", {"approver": "s-1"}, {"approver": "s-2", "absence": "leave"})
    ]
    delegated = await at_work.call("POST", f"{path}/delegate", {"to": "s-1"})
    assert (delegated["approver"], delegated["moved_from"]) == ("s-1", None)


async def test_without_a_deputy_anybody_may_approve(at_work: Service) -> None:
    path = await asked_for(at_work)
    await is_away(at_work, "s-1")
    await at_work.reassignments.look()
    shown = await at_work.call("GET", path)
    assert (shown["approver"], shown["moved_from"]) == (None, "s-1")


async def test_a_task_goes_to_the_deputy_only_if_it_is_due_before_the_owner_is_back(
    at_work: Service,
) -> None:
    await at_work.call("PUT", "/sellers/s-2", SELLER)
    path = await task_of(at_work)
    await is_away(at_work, "s-1", days=1, deputy="s-2")
    due = (await at_work.call("GET", path))["due_at"]
    async with at_work.database.raw_transaction() as connection:
        await connection.execute("update absence set ends = $1::text::timestamptz", due)
    assert await at_work.reassignments.look() == 0
    await is_away(at_work, "s-1", deputy="s-2")
    assert await at_work.reassignments.look() == 1
    shown = await at_work.call("GET", path)
    assert (shown["owner"], shown["moved_from"]) == ("s-2", "s-1")


async def test_a_task_goes_to_whoever_approves_for_the_owner_or_stays(at_work: Service) -> None:
    path = await task_of(at_work)
    await is_away(at_work, "s-1")
    assert await at_work.reassignments.look() == 0
    assert (await at_work.call("GET", path))["owner"] == "s-1"
    await at_work.call("PUT", "/sellers/s-2", SELLER)
    await at_work.call("PUT", "/sellers/s-1", SELLER | {"approver": "s-2"})
    assert await at_work.reassignments.look() == 1
    assert (await at_work.call("GET", path))["owner"] == "s-2"


async def test_absences_are_listed_replaced_and_deleted(at_work: Service) -> None:
    path = "/sellers/s-1/absences"
    absence = {"starts": "2026-12-28T09:00:00+09:00", "ends": "2027-01-05T09:00:00+09:00"}
    await at_work.call("PUT", f"{path}/new-year", absence)
    later = absence | {"ends": "2027-01-06T09:00:00+09:00"}
    entered = await at_work.call("PUT", f"{path}/new-year", later)
    listed = await at_work.http.get(path)
    assert listed.json() == [entered]
    assert entered == later | {"absence_id": "new-year", "seller_id": "s-1", "deputy": None}
    await at_work.call("DELETE", f"{path}/new-year")
    await at_work.call("DELETE", f"{path}/new-year")
    assert (await at_work.http.get(path)).json() == []


async def test_an_absence_that_makes_no_sense_is_refused(at_work: Service) -> None:
    path = "/sellers/s-1/absences/leave"
    absence = {"starts": "2026-12-28T09:00:00+09:00", "ends": "2027-01-05T09:00:00+09:00"}
    turned = {"starts": absence["ends"], "ends": absence["starts"]}
    assert await at_work.refused("PUT", path, turned) == (422, "absence_out_of_order")
    for nobody in ("s-1", "s-9"):
        assert await at_work.refused("PUT", path, absence | {"deputy": nobody}) == (
            422,
            "unknown_seller",
        )
    unknown = "/sellers/s-9/absences/leave"
    assert await at_work.refused("PUT", unknown, absence) == (404, "not_found")


async def test_who_had_it_first_is_named_when_the_deputy_is_away_too(at_work: Service) -> None:
    for seller_id in ("s-2", "s-3"):
        await at_work.call("PUT", f"/sellers/{seller_id}", SELLER)
    path = await asked_for(at_work)
    await is_away(at_work, "s-1", deputy="s-2")
    assert await at_work.reassignments.look() == 1
    await is_away(at_work, "s-2", deputy="s-3")
    assert await at_work.reassignments.look() == 1
    shown = await at_work.call("GET", path)
    assert (shown["approver"], shown["moved_from"]) == ("s-3", "s-1")
