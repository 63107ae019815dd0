"""Behaviour is watched for in PostgreSQL, and reported once when it comes to be seen."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from followup.contacts import repository as contacts
from followup.container import Container
from followup.personal_data.holdings import HOLDINGS
from followup.playbooks.reading import shipped
from followup.triggers import behaviour_repository as repository
from followup.triggers.behaviour_repository import SeenBehaviour
from followup.triggers.behaviours import Behaviours
from followup.triggers.consumer import lead_events
from kakehashi_common.audit import Actor
from kakehashi_common.clock import FixedClock
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.lead_events import ActivityRecorded, DecisionRole, ProfileChanged
from kakehashi_common.contracts.lead_scores import Cause, ScoreChanged
from kakehashi_common.db import Database
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from kakehashi_common.lead_profiles.events import fields_said
from kakehashi_common.lead_profiles.holdings import erase_rows
from kakehashi_common.lead_profiles.repository import mark_erased, save_fields
from tests.support.received import received

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
KIRYU = "102032"


@pytest_asyncio.fixture
async def behaviours(
    container: Container, followup_database: Database, clock: FixedClock
) -> Behaviours:
    """Any playbook knows the behaviours that come with the service."""
    await container.playbooks.publish(shipped()["price-interest"], Actor("tester", "test"))
    async with followup_database.raw_transaction() as connection:
        await contacts.save_leads(connection, "ab")
        for lead_id, role in {"a": DecisionRole.OFFICER, "b": DecisionRole.MANAGER}.items():
            profile = ProfileChanged(lead_id=lead_id, municipality_code=KIRYU, role=role)
            fields = fields_said(received(profile, NOW), contacts.FIELDS)
            await save_fields(connection, fields)
    return Behaviours(followup_database, clock, container.playbooks, BUSINESS_DAYS)


def did(lead_id: str, kind: str, category: str | None = None, **past: float) -> Received[Any]:
    at = NOW - timedelta(**past)
    return received(ActivityRecorded(lead_id=lead_id, kind=kind, category=category), at)


def scored(lead_id: str, engagement: float, **past: float) -> Received[Any]:
    data = ScoreChanged(
        lead_id=lead_id,
        fit=50,
        engagement=engagement,
        grade="B2",
        scored_at=NOW - timedelta(**past),
        rule_set="municipal",
        rule_version=1,
        cause=Cause.EVENTS,
        contributions=(),
    )
    return received(data, NOW)


async def pending(database: Database) -> list[SeenBehaviour]:
    async with database.raw_transaction() as connection:
        return [
            each
            for urgent in (True, False)
            for each in (await repository.pending(connection, NOW, 100, urgent=urgent)).values()
        ]


def names(seen: Sequence[SeenBehaviour]) -> list[tuple[str, str | None]]:
    return sorted((each.name, each.lead_id) for each in seen)


async def test_who_is_introduced_and_acts_at_once_counts_for_their_municipality(
    behaviours: Behaviours, container: Container, followup_database: Database
) -> None:
    officer, manager = (
        received(ProfileChanged(lead_id=lead_id, municipality_code="102016", role=role), NOW)
        for lead_id, role in {"c": DecisionRole.OFFICER, "d": DecisionRole.MANAGER}.items()
    )
    acts = [did(lead_id, "page_viewed", "pricing") for lead_id in "cd"]
    await container.playbooks.publish(shipped()["several-active"], Actor("tester", "test"))

    handle = lead_events(container.contacts, behaviours, container.occurrences.save)
    await handle([officer, acts[0], acts[1], manager])

    found = await pending(followup_database)
    assert [each.lead_ids for each in found if each.lead_id is None] == [("c", "d")]


async def test_a_behaviour_is_reported_once_with_its_reason(
    behaviours: Behaviours, followup_database: Database
) -> None:
    first = did("a", "page_viewed", "pricing", days=2)
    second = did("a", "page_viewed", "pricing")

    await behaviours.save_lead_events([first])
    assert await pending(followup_database) == []
    for _ in range(2):
        await behaviours.save_lead_events([second])

    (seen,) = await pending(followup_database)
    assert (seen.name, seen.lead_id, seen.municipality_code) == ("price_interest", "a", KIRYU)
    assert (seen.importance, seen.seen_at) == (3, NOW)
    assert "7日間に2回（2回以上で成立。30分の枠の中の同じ行動は1回と数えます）" in seen.text.ja


async def test_several_people_are_reported_of_their_municipality(
    behaviours: Behaviours, followup_database: Database
) -> None:
    await behaviours.save_lead_events([did("a", "meeting_held", days=3)])
    await behaviours.save_lead_events([did("b", "page_viewed", days=1)])

    (seen,) = await pending(followup_database)
    assert (seen.name, seen.lead_id, seen.municipality_code) == ("several_active", None, KIRYU)
    assert seen.lead_ids == ("a", "b")


async def test_the_order_of_batches_and_repetitions_change_nothing(
    behaviours: Behaviours, followup_database: Database
) -> None:
    events = [
        did(lead, kind, category, hours=hours)
        for lead in ("a", "b")
        for kind, category in (("page_viewed", "pricing"), ("form_submitted", None))
        for hours in (1, 30, 300)
    ]
    shuffled = [*events, *events]
    random.Random(7).shuffle(shuffled)  # noqa: S311 - no secret

    for each in shuffled:
        await behaviours.save_lead_events([each])

    rows = "select lead_id, state from watched_person order by lead_id"
    async with followup_database.raw_transaction() as connection:
        one_by_one = await connection.fetch(rows)
        await connection.execute("truncate watched_person, watched_organisation")
    await behaviours.save_lead_events(events)
    async with followup_database.raw_transaction() as connection:
        assert await connection.fetch(rows) == one_by_one


async def test_what_has_run_out_of_its_window_is_reported_when_it_happens_again(
    behaviours: Behaviours, followup_database: Database, clock: FixedClock
) -> None:
    await behaviours.save_lead_events([did("a", "form_submitted")])
    clock.instant = NOW + timedelta(days=21)
    again = did("a", "form_submitted", days=-21)
    for _ in range(2):
        await behaviours.save_lead_events([again])
    seen = [each.seen_at for each in await pending(followup_database) if each.name == "enquiry"]
    assert seen == [NOW, clock.instant]


ACTIVITIES = (("page_viewed", "pricing"), ("page_viewed", "case_study"), ("form_submitted", None))


@pytest.mark.parametrize("seed", range(8))
async def test_a_batch_reports_what_its_events_report_one_by_one(
    behaviours: Behaviours, followup_database: Database, clock: FixedClock, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    batches: list[tuple[datetime, list[Received[Any]]]] = []
    days = 0.0
    for _ in range(12):
        batch = []
        days += chance.choice([0, 5, 25])
        for _ in range(chance.randint(1, 4)):
            days += chance.choice([0.01, 0.4, 2, 8])
            kind, category = chance.choice(
                [
                    ("page_viewed", "pricing"),
                    ("page_viewed", "case_study"),
                    ("form_submitted", None),
                ]
            )
            batch.append(did(chance.choice("ab"), kind, category, days=-days))
        batches.append((NOW + timedelta(days=days), batch))
    reported = []
    for sizes in (1, 4):
        async with followup_database.raw_transaction() as connection:
            await connection.execute(
                "truncate watched_person, watched_organisation, seen_behaviour"
            )
        for at, batch in batches:
            clock.instant = at
            for start in range(0, len(batch), sizes):
                await behaviours.save_lead_events(batch[start : start + sizes])
        found = await pending(followup_database)
        reported.append(sorted((each.seen_at, each.name, each.lead_id or "") for each in found))
    assert reported[0] == reported[1]
    assert {"enquiry", "case_read"} <= {name for _, name, _ in reported[0]}


async def test_a_jump_of_the_score_is_seen(
    behaviours: Behaviours, followup_database: Database
) -> None:
    await behaviours.save_scores([scored("a", 8, days=20), scored("a", 30)])

    assert names(await pending(followup_database)) == [("score_jumped", "a")]


async def test_silence_is_seen_when_its_time_has_come(
    behaviours: Behaviours, followup_database: Database, clock: FixedClock
) -> None:
    await behaviours.save_lead_events([did("a", "meeting_held")])
    async with followup_database.raw_transaction() as connection:
        await behaviours.save_mail(connection, "a", NOW + timedelta(minutes=1))
    assert await behaviours.look_again() == 0

    clock.instant = NOW + timedelta(days=8)  # six business days
    assert await behaviours.look_again() == 1
    assert names(await pending(followup_database)) == [("no_answer", "a")]

    clock.instant = NOW + timedelta(days=60)
    assert await behaviours.look_again() == 1
    assert names(await pending(followup_database)) == [("no_answer", "a"), ("silent", "a")]
    assert await behaviours.look_again() == 0


async def test_every_behaviour_says_why_not(behaviours: Behaviours) -> None:
    await behaviours.save_lead_events([did("a", "page_viewed", "pricing")])

    explained = {each.behaviour.name: each for each in await behaviours.explain("a")}

    assert not explained["price_interest"].seen
    assert (
        "7日間に1回（2回以上で成立。30分の枠の中の同じ行動は1回と数えます）"
        in explained["price_interest"].text.ja
    )
    assert not explained["several_active"].seen


async def test_an_erased_person_is_neither_watched_nor_kept(
    behaviours: Behaviours, followup_database: Database
) -> None:
    await behaviours.save_lead_events([did("a", "form_submitted")])
    async with followup_database.raw_transaction() as connection:
        await mark_erased(connection, ["a"])
        await erase_rows(connection, HOLDINGS, ["a"])

    await behaviours.save_lead_events([did("a", "form_submitted")])

    assert await pending(followup_database) == []
    async with followup_database.raw_transaction() as connection:
        assert await connection.fetch("select lead_id from watched_person") == []
