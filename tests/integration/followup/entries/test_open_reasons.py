"""A reason is acted on until its last day: for contacts, sellers and playbooks that come later."""

from datetime import timedelta
from typing import Any

import pytest

from followup.contacts import repository as contacts
from followup.container import Container
from followup.domain.triggers.handling import Handling
from followup.domain.triggers.reasons import Reason, SetAside
from followup.entries.service import Entries
from kakehashi_common.clock import FixedClock, japan_day
from kakehashi_common.domain.texts import Text
from tests.support.followup_examples import ACTOR, PLAYBOOK, introduce
from tests.support.troubled_sequences import BUSY, Troubled, store

KIRYU = "102032"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def workflows() -> Troubled:
    return Troubled({})


@pytest.fixture
async def entries(container: Container, clock: FixedClock, workflows: Troubled) -> Entries:
    """Contacts may enter the playbook ``greeting`` in the name of s-1."""
    await container.playbooks.publish(PLAYBOOK, ACTOR)
    await enter_seller(container, "s-1")
    database = container.database
    return Entries(database, container.playbooks, workflows.of(database), clock, default_owner=None)


async def enter_seller(container: Container, seller_id: str) -> None:
    async with container.database.raw_transaction() as connection:
        await connection.execute(
            "insert into seller (seller_id, name, email, signature, active) "
            "values ($1, '佐藤', 'sato@example.co.jp', '佐藤', true)",
            seller_id,
        )


async def arises(container: Container, clock: FixedClock, **differences: Any) -> None:
    today = japan_day(clock.now())
    reason: dict[str, Any] = {
        "kind": "new_contact",
        "label": Text("新しい連絡先", "a new contact"),
        "good_from": today,
        "good_until": today + timedelta(days=14),
        "municipality_code": KIRYU,
        "owner": "s-1",
        **differences,
    }
    await container.reasons.report([("r-1", Reason(**reason))], ACTOR, dry_run=False)


async def is_introduced(container: Container, lead_id: str, **differences: str) -> None:
    said = {"email": f"{lead_id}@city.kiryu.example.jp", **differences}
    await introduce(container, lead_id, **said)


async def why_not(container: Container, lead_id: str) -> list[str]:
    """Return why a contact did not enter, by playbook; empty if they did."""
    found = await container.entries.decisions(lead_id, 10)
    return [each.why_en for each in sorted(found, key=lambda each: each.playbook_id)]


async def state(container: Container) -> Handling:
    [reason] = await container.reasons.good_today(municipality_code=KIRYU)
    return reason.handling


async def look(entries: Entries) -> None:
    for _ in range(2):  # what was done is not done again
        await entries.look()


async def test_a_contact_who_becomes_known_later_enters_once(
    container: Container, clock: FixedClock, entries: Entries, workflows: Troubled
) -> None:
    await is_introduced(container, "crm-1")
    await arises(container, clock)
    await look(entries)
    clock.instant += timedelta(days=6)
    await is_introduced(container, "crm-2")
    await look(entries)
    await is_introduced(container, "crm-1", department="財政課")
    await look(entries)
    assert workflows.reached == ["crm-1", "crm-2"]


async def test_a_reason_without_contacts_is_acted_on_as_one_becomes_known(
    container: Container, clock: FixedClock, entries: Entries
) -> None:
    await arises(container, clock)
    await look(entries)
    assert await state(container) is Handling.NOBODY
    await is_introduced(container, "crm-1")
    await look(entries)
    assert await state(container) is Handling.DECIDED
    assert await why_not(container, "crm-1") == [""]


async def test_a_reason_whose_lead_turns_out_to_be_of_another_municipality_is_set_aside(
    container: Container, clock: FixedClock, entries: Entries, workflows: Troubled
) -> None:
    await arises(container, clock, lead_id="crm-1")
    assert await state(container) is Handling.AWAITS_LEAD
    clock.instant += timedelta(days=2)
    await is_introduced(container, "crm-1", municipality_code="131130")
    await look(entries)
    assert workflows.reached == []
    assert await container.reasons.good_today() == []
    ((_, cause, _),) = (await container.reasons.set_aside_today()).reasons
    assert cause is SetAside.OTHER_MUNICIPALITY


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ({"role": "head"}, {"role": "officer"}, "the role is not addressed"),
        ({"municipality_code": "131130"}, {"municipality_code": KIRYU}, None),
    ],
)
async def test_a_contact_of_whom_something_changes_is_decided_on_again(
    container: Container,
    clock: FixedClock,
    entries: Entries,
    before: dict[str, str],
    after: dict[str, str],
    why: str | None,
) -> None:
    await is_introduced(container, "crm-1", **before)
    await arises(container, clock)
    await look(entries)
    assert await why_not(container, "crm-1") == ([] if why is None else [why])
    await is_changed(container, "crm-1", **after)
    await look(entries)
    assert await why_not(container, "crm-1") == [""]


