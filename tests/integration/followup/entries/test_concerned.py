"""Contacts whom a municipality's reason or behaviour lets in, and the sellers of their mails."""

from datetime import timedelta
from typing import Any

import pytest

from followup.container import Container
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.commands import Enter
from followup.domain.triggers.reasons import Reason
from followup.entries.service import Entries
from followup.occurrences import repository as occurrences
from followup.occurrences.repository import StoredOccurrence
from followup.playbooks.reading import shipped
from followup.triggers import behaviour_repository
from followup.triggers.behaviour_repository import SeenBehaviour
from kakehashi_common.clock import FixedClock, japan_day
from kakehashi_common.cloudevents.codec import event_key
from kakehashi_common.domain.texts import Text
from tests.support.followup_examples import ACTOR, introduce
from tests.support.troubled_sequences import Troubled, store

KIRYU = "102032"
PEOPLE = ("crm-1", "crm-2", "crm-3")
PLAYBOOKS = (
    "after-rejection",
    "contract-renewal",
    "enquiry",
    "involved-check",
    "personnel-check",
    "personnel-leaver",
    "personnel-newcomer",
    "several-active",
)


class Noting(Troubled):
    """Notes who entered what, in whose name."""

    def __init__(self) -> None:
        super().__init__({})
        self.entered: list[tuple[str, str, str | None]] = []

    async def enter(self, enter: Enter) -> None:
        await super().enter(enter)
        self.entered.append((enter.lead_id, enter.playbook_id, enter.owner))


@pytest.fixture
def workflows() -> Noting:
    return Noting()


@pytest.fixture
async def entries(container: Container, clock: FixedClock, workflows: Noting) -> Entries:
    """Three contacts of a city, who have been known since November."""
    for name in PLAYBOOKS:
        await container.playbooks.publish(shipped()[name], ACTOR)
    async with container.database.raw_transaction() as connection:
        await connection.execute(
            "insert into seller (seller_id, name, email, signature, active) select 's-' || n, "
            "'佐藤', 'sato@example.co.jp', '佐藤', true from generate_series(1, 3) n"
        )
    for lead_id in PEOPLE:
        await is_introduced(container, lead_id)
    database = container.database
    return Entries(
        database, container.playbooks, workflows.of(database), clock, default_owner="s-1"
    )


async def is_introduced(container: Container, lead_id: str) -> None:
    await introduce(container, lead_id, email=f"{lead_id}@city.kiryu.example.jp")


async def arises(container: Container, clock: FixedClock, kind: str, **differences: Any) -> None:
    today = japan_day(clock.now())
    said: dict[str, Any] = {"municipality_code": KIRYU, "owner": "s-2", **differences}
    reason = Reason(kind, Text(kind, kind), today, today + timedelta(days=14), **said)
    await container.reasons.report([("r-1", reason)], ACTOR, dry_run=False)


async def is_seen(
    container: Container, clock: FixedClock, name: str, lead_id: str | None, *lead_ids: str
) -> None:
    seen = SeenBehaviour(name, clock.now(), lead_id, KIRYU, lead_ids, 3, False, Text("", ""))
    async with container.database.raw_transaction() as connection:
        await behaviour_repository.save_seen(connection, [seen])


async def test_of_several_active_people_only_those_enter_who_were_active(
    container: Container, clock: FixedClock, entries: Entries, workflows: Noting
) -> None:
    await is_seen(container, clock, "several_active", None, "crm-1", "crm-3")
    await entries.look()
    assert workflows.reached == ["crm-1", "crm-3"]


@pytest.mark.parametrize(
    ("kind", "playbook"),
    [("contract_expiry", "contract-renewal"), ("pursuit_cut", "after-rejection")],
)
async def test_what_a_deal_comes_to_is_said_to_those_who_took_part(
    container: Container,
    clock: FixedClock,
    entries: Entries,
    workflows: Noting,
    kind: str,
    playbook: str,
) -> None:
    await arises(container, clock, kind, lead_ids=("crm-2", "crm-9"))
    await entries.look()
    assert workflows.entered == [("crm-2", playbook, "s-2")]


@pytest.mark.parametrize("lead_ids", [(), ("crm-9",)])
@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("contract_expiry", "involved-check"),
        ("pursuit_cut", "involved-check"),
        ("personnel_notice", "personnel-check"),
        ("personnel_arrival", "personnel-check"),
        ("leave_handover", "personnel-check"),
        ("reconfirm_contacts", "personnel-check"),
    ],
)
async def test_where_nobody_is_named_a_seller_finds_out_once(
    container: Container,
    clock: FixedClock,
    entries: Entries,
    workflows: Noting,
    kind: str,
    check: str,
    lead_ids: tuple[str, ...],
) -> None:
    await arises(container, clock, kind, lead_ids=lead_ids)
    await entries.look()
    assert {name for _, name, _ in workflows.entered} == {check}
    assert workflows.entered[0] == ("crm-1", check, "s-2")


async def test_a_newcomer_who_becomes_known_after_the_transfers_is_greeted(
    container: Container, clock: FixedClock, entries: Entries, workflows: Noting
) -> None:
    async with container.database.raw_transaction() as connection:
        await connection.execute("update lead set known_since = '2026-10-02'")
    clock.instant -= timedelta(days=29)  # 2 November, when the newcomer is introduced
    await arises(container, clock, "personnel_arrival")
    await entries.look()
    clock.instant += timedelta(days=6)
    await is_introduced(container, "crm-4")
    await entries.look()
    greeted = [who for who, name, _ in workflows.entered if name == "personnel-newcomer"]
    assert greeted == ["crm-4"]


@pytest.mark.parametrize(
    ("handoff", "sequence", "owner"),
    [("s-3", "s-2", "s-3"), (None, "s-2", "s-2"), ("s-9", None, "s-1"), (None, None, "s-1")],
)
async def test_a_behaviour_goes_in_the_name_of_who_has_the_contact(
    container: Container,
    clock: FixedClock,
    entries: Entries,
    workflows: Noting,
    handoff: str | None,
    sequence: str | None,
    owner: str,
) -> None:
    if sequence is not None:
        await store(container.database, "before", "crm-1", "unrelated")
        async with container.database.raw_transaction() as connection:
            await connection.execute(
                "update sequence set is_open = false, "
                "state = jsonb_set(state, '{owner}', to_jsonb($1::text))",
                sequence,
            )
    if handoff is not None:
        accepted = StoredOccurrence(
            event_key("handoffs", "h-1"),
            OccurrenceKind.HANDOFF_ACCEPTED,
            clock.now(),
            "handoffs-v1",
            lead_id="crm-1",
            name=handoff,
        )
        async with container.database.raw_transaction() as connection:
            await occurrences.save(connection, [accepted], clock.now())
    await is_seen(container, clock, "enquiry", "crm-1")
    await entries.look()
    assert workflows.entered == [("crm-1", "enquiry", owner)]
