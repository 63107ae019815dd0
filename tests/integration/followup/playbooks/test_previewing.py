"""A playbook is previewed on what came in lately."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from followup import tables
from followup.contacts.repository import save_leads
from followup.domain.playbooks.checks import Limits
from followup.domain.playbooks.preview import Entered
from followup.domain.triggers.reasons import Reason, SetAside
from followup.playbooks.previewing import PlaybookPreview, Previews
from followup.playbooks.reading import PlaybookFileError, shipped
from followup.triggers import behaviour_repository, repository
from followup.triggers.behaviour_repository import SeenBehaviour
from followup.triggers.repository import StoredReason
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.domain.texts import Text
from kakehashi_common.lead_profiles.repository import mark_erased
from tests.support import postgres
from tests.unit.followup.domain.playbooks.examples import OFFICE

NOW = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)
KIRYU = "102032"
LABEL = Text("例", "example")


@pytest_asyncio.fixture
async def database(empty_database: Database) -> AsyncIterator[Database]:
    async with postgres.tables(empty_database, tables.metadata):
        async with empty_database.raw_transaction() as connection:
            leads = (("officer", "officer"), ("council", "council"), ("gone", "manager"))
            await save_leads(connection, [lead for lead, _ in leads])
            for lead, role in leads:
                for name, value in (("role", role), ("municipality_code", KIRYU)):
                    await connection.execute(
                        "insert into lead_field (lead_id, name, value, at, event_key, source) "
                        "values ($1, $2, $3, $4, $5, 'test')",
                        lead, name, value, NOW, uuid4(),
                    )  # fmt: skip
            await mark_erased(connection, ["gone"])
        yield empty_database


@pytest.fixture
def previews(database: Database) -> Previews:
    return Previews(database, Limits(), OFFICE, FixedClock(NOW))


async def report(
    database: Database,
    kind: str,
    days_ago: int,
    *,
    lead_id: str | None = None,
    set_aside: SetAside | None = None,
) -> None:
    at = NOW - timedelta(days=days_ago)
    reason = Reason(
        kind,
        LABEL,
        at.date(),
        at.date(),
        lead_id=lead_id,
        municipality_code=None if lead_id else KIRYU,
    )
    async with database.raw_transaction() as connection:
        await repository.save(connection, [StoredReason(uuid4(), reason, at, set_aside)])


async def see(database: Database, name: str, days_ago: int, lead_id: str | None) -> None:
    at = NOW - timedelta(days=days_ago)
    seen = SeenBehaviour(name, at, lead_id, KIRYU, (), 2, False, LABEL)
    async with database.raw_transaction() as connection:
        await behaviour_repository.save_seen(connection, [seen])


def entered(preview: PlaybookPreview) -> Sequence[tuple[str, str, int]]:
    return [
        (each.arrival.contact_id, f"{each.arrival.at:%m-%d}", len(each.steps))
        for each in preview.found
        if isinstance(each, Entered)
    ]


async def test_a_reason_of_a_municipality_concerns_each_contact_that_is_known_there(
    previews: Previews, database: Database
) -> None:
    await report(database, "before_request_deadline", 9)
    await report(database, "first_contact", 5)  # of another playbook
    await report(database, "last_quote", 40)  # too long ago
    found = await previews.preview(shipped()["budget-request"], days=30)
    assert entered(found) == [("council", "09-22", 2), ("officer", "09-22", 2)]
    assert found.complete


async def test_whom_the_playbook_does_not_address_is_kept_out_with_the_reason(
    previews: Previews, database: Database
) -> None:
    for lead in ("council", "officer", "gone"):
        await report(database, "first_contact", 3, lead_id=lead)
    await report(database, "first_contact", 2, lead_id="officer")
    found = await previews.preview(shipped()["welcome"], days=30)
    assert entered(found) == [("officer", "09-28", 3)]
    assert [
        (each.arrival.contact_id, [text.en for text in each.why])
        for each in found.found
        if not isinstance(each, Entered)
    ] == [("council", ["the role is not addressed"]), ("officer", ["it is under way already"])]


async def test_behaviour_lets_in_as_reasons_do(previews: Previews, database: Database) -> None:
    await see(database, "price_interest", 4, "officer")
    await see(database, "several_active", 4, None)
    assert entered(await previews.preview(shipped()["price-interest"], days=30)) == [
        ("officer", "09-27", 4)
    ]
    assert entered(await previews.preview(shipped()["several-active"], days=30)) == [
        ("officer", "09-27", 3)
    ]


async def test_what_was_set_aside_lets_nobody_in(previews: Previews, database: Database) -> None:
    await report(database, "first_contact", 3, lead_id="officer", set_aside=next(iter(SetAside)))
    assert not (await previews.preview(shipped()["welcome"], days=30)).found


async def test_a_playbook_with_mistakes_is_not_previewed(previews: Previews) -> None:
    with pytest.raises(PlaybookFileError):
        await previews.preview("id: welcome\n", days=30)
