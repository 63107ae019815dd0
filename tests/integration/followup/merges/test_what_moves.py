"""Statements about an id that was merged move to the one that stays: real PostgreSQL."""

from datetime import datetime, timedelta

import pytest

from followup.container import Container
from followup.domain.consents.suppression import Cause, Channel, Scope, Suppression, SuppressionKey
from followup.domain.triggers.reasons import Reason
from followup.playbooks.reading import shipped
from followup.triggers.consumer import lead_events
from kakehashi_common.clock import FixedClock
from kakehashi_common.consumer.delivery import in_turn
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.contracts.seller_activities import SellerActivityRecorded
from kakehashi_common.domain.texts import Text
from kakehashi_common.lead_merges.batches import under_surviving_ids
from tests.support.followup_examples import ACTOR, introduce
from tests.support.merges import merged
from tests.support.received import received

DAY = timedelta(days=1)


async def said(container: Container, *batch: tuple[EventData, datetime]) -> None:
    """Have the consumer of ``lead-events-v1`` take a batch in, as its process puts it together."""
    save = in_turn(container.occurrences.save, container.found_reasons.save)
    handle = in_turn(
        container.merges.save,
        under_surviving_ids(
            container.database, lead_events(container.contacts, container.behaviours, save)
        ),
    )
    await handle([received(data, at) for data, at in batch])


async def column(container: Container, query: str) -> list[object]:
    async with container.database.raw_transaction() as connection:
        return [row[0] for row in await connection.fetch(query)]


def profile(lead_id: str, **fields: str | None) -> ProfileChanged:
    return ProfileChanged.model_validate({"lead_id": lead_id, **fields})


@pytest.mark.parametrize("merges_first", [True, False], ids=["merge first", "merge last"])
async def test_of_each_field_what_was_said_last_counts(
    container: Container, clock: FixedClock, *, merges_first: bool
) -> None:
    now = clock.now()
    statements = [
        (profile("old", role="officer", email="old@city.example.jp"), now - 3 * DAY),
        (profile("new", role="manager", person_name="田中 一郎"), now - 2 * DAY),
        (profile("old", person_name="田中 太郎", municipality_code="102032"), now - 4 * DAY),
    ]
    merge = [(merged("old", "new").event.data, now)]
    for batch in [merge, statements] if merges_first else [statements, merge]:
        await said(container, *batch)
    for asked in ("old", "new"):
        contact, gone = await container.contacts.find(asked)
        assert (contact.lead_id, gone) == ("new", ("old",))
        assert (contact.role, contact.person_name) == ("manager", "田中 一郎")
        assert (contact.email, contact.municipality_code) == ("old@city.example.jp", "102032")
    assert await column(container, "select lead_id from lead_field where lead_id = 'old'") == []


@pytest.mark.parametrize("merge_at", [0, 1, 2], ids=["first", "between", "last"])
async def test_behaviours_of_both_ids_are_one_persons(
    container: Container, clock: FixedClock, merge_at: int
) -> None:
    await container.playbooks.publish(shipped()["price-interest"], ACTOR)
    for lead_id in ("old", "new"):
        await introduce(container, lead_id)
    viewed = [
        ActivityRecorded(lead_id=lead_id, kind="page_viewed", category="pricing")
        for lead_id in ("old", "new")
    ]
    events: list[tuple[EventData, datetime]] = [
        (each, clock.now() - days * DAY) for each, days in zip(viewed, (3, 1), strict=True)
    ]
    events.insert(merge_at, (merged("old", "new").event.data, clock.now()))
    for each in events:
        await said(container, each)
    await container.behaviours.look_again()
    seen = "select name || ' of ' || lead_id from seen_behaviour"
    assert await column(container, seen) == ["price_interest of new"]


def a_reason(lead_id: str, today: datetime) -> Reason:
    day = today.date()
    return Reason("other", Text("", ""), day, day + 7 * DAY, lead_id=lead_id)


