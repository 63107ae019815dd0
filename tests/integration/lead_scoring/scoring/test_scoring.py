"""``Scoring`` on real PostgreSQL: every event counts once, whoever else writes."""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kakehashi_common.audit import Actor
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.lead_events import (
    ActivityRecorded,
    DecisionRole,
    Outcome,
    OutcomeRecorded,
    ProfileChanged,
)
from lead_scoring.domain.days import japan_day
from lead_scoring.domain.lead import Lead
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.rules import file as rules_file
from lead_scoring.rules import repository as rules
from lead_scoring.rules.municipality_fields import municipality_fields
from lead_scoring.scoring.event_mapping import fact_of
from lead_scoring.scoring.service import Scoring
from tests.support.lead_scoring import LEAD_STATE
from tests.support.lead_scoring_api import NOW, Service
from tests.support.received import received
from tests.support.waiting import eventually

LEAD = "crm-1"
VISIT = ActivityRecorded(lead_id=LEAD, kind="page_viewed", category="pricing")
MEETING = ActivityRecorded(lead_id=LEAD, kind="meeting_held")
PROFILE = ProfileChanged(lead_id=LEAD, municipality_code="102032", department="情報政策課")

Events = Sequence[Received[Any]]


def scoring(service: Service, *, cached_leads: int = 100, clock: str = "wall") -> Scoring:
    """One consumer's use case, with a memory of its own."""
    return service.differing(cached_leads=cached_leads, clock=clock).scoring


def folded(events: Events, lead_id: str = LEAD) -> Lead:
    """The lead as the pure domain makes it of distinct events."""
    lead = Lead(lead_id)
    for event in {event.key: event for event in reversed(events)}.values():
        if event.event.data.lead_id == lead_id:
            lead.apply(fact_of(event.event, event.key))
    return lead


def shipped() -> CompiledRules:
    return CompiledRules(rules_file.check(rules_file.shipped()), 1, municipality_fields)


async def stored_score(service: Service, lead_id: str = LEAD) -> tuple[int, int, str]:
    (row,) = await service.fetch(
        "select fit, engagement, grade from lead where lead_id = $1", lead_id
    )
    return row["fit"], row["engagement"], row["grade"]


async def counted(service: Service) -> tuple[int, int]:
    """Rows in the inbox and in the event log."""
    (row,) = await service.fetch(
        "select (select count(*) from inbox) as inbox, (select count(*) from event_log) as log"
    )
    return row["inbox"], row["log"]


async def assert_scored(service: Service, events: Events, lead_id: str = LEAD) -> None:
    expected = shipped().evaluate(folded(events, lead_id), japan_day(service.clock.instant))
    assert await stored_score(service, lead_id) == expected


async def test_a_repeated_event_counts_once_in_a_batch_and_between_batches(
    service: Service,
) -> None:
    once = received(MEETING, NOW)
    later = received(VISIT, NOW)
    await service.scoring.score_batch([once, once, later])
    (before,) = await service.fetch(LEAD_STATE)
    await service.scoring.score_batch([later, once])
    assert await service.fetch(LEAD_STATE) == [before]
    assert await counted(service) == (2, 2)
    await assert_scored(service, [once, later])


@pytest.mark.parametrize("same_batch", [True, False])
async def test_of_two_contents_for_one_id_the_first_counts(
    service: Service, *, same_batch: bool
) -> None:
    first = received(VISIT, NOW, event_id="e-1")
    other = received(MEETING, NOW, event_id="e-1")
    for batch in [[first, other]] if same_batch else [[first], [other]]:
        await service.scoring.score_batch(batch)
    assert await counted(service) == (1, 1)
    await assert_scored(service, [first])


async def test_a_batch_of_repeats_alone_writes_nothing(service: Service) -> None:
    events = [received(VISIT, NOW), received(PROFILE, NOW)]
    await service.scoring.score_batch(events)
    await service.fetch("truncate outbox, score_history")
    (before,) = await service.fetch("select version from lead")
    await service.scoring.score_batch(events)
    assert await service.fetch("select version from lead") == [before]
    assert await service.fetch("select from outbox") == []
    assert await service.fetch("select from score_history") == []


