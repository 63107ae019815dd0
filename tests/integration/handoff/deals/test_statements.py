"""Statements about deals, in any order and repeated, and the handoffs that they close."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from handoff.deals.repository import StoredDeal
from handoff.deals.service import open_by_acceptance
from handoff.deals.statements import DealStatements
from handoff.domain.handoff.commands import Close
from handoff.domain.handoff.facts import Accepted, ClockResult
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import ClockName, Kind, Outcome, Status
from handoff.domain.teams.members import Role
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.deal_events import DealChanged
from kakehashi_common.contracts.topics import DEAL_EVENTS
from kakehashi_common.errors import TransientError
from kakehashi_common.outbox.store import decode_headers
from tests.support.handoff_api import Service
from tests.support.handoff_deciding import Handoffs
from tests.support.handoff_rows import record
from tests.support.handoffs import Life, at
from tests.support.received import received

BEGAN = at("2026-11-30 10:00")
DAY = timedelta(days=1)
OPENED: dict[str, Any] = {
    "deal_id": "d-1",
    "stage": "interest",
    "lead_ids": ["lead-1"],
    "owner": "fs-1",
}
LOST: dict[str, Any] = OPENED | {
    "stage": "decision",
    "outcome": "lost",
    "outcome_reason": "price",
}


def said(days: int, _event_id: str | None = None, /, **data: Any) -> Received[Any]:
    stated = DealChanged.model_validate(data)
    return received(stated, BEGAN + days * DAY, event_id=_event_id)


@pytest.fixture
def handoffs(service: Service) -> Handoffs:
    service.clock.instant = BEGAN + 30 * DAY
    return Handoffs(service)


@pytest.fixture
def statements(service: Service, handoffs: Handoffs) -> DealStatements:
    return DealStatements(service.database, handoffs.send, service.settings.topic_prefix)


async def accepted(service: Service, **differences: Any) -> HandoffState:
    life = Life("2026-11-30 10:00", **differences)
    return await record(service, life.state)


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_newest_statement_counts_in_whatever_order_they_come(
    service: Service, statements: DealStatements, order: tuple[int, ...]
) -> None:
    events = [
        said(0, **OPENED),
        said(1, **{**OPENED, "stage": "evaluation", "amount_yen": 100}),
        said(2, **LOST),
    ]
    for position in order:
        await statements.take_in([events[position]])
    deal = await service.deals.find("d-1")
    assert (deal.stated.outcome, deal.stated.amount_yen) == ("lost", None)
    assert deal.decided_at == BEGAN + 2 * DAY


async def test_of_two_statements_at_once_the_same_counts_in_either_order(
    service: Service, statements: DealStatements
) -> None:
    one, other = said(1, "a", **OPENED), said(1, "b", **{**OPENED, "owner": "fs-2"})
    newest = max(one, other, key=lambda each: each.key)
    for batch in ([one], [other]), ([other], [one]):
        await service.fetch("truncate deal")
        for events in batch:
            await statements.take_in(events)
        assert (await service.deals.find("d-1")).event_key == newest.key


async def test_an_outcome_closes_the_handoff_of_its_lead_once(
    service: Service, statements: DealStatements, handoffs: Handoffs
) -> None:
    await accepted(service)
    lost = said(5, **LOST)
    for _ in range(3):
        await statements.take_in([lost])
    assert handoffs.sent == [("h-1", Close("deals", Outcome.LOST, "price", "d-1"))]
    state = await handoffs.state("h-1")
    assert (state.status, state.outcome, state.deal_id) == (Status.CLOSED, Outcome.LOST, "d-1")


async def test_the_outcome_may_come_before_the_deal_was_opened(
    service: Service, statements: DealStatements, handoffs: Handoffs
) -> None:
    await accepted(service)
    await statements.take_in([said(5, **LOST), said(0, **OPENED)])
    await statements.take_in([said(1, **OPENED)])
    assert (await service.deals.find("d-1")).stated.outcome == "lost"
    assert len(handoffs.sent) == 1


async def test_an_outcome_without_a_reason_closes_the_handoff_too(
    service: Service, statements: DealStatements, handoffs: Handoffs
) -> None:
    await accepted(service)
    await statements.take_in([said(5, **{**LOST, "outcome_reason": None})])
    assert handoffs.sent == [("h-1", Close("deals", Outcome.LOST, "not_stated", "d-1"))]


@pytest.mark.parametrize(
    ("differences", "statement"),
    [
        ({"lead_id": "lead-2"}, said(5, **LOST)),
        ({}, said(-1, **LOST)),
        ({}, said(5, **OPENED)),
        ({"kind": Kind(Role.FIELD_SALES, Role.CUSTOMER_SUCCESS)}, said(5, **LOST)),
    ],
    ids=["another lead", "decided before it began", "open deal", "to customer success"],
)
async def test_a_handoff_stays_open_at(
    service: Service,
    statements: DealStatements,
    handoffs: Handoffs,
    differences: dict[str, Any],
    statement: Received[Any],
) -> None:
    await accepted(service, **differences)
    await statements.take_in([statement])
    assert handoffs.sent == []
    assert (await service.deals.find("d-1")).stated.deal_id == "d-1"


async def test_a_later_edit_of_a_lost_deal_closes_no_handoff_that_began_since(
    service: Service, statements: DealStatements, handoffs: Handoffs
) -> None:
    await statements.take_in([said(-9, **LOST)])
    await accepted(service)
    await statements.take_in([said(9, **{**LOST, "amount_yen": 7})])
    assert (await service.deals.find("d-1")).stated.amount_yen == 7
    assert handoffs.sent == []


async def test_another_outcome_after_the_handoff_was_closed_is_kept_with_the_deal(
    service: Service, statements: DealStatements, handoffs: Handoffs
) -> None:
    await accepted(service)
    await statements.take_in([said(5, **LOST)])
    await statements.take_in([said(6, **{**LOST, "outcome": "won"})])
    assert (await service.deals.find("d-1")).stated.outcome == "won"
    assert (await handoffs.state("h-1")).outcome is Outcome.LOST


async def test_a_batch_that_failed_closes_the_handoff_when_it_comes_again(
    service: Service, statements: DealStatements, handoffs: Handoffs
) -> None:
    await accepted(service)
    handoffs.away = True
    lost = said(5, **LOST)
    with pytest.raises(TransientError):
        await statements.take_in([lost])
    handoffs.away = False
    await statements.take_in([lost])
    assert (await handoffs.state("h-1")).status is Status.CLOSED


# --- opened by acceptance -----------------------------------------------------------------------


def acceptance(state: HandoffState) -> Accepted:
    clock = ClockResult(ClockName.ACCEPT, BEGAN, BEGAN, BEGAN + DAY, kept=True)
    return Accepted(BEGAN, state.owner or "", clock)


async def open_for(service: Service, state: HandoffState) -> list[StoredDeal]:
    async with service.database.transaction() as connection:
        prefix = service.settings.topic_prefix
        await open_by_acceptance(connection, state, acceptance(state), topic_prefix=prefix)
    found = await service.http.get("/deals", params={"lead_id": state.lead_id})
    return [await service.deals.find(each["deal_id"]) for each in found.json()["items"]]


async def test_acceptance_opens_a_deal_and_publishes_it_once(service: Service) -> None:
    state = await accepted(service)
    for _ in range(2):
        [deal] = await open_for(service, state)
    stated = deal.stated
    assert (stated.stage, stated.owner, stated.lead_ids) == ("interest", "fs-1", ("lead-1",))
    assert stated.municipality_code == "102032"
    [message] = await service.fetch("select * from outbox")
    assert message["topic"] == service.settings.topic_prefix + DEAL_EVENTS.name
    assert message["key"] == stated.deal_id.encode()
    assert DealChanged.model_validate_json(message["value"], strict=True) == stated
    assert dict(decode_headers(message["headers"]))["ce_source"] == b"//kakehashi/handoff"


@pytest.mark.parametrize(
    ("known", "opened"),
    [
        (said(-30, **OPENED), 0),
        (said(1, **LOST), 0),
        (said(-30, **LOST), 1),
        (said(1, **{**OPENED, "lead_ids": ["lead-2"]}), 1),
    ],
    ids=["the CRM has it", "decided meanwhile", "decided long before", "another lead's"],
)
async def test_acceptance_opens_a_deal_unless_the_lead_has_one(
    service: Service, statements: DealStatements, known: Received[Any], opened: int
) -> None:
    await statements.take_in([known])
    await open_for(service, Life("2026-11-30 10:00").state)
    assert len(await service.fetch("select * from outbox")) == opened


async def test_only_field_sales_opens_a_deal(service: Service) -> None:
    state = Life("2026-11-30 10:00").state
    to_success = replace(state, kind=Kind(Role.FIELD_SALES, Role.CUSTOMER_SUCCESS))
    assert await open_for(service, to_success) == []


# --- the CRM's own deal, after acceptance has opened one -----------------------------------------


async def standing(service: Service) -> dict[str, str | None]:
    """The deals, with the one that took each's place."""
    rows = await service.fetch("select deal_id, superseded_by from deal order by deal_id")
    return {row["deal_id"]: row["superseded_by"] for row in rows}


