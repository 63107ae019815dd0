"""A contact is in a lower playbook when a higher one is entered: the lower one stands still."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from followup.precedences.service import Precedences
from followup.sequences.client import SequenceWorkflows
from followup.sequences.service import Sequences
from kakehashi_common.errors import TransientError
from kakehashi_common.settings import TemporalSettings
from kakehashi_common.temporal.client import lazy_client
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, CALLING, ENTRY, PLAYBOOK
from tests.support.waiting import eventually

HIGHER = PLAYBOOK.replace("id: greeting", "id: more-urgent").replace("y: 30", "y: 90")
HELD = "優先度の高いプレイブックを実施中のため、その終了まで一時停止しています"


async def enter(service: Service, playbook_id: str) -> str:
    entered = await service.call("POST", "/sequences", ENTRY | {"playbook_id": playbook_id})
    sequence_id: str = entered["sequence_id"]
    return sequence_id


async def shown(service: Service, sequence_id: str) -> dict[str, Any]:
    return await service.call("GET", f"/sequences/{sequence_id}")


async def settled(service: Service) -> None:
    """Wait until nothing is left to be paused or resumed."""

    async def nothing_to_do() -> bool:
        return await service.precedences.look() == 0

    await eventually(nothing_to_do, what="the order of the contact's sequences")


async def stands_still(service: Service, sequence_id: str) -> bool:
    return HELD in (await shown(service, sequence_id))["ja"]


async def test_the_lower_one_stands_still_until_the_higher_one_has_ended(
    at_work: Service,
) -> None:
    await at_work.playbooks.publish(HIGHER, ACTOR)
    lower = await enter(at_work, "greeting")
    await settled(at_work)
    assert not (await shown(at_work, lower))["paused"]
    higher = await enter(at_work, "more-urgent")
    await settled(at_work)
    assert await stands_still(at_work, lower)
    assert not (await shown(at_work, higher))["paused"]

    await at_work.call("POST", f"/sequences/{higher}/stop", {"by": "s-1"})
    await settled(at_work)
    assert (await shown(at_work, lower))["status"] == "awaiting_approval"
    history = (await at_work.call("GET", f"/sequences/{lower}/history"))["items"]
    assert [each["kind"] for each in history[-2:]] == ["paused", "resumed"]


async def test_of_two_that_begin_at_the_same_instant_only_the_higher_one_goes_on(
    at_work: Service,
) -> None:
    await at_work.playbooks.publish(HIGHER, ACTOR)
    lower, higher = await asyncio.gather(enter(at_work, "greeting"), enter(at_work, "more-urgent"))
    await settled(at_work)
    assert await stands_still(at_work, lower)
    assert (await shown(at_work, higher))["status"] == "awaiting_approval"


async def test_a_playbook_that_only_gives_tasks_neither_holds_nor_is_held(
    at_work: Service,
) -> None:
    await at_work.playbooks.publish(HIGHER, ACTOR)
    tasks_only = CALLING.replace("id: calling", "id: calls-first").replace("y: 20", "y: 99")
    for each in (CALLING, tasks_only):
        await at_work.playbooks.publish(each, ACTOR)
    entered = [await enter(at_work, each) for each in ("calling", "more-urgent", "calls-first")]
    assert await at_work.precedences.look() == 0
    assert [(await shown(at_work, each))["paused"] for each in entered] == [False] * 3


async def test_nobody_resumes_it_while_the_higher_one_is_open_and_an_absence_goes_before(
    at_work: Service,
) -> None:
    await at_work.playbooks.publish(HIGHER, ACTOR)
    lower, _ = await enter(at_work, "greeting"), await enter(at_work, "more-urgent")
    await settled(at_work)
    path = f"/sequences/{lower}"
    assert await at_work.refused("POST", f"{path}/resume", {"by": "s-1"}) == (
        409,
        "higher_playbook_open",
    )
    away = {"reason": "out_of_office", "until": str(datetime.now(UTC) + timedelta(days=3))}
    await at_work.call("POST", f"{path}/pause", away | {"by": "s-1"})
    await settled(at_work)
    assert "相手先の不在" in (await shown(at_work, lower))["ja"]
    await at_work.call("POST", f"{path}/resume", {"by": "s-1"})
    await settled(at_work)
    assert await stands_still(at_work, lower)


async def test_what_was_not_done_while_temporal_was_away_is_done_once(at_work: Service) -> None:
    await at_work.playbooks.publish(HIGHER, ACTOR)
    lower, _ = await enter(at_work, "greeting"), await enter(at_work, "more-urgent")
    nowhere = lazy_client(TemporalSettings(address="127.0.0.1:9", task_queue="none"))
    away = Sequences(at_work.database, SequenceWorkflows(nowhere, "none"), at_work.playbooks)
    with pytest.raises(TransientError):
        await Precedences(at_work.database, away).look()
    again = Precedences(at_work.database, at_work.sequences)
    await asyncio.gather(again.look(), at_work.precedences.look())
    await settled(at_work)
    history = (await at_work.call("GET", f"/sequences/{lower}/history"))["items"]
    assert [each["kind"] for each in history].count("paused") == 1


async def test_while_the_pause_is_on_its_way_nothing_is_asked_or_planned(
    at_work: Service,
) -> None:
    await at_work.playbooks.publish(HIGHER, ACTOR)
    await enter(at_work, "more-urgent")
    lower = await enter(at_work, "greeting")
    state = await shown(at_work, lower)
    assert (state["status"], state["approval_id"]) == ("scheduled", None)
    assert "優先度の高いプレイブック" in state["why_then"]
    await settled(at_work)
    assert await stands_still(at_work, lower)