LEADS = ["crm-1", "crm-2", "crm-3"]
DATA: st.SearchStrategy[EventData] = st.one_of(
    st.builds(
        ActivityRecorded,
        lead_id=st.sampled_from(LEADS),
        kind=st.sampled_from(["page_viewed", "meeting_held", "rfp_received", "never_heard_of"]),
        category=st.sampled_from([None, "pricing"]),
    ),
    st.builds(
        ProfileChanged,
        lead_id=st.sampled_from(LEADS),
        municipality_code=st.sampled_from([None, "102032", "131041"]),
        role=st.sampled_from([None, *DecisionRole]),
        attributes=st.dictionaries(
            st.sampled_from(["bid_qualified", "in_published_plan"]), st.booleans()
        ),
    ),
    st.builds(
        OutcomeRecorded,
        lead_id=st.sampled_from(LEADS),
        outcome=st.sampled_from(Outcome),
        amount_yen=st.sampled_from([None, 3_000_000]),
    ),
)
HISTORIES = st.lists(st.tuples(DATA, st.integers(0, 900)), min_size=1, max_size=25)
"""Activities with their age in days, some beyond the horizon and the retention."""


async def forget(service: Service) -> None:
    """Empty the tables, a hundred times as fast as ``truncate`` does."""
    for table in ("lead", "lead_profile", "inbox", "event_log", "score_history", "outbox"):
        await service.fetch(f"delete from {table}")  # noqa: S608 - our own tables


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=HISTORIES, seed=st.integers())
async def test_order_repeats_and_batches_change_nothing(
    service: Service, history: list[tuple[EventData, int]], seed: int
) -> None:
    events = [received(data, NOW - timedelta(days=ago)) for data, ago in history]
    await forget(service)
    await service.scoring.score_batch(events)
    expected = await service.fetch(LEAD_STATE)

    rng = random.Random(seed)  # noqa: S311 - shuffles a test
    shuffled = rng.sample([*events, *events], 2 * len(events))
    await forget(service)
    consumers = [scoring(service), scoring(service, cached_leads=1)]
    while shuffled:
        size = rng.randint(1, 7)
        await rng.choice(consumers).score_batch(shuffled[:size])
        shuffled = shuffled[size:]
    assert await service.fetch(LEAD_STATE) == expected
    assert await counted(service) == (len(events), len(events))


async def test_a_memory_behind_another_writer_is_read_again(service: Service) -> None:
    one, two = scoring(service), scoring(service)
    events = [received(data, NOW) for data in (VISIT, MEETING, PROFILE, VISIT)]
    for consumer, event in zip([one, two, one, two], events, strict=True):
        await consumer.score_batch([event])
    await assert_scored(service, events)
    assert await counted(service) == (4, 4)


async def test_racing_consumers_lose_nothing(service: Service) -> None:
    """Every batch touches the same few leads, and every event is offered to three consumers."""
    leads = [f"crm-{number}" for number in range(5)]
    events = [
        received(
            ActivityRecorded(lead_id=leads[number % 5], kind="page_viewed"),
            NOW - timedelta(days=number % 9),
        )
        for number in range(300)
    ]

    async def consume(consumer: Scoring, order: Events) -> None:
        for start in range(0, len(order), 25):
            await consumer.score_batch(order[start : start + 25])

    backwards = list(reversed(events))
    shuffled = random.Random(3).sample(events, len(events))  # noqa: S311 - shuffles a test
    await asyncio.gather(
        *(consume(scoring(service), order) for order in (events, backwards, shuffled))
    )
    assert await counted(service) == (300, 300)
    for lead_id in leads:
        await assert_scored(service, events, lead_id)


async def erase(service: Service) -> None:
    await service.personal_data.erase(lead_ids=[LEAD], actor=Actor("tester", "test"))


async def test_an_erased_lead_in_memory_is_not_written_back(service: Service) -> None:
    consumer = scoring(service)
    old, new = received(PROFILE, NOW), received(VISIT, NOW)
    await consumer.score_batch([old])
    await erase(service)
    await consumer.score_batch([old])
    assert await service.fetch("select from lead") == []
    await consumer.score_batch([old, new])
    await assert_scored(service, [new])


async def test_an_erased_lead_that_came_back_elsewhere_is_not_taken_for_the_old_one(
    service: Service,
) -> None:
    here, elsewhere = scoring(service), scoring(service)
    for _ in range(3):
        await here.score_batch([received(MEETING, NOW)])
    await here.score_batch([received(PROFILE, NOW)])
    await erase(service)
    # As many writes as before: a row's version must not come to what is remembered of the old one.
    new = [received(VISIT, NOW) for _ in range(5)]
    for event in new[:4]:
        await elsewhere.score_batch([event])
    await here.score_batch(new[4:])
    await assert_scored(service, new)
    assert await service.fetch("select from lead_profile") == []


async def test_ids_of_messages_are_never_used_again_after_an_erasure(service: Service) -> None:
    for _ in range(2):
        await service.scoring.score_batch([received(MEETING, NOW)])
        await erase(service)
    rows = await service.fetch("select headers from outbox where value is not null")
    assert len(rows) == len({bytes(row["headers"]) for row in rows}) == 2