@pytest.mark.parametrize("order", list(permutations(["accepted", "stated", "lost"])))
async def test_a_lead_has_one_deal_in_whatever_order_acceptance_and_the_crm_state_it(
    service: Service, statements: DealStatements, order: tuple[str, ...]
) -> None:
    state = await accepted(service)
    events = {"stated": said(1, **OPENED), "lost": said(2, **LOST)}
    for what in (*order, *order):
        if what == "accepted":
            await open_for(service, state)
        else:
            await statements.take_in([events[what]])
    found = await standing(service)
    assert found.pop("d-1") is None
    assert set(found.values()) <= {"d-1"}
    published = await service.fetch("select value from outbox order by id")
    assert [json.loads(each["value"]).get("superseded_by") for each in published] == (
        [None, "d-1"] if found else []
    )


async def opened_by(service: Service, state: HandoffState) -> str:
    [deal] = await open_for(service, state)
    return deal.stated.deal_id


@pytest.mark.parametrize(
    "statement",
    [
        said(1, **{**OPENED, "lead_ids": ["lead-2"]}),
        said(-1, **LOST),
        said(1, **{**OPENED, "superseded_by": "d-2"}),
    ],
    ids=["another lead's", "decided before it began", "itself superseded"],
)
async def test_an_opened_deal_stays_at_a_deal_that_is(
    service: Service, statements: DealStatements, statement: Received[Any]
) -> None:
    opened = await opened_by(service, await accepted(service))
    await statements.take_in([statement])
    assert (await standing(service))[opened] is None


