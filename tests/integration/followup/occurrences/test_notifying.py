"""Statements of other services reach open sequences: real PostgreSQL and Temporal."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.commands import Enter
from followup.domain.triggers.reasons import Reason
from followup.occurrences import repository
from followup.occurrences.service import Occurrences
from followup.sequences.client import SequenceWorkflows
from followup.sequences.names import workflow_id
from followup.sequences.service import Sequences
from followup.triggers.behaviour_repository import SeenBehaviour, save_seen
from kakehashi_common.clock import FixedClock, japan_day
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.lead_events import ActivityRecorded
from kakehashi_common.contracts.seller_activities import SellerActivityRecorded
from kakehashi_common.domain.texts import Text
from kakehashi_common.errors import TransientError
from kakehashi_common.settings import TemporalSettings
from kakehashi_common.temporal.client import lazy_client
from tests.support.budget_events import phase_entered
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, ENTRY, introduce
from tests.support.handoff_events import deal_changed, handoff_step
from tests.support.received import received
from tests.support.waiting import eventually

SEASONAL = """
id: seasonal
name: 査定の時期のご案内
description: 財政課の査定が始まったら電話する。
audience: {roles: [officer]}
entry: {reasons: [assessment_under_way]}
priority: 20
goal: {occurrences: [meeting_booked, deal_won]}
steps:
  - {id: season, kind: wait, phase: finance_assessment, at_most_days: 400}
  - {id: call, kind: call_task, title: お電話, due_business_days: 2}
