"""Sellers' activities are stored once, corrected, and recognised by their handoffs."""

from datetime import timedelta
from typing import Any

import pytest

from handoff.domain.handoff.commands import AnswerLead, RecordContact, RecordMeeting
from handoff.domain.handoff.terms import Status
from handoff.seller_activities.service import SellerActivities
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.seller_activities import SellerActivityRecorded
from kakehashi_common.errors import TransientError
from tests.support.handoff_api import Service
from tests.support.handoff_deciding import Handoffs
from tests.support.handoff_rows import record
from tests.support.handoffs import Life, at
from tests.support.received import received

BEGAN = at("2026-11-30 10:00")
CALLED = BEGAN + timedelta(hours=1)
CALL: dict[str, Any] = {
    "activity_id": "a-1",
    "member_id": "fs-1",
    "role": "field_sales",
    "kind": "call",
    "reached": True,
    "lead_id": "lead-1",
}


def said(
    event_id: str | None = None, *, when: timedelta = timedelta(), **data: Any
) -> Received[Any]:
    recorded = SellerActivityRecorded.model_validate(CALL | data)
    return received(recorded, CALLED + when, event_id=event_id)


@pytest.fixture
def handoffs(service: Service) -> Handoffs:
    service.clock.instant = BEGAN + timedelta(days=2)
    return Handoffs(service)


@pytest.fixture
def activities(service: Service, handoffs: Handoffs) -> SellerActivities:
    return SellerActivities(service.database, handoffs.send)


@pytest.fixture(autouse=True)
async def assigned(service: Service) -> None:
    life = Life("2026-11-30 10:00", lead_created_at=at("2026-11-30 09:00"))
    await record(service, life.state)


async def shown(service: Service, **asked: str) -> list[dict[str, Any]]:
    answer = await service.http.get("/seller-activities", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_call_of_the_owner_is_the_first_contact_once(
    service: Service, activities: SellerActivities, handoffs: Handoffs
) -> None:
    call = said()
    for _ in range(3):
        await activities.take_in([call])
    assert handoffs.sent == [("h-1", RecordContact(CALLED, "fs-1", "a-1"))]
    state = await handoffs.state("h-1")
    assert (state.status, state.contacted_at) == (Status.CONTACTED, CALLED)
    [activity] = await shown(service, lead_id="lead-1")
    assert activity["at"] == "2026-11-30T11:00:00+09:00"
    assert activity["recognition"] == {
        "handoff_id": "h-1",
        "recognised_as": "first_contact_made",
        "refusal_code": None,
        "refusal": None,
    }


async def test_a_visit_is_the_first_meeting_and_a_mail_of_the_sender_the_first_answer(
    activities: SellerActivities, handoffs: Handoffs
) -> None:
    mail: dict[str, Any] = {
        "activity_id": "m-1",
        "member_id": "is-1",
        "role": "inside_sales",
        "kind": "mail",
    }
    visit: dict[str, Any] = {"activity_id": "v-1", "kind": "visit"}
    await activities.take_in([said(**mail), said(**visit, when=timedelta(hours=2))])
    assert handoffs.sent == [
        ("h-1", AnswerLead(CALLED, "is-1")),
        ("h-1", RecordMeeting(CALLED + timedelta(hours=2), "fs-1", "v-1")),
    ]
    assert (await handoffs.state("h-1")).status is Status.MET


@pytest.mark.parametrize(
    "differences",
    [
        {"lead_id": "lead-9"},
        {"lead_id": None},
        {"deal_id": "d-9", "lead_id": None},
        {"member_id": "fs-2"},
        {"reached": False},
        {"kind": "administration", "lead_id": None},
    ],
    ids=["unknown lead", "no lead", "unknown deal", "somebody else", "an attempt", "no contact"],
)
async def test_it_is_stored_and_no_handoff_is_notified(
    service: Service,
    activities: SellerActivities,
    handoffs: Handoffs,
    differences: dict[str, Any],
) -> None:
    await activities.take_in([said(**differences)])
    assert handoffs.sent == []
    [activity] = await shown(service)
    assert activity["recognition"]["handoff_id"] is None


async def test_an_activity_about_a_deal_is_about_its_leads(
    service: Service, activities: SellerActivities, handoffs: Handoffs
) -> None:
    await service.put("/deals/d-1", {"stage": "interest", "lead_ids": ["lead-1"]})
    await activities.take_in([said(deal_id="d-1", lead_id=None)])
    assert handoffs.sent == [("h-1", RecordContact(CALLED, "fs-1", "a-1"))]


async def test_why_a_handoff_refuses_an_activity_is_kept(
    service: Service, activities: SellerActivities, handoffs: Handoffs
) -> None:
    early = said(when=timedelta(days=-1))
    for _ in range(2):
        await activities.take_in([early])
    [activity] = await shown(service, member_id="fs-1")
    found = activity["recognition"]
    assert (found["handoff_id"], found["recognised_as"]) == ("h-1", None)
    assert found["refusal_code"] == "before_assignment"
    assert "lies before the assignment" in found["refusal"]
    assert len(handoffs.sent) == 1


async def test_a_correction_counts_and_an_older_statement_that_comes_again_does_not(
    service: Service, activities: SellerActivities, handoffs: Handoffs
) -> None:
    attempt, call = said("e-1", reached=False), said("e-2", minutes=7)
    await activities.take_in([attempt])
    await activities.take_in([call])
    await activities.take_in([attempt])
    [activity] = await shown(service)
    assert (activity["reached"], activity["minutes"]) == (True, 7)
    assert activity["recognition"]["recognised_as"] == "first_contact_made"
    assert len(handoffs.sent) == 1


async def test_what_was_recognised_before_a_crash_is_known_after_it(
    service: Service, activities: SellerActivities, handoffs: Handoffs
) -> None:
    call = said()
    await activities.take_in([call])
    # Its handoff has been told, but the process died before that was stored.
    await service.fetch("update seller_activity set examined = false, recognised_as = null")
    await activities.take_in([call])
    [activity] = await shown(service)
    assert activity["recognition"]["recognised_as"] == "first_contact_made"
    assert len(handoffs.sent) == 1


async def test_a_batch_that_failed_notifies_the_handoff_when_it_comes_again(
    service: Service, activities: SellerActivities, handoffs: Handoffs
) -> None:
    handoffs.away = True
    call = said()
    with pytest.raises(TransientError):
        await activities.take_in([call])
    assert [each["recognition"] for each in await shown(service)] == [None]
    handoffs.away = False
    await activities.take_in([call])
    assert (await handoffs.state("h-1")).status is Status.CONTACTED


async def test_activities_are_listed_the_newest_first(
    service: Service, activities: SellerActivities
) -> None:
    hour = timedelta(hours=1)
    await activities.take_in(
        [said(activity_id=f"a-{n}", member_id="fs-7", when=n * hour) for n in range(3)]
        + [said(activity_id="a-9", member_id="fs-8", when=hour)]
    )
    assert [each["activity_id"] for each in await shown(service, member_id="fs-7")] == [
        "a-2",
        "a-1",
        "a-0",
    ]
    page = (await service.http.get("/seller-activities", params={"limit": "2"})).json()
    assert [each["activity_id"] for each in page["items"]] == ["a-2", "a-1"]
    rest = await shown(service, cursor=page["next_cursor"])
    assert [each["activity_id"] for each in rest] == ["a-9", "a-0"]
