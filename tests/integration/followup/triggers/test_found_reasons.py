"""Reasons that nobody reports reach followup by themselves."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from followup.container import Container
from followup.domain.consents.consent import Basis, Consent
from followup.triggers import day_repository
from followup.triggers import repository as reason_repository
from followup.triggers.repository import StoredReason
from kakehashi_common.clock import TOKYO, FixedClock, japan_day
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.budget_phases import PursuitCut
from kakehashi_common.contracts.deal_events import DealChanged
from kakehashi_common.contracts.handoffs import HandoffChanged
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.contracts.seller_activities import SellerActivityRecorded
from tests.support.followup_examples import ACTOR
from tests.support.received import received
from tests.support.waiting import eventually

NOON = datetime(2026, 12, 1, 12, tzinfo=TOKYO)
KIRYU = "102032"
STOPPED = {
    "name": "meet",
    "started_at": NOON.isoformat(),
    "stopped_at": NOON.isoformat(),
    "due_at": NOON.isoformat(),
    "kept": True,
}


def handoff(step: dict[str, Any], at: datetime = NOON, **more: Any) -> Received[Any]:
    data = {
        "handoff_id": "h-1",
        "lead_id": "crm-1",
        "from_role": "inside_sales",
        "to_role": "field_sales",
        "version": 3,
        "round": 1,
        "status": "recycled",
        "municipality_code": KIRYU,
        "sender": "is-7",
        "owner": "fs-1",
        "step": step,
    }
    return received(HandoffChanged.model_validate(data | more), at, event_id=f"h-1/{step['kind']}")


def met(at: datetime, lead_id: str = "crm-1") -> Received[Any]:
    data = ActivityRecorded.model_validate({"lead_id": lead_id, "kind": "meeting_held"})
    return received(data, at)


def deal(at: datetime = NOON, **said: Any) -> Received[Any]:
    data = {
        "deal_id": "d-1",
        "stage": "continuation",
        "municipality_code": KIRYU,
        "owner": "s-1",
        "outcome": "won",
        "contract_ends_on": "2028-03-31",
    }
    return received(DealChanged.model_validate(data | said), at)


@pytest.fixture(autouse=True)
async def known_lead(container: Container) -> None:
    profile = ProfileChanged.model_validate({"lead_id": "crm-1", "municipality_code": KIRYU})
    await container.contacts.save_lead_events([received(profile, NOON)])


async def found(container: Container, *events: Received[Any]) -> list[StoredReason]:
    """Take in events, each twice, and return the reasons of today."""
    for _ in range(2):
        await container.found_reasons.save(events)
    await container.found_reasons.look()
    return await container.reasons.good_today()


async def test_a_recycled_handoff_is_a_reason(container: Container) -> None:
    (stored,) = await found(container, handoff({"kind": "recycled", "until": "2027-04-01"}))
    reason = stored.reason
    assert (reason.kind, reason.lead_id, reason.owner) == ("handoff_recycled", "crm-1", "is-7")
    assert (reason.good_from, reason.good_until) == (date(2026, 12, 1), date(2026, 12, 15))
    assert reason.label.ja.startswith("引き継ぎが2027年4月1日（木）まで見送りになりました。")


async def test_other_steps_of_a_handoff_are_none(container: Container) -> None:
    rejected = {
        "kind": "rejected",
        "member_id": "fs-1",
        "reason": "no_need",
        "consequence": "disqualify",
        "after_acceptance": False,
    }
    assert (
        await found(container, handoff(rejected), handoff({"kind": "withdrawn", "by": "x"})) == []
    )


async def test_a_pursuit_that_was_cut_is_a_reason_for_its_municipality(
    container: Container,
) -> None:
    cut = PursuitCut.model_validate(
        {
            "pursuit_id": "p-1",
            "municipality_code": KIRYU,
            "policy_area": "digital",
            "route": "initial_budget",
            "stage": "assessment",
            "cut_on": "2026-11-30",
        }
    )
    (stored,) = await found(container, received(cut, NOON, event_id="cut-1"))
    reason = stored.reason
    assert (reason.kind, reason.municipality_code, reason.pursuit_id) == (
        "pursuit_cut",
        KIRYU,
        "p-1",
    )
    assert reason.label.ja.startswith("予算化が2026年11月30日（月）に見送られました。")


async def test_a_pursuit_that_was_cut_names_who_took_part_in_its_deal(
    container: Container,
) -> None:
    earlier = deal(NOON - timedelta(days=9), outcome=None, pursuit_id="p-1", lead_ids=["crm-8"])
    newest = deal(NOON, outcome=None, pursuit_id="p-1", lead_ids=["crm-1", "crm-2"], owner="s-7")
    assert await found(container, newest, earlier) == []
    cut = PursuitCut.model_validate(
        {
            "pursuit_id": "p-1",
            "municipality_code": KIRYU,
            "policy_area": "digital",
            "route": "initial_budget",
            "stage": "assessment",
            "cut_on": "2026-11-30",
        }
    )
    (stored,) = await found(container, received(cut, NOON, event_id="cut-1"))
    assert (stored.reason.lead_ids, stored.reason.owner) == (("crm-1", "crm-2"), "s-7")


async def test_the_end_of_a_contract_names_who_took_part(container: Container) -> None:
    (stored,) = await found(container, deal(lead_ids=["crm-1"]))
    assert stored.reason.lead_ids == ("crm-1",)


async def test_the_first_meeting_is_a_reason_each_year(
    container: Container, clock: FixedClock
) -> None:
    first = datetime(2025, 12, 3, 14, tzinfo=TOKYO)
    again = datetime(2026, 5, 20, 10, tzinfo=TOKYO)
    by_handoff = handoff({"kind": "meeting_held", "member_id": "fs-1", "clock": STOPPED}, first)
    (stored,) = await found(container, met(again), by_handoff)
    assert (stored.reason.kind, stored.reason.lead_id) == ("first_meeting_anniversary", "crm-1")
    assert stored.reason.owner == "fs-1"
    assert (stored.reason.good_from, stored.reason.good_until) == (
        date(2026, 11, 26),
        date(2026, 12, 10),
    )
    assert len(await found(container, met(again))) == 1, "it is raised once a year"
    clock.instant += timedelta(days=360)
    (next_year,) = await found(container)
    assert next_year.reason.good_from == date(2027, 11, 26)
    assert "から2年です" in next_year.reason.label.ja


async def test_a_meeting_that_becomes_known_late_moves_the_day(
    container: Container, clock: FixedClock
) -> None:
    await found(container, met(datetime(2026, 5, 20, 10, tzinfo=TOKYO)))
    clock.instant = datetime(2027, 2, 1, 9, tzinfo=TOKYO)
    (stored,) = await found(container, met(datetime(2026, 2, 2, 10, tzinfo=TOKYO)))
    assert stored.reason.good_from == date(2027, 1, 26)


async def test_the_end_of_a_contract_is_a_reason_eighteen_months_before(
    container: Container, clock: FixedClock
) -> None:
    assert await found(container, deal(contract_ends_on="2031-03-31")) == []
    clock.instant = datetime(2029, 9, 28, 9, tzinfo=TOKYO)
    assert await found(container) == []
    clock.instant = datetime(2029, 9, 29, 9, tzinfo=TOKYO)
    (stored,) = await found(container)
    assert (stored.reason.kind, stored.reason.municipality_code) == ("contract_expiry", KIRYU)
    assert stored.reason.owner == "s-1"


@pytest.mark.parametrize(
    "later",
    [
        {"contract_ends_on": None},
        {"outcome": None, "contract_ends_on": "2028-03-31"},
        {"contract_ends_on": "2033-03-31"},
    ],
)
async def test_the_newest_statement_of_a_deal_counts(
    container: Container, later: dict[str, Any]
) -> None:
    newest = deal(NOON + timedelta(hours=1), **later)
    assert await found(container, newest, deal()) == []


async def test_a_contract_that_is_about_to_end_is_a_reason_at_once(container: Container) -> None:
    (stored,) = await found(container, deal())
    assert stored.reason.label.ja.startswith("契約が2028年3月31日（金）に満了します。")


async def test_what_is_found_and_what_a_day_raises_do_not_wait_for_each_other(
    container: Container, clock: FixedClock
) -> None:
    await container.found_reasons.save([met(NOON - timedelta(days=365))])
    async with container.database.raw_transaction() as raising:  # as a look does
        assert await day_repository.due(raising, japan_day(clock.now()), 1)
        recycled = handoff({"kind": "recycled", "until": "2027-04-01"})
        earlier = met(NOON - timedelta(days=400))
        saving = asyncio.create_task(container.found_reasons.save([recycled, earlier]))

        async def waits() -> bool:
            async with container.database.raw_transaction() as connection:
                found: bool = await connection.fetchval(
                    "select exists (select from pg_stat_activity where datname = "
                    "current_database() and wait_event_type = 'Lock')"
                )
            return found

        await eventually(waits)
        await reason_repository.lock_days(raising, [KIRYU], japan_day(clock.now()))
    await saving


async def agree(container: Container, **differences: Any) -> None:
    """Have a person give their card."""
    given: dict[str, Any] = {
        "basis": Basis.BUSINESS_CARD,
        "obtained_on": date(2026, 11, 30),
        "evidence": "名刺 7",
    }
    consent = Consent(**(given | differences))
    await container.consents.record_all({"card@city.kiryu.example.jp": consent}, ACTOR)


async def new_contact(container: Container, said_at: datetime = NOON) -> None:
    said = {"lead_id": "crm-7", "role": "officer", "email": "Card@city.kiryu.example.jp"}
    await container.contacts.save_lead_events(
        [received(ProfileChanged.model_validate(said), said_at)]
    )


async def test_the_card_of_a_new_contact_is_a_first_contact(container: Container) -> None:
    await agree(container)
    assert await found(container) == []
    await new_contact(container)
    (stored,) = await found(container)
    assert (stored.reason.kind, stored.reason.lead_id) == ("first_contact", "crm-7")
    assert (stored.reason.good_from, stored.reason.good_until) == (
        date(2026, 11, 30),
        date(2026, 12, 14),
    )
    assert len(await found(container)) == 1, "it is raised once"


@pytest.mark.parametrize(
    ("consent", "said_at"),
    [
        ({"obtained_on": date(2026, 11, 16)}, NOON),  # imported long after
        ({"basis": Basis.BUSINESS_RELATION}, NOON),
        ({}, NOON - timedelta(days=40)),  # who was known before
    ],
)
async def test_old_contacts_are_not_greeted(
    container: Container, consent: dict[str, Any], said_at: datetime
) -> None:
    await agree(container, **consent)
    await new_contact(container, said_at)
    assert await found(container) == []


async def test_who_was_met_has_a_turn_each_quarter(container: Container, clock: FixedClock) -> None:
    await new_contact(container)
    assert [each.reason.kind for each in await found(container, met(NOON, "crm-7"))] == []
    kinds = []
    for _ in range(26):
        clock.instant += timedelta(days=7)
        kinds += [(each.reason.kind, each.reason.good_from) for each in await found(container)]
    turns = sorted({day for kind, day in kinds if kind == "regular_value"})
    assert len(turns) == 1
    assert NOON.date() + timedelta(days=90) <= turns[0]


async def test_what_is_switched_off_is_not_found(container: Container) -> None:
    off = {"first_contact_days": 0, "regular_value": False}
    settings = container.settings.model_copy(update=off)
    quiet = Container(settings, container.database, container.clock).found_reasons
    await agree(container)
    await new_contact(container)
    await quiet.save([met(NOON, "crm-7")])
    assert await quiet.look() == 0
    assert await rows(container) == ["first_meeting_anniversary"]


async def rows(container: Container) -> list[str]:
    async with container.database.raw_transaction() as connection:
        return [row["kind"] for row in await connection.fetch("select kind from known_day")]


async def test_an_activity_that_agreed_on_a_proof_of_concept_is_a_reason(
    container: Container,
) -> None:
    activity = {
        "activity_id": "a-1",
        "member_id": "s-1",
        "role": "field_sales",
        "kind": "meeting",
        "reached": True,
        "outcome": "poc_agreed",
        "lead_id": "crm-1",
    }
    stored = await found(
        container, received(SellerActivityRecorded.model_validate(activity), NOON, event_id="a-1")
    )
    assert [(each.reason.kind, each.reason.owner) for each in stored] == [("poc_agreed", "s-1")]