"""
MINUTE = timedelta(minutes=1)


def now() -> datetime:
    return datetime.now(UTC)


def activity(at: datetime, **said: Any) -> Received[Any]:
    data = {
        "activity_id": f"{at:%Y%m%d}",
        "member_id": "s-1",
        "role": "field_sales",
        "kind": "meeting",
        "reached": True,
        "lead_id": "crm-1",
        **said,
    }
    return received(SellerActivityRecorded.model_validate(data), at)


def accepted(at: datetime) -> Received[Any]:
    return handoff_step("accepted", at=at, handoff_id=f"{at:%Y%m%d}")


async def entered(service: Service, **differences: Any) -> str:
    status = await service.call("POST", "/sequences", ENTRY | differences)
    sequence_id: str = status["sequence_id"]
    return sequence_id


async def shown(service: Service, sequence_id: str) -> tuple[str, str | None]:
    sequence = await service.call("GET", f"/sequences/{sequence_id}")
    return sequence["status"], sequence["end_reason"]


async def kinds(service: Service, sequence_id: str) -> list[str]:
    history = await service.call("GET", f"/sequences/{sequence_id}/history")
    return [each["kind"] for each in history["items"]]


async def pending(service: Service) -> int:
    async with service.database.raw_transaction() as connection:
        count: int = await connection.fetchval(
            "select count(*) from occurrence where look_at is not null"
        )
    return count


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (accepted, "handoff_accepted"),
        (
            lambda at: received(ActivityRecorded(lead_id="crm-1", kind="meeting_held"), at),
            "meeting_booked",
        ),
        (activity, "meeting_booked"),
        (lambda at: activity(at, kind="call", outcome="appointment_made"), "meeting_booked"),
    ],
    ids=["handoff", "meeting", "seller's meeting", "appointment"],
)
async def test_an_event_ends_what_its_contact_is_in_once(
    at_work: Service, event: Callable[[datetime], Received[Any]], reason: str
) -> None:
    await introduce(at_work, "crm-2", email="x@city.kiryu.example.jp")
    sequence_id, other = await entered(at_work), await entered(at_work, lead_id="crm-2")
    before, after = event(now() - timedelta(days=3)), event(now())
    for batch in ([before], [after, after], [before, after]):
        await at_work.occurrences.save(batch)
        await at_work.occurrences.look()
    assert await shown(at_work, sequence_id) == ("stopped", reason)
    assert (await kinds(at_work, sequence_id))[-2:] == ["occurred", "stopped"]
    assert await shown(at_work, other) == ("awaiting_approval", None)
    assert await pending(at_work) == 0


async def test_what_happened_before_a_sequence_began_does_not_end_it(at_work: Service) -> None:
    early = accepted(now() - MINUTE)
    sequence_id = await entered(at_work)
    await at_work.occurrences.save([early])
    assert await at_work.occurrences.look() == 1
    assert await kinds(at_work, sequence_id) == ["started", "approval_requested"]


async def test_a_won_deal_reaches_the_goal_of_a_playbook_that_names_it(at_work: Service) -> None:
    await at_work.playbooks.publish(SEASONAL, ACTOR)
    greeting, seasonal = await entered(at_work), await entered(at_work, playbook_id="seasonal")
    lost = deal_changed(lead_ids=("crm-1",), outcome="lost", at=now(), deal_id="deal-2")
    won = deal_changed(lead_ids=("crm-1",), outcome="won", at=now())
    await at_work.occurrences.save([lost, won, won])
    await at_work.occurrences.look()
    assert await shown(at_work, seasonal) == ("stopped", "deal_won")
    assert (await shown(at_work, greeting))[0] == "awaiting_approval"
    assert (await kinds(at_work, greeting)).count("occurred") == 2


async def test_a_budget_phase_ends_the_wait_for_it_where_it_has_begun(at_work: Service) -> None:
    await at_work.playbooks.publish(SEASONAL, ACTOR)
    await introduce(at_work, "crm-2", municipality_code="131130", email="x@shibuya.example.jp")
    waiting = await entered(at_work, playbook_id="seasonal")
    elsewhere = await entered(
        at_work, playbook_id="seasonal", lead_id="crm-2", municipality_code="131130"
    )
    heedless = await entered(at_work)
    requests = phase_entered("department_requests", at=now() - MINUTE)
    assessment = phase_entered("finance_assessment", at=now())
    for batch in ([assessment], [requests], [assessment]):  # an earlier phase that comes late
        await at_work.occurrences.save(batch)
        await at_work.occurrences.look_at_municipalities()
    assert (await shown(at_work, waiting))[0] == "awaiting_task"
    assert (await kinds(at_work, waiting)).count("occurred") == 1
    assert (await shown(at_work, elsewhere))[0] == "resting"
    assert "occurred" not in await kinds(at_work, heedless)


async def test_what_a_killed_process_was_notifying_is_passed_on_again_and_changes_nothing(
    at_work: Service,
) -> None:
    sequence_id = await entered(at_work)
    clock = FixedClock(now())
    notifying = Occurrences(at_work.database, at_work.playbooks, at_work.sequences, clock)
    await notifying.save([accepted(now())])
    async with at_work.database.raw_transaction() as connection:  # it dies with this in hand
        [claimed] = await repository.claim(connection, clock.now(), MINUTE, 10, of_leads=True)
    assert claimed.kind is OccurrenceKind.HANDOFF_ACCEPTED
    assert await notifying.look() == 0
    clock.instant += MINUTE
    assert await notifying.look() == 1
    assert await shown(at_work, sequence_id) == ("stopped", "handoff_accepted")
    assert await pending(at_work) == 0


async def test_what_comes_while_temporal_is_away_is_passed_on_later(at_work: Service) -> None:
    sequence_id = await entered(at_work)
    clock = FixedClock(now())
    nowhere = lazy_client(TemporalSettings(address="127.0.0.1:9", task_queue="none"))
    away = Sequences(at_work.database, SequenceWorkflows(nowhere, "none"), at_work.playbooks)
    notifying = Occurrences(at_work.database, at_work.playbooks, away, clock)
    await notifying.save([accepted(now())])
    with pytest.raises(TransientError):
        await notifying.look()
    assert await pending(at_work) == 1
    clock.instant += MINUTE
    again = Occurrences(at_work.database, at_work.playbooks, at_work.sequences, clock)
    assert await again.look() == 1
    assert await shown(at_work, sequence_id) == ("stopped", "handoff_accepted")


async def test_a_sequence_that_begins_as_others_are_notified_is_notified_too(
    at_work: Service,
) -> None:
    clock = FixedClock(now())
    notifying = Occurrences(at_work.database, at_work.playbooks, at_work.sequences, clock)
    await notifying.save([accepted(now() + timedelta(hours=1))])
    async with at_work.database.raw_transaction() as connection:  # it sees no sequence yet
        [claimed] = await repository.claim(connection, clock.now(), MINUTE, 10, of_leads=True)
    sequence_id = await entered(at_work)
    async with at_work.database.raw_transaction() as connection:
        await repository.mark_notified(connection, claimed.occurrence_id, clock.now() + MINUTE)
    clock.instant = now()
    assert await notifying.look() == 1
    assert await shown(at_work, sequence_id) == ("stopped", "handoff_accepted")


async def test_one_that_was_terminated_hears_of_what_came_when_it_goes_on(
    at_work: Service,
) -> None:
    sequence_id = await entered(at_work)
    handle = at_work.temporal.get_workflow_handle(workflow_id(sequence_id, at_work.beside.prefix))
    await handle.terminate()
    await at_work.occurrences.save([accepted(now())])
    await at_work.occurrences.look()
    assert await pending(at_work) == 0
    again = Enter(sequence_id, "greeting", 1, "crm-1", "t-1", "new_contact", "s-1", owner="s-1")
    await at_work.sequences.enter(again)
    await at_work.occurrences.look()
    assert await shown(at_work, sequence_id) == ("stopped", "handoff_accepted")


async def test_who_enters_by_a_reason_knows_the_phase_of_their_municipality(
    at_work: Service,
) -> None:
    await at_work.playbooks.publish(SEASONAL, ACTOR)
    await at_work.occurrences.save([phase_entered("finance_assessment", at=now() - MINUTE)])
    today = japan_day(now())
    label = Text("査定中", "under assessment")
    reason = Reason("assessment_under_way", label, today, today, lead_id="crm-1", owner="s-1")
    await at_work.reasons.report([("r-1", reason)], ACTOR, dry_run=False)
    await at_work.entries.look()
    [seasonal] = await at_work.sequences.open_of("crm-1")
    assert await shown(at_work, seasonal.sequence_id) == ("awaiting_task", None)


async def test_who_enters_without_a_phase_hears_of_the_one_that_has_begun(
    at_work: Service,
) -> None:
    await at_work.playbooks.publish(SEASONAL, ACTOR)
    notifying = Occurrences(
        at_work.database, at_work.playbooks, at_work.sequences, FixedClock(now() - 10 * MINUTE)
    )
    await notifying.save([phase_entered("finance_assessment", at=now() - 10 * MINUTE)])
    await at_work.occurrences.look_at_municipalities()
    assert await pending(at_work) == 0
    sequence_id = await entered(at_work, playbook_id="seasonal")
    await at_work.occurrences.look_at_municipalities()
    assert await shown(at_work, sequence_id) == ("awaiting_task", None)


async def test_a_behaviour_that_is_seen_reaches_whom_it_is_seen_in(at_work: Service) -> None:
    await introduce(at_work, "crm-2", email="x@city.kiryu.example.jp")
    sequence_id, other = await entered(at_work), await entered(at_work, lead_id="crm-2")
    text = Text("料金ページを2回閲覧", "viewed the price twice")
    seen = SeenBehaviour("price_viewed_twice", now(), "crm-1", "102032", ("crm-1",), 2, True, text)
    async with at_work.database.raw_transaction() as connection:
        await save_seen(connection, [seen])
    await at_work.entries.look()
    await at_work.occurrences.look()
    assert (await kinds(at_work, sequence_id))[-1] == "occurred"
    assert "occurred" not in await kinds(at_work, other)


async def test_no_mail_goes_while_something_is_to_be_passed_on(at_work: Service) -> None:
    sequence_id = await entered(at_work)
    await at_work.occurrences.save([accepted(now())])
    sequence = await at_work.call("GET", f"/sequences/{sequence_id}")
    path = f"/approvals/{sequence['approval_id']}"
    await at_work.call("PUT", f"{path}/text", {"subject": "ごあいさつ", "text": "田中様"})
    await at_work.call("POST", f"{path}/approve", {"by": "s-1"})

    async def put_off() -> bool:
        return (await kinds(at_work, sequence_id))[-1] == "refused"

    await eventually(put_off, what="the mail is put off")
    await at_work.occurrences.look()
    assert await shown(at_work, sequence_id) == ("stopped", "handoff_accepted")
    assert at_work.box.messages == []
