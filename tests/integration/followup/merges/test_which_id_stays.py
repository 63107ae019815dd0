"""The id that stays after merges in any order, and the merges that are refused."""

import itertools
from collections.abc import Sequence

import pytest

from followup.container import Container
from kakehashi_common.lead_merges import repository
from tests.support.merges import CRM, merged

Said = Sequence[tuple[str, str]]


async def stay(container: Container, *lead_ids: str) -> dict[str, str]:
    async with container.database.raw_transaction() as connection:
        gone = await repository.surviving(connection, lead_ids)
    return {each: gone.get(each, each) for each in lead_ids}


async def audited(container: Container) -> list[tuple[str, str, str]]:
    async with container.database.raw_transaction() as connection:
        rows = await connection.fetch(
            "select subject, origin, after from audit where what = 'merge_leads' order by id"
        )
    return [(row["subject"], row["origin"], row["after"]["into_lead_id"]) for row in rows]


@pytest.mark.parametrize(
    ("said", "survivors"),
    [
        pytest.param([("a", "b")], {"a": "b", "b": "b"}, id="neither lead is known"),
        pytest.param([("a", "b"), ("a", "b")], {"a": "b", "b": "b"}, id="twice"),
        pytest.param([("a", "b"), ("b", "c")], {"a": "c", "b": "c", "c": "c"}, id="a chain"),
        pytest.param(
            [("b", "c"), ("a", "b")], {"a": "c", "b": "c", "c": "c"}, id="a chain, backwards"
        ),
        pytest.param(
            [("a", "b"), ("b", "c"), ("a", "c")], {"a": "c", "b": "c"}, id="said again by the end"
        ),
        pytest.param(
            [("a", "c"), ("b", "c"), ("c", "d")], {"a": "d", "b": "d", "c": "d"}, id="a tree"
        ),
    ],
)
@pytest.mark.parametrize("at_once", [True, False], ids=["one batch", "one by one"])
async def test_the_last_of_a_chain_stays(
    container: Container, said: Said, survivors: dict[str, str], *, at_once: bool
) -> None:
    events = [merged(*each) for each in said]
    for batch in [events] if at_once else [[each] for each in events]:
        await container.merges.save(batch)
    await container.merges.save(events)
    assert await stay(container, *survivors) == survivors


async def test_every_order_of_a_chain_leads_to_the_same(container: Container) -> None:
    chain = [("a", "b"), ("b", "c"), ("c", "d"), ("x", "b")]
    for order in itertools.permutations(chain):
        async with container.database.raw_transaction() as connection:
            await connection.execute("truncate merged_lead")
        await container.merges.save([merged(*each) for each in order])
        assert set((await stay(container, *"abcdx")).values()) == {"d"}


@pytest.mark.parametrize(
    ("before", "refused", "code", "field"),
    [
        pytest.param(
            [("a", "b")], ("b", "a"), "merge_cycle", "/data/into_lead_id", id="back again"
        ),
        pytest.param(
            [("a", "b"), ("b", "c")], ("c", "a"), "merge_cycle", "/data/into_lead_id", id="round"
        ),
        pytest.param(
            [("a", "b")], ("a", "c"), "merged_before", "/data/lead_id", id="into another one, too"
        ),
    ],
)
async def test_what_contradicts_an_earlier_merge_is_refused_and_changes_nothing(
    container: Container, before: Said, refused: tuple[str, str], code: str, field: str
) -> None:
    await container.merges.save([merged(*each) for each in before])
    known = await stay(container, *"abc")
    with pytest.raises(repository.ContradictoryMergeError) as error:
        await container.merges.save([merged("d", "e"), merged(*refused)])
    assert (error.value.code, error.value.field) == (code, field)
    assert await stay(container, *"abc") == known
    assert await stay(container, "d") == {"d": "d"}


async def test_a_merge_is_audited_once_with_who_said_it(container: Container) -> None:
    for _ in range(2):
        await container.merges.save([merged("a", "b"), merged("b", "c")])
    assert await audited(container) == [("lead/a", CRM, "b"), ("lead/b", CRM, "c")]
