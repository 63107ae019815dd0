"""Labels in PostgreSQL: any order and repeats, erased people, and what is kept how long."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from kakehashi_common.audit import Actor
from kakehashi_common.cloudevents.codec import Received
from lead_scoring.feedback.service import save_feedback
from tests.support.handoff_events import deal_changed, handoff_step
from tests.support.lead_scoring_api import NOW, Service

LATER = NOW + timedelta(days=1)
LAST = NOW + timedelta(days=2)

REQUESTED = handoff_step("requested", qualification_id="q-1")
ACCEPTED = handoff_step("accepted", version=2, at=LATER)
REJECTED = handoff_step("rejected", reason="no_need", consequence="disqualify", version=3, at=LAST)
REJECTED_AGAIN = handoff_step(
    "rejected", reason="too_early", consequence="recycle", version=5, at=LAST + timedelta(days=1)
)
LABEL = {
    "handoff_id": "h-1",
    "qualification_id": "q-1",
    "requested_at": NOW,
    "accepted_at": LATER,
    "rejected_at": LAST,
    "reason": "no_need",
}


async def save(service: Service, *batch: Received[Any]) -> None:
    await save_feedback(service.database, service.suppression, batch)


async def labels(service: Service) -> list[dict[str, Any]]:
    return await service.fetch(f"select {', '.join(LABEL)} from handoff_label")  # noqa: S608


async def deals(service: Service) -> list[tuple[Any, ...]]:
    rows = await service.fetch("select deal_id, outcome, amount_yen from deal")
    return [tuple(row.values()) for row in rows]


@pytest.mark.parametrize("order", list(permutations([REQUESTED, ACCEPTED, REJECTED])))
async def test_order_and_repeats_change_nothing(
    service: Service, order: Sequence[Received[Any]]
) -> None:
    for step in order:
        await save(service, step)
    await save(service, REJECTED_AGAIN, *order, *reversed(order))

    assert await labels(service) == [LABEL]


async def test_writers_of_the_same_handoffs_wait_for_each_other(service: Service) -> None:
    kinds = ["requested", "accepted", "first_contact_made", "meeting_held"]
    names = [f"h-{n}" for n in range(8)]
    batches = [
        [handoff_step(kind, handoff_id=name, version=version) for name in order]
        for version, kind in enumerate(kinds, start=1)
        for order in (names, names[::-1])
    ]
    await asyncio.gather(*(save(service, *batch) for batch in batches))

    rows = await service.fetch(
        "select handoff_id from handoff_label where num_nulls(requested_at, accepted_at, "
        "contacted_at, met_at) = 0 order by handoff_id"
    )
    assert [row["handoff_id"] for row in rows] == names


WON = deal_changed(outcome="won", amount_yen=5, at=LATER, event_id="won")
OPEN = deal_changed(at=LAST, event_id="opened again")
LOST = deal_changed(outcome="lost", at=NOW, event_id="lost")


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ([LOST, WON], ("deal-1", "won", 5)),
        ([WON, LOST], ("deal-1", "won", 5)),
        ([OPEN, WON, LOST], ("deal-1", None, None)),
        ([WON, WON], ("deal-1", "won", 5)),
    ],
    ids=["corrected", "the older comes later", "opened again", "repeated"],
)
async def test_of_a_deal_the_newest_statement_counts(
    service: Service, said: list[Received[Any]], known: tuple[Any, ...]
) -> None:
    await save(service, *said)
    for each in said:
        await save(service, each)

    assert await deals(service) == [known]


async def test_of_two_statements_of_one_time_the_same_one_counts_in_any_order(
    service: Service,
) -> None:
    one = deal_changed(outcome="won", event_id="one")
    other = deal_changed(outcome="lost", event_id="other")
    await save(service, one, other)
    first = await deals(service)
    await service.fresh()
    await save(service, other, one)

    assert await deals(service) == first


async def test_a_step_that_comes_again_brings_nothing_back_of_an_erased_lead(
    service: Service,
) -> None:
    await save(service, REQUESTED, ACCEPTED)
    answer = await service.http.delete("/v1/leads/crm-1/personal-data")
    await save(service, REQUESTED, ACCEPTED)

    assert answer.json()["handoffs"] == 1
    assert await labels(service) == []


async def test_nothing_is_learnt_of_a_suppressed_lead(service: Service) -> None:
    await service.personal_data.erase(
        lead_ids=["crm-1"], suppress=True, actor=Actor("tester", "test")
    )
    await save(service, REQUESTED, handoff_step("requested", handoff_id="h-2", lead_id="crm-2"))

    assert [label["handoff_id"] for label in await labels(service)] == ["h-2"]


async def test_labels_and_deals_are_purged_when_they_are_old(service: Service) -> None:
    await save(service, REQUESTED, deal_changed(at=NOW))
    await save(
        service,
        handoff_step("requested", handoff_id="h-2", at=LAST),
        deal_changed(at=LAST, deal_id="deal-2"),
    )
    service.clock.instant = LATER + service.settings.label_retention
    retired = await service.retention.apply()

    assert (retired.handoff_labels, retired.deals) == (1, 1)
    assert [label["handoff_id"] for label in await labels(service)] == ["h-2"]
    assert [deal[0] for deal in await deals(service)] == ["deal-2"]
