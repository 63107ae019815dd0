"""Entries go on while some workflows are in trouble, and after a process was killed."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from followup.container import Container
from followup.domain.sequences.commands import Enter
from followup.domain.triggers.reasons import Reason
from followup.entries.service import Entries
from followup.triggers import behaviour_repository
from followup.triggers.behaviour_repository import SeenBehaviour
from kakehashi_common.clock import FixedClock, japan_day
from kakehashi_common.domain.texts import Text
from kakehashi_common.errors import TransientError
from tests.support.followup_examples import ACTOR, PLAYBOOK, introduce
from tests.support.troubled_sequences import BUSY, TROUBLES, Troubled, store

IMPORTANT, LESS_IMPORTANT = "crm-1", "crm-2"
LEASE = timedelta(minutes=2)


@pytest.fixture(autouse=True)
async def known(container: Container) -> None:
    await container.playbooks.publish(
        PLAYBOOK.replace(
            "reasons: [new_contact]", "reasons: [new_contact], behaviours: [case_read]"
        ),
        ACTOR,
    )
    async with container.database.raw_transaction() as connection:
        await connection.execute(
            "insert into seller (seller_id, name, email, signature, active) "
            "values ('s-1', '佐藤', 'sato@example.co.jp', '佐藤', true)"
        )
    for lead_id in (IMPORTANT, LESS_IMPORTANT):
        await introduce(container, lead_id, email=f"{lead_id}@city.kiryu.example.jp")


def entries(container: Container, workflows: Troubled, clock: FixedClock) -> Entries:
    database = container.database
    return Entries(
        database, container.playbooks, workflows.of(database), clock, default_owner="s-1"
    )


async def arises(container: Container, clock: FixedClock, lead_id: str | None) -> None:
    today = japan_day(clock.now())
    reason = Reason(
        "new_contact",
        Text("新しい連絡先", "a new contact"),
        today,
        today + timedelta(days=7),
        lead_id=lead_id,
        municipality_code="102032",
        importance=3 if lead_id == IMPORTANT else 1,
    )
    await container.reasons.report([(f"of-{lead_id}", reason)], ACTOR, dry_run=False)


async def seen(
    container: Container, clock: FixedClock, lead_id: str, *, urgent: bool = False
) -> None:
    async with container.database.raw_transaction() as connection:
        behaviour = SeenBehaviour(
            "case_read", clock.now(), lead_id, "102032", (), 1, urgent, Text("訪問", "case_read")
        )
        await behaviour_repository.save_seen(connection, [behaviour])


async def entered(container: Container, lead_id: str) -> list[bool]:
    found = await container.entries.decisions(lead_id, 10)
    return [each.sequence_id is not None for each in found]


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_reason_in_trouble_holds_up_no_other_and_is_tried_again(
    container: Container, clock: FixedClock, trouble: Exception
) -> None:
    workflows = Troubled({IMPORTANT: trouble})
    acting = entries(container, workflows, clock)
    await arises(container, clock, IMPORTANT)
    await arises(container, clock, LESS_IMPORTANT)
    await acting.look()
    assert await entered(container, LESS_IMPORTANT) == [True]
    assert await entered(container, IMPORTANT) == []

    workflows.trouble.clear()
    clock.instant += LEASE
    await acting.look()
    assert await entered(container, IMPORTANT) == [True]


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_behaviour_in_trouble_holds_up_no_other(
    container: Container, clock: FixedClock, trouble: Exception
) -> None:
    acting = entries(container, Troubled({IMPORTANT: trouble}), clock)
    await seen(container, clock, IMPORTANT)
    await seen(container, clock, LESS_IMPORTANT)
    await acting.look()
    assert await entered(container, LESS_IMPORTANT) == [True]


@pytest.mark.parametrize("urgent", [True, False])
async def test_who_asks_waits_for_no_reason_and_nobody_waits_for_all_of_them(
    container: Container, clock: FixedClock, *, urgent: bool
) -> None:
    workflows = Troubled({})
    for number in range(3):
        lead_id = f"of-reason-{number}"
        await introduce(container, lead_id, email=f"{lead_id}@city.kiryu.example.jp")
        await arises(container, clock, lead_id)
    await seen(container, clock, IMPORTANT, urgent=urgent)
    await entries(container, workflows, clock).look()
    assert workflows.reached.index(IMPORTANT) == (0 if urgent else 1)


async def test_one_contact_of_a_municipality_holds_up_no_other(
    container: Container, clock: FixedClock
) -> None:
    workflows = Troubled({IMPORTANT: BUSY})
    acting = entries(container, workflows, clock)
    await arises(container, clock, None)
    await acting.look()
    assert await entered(container, LESS_IMPORTANT) == [True]
    workflows.trouble.clear()
    clock.instant += LEASE
    await acting.look()
    assert workflows.reached == [LESS_IMPORTANT, IMPORTANT], "nobody enters twice"


@dataclass
class Killed(Troubled):
    """The process ends when a sequence has begun, before anything is committed."""

    container: Container | None = None

    async def enter(self, enter: Enter) -> None:
        await super().enter(enter)
        assert self.container is not None
        await store(self.container.database, enter.sequence_id, enter.lead_id, enter.playbook_id)
        raise TransientError("the process is killed")


async def test_a_sequence_that_began_before_the_process_was_killed_is_joined(
    container: Container, clock: FixedClock
) -> None:
    workflows = Killed(container=container)
    acting = entries(container, workflows, clock)
    await arises(container, clock, IMPORTANT)
    with pytest.raises(TransientError):
        await acting.look()
    assert await entered(container, IMPORTANT) == []
    clock.instant += LEASE
    await acting.look()
    assert await entered(container, IMPORTANT) == [True]
    assert workflows.reached == [IMPORTANT]


@dataclass
class Slow(Troubled):
    """A sequence whose first step waits."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def enter(self, enter: Enter) -> None:
        self.begun.set()
        await self.goes_on.wait()
        await super().enter(enter)


@pytest.mark.parametrize("what", [arises, seen])
async def test_an_erasure_does_not_wait_for_an_entry(
    container: Container, clock: FixedClock, what: object
) -> None:
    workflows = Slow()
    assert callable(what)
    await what(container, clock, IMPORTANT)
    acting = asyncio.create_task(entries(container, workflows, clock).look())
    await workflows.begun.wait()
    async with asyncio.timeout(30):
        await container.personal_data.erase(IMPORTANT, ACTOR)
    workflows.goes_on.set()
    await acting
