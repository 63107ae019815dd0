"""Events of an id that was merged count for the one that stays: real PostgreSQL."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from kakehashi_common.audit import Actor
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.lead_events import ActivityRecorded, DecisionRole, ProfileChanged
from kakehashi_common.lead_merges.repository import ContradictoryMergeError
from tests.support.lead_scoring_api import NOW, Service
from tests.support.merges import merged
from tests.support.received import received

DAY = timedelta(days=1)
ACTOR = Actor("tests", "tests")
PRICES = [
    received(ActivityRecorded(lead_id=lead_id, kind="rfp_received"), NOW - days * DAY)
    for lead_id, days in (("old", 3), ("new", 2), ("old", 1))
]
PROFILES = [
    received(
        ProfileChanged(
            lead_id="old",
            email="old@city.example.jp",
            role=DecisionRole.MANAGER,
            department="財政課",
        ),
        NOW - 3 * DAY,
    ),
    received(ProfileChanged(lead_id="new", department="情報政策課"), NOW - 2 * DAY),
]
SAID = [*PRICES, *PROFILES]
STATE = (
    "select lead_id, fit, engagement, grade, last_event_at, activity, outcome from lead "
    "order by lead_id"
)


async def take(service: Service, event: Received[Any]) -> None:
    """Take an event in as the consumer does."""
    if event.event.data.TYPE.endswith("merged.v1"):
        await service.scoring.merge_leads([event])
    else:
        await service.scoring.score_batch([event])


async def of_one_person(service: Service) -> list[dict[str, Any]]:
    """Return the state of a lead of whom all was said under one id."""
    await service.fresh()
    for each in SAID:
        data = each.event.data.model_copy(update={"lead_id": "new"})
        await service.scoring.score_batch([received(data, each.event.occurred_at)])
    return await service.fetch(STATE)


@pytest.mark.parametrize("merge_at", range(len(SAID) + 1))
async def test_the_score_is_that_of_one_person_whenever_the_merge_comes(
    service: Service, merge_at: int
) -> None:
    expected = await of_one_person(service)
    await service.fresh()
    events = [*SAID[:merge_at], merged("old", "new"), *SAID[merge_at:]]
    for each in (*events, *events):
        await take(service, each)
    assert await service.fetch(STATE) == expected
    assert await service.fetch("select distinct lead_id from event_log") == [{"lead_id": "new"}]
    (profile,) = await service.fetch("select lead_id, email, department from lead_profile")
    assert profile == {
        "lead_id": "new",
        "email": "old@city.example.jp",
        "department": "情報政策課",
    }


async def test_chains_lead_to_the_last_in_any_order(service: Service) -> None:
    for order in itertools.permutations([("old", "new"), ("new", "newest")]):
        await service.fresh()
        for each in SAID:
            await take(service, each)
        await service.scoring.merge_leads([merged(*each) for each in order])
        leads = await service.fetch("select lead_id from lead")
        assert leads == [{"lead_id": "newest"}]


def ready(lead_id: str) -> list[Received[Any]]:
    """Return events that qualify a lead by the rules that ship."""
    profile = ProfileChanged(
        lead_id=lead_id,
        municipality_code="102032",
        department="情報政策課",
        role=DecisionRole.MANAGER,
    )
    met = [
        ActivityRecorded(lead_id=lead_id, kind=kind) for kind in ("rfp_received", "meeting_held")
    ]
    return [received(each, NOW) for each in (profile, *met)]


@pytest.mark.parametrize("ready_ids", [("old",), ("new",), ("old", "new")], ids=str)
async def test_nothing_is_announced_of_the_id_that_goes_and_nobody_qualifies_again(
    service: Service, ready_ids: tuple[str, ...]
) -> None:
    for each in (*SAID, *(event for lead_id in ready_ids for event in ready(lead_id))):
        await take(service, each)
    before = await service.fetch("select lead_id from qualification order by 1")
    assert [each["lead_id"] for each in before] == sorted(ready_ids)
    await service.fetch("truncate outbox")
    await service.scoring.merge_leads([merged("old", "new")])
    for each in ready("old"):
        await take(service, each)
    assert await service.fetch("select from outbox where key <> 'new'") == []
    assert await service.fetch("select lead_id from qualification order by 1") == before


async def test_a_lead_is_found_by_either_id(service: Service) -> None:
    for each in (*SAID, merged("old", "new")):
        await take(service, each)
    for path in ("", "/personal-data"):
        old, new = [await service.http.get(f"/v1/leads/{each}{path}") for each in ("old", "new")]
        assert (old.status_code, new.json()) == (200, old.json()), path


async def test_an_erasure_covers_all_ids(service: Service) -> None:
    for each in (*SAID, merged("old", "new")):
        await take(service, each)
    await service.fetch("truncate outbox")
    receipt = await service.personal_data.erase(lead_ids=["new"], actor=ACTOR)
    assert sorted(receipt.erased) == ["new", "old"]
    for table in ("lead", "lead_profile", "event_log", "score_history", "qualification"):
        assert await service.fetch(f"select from {table}") == [], table
    tombstones = await service.fetch(
        "select convert_from(key, 'UTF8') as key from outbox order by 1"
    )
    assert tombstones == [{"key": "new"}, {"key": "old"}]


@pytest.mark.parametrize("suppressed", ["old", "new"])
async def test_who_is_kept_out_under_one_id_is_kept_out_under_both(
    service: Service, suppressed: str
) -> None:
    await service.personal_data.erase(lead_ids=[suppressed], suppress=True, actor=ACTOR)
    for each in (*SAID, merged("old", "new"), *PRICES):
        await take(service, each)
    assert await service.fetch("select from lead") == []
    await take(service, received(ActivityRecorded(lead_id="new", kind="rfp_received"), NOW))
    assert await service.fetch("select from lead") == []


async def test_a_contradiction_is_refused_and_changes_nothing(service: Service) -> None:
    for each in (*SAID, merged("old", "new")):
        await take(service, each)
    before = await service.fetch(STATE)
    with pytest.raises(ContradictoryMergeError, match="into_lead_id old went into new before"):
        await service.scoring.merge_leads([merged("new", "old")])
    assert await service.fetch(STATE) == before