@pytest.mark.parametrize("merges_first", [True, False], ids=["merge first", "merge last"])
async def test_reasons_and_days_concern_the_id_that_stays(
    container: Container, clock: FixedClock, *, merges_first: bool
) -> None:
    now = clock.now()
    met = {"member_id": "s-1", "role": "field_sales", "kind": "visit", "reached": True}
    visits: list[tuple[EventData, datetime]] = [
        (
            SellerActivityRecorded.model_validate(
                {**met, "activity_id": lead_id, "lead_id": lead_id}
            ),
            now - days * DAY,
        )
        for lead_id, days in (("old", 30), ("new", 10))
    ]

    async def speak() -> None:
        await said(container, *visits)
        reports = [(each, a_reason(each, now)) for each in ("old", "new")]
        await container.reasons.report(reports, ACTOR, dry_run=False)

    async def merge() -> None:
        await said(container, (merged("old", "new").event.data, now))

    for each in (merge, speak) if merges_first else (speak, merge):
        await each()
    good = await container.reasons.good_today(lead_id="new")
    assert [each.reason.lead_id for each in good] == ["new", "new"]
    days = "select day_id || ' ' || day from known_day"
    assert await column(container, days) == [f"first-meeting/new {(now - 30 * DAY).date()}"]


def suppression(lead_id: str, at: datetime, cause: Cause = Cause.OPT_OUT) -> Suppression:
    return Suppression(SuppressionKey(Scope.PERSON, lead_id), cause, Channel.API, at)


@pytest.mark.parametrize("merges_first", [True, False], ids=["merge first", "merge last"])
@pytest.mark.parametrize("suppressed", ["older", "old", "new"])
async def test_a_suppression_of_one_id_holds_for_all_and_is_lifted_for_all(
    container: Container, clock: FixedClock, suppressed: str, *, merges_first: bool
) -> None:
    async def merge() -> None:
        await container.merges.save([merged("old", "new"), merged("older", "old")])

    async def suppress() -> None:
        await container.consents.suppress(suppression(suppressed, clock.now()), ACTOR)

    for each in (merge, suppress) if merges_first else (suppress, merge):
        await each()
    values = "select value from suppression where scope = 'person' order by 1"
    assert await column(container, values) == ["new", "old", "older"]
    await container.consents.lift(SuppressionKey(Scope.PERSON, "new"), "ご本人の希望", ACTOR)
    assert await column(container, values) == []
    await merge()  # again changes nothing
    assert await column(container, values) == []


async def test_the_older_of_two_suppressions_is_the_one_that_spreads(
    container: Container, clock: FixedClock
) -> None:
    now = clock.now()
    for each in (suppression("a", now - DAY), suppression("b", now - 2 * DAY, Cause.SELLER)):
        await container.consents.suppress(each, ACTOR)
    await container.merges.save([merged("a", "c"), merged("b", "c")])
    causes = "select value || ' ' || cause from suppression order by 1"
    assert await column(container, causes) == ["a opt_out", "b seller", "c seller"]


async def test_who_was_erased_is_erased_under_an_id_that_goes_into_theirs(
    container: Container, clock: FixedClock
) -> None:
    now = clock.now()
    await introduce(container, "old", email="old@city.example.jp", person_name="田中 一郎")
    await container.personal_data.erase("new", ACTOR)
    await said(container, (merged("old", "new").event.data, now))
    await said(container, (profile("old", person_name="田中 一郎"), now))
    names = "select name from lead_field"
    assert await column(container, names) == ["municipality_code"]
    erased = "select lead_id from erased_lead order by 1"
    assert await column(container, erased) == ["new", "old"]


@pytest.mark.parametrize("asked", ["older", "old", "new"])
async def test_an_export_and_an_erasure_cover_all_ids(container: Container, asked: str) -> None:
    await introduce(container, "old", email="old@city.example.jp", person_name="田中 一郎")
    await container.merges.save([merged("old", "new"), merged("older", "old")])
    held = await container.personal_data.export(asked, ACTOR)
    assert {row["value"] for row in held["lead_field"]} >= {"田中 一郎"}
    await container.personal_data.erase(asked, ACTOR)
    erased = "select lead_id from erased_lead order by 1"
    assert await column(container, erased) == ["new", "old", "older"]
    assert await column(container, "select value from lead_field where name = 'email'") == []