async def test_an_opened_deal_that_somebody_has_changed_stays_until_it_is_merged_by_hand(
    service: Service, statements: DealStatements
) -> None:
    opened = await opened_by(service, await accepted(service))
    changed = {"stage": "evaluation", "lead_ids": ["lead-1"]}
    answer = await service.http.put(f"/deals/{opened}", json=changed, headers={"if-match": "*"})
    assert answer.status_code == 200, answer.text
    await statements.take_in([said(1, **OPENED)])
    assert await standing(service) == {"d-1": None, opened: None}
    merged = changed | {"superseded_by": "d-1"}
    answer = await service.http.put(f"/deals/{opened}", json=merged, headers={"if-match": "*"})
    assert answer.json()["superseded_by"] == "d-1"
    listed = await service.http.get("/deals", params={"lead_id": "lead-1", "open": "true"})
    assert [each["deal_id"] for each in listed.json()["items"]] == ["d-1"]


async def test_acceptance_and_the_crm_at_once_leave_one_deal(
    service: Service, statements: DealStatements
) -> None:
    state = await accepted(service)
    await asyncio.gather(open_for(service, state), statements.take_in([said(1, **OPENED)]))
    await statements.take_in([said(1, **OPENED)])
    found = await standing(service)
    assert found.pop("d-1") is None
    assert set(found.values()) <= {"d-1"}
