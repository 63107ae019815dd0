"""Playbooks are drafted, published, rolled back and retired; each version stays as it was."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from followup import tables
from followup.domain.playbooks.checks import Limits
from followup.playbooks.reading import PlaybookFileError, shipped
from followup.playbooks.service import Playbooks
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import NotFoundError
from tests.support import postgres

ME = Actor("tester", "tests")
WELCOME = shipped()["welcome"]
HIGHER = WELCOME.replace("priority: 40", "priority: 41")
OWN_BEHAVIOUR = """\
behaviours:
  visited:
    label: {ja: 訪問, en: Visited}
    conditions:
      - {on: happened, kinds: [meeting_held]}
"""


@pytest_asyncio.fixture
async def database(empty_database: Database) -> AsyncIterator[Database]:
    async with postgres.tables(empty_database, tables.metadata):
        yield empty_database


@pytest.fixture
def playbooks(database: Database) -> Playbooks:
    return Playbooks(database, Limits())


async def priorities(playbooks: Playbooks) -> dict[str, int]:
    return {each.id: each.priority for each in await playbooks.in_force()}


async def audited(database: Database) -> list[str]:
    async with database.raw_transaction() as connection:
        return [f"{row[0]} {row[1]}" for row in await connection.fetch(
            "select what, subject from audit order by id"
        )]  # fmt: skip


async def test_what_is_published_is_in_force_and_is_audited(
    playbooks: Playbooks, database: Database
) -> None:
    publication = await playbooks.publish(WELCOME, ME)
    assert (publication.created, publication.stored.version) == (True, 1)
    assert publication.stored.document == WELCOME
    assert await priorities(playbooks) == {"welcome": 40}
    assert await audited(database) == ["publish_playbook playbook/welcome"]


async def test_the_same_playbook_makes_no_version_whatever_its_comments_say(
    playbooks: Playbooks,
) -> None:
    await playbooks.publish(WELCOME, ME)
    publication = await playbooks.publish(f"# another comment\n{WELCOME}", ME)
    assert (publication.created, publication.stored.version) == (False, 1)


async def test_a_sequence_finds_the_version_that_it_began_with(
    playbooks: Playbooks, database: Database
) -> None:
    await playbooks.publish(WELCOME, ME)
    await playbooks.publish(HIGHER, ME)
    assert await priorities(playbooks) == {"welcome": 41}
    for reader in (playbooks, Playbooks(database, Limits())):
        async with database.transaction() as connection:
            first = await reader.find(connection, "welcome", 1)
            assert (first.version, first.priority) == (1, 40)
            assert await reader.find(connection, "welcome", 1) is first
            with pytest.raises(DomainError) as caught:
                await reader.find(connection, "welcome", 3)
            assert caught.value.code == "unknown_playbook"


async def test_a_roll_back_puts_an_earlier_version_in_force_again(
    playbooks: Playbooks, database: Database
) -> None:
    await playbooks.publish(WELCOME, ME)
    await playbooks.publish(HIGHER, ME)
    await playbooks.roll_back("welcome", 1, ME)
    assert await priorities(playbooks) == {"welcome": 40}
    assert [each.version for each in await playbooks.versions("welcome")] == [2, 1]
    again = await playbooks.publish(HIGHER, ME)
    assert (again.created, again.stored.version) == (True, 3)
    with pytest.raises(NotFoundError, match="no version 9"):
        await playbooks.roll_back("welcome", 9, ME)
    assert (await audited(database))[2] == "roll_back_playbook playbook/welcome"


async def test_a_retired_playbook_lets_nobody_in_and_is_still_found(
    playbooks: Playbooks, database: Database
) -> None:
    await playbooks.publish(WELCOME, ME)
    for _ in range(2):
        await playbooks.retire("welcome", ME)
    assert await priorities(playbooks) == {}
    async with database.transaction() as connection:
        assert (await playbooks.find(connection, "welcome", 1)).priority == 40
    assert (await audited(database)).count("retire_playbook playbook/welcome") == 1
    publication = await playbooks.publish(WELCOME, ME)
    assert publication.stored.version == 2


async def test_a_draft_may_hold_mistakes_and_can_be_published_without_them(
    playbooks: Playbooks,
) -> None:
    mistakes = await playbooks.save_draft("welcome", "id: welcome\n", ME)
    assert mistakes is not None
    assert "lacks name" in str(mistakes)
    with pytest.raises(PlaybookFileError):
        await playbooks.publish_draft("welcome", ME)
    assert await priorities(playbooks) == {}
    assert await playbooks.save_draft("welcome", WELCOME, ME) is None
    stored = await playbooks.get("welcome")
    assert (stored.draft, stored.draft_by, stored.in_force) == (WELCOME, "tester", None)
    assert (await playbooks.publish_draft("welcome", ME)).created
    stored = await playbooks.get("welcome")
    assert (stored.draft, stored.in_force) == (None, 1)
    with pytest.raises(NotFoundError, match="has no draft"):
        await playbooks.publish_draft("welcome", ME)


@pytest.mark.parametrize(
    ("playbook_id", "document", "code"),
    [("other", WELCOME, "other_playbook"), ("Not an id", WELCOME, "not_an_id")],
)
async def test_a_draft_is_of_the_playbook_that_it_is_saved_under(
    playbooks: Playbooks, playbook_id: str, document: str, code: str
) -> None:
    with pytest.raises(DomainError) as caught:
        await playbooks.save_draft(playbook_id, document, ME)
    assert caught.value.code == code


async def test_two_playbooks_can_t_mean_different_things_by_one_behaviour(
    playbooks: Playbooks,
) -> None:
    mine = WELCOME + OWN_BEHAVIOUR
    await playbooks.publish(mine, ME)
    other = mine.replace("id: welcome", "id: other", 1).replace("meeting_held", "call_answered")
    with pytest.raises(DomainError, match="two behaviours have this name"):
        await playbooks.publish(other, ME)
    assert await priorities(playbooks) == {"welcome": 40}


async def test_many_who_publish_at_once_get_versions_one_after_another(
    playbooks: Playbooks,
) -> None:
    documents = [WELCOME.replace("priority: 40", f"priority: {n}") for n in range(50, 56)]
    published = await asyncio.gather(*(playbooks.publish(each, ME) for each in documents))
    assert sorted(each.stored.version for each in published) == [1, 2, 3, 4, 5, 6]


async def test_what_ships_is_installed_where_nothing_is_stored_under_its_id(
    playbooks: Playbooks,
) -> None:
    await playbooks.save_draft("welcome", "id: welcome\n", ME)
    await playbooks.publish(shipped()["enquiry"], ME)
    await playbooks.retire("enquiry", ME)
    installed = await playbooks.install_shipped(ME)
    assert set(installed) == set(shipped()) - {"welcome", "enquiry"}
    assert set(await priorities(playbooks)) == set(installed)
    assert await playbooks.install_shipped(ME) == ()