async def is_changed(container: Container, lead_id: str, **differences: str) -> None:
    async with container.database.raw_transaction() as connection:
        await connection.execute("update lead_field set at = '2026-01-01'")
    await is_introduced(container, lead_id, **differences)


async def test_after_its_last_day_nobody_enters_for_it(
    container: Container, clock: FixedClock, entries: Entries, workflows: Troubled
) -> None:
    await arises(container, clock)
    await look(entries)
    clock.instant += timedelta(days=15)
    await is_introduced(container, "crm-1")
    await look(entries)
    assert workflows.reached == []


async def test_who_was_kept_out_by_a_sequence_enters_when_it_ends(
    container: Container, clock: FixedClock, entries: Entries, workflows: Troubled
) -> None:
    less_important = PLAYBOOK.replace("priority: 30", "priority: 20")
    await container.playbooks.publish(less_important.replace("greeting", "calling"), ACTOR)
    await is_introduced(container, "crm-1")
    await store(container.database, "before", "crm-1", "greeting")
    await arises(container, clock)
    await look(entries)
    assert await why_not(container, "crm-1") == [
        "the contact is in 'greeting', which has the same or a higher priority",
        "the contact is in this playbook already",
    ]
    async with container.database.raw_transaction() as connection:
        await connection.execute("update sequence set is_open = false")
        await contacts.decide_again(connection, ["crm-1"])
    await look(entries)
    assert workflows.reached == ["crm-1"]
    assert await why_not(container, "crm-1") == ["", "it is too early to enter again"]


async def test_a_reason_without_a_seller_waits_for_one(
    container: Container, clock: FixedClock, entries: Entries
) -> None:
    await is_introduced(container, "crm-1")
    await arises(container, clock, owner="s-2")
    await look(entries)
    assert await state(container) is Handling.AWAITS_SELLER
    clock.instant += 20 * MINUTE
    await look(entries)
    assert await state(container) is Handling.AWAITS_SELLER
    await enter_seller(container, "s-2")
    clock.instant += 20 * MINUTE
    await look(entries)
    assert await state(container) is Handling.DECIDED
    assert await why_not(container, "crm-1") == [""]


async def test_a_playbook_that_comes_into_force_later_is_entered_too(
    container: Container, clock: FixedClock, entries: Entries, workflows: Troubled
) -> None:
    await is_introduced(container, "crm-1")
    await arises(container, clock, kind="first_contact")
    await look(entries)
    assert await state(container) is Handling.NO_PLAYBOOK
    await container.playbooks.publish(PLAYBOOK.replace("new_contact", "first_contact"), ACTOR)
    await look(entries)
    await container.playbooks.publish(
        PLAYBOOK.replace("new_contact", "first_contact").replace("一通", "ただ一通"), ACTOR
    )
    await look(entries)
    assert workflows.reached == ["crm-1"]
    assert await state(container) is Handling.DECIDED


async def test_one_in_trouble_is_tried_again_after_the_lease(
    container: Container, clock: FixedClock, entries: Entries, workflows: Troubled
) -> None:
    await arises(container, clock)
    await look(entries)
    workflows.trouble["crm-1"] = BUSY
    await is_introduced(container, "crm-1")
    await look(entries)
    assert workflows.reached == []
    workflows.trouble.clear()
    clock.instant += 2 * MINUTE
    await look(entries)
    assert workflows.reached == ["crm-1"]


async def test_contacts_whom_no_reason_concerns_are_done_with_at_once(
    container: Container, clock: FixedClock, entries: Entries
) -> None:
    await arises(container, clock, municipality_code="131130")
    for number in range(3):
        await is_introduced(container, f"crm-{number}")
    await look(entries)
    async with container.database.raw_transaction() as connection:
        assert await connection.fetchval("select count(decide_at) from lead") == 0
