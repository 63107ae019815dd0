"""Caps hold however many workers send at once, and what they refuse goes as soon as it may."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

import pytest

from followup.domain.send_policy.caps import Cap, CapSubject
from followup.domain.sequences.commands import RecordSent, RefuseStep, Schedule
from followup.domain.sequences.terms import Status
from followup.send_decisions.repository import Stage
from followup.sequences import repository as sequences
from followup.sequences.messages import RecordedDecision, StepWork
from kakehashi_common.clock import japan_day
from tests.support.followup_examples import ACTOR
from tests.support.followup_sending import MONDAY, PLAYBOOK, Senders

CAPS = (
    Cap(CapSubject.CONTACT, 1),
    Cap(CapSubject.CONTACT, 2, days=7),
    Cap(CapSubject.ORGANISATION, 3, days=4),
    Cap(CapSubject.SELLER, 2),
    Cap(CapSubject.EVERYBODY, 5, days=2),
)
PLACES = {"a": "102032", "b": "102032", "c": "131041", "d": "131041"}
SELLERS = ("s-1", "s-2")


@pytest.mark.parametrize("seed", range(4))
async def test_no_order_of_claims_by_several_workers_exceeds_a_cap(
    senders: Senders, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - a test repeats
    senders.caps = CAPS
    workers = [senders.worker() for _ in range(3)]
    for lead, place in PLACES.items():
        await senders.contact(lead, f"{lead}@x.example.jp", municipality_code=place)
    waiting: dict[str, StepWork] = {}
    for number in range(12):
        lead, seller = random.choice("abcd"), random.choice(SELLERS)
        waiting[f"q-{number}"] = await senders.about_to_send(
            f"q-{number}", lead, seller, playbook_id=f"news-{number}"
        )
    due = dict.fromkeys(waiting, MONDAY)
    sent: list[tuple[date, StepWork]] = []
    while waiting:
        now = senders.clock.instant = min(due[each] for each in waiting)
        ready = [work for name, work in waiting.items() if due[name] <= now]
        random.shuffle(ready)
        results = await asyncio.gather(
            *(senders.send(work, random.choice(workers)) for work in ready)
        )
        for work, result in zip(ready, results, strict=True):
            if isinstance(result, RecordSent):
                sent.append((japan_day(now), waiting.pop(work.sequence_id)))
                continue
            assert isinstance(result, RefuseStep), result
            assert (result.reason, result.until is not None) == ("cap_reached", True)
            assert result.until is not None
            assert result.until > now
            due[work.sequence_id] = result.until

    assert len(senders.got()) == len(sent) == 12
    for cap in CAPS:
        for first, _ in sent:
            window = [work for day, work in sent if 0 <= (day - first).days < cap.days]
            counts = Counter(subject_of(cap, work) for work in window)
            assert max(counts.values()) <= cap.limit, cap


def subject_of(cap: Cap, work: StepWork) -> str | None:
    match cap.subject:
        case CapSubject.CONTACT:
            return work.lead_id
        case CapSubject.ORGANISATION:
            return PLACES[work.lead_id]
        case CapSubject.SELLER:
            return work.owner
        case CapSubject.EVERYBODY:
            return ""


async def test_a_mail_that_a_cap_refuses_is_planned_for_the_first_time_it_may_go(
    senders: Senders,
) -> None:
    await senders.contact("a", "a@x.example.jp")
    [worker] = senders.workers
    first = await senders.about_to_send("q-1", "a")
    second = await senders.about_to_send("q-2", "a", playbook_id="other")
    assert isinstance(await senders.send(first, worker), RecordSent)
    tomorrow = MONDAY.replace(day=1, month=12, hour=9)

    senders.later(minutes=1)
    planned = await senders.plan(second, worker)
    senders.later(minutes=1)
    refused = await senders.send(second, worker)

    why = "この方へのメールは1日に1通までで、すでに1通あります。"
    assert isinstance(planned, Schedule)
    assert (planned.due_at, planned.why.startswith(why)) == (tomorrow, True)
    assert refused == RefuseStep(1, "cap_reached", tomorrow, why)
    shown = await worker.send_decisions.of_lead("a")
    assert [(each.stage, each.reason, each.goes_at) for each in shown.earlier] == [
        (Stage.SENDING, "cap_reached", tomorrow),
        (Stage.PLANNING, "cap_reached", tomorrow),
        (Stage.SENDING, None, MONDAY),
    ]
    senders.clock.instant = tomorrow
    assert isinstance(await senders.send(second, worker), RecordSent)


async def test_a_playbook_s_own_limit_counts_what_other_playbooks_sent(senders: Senders) -> None:
    await senders.contact("a", "a@x.example.jp")
    [worker] = senders.workers
    for number in range(2):
        work = await senders.about_to_send(f"q-{number}", "a", playbook_id=f"other-{number}")
        assert isinstance(await senders.send(work, worker), RecordSent)
        senders.later(days=1)
    senders.caps = ()
    unlimited = senders.worker()
    third = await senders.about_to_send("q-3", "a")
    refused = await senders.send(third, unlimited)
    assert isinstance(refused, RefuseStep)
    assert refused.why == "この方へのメールは7日間に2通までで、すでに2通あります。"


@pytest.mark.parametrize(
    ("answer", "counts"),
    [("disconnect", True), ("250 OK", True), ("451 later", False), ("554 never", False)],
)
async def test_a_mail_that_went_or_may_have_gone_counts(
    senders: Senders, answer: str, *, counts: bool
) -> None:
    await senders.contact("a", "a@x.example.jp")
    [worker] = senders.workers
    senders.box.to_messages = [answer]
    await senders.send(await senders.about_to_send("q-1", "a"), worker)
    second = await senders.about_to_send("q-2", "a", playbook_id="other")
    assert isinstance(await senders.send(second, worker), RefuseStep if counts else RecordSent)


@pytest.mark.parametrize("deferred", [False, True])
async def test_several_workers_send_one_step_once(senders: Senders, *, deferred: bool) -> None:
    await senders.contact("a", "a@x.example.jp")
    workers = [senders.worker() for _ in range(3)]
    work = await senders.about_to_send("q-1", "a")
    if deferred:
        senders.box.to_messages = ["451 later"]
        assert isinstance(await senders.send(work, workers[0]), RefuseStep)
        senders.later(hours=1)
        senders.box.messages.clear()
    results = await asyncio.gather(*(senders.send(work, each) for each in workers * 2))
    assert senders.got() == ["a@x.example.jp"]
    assert any(isinstance(each, RecordSent) for each in results)


async def planned(senders: Senders, sequence_id: str, priority: int, due: datetime) -> StepWork:
    """Have a contact of the same municipality, whose mail is planned by a playbook."""
    text = PLAYBOOK.replace("id: news\n", f"id: news-{priority}\n").replace(
        "y: 30", f"y: {priority}"
    )
    first = senders.workers[0]
    await first.playbooks.publish(text, ACTOR)
    await senders.contact(sequence_id, f"{sequence_id}@x.example.jp")
    work = await senders.about_to_send(f"q-{sequence_id}", sequence_id)
    async with senders.database.transaction() as connection:
        stored = await sequences.find(connection, work.sequence_id)
        assert stored is not None
        playbook = await first.playbooks.find(connection, f"news-{priority}", 1)
        state = replace(stored.state, version=2, status=Status.SCHEDULED, due_at=due)
        decision = RecordedDecision(state, senders.clock.now(), ())
        assert await sequences.put(connection, decision, playbook)
    return work


@pytest.mark.parametrize(
    ("priority", "due", "goes"),
    [
        (90, timedelta(), False),
        (90, timedelta(days=2), False),
        (90, timedelta(days=-1), False),
        (90, timedelta(days=9), True),
        (20, timedelta(), True),
        (30, timedelta(), True),
    ],
    ids=["today", "in the window", "late", "behind the window", "lower", "the same"],
)
async def test_a_mail_that_a_higher_playbook_has_planned_keeps_its_place(
    senders: Senders, priority: int, due: timedelta, *, goes: bool
) -> None:
    senders.caps = (Cap(CapSubject.ORGANISATION, 1, days=7),)
    worker = senders.worker()
    await senders.contact("a", "a@x.example.jp")
    lower = await senders.about_to_send("q-a", "a")
    await planned(senders, "b", priority, MONDAY + due)
    result = await senders.send(lower, worker)
    assert isinstance(result, RecordSent if goes else RefuseStep)
    if isinstance(result, RefuseStep):
        assert result.why == (
            "この団体へのメールは7日間に1通までで、すでに1通あります"
            "（うち1通は優先度の高いプレイブックの予定）。"
        )


async def test_the_place_is_counted_once_when_the_higher_mail_has_gone(senders: Senders) -> None:
    senders.caps = (Cap(CapSubject.ORGANISATION, 2, days=7),)
    worker = senders.worker()
    await senders.contact("a", "a@x.example.jp")
    lower = await senders.about_to_send("q-a", "a")
    await planned(senders, "b", 90, MONDAY)
    async with senders.database.raw_transaction() as connection:
        await connection.execute(
            "insert into mail_attempt (message_id, sequence_id, step_id, lead_id, organisation, "
            "state, claimed_at) values ('<b@x>', 'q-b', 'news', 'b', '102032', 'accepted', $1)",
            senders.clock.now(),
        )
    assert isinstance(await senders.send(lower, worker), RecordSent)