async def test_what_is_written_with_a_score(service: Service) -> None:
    event = received(MEETING, NOW - timedelta(hours=2), event_id="e-1")
    await service.scoring.score_batch([event])
    (logged,) = await service.fetch("select * from event_log")
    assert logged == {
        "received_at": NOW,
        "event_key": event.key,
        "lead_id": LEAD,
        "occurred_at": NOW - timedelta(hours=2),
        "type": ActivityRecorded.TYPE,
        "source": event.event.source,
        "event_id": "e-1",
        "data": event.data_json,
    }
    (told,) = await service.fetch("select * from score_history")
    fit, engagement, grade = await stored_score(service)
    assert (told["fit"], told["engagement"], told["grade"]) == (fit, engagement, grade)
    assert (told["previous_grade"], told["rule_version"], told["cause"]) == (None, 1, "events")
    (message,) = await service.fetch("select topic, key from outbox")
    assert message == {
        "topic": f"{service.settings.topic_prefix}lead-scores-v1",
        "key": LEAD.encode(),
    }


async def test_one_announcement_per_lead_and_batch(service: Service) -> None:
    batch = [received(data, NOW) for data in (VISIT, MEETING, PROFILE, MEETING, VISIT)]
    await service.scoring.score_batch(batch)
    assert len(await service.fetch("select from outbox")) == 1
    assert len(await service.fetch("select from score_history")) == 1


async def test_rules_published_between_batches_score_what_comes_next(service: Service) -> None:
    other = ActivityRecorded(lead_id="crm-2", kind="meeting_held")
    await service.happened(MEETING, other)
    (before,) = await service.fetch("select engagement from lead where lead_id = 'crm-2'")
    document = rules_file.shipped().replace("points: 20\n      half_life_days: 90", "points: 30")
    assert document != rules_file.shipped()
    checked = rules_file.check(document)
    async with service.database.raw_transaction() as connection:
        await rules.add(
            connection,
            name=checked.name,
            document=document,
            checksum=checked.checksum(),
            published_by="tester",
        )
    await service.happened(VISIT)
    rows = await service.fetch("select lead_id, rule_version, engagement from lead order by 1")
    assert [(row["lead_id"], row["rule_version"]) for row in rows] == [("crm-1", 2), ("crm-2", 1)]
    assert rows[0]["engagement"] > 300
    assert rows[1]["engagement"] == before["engagement"]


async def test_a_replay_scores_as_of_the_leads_own_newest_event(service: Service) -> None:
    replay = scoring(service, clock="events")
    newest = NOW - timedelta(days=400)
    late = received(VISIT, newest - timedelta(days=3))
    events = [received(MEETING, newest), late]
    for event in events:
        await replay.score_batch([event])
    (row,) = await service.fetch("select scored_at from lead")
    assert row["scored_at"] == newest
    assert await stored_score(service) == shipped().evaluate(folded(events), japan_day(newest))


async def test_a_batch_that_fails_at_its_end_leaves_no_trace_in_memory(service: Service) -> None:
    consumer = scoring(service)
    first, second = received(VISIT, NOW), received(MEETING, NOW)
    await consumer.score_batch([first])
    await service.fetch("alter table event_log rename to away")
    try:
        with pytest.raises(asyncpg.UndefinedTableError):
            await consumer.score_batch([second])
    finally:
        await service.fetch("alter table away rename to event_log")
    await consumer.score_batch([second])
    await assert_scored(service, [first, second])
    assert await counted(service) == (2, 2)


async def test_late_events_never_move_a_score_back_in_time(service: Service) -> None:
    instants: list[datetime] = []
    for days in (0, 1, 2):
        service.clock.instant = NOW + timedelta(days=days)
        await service.happened(MEETING, at=NOW - timedelta(days=30 * days))
        (row,) = await service.fetch("select scored_at from lead")
        instants.append(row["scored_at"])
    assert instants == [NOW, NOW + timedelta(days=1), NOW + timedelta(days=2)]


async def test_a_consumer_that_waited_for_another_writer_scores_later_than_it(
    service: Service,
) -> None:
    consumer = scoring(service)
    await consumer.score_batch([received(VISIT, NOW)])
    later = NOW + timedelta(hours=1)
    async with service.database.raw_transaction() as other:
        await other.execute("update lead set version = version + 1, scored_at = $1", later)
        waiting = asyncio.create_task(consumer.score_batch([received(MEETING, NOW)]))

        async def waits() -> bool:
            return bool(await service.fetch(WAITING_FOR_A_ROW))

        await eventually(waits)
        service.clock.instant = later + timedelta(seconds=1)
    await waiting
    (row,) = await service.fetch("select scored_at from lead")
    assert row["scored_at"] == service.clock.instant


WAITING_FOR_A_ROW = """
    select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
"""
