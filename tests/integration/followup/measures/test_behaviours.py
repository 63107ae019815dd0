"""The precision of conditions, and the reasons why a behaviour is seen in somebody or not."""

from datetime import datetime, timedelta

import pytest

from followup.container import Container
from followup.domain.measures.precision import Precision
from followup.domain.playbooks.steps import OccurrenceKind
from followup.triggers import behaviour_repository
from followup.triggers.behaviour_repository import SeenBehaviour
from kakehashi_common.clock import FixedClock
from kakehashi_common.domain.proportions import Proportion
from kakehashi_common.domain.texts import Text
from tests.support.followup_api import Service
from tests.support.followup_examples import enter_everybody
from tests.support.sequence_facts import store
from tests.support.sequences import Life, at

SEEN = at("2026-11-30 09:00")
KIRYU = "102032"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SEEN + timedelta(days=31))


async def saw(
    container: Container, name: str, lead_id: str | None, seen_at: datetime = SEEN
) -> None:
    seen = SeenBehaviour(name, seen_at, lead_id, KIRYU, (), 3, False, Text("見た", "seen"))
    async with container.database.raw_transaction() as connection:
        await behaviour_repository.save_seen(connection, [seen])


async def reacts(container: Container, lead_id: str, occurrence: OccurrenceKind, when: str) -> None:
    life = Life("2026-11-30 10:00", sequence_id=f"sq-{lead_id}", lead_id=lead_id).then(when)
    life.react(occurrence)
    await store(container.database, life)


async def test_precision_counts_what_followed_in_time(container: Container) -> None:
    await reacts(container, "answers", OccurrenceKind.ANSWERED, "2026-12-02 11:00")
    await reacts(container, "meets", OccurrenceKind.MEETING_BOOKED, "2026-12-20 11:00")
    await reacts(container, "too-late", OccurrenceKind.ANSWERED, "2027-01-04 11:00")
    for lead_id in ("answers", "meets", "too-late", "silent"):
        await saw(container, "price_interest", lead_id)
    await saw(container, "price_interest", "answers", SEEN + timedelta(days=10))
    found = await container.measures.precisions()
    assert found["price_interest"] == Precision(
        5, 0, Proportion(0, 4), Proportion(1, 4), Proportion(1, 4)
    )


async def test_a_municipalitys_behaviour_was_right_if_anybody_there_answered(
    container: Container,
) -> None:
    await reacts(container, "somebody", OccurrenceKind.ANSWERED, "2026-12-02 11:00")
    await saw(container, "several_active", None)
    (found,) = (await container.measures.precisions()).values()
    assert (found.answered, found.met) == (Proportion(1, 1), Proportion(0, 1))


async def test_one_that_no_playbook_wants_is_counted(container: Container) -> None:
    await saw(container, "price_interest", "crm-1")
    assert await container.entries.look() == 1
    (found,) = (await container.measures.precisions()).values()
    assert (found.fired, found.no_playbook) == (1, 1)


async def test_an_entry_for_it_is_counted(container: Container) -> None:
    await saw(container, "price_interest", "enters")
    await saw(container, "price_interest", "does-not")
    async with container.database.raw_transaction() as connection:
        await connection.execute(
            "insert into entry_decision select 'behaviour-' || id, lead_id, 'p', 1, "
            "case lead_id when 'enters' then 'sq-1' end, '', '', now() from seen_behaviour"
        )
    (found,) = (await container.measures.precisions()).values()
    assert found.entered == Proportion(1, 2)


async def test_the_api_says_how_right_a_condition_was_and_why_it_is_not_seen(
    installed: Service,
) -> None:
    await installed.fresh()
    await enter_everybody(installed)
    shown = await installed.call("GET", "/behaviours")
    prices = next(each for each in shown["items"] if each["name"] == "price_interest")
    assert prices["label"] == "料金・比較への関心"
    assert (prices["precision"]["fired"], prices["precision"]["answered"]["n"]) == (0, 0)
    judged = (await installed.http.get("/behaviour-judgements?lead_id=crm-1")).json()
    (about,) = [each for each in judged if each["name"] == "price_interest"]
    assert about["seen"] is False
    assert about["why"].startswith("「料金・比較への関心」には当てはまりません。足りないもの：")
