"""Open work and sequences of a seller who has left go to whoever does their work."""

from typing import Any

import pytest

from followup.reassignments.service import Reassignments
from followup.sellers.successors import working
from followup.sequences.client import SequenceWorkflows
from followup.sequences.names import workflow_id
from followup.sequences.service import Sequences
from kakehashi_common.errors import TransientError
from kakehashi_common.settings import TemporalSettings
from kakehashi_common.temporal.client import lazy_client
from kakehashi_common.temporal.search_attributes import OWNER
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, CALLING, ENTRY, SELLER
from tests.support.waiting import eventually

GONE = SELLER | {"active": False}


async def hired(at_work: Service, **sellers: dict[str, object]) -> None:
    for seller_id, more in sellers.items():
        await at_work.call("PUT", f"/sellers/{seller_id.replace('_', '-')}", SELLER | more)


async def the_one(at_work: Service, path: str) -> dict[str, Any]:
    """Wait for the one approval or task that is open, and return it."""
    found: list[dict[str, Any]] = []

    async def is_there() -> bool:
        found[:] = (await at_work.call("GET", path))["items"]
        return len(found) == 1

    await eventually(is_there, what=f"one of {path}")
    return found[0]


@pytest.mark.parametrize(
    ("superior_works", "default_owner", "works"),
    [(True, "s-9", "s-2"), (False, "s-9", "s-9"), (False, "s-2", None), (False, None, None)],
)
async def test_a_superior_then_the_default_owner_does_the_work_of_who_has_left(
    at_work: Service, *, superior_works: bool, default_owner: str | None, works: str | None
) -> None:
    await hired(at_work, s_2={"active": superior_works}, s_9={})
    await at_work.call("PUT", "/sellers/s-1", GONE | {"approver": "s-2"})
    async with at_work.database.raw_transaction() as connection:
        found = await working(connection, "s-1", default_owner)
    assert (None if found is None else found.seller_id) == works


async def test_open_approvals_and_tasks_move_and_what_follows_is_the_successors(
    at_work: Service,
) -> None:
    two_calls = CALLING.replace("id: calling", "id: called-twice").replace(
        "steps:\n",
        "steps:\n  - {id: first, kind: call_task, title: 一回目, due_business_days: 9}\n",
    )
    await at_work.playbooks.publish(two_calls, ACTOR)
    await hired(at_work, s_2={"name": "鈴木 次郎"})
    await at_work.call("POST", "/sequences", ENTRY)
    await at_work.call("POST", "/sequences", ENTRY | {"playbook_id": "called-twice"})
    await at_work.call("PUT", "/sellers/s-1", GONE | {"approver": "s-2"})

    assert await at_work.reassignments.look() == 4
    assert await at_work.reassignments.look() == 0

    approval, task = await the_one(at_work, "/approvals"), await the_one(at_work, "/tasks")
    assert (approval["approver"], approval["moved_from"]) == ("s-2", "s-1")
    assert (task["owner"], task["moved_from"]) == ("s-2", "s-1")
    await at_work.call("POST", f"/tasks/{task['task_id']}/complete", {"by": "s-2"})
    following = await the_one(at_work, "/tasks")
    assert (following["step_id"], following["owner"]) == ("call", "s-2")

    again = ENTRY | {"playbook_id": "greeting", "lead_id": "crm-1"}
    await at_work.call(
        "POST", f"/approvals/{approval['approval_id']}/reject", {"by": "s-2", "reason": "改める"}
    )
    await at_work.call("POST", "/sequences", again)
    asked = await the_one(at_work, "/approvals")
    assert "鈴木 次郎です" in asked["text"], "what is written from now on is in the new name"


async def test_what_nobody_is_there_for_anybody_may_approve(at_work: Service) -> None:
    await at_work.call("POST", "/sequences", ENTRY)
    await at_work.call("PUT", "/sellers/s-1", GONE)
    await at_work.reassignments.look()
    (approval,) = (await at_work.call("GET", "/approvals"))["items"]
    assert (approval["approver"], approval["moved_from"]) == (None, "s-1")


async def test_sequences_and_lists_by_owner_are_the_successors(at_work: Service) -> None:
    await hired(at_work, s_2={}, s_3={})
    await at_work.playbooks.publish(CALLING, ACTOR)
    entered = await at_work.call("POST", "/sequences", ENTRY)
    others = await at_work.call(
        "POST", "/sequences", ENTRY | {"playbook_id": "calling", "owner": "s-3"}
    )
    await at_work.call("PUT", "/sellers/s-1", GONE | {"approver": "s-2"})
    await at_work.reassignments.look()

    sequence_id = entered["sequence_id"]
    for owner, owned in {"s-1": [], "s-2": [sequence_id], "s-3": [others["sequence_id"]]}.items():
        listed = (await at_work.call("GET", f"/sequences?owner={owner}"))["items"]
        assert [each["sequence_id"] for each in listed] == owned
    history = (await at_work.call("GET", f"/sequences/{sequence_id}/history"))["items"]
    assert history[-1]["ja"] == "担当者をs-1からs-2に変更"
    its_id = workflow_id(sequence_id, at_work.beside.prefix)
    described = await at_work.temporal.get_workflow_handle(its_id).describe()
    assert described.typed_search_attributes.get(OWNER) == "s-2"


async def test_sequences_change_hands_once_temporal_answers_again(at_work: Service) -> None:
    await hired(at_work, s_2={})
    entered = await at_work.call("POST", "/sequences", ENTRY)
    await at_work.call("PUT", "/sellers/s-1", GONE | {"approver": "s-2"})
    path = f"/sequences/{entered['sequence_id']}"
    nowhere = lazy_client(TemporalSettings(address="127.0.0.1:9", task_queue="none"))
    alone = Sequences(at_work.database, SequenceWorkflows(nowhere, "none"), at_work.playbooks)
    with pytest.raises(TransientError):
        await Reassignments(at_work.database, alone, at_work.clock, default_owner=None).look()
    assert (await at_work.call("GET", path))["owner"] == "s-1"
    await at_work.reassignments.look()
    assert (await at_work.call("GET", path))["owner"] == "s-2"
