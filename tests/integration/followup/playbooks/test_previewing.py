"""A playbook is previewed on what came in lately."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from followup import tables
from followup.answer_rates import AnswerRates
from followup.contacts.repository import save_leads
from followup.contents.chosen import StepContent, keep
from followup.contents.service import Contents
from followup.domain.contents.choice import ChosenContent
from followup.domain.contents.content import Content, ContentKind
from followup.domain.playbooks.checks import Limits
from followup.domain.playbooks.walk import Position
from followup.domain.preview import Entered, KeptOut
from followup.domain.sequences.state import SequenceState
from followup.domain.sequences.terms import Status
from followup.domain.triggers.reasons import Reason, SetAside
from followup.playbooks.previewing import PlaybookPreview, Previews
from followup.playbooks.reading import PlaybookFileError, shipped
from followup.playbooks.service import Playbooks
from followup.sellers import repository as sellers
from followup.sellers.repository import Seller
from followup.sequences import repository as sequences
from followup.sequences.messages import RecordedDecision
from followup.texts.previewing import ContentPreviews
from followup.triggers import behaviour_repository, repository
from followup.triggers.behaviour_repository import SeenBehaviour
from followup.triggers.repository import StoredReason
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.domain.reasons import Audience
from kakehashi_common.domain.texts import Text
from kakehashi_common.lead_profiles.repository import mark_erased
from tests.support import postgres
from tests.support.followup_api import SENDER
from tests.support.followup_channels import PLAYBOOK as CHOOSING_A_CHANNEL
from tests.support.followup_channels import Tasks, mails_before, tasks_before
from tests.support.followup_examples import ACTOR, mail_went
from tests.unit.followup.domain.playbooks.examples import OFFICE

NOW = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)
KIRYU = "102032"
LABEL = Text("例", "example")
UNASKED = "a member of the council is contacted only if they asked (council_member)"


@pytest_asyncio.fixture
async def database(empty_database: Database) -> AsyncIterator[Database]:
    async with postgres.tables(empty_database, tables.metadata):
        async with empty_database.raw_transaction() as connection:
            leads = (
                ("officer", "officer"),
                ("council", "council"),
                ("gone", "manager"),
                ("unreachable", "officer"),
            )
            await save_leads(connection, [lead for lead, _ in leads])
            for lead, role in leads:
                email = f"{lead}@city.kiryu.example.jp"
                for name, value in (
                    ("role", role),
                    ("municipality_code", KIRYU),
                    ("email", None if lead == "unreachable" else email),
                ):
                    await connection.execute(
                        "insert into lead_field (lead_id, name, value, at, event_key, source) "
                        "values ($1, $2, $3, $4, $5, 'test')",
                        lead, name, value, NOW, uuid4(),
                    )  # fmt: skip
            await mark_erased(connection, ["gone"])
        async with empty_database.transaction() as connection:
            await sellers.put(connection, Seller("s-1", "佐藤 花子", "sato@example.co.jp", "佐藤"))
        yield empty_database


@pytest.fixture
def playbooks(database: Database) -> Playbooks:
    return Playbooks(database, Limits())


@pytest.fixture
def previews(database: Database, playbooks: Playbooks) -> Previews:
    clock = FixedClock(NOW)
    rates = AnswerRates(database, clock)
    contents = ContentPreviews(SENDER)
    return Previews(database, playbooks, rates, contents, OFFICE, clock, default_owner="s-1")


async def report(
    database: Database,
    kind: str,
    days_ago: int,
    *,
    lead_id: str | None = None,
    set_aside: SetAside | None = None,
    audience: frozenset[Audience] = frozenset(),
) -> UUID:
    at = NOW - timedelta(days=days_ago)
    reason = Reason(
        kind,
        LABEL,
        at.date(),
        at.date(),
        lead_id=lead_id,
        municipality_code=None if lead_id else KIRYU,
        audience=audience,
    )
    reason_id = uuid4()
    async with database.raw_transaction() as connection:
        await repository.save(connection, [StoredReason(reason_id, reason, at, set_aside)], at)
    return reason_id


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


def kept_out(preview: PlaybookPreview) -> Sequence[tuple[str, list[str]]]:
    return [
        (each.arrival.contact_id, [text.en for text in each.why])
        for each in preview.found
        if isinstance(each, KeptOut)
    ]


async def test_a_reason_of_a_municipality_concerns_each_contact_that_is_known_there(
    previews: Previews, database: Database
) -> None:
    await report(database, "before_request_deadline", 9)
    await report(database, "first_contact", 5)  # of another playbook
    await report(database, "last_quote", 40)  # too long ago
    found = await previews.preview(shipped()["budget-request"], days=30)
    assert entered(found) == [("officer", "09-22", 2)]
    assert ("council", [UNASKED]) in kept_out(found)
    assert found.complete


async def test_whom_the_playbook_does_not_address_is_kept_out_with_the_reason(
    previews: Previews, database: Database
) -> None:
    for lead in ("council", "officer", "gone"):
        await report(database, "first_contact", 3, lead_id=lead)
    await report(database, "first_contact", 2, lead_id="officer")
    found = await previews.preview(shipped()["welcome"], days=30)
    assert entered(found) == [("officer", "09-28", 3)]
    assert kept_out(found) == [
        ("council", ["the role is not addressed", UNASKED]),
        ("officer", ["the contact is in this playbook already"]),
    ]


@pytest.mark.parametrize(("calls", "step"), [(60, "second_call"), (49, "second_mail")])
async def test_a_step_with_channels_is_shown_by_the_one_that_would_be_chosen_now(
    previews: Previews, database: Database, calls: int, step: str
) -> None:
    before = NOW - timedelta(days=30)
    await mails_before(database, 100, 10, at=before)
    await tasks_before(database, Tasks(count=calls, answered=calls // 2, done_at=before))
    await report(database, "new_contact", 3, lead_id="officer")
    [found] = (await previews.preview(CHOOSING_A_CHANNEL, days=30)).found
    assert isinstance(found, Entered)
    assert [each.step for each in found.steps] == [step]


async def test_the_reasons_audience_and_a_missing_address_keep_out(
    previews: Previews, database: Database
) -> None:
    await report(database, "first_contact", 4, lead_id="unreachable")
    finance = frozenset({Audience.FINANCE})
    await report(database, "first_contact", 3, lead_id="officer", audience=finance)
    found = await previews.preview(shipped()["welcome"], days=30)
    assert entered(found) == []
    assert kept_out(found) == [
        ("unreachable", ["no address is known"]),
        ("officer", ["the reason is for other roles"]),
    ]


@pytest.mark.parametrize("kind", ["first_contact", "price_interest"])
async def test_nobody_enters_without_a_seller(
    previews: Previews, database: Database, kind: str
) -> None:
    async with database.transaction() as connection:
        left = Seller("s-1", "佐藤 花子", "sato@example.co.jp", "佐藤", active=False)
        await sellers.put(connection, left)
    if kind == "first_contact":
        await report(database, kind, 3, lead_id="officer")
    else:
        await see(database, kind, 3, "officer")
    playbook = "welcome" if kind == "first_contact" else "price-interest"
    found = await previews.preview(shipped()[playbook], days=30)
    assert kept_out(found) == [("officer", ["there is no seller in whose name messages would go"])]


@pytest.mark.parametrize(
    ("other", "began", "ended", "keeps_out"),
    [
        ("price-interest", 5, None, True),
        ("price-interest", 5, 1, True),
        ("price-interest", 5, 4, False),
        ("price-interest", 1, None, False),
        ("quarterly-value", 5, None, False),  # of lower priority
        ("welcome", 5, None, False),  # as if nobody had entered
    ],
)
async def test_another_playbook_that_was_under_way_keeps_out(
    previews: Previews,
    playbooks: Playbooks,
    database: Database,
    other: str,
    began: int,
    ended: int | None,
    keeps_out: bool,  # noqa: FBT001 - of the table
) -> None:
    await report(database, "first_contact", 3, lead_id="officer")
    await was_in(database, playbooks, other, began, ended)
    found = await previews.preview(shipped()["welcome"], days=30)
    why = f"the contact is in {other!r}, which has the same or a higher priority"
    assert kept_out(found) == ([("officer", [why])] if keeps_out else [])


async def test_what_the_same_reason_began_later_keeps_out(
    previews: Previews, playbooks: Playbooks, database: Database
) -> None:
    reason = await report(database, "first_contact", 3, lead_id="officer")
    await was_in(database, playbooks, "price-interest", 2, None, trigger_id=str(reason))
    found = await previews.preview(shipped()["welcome"], days=30)
    assert [lead for lead, _ in kept_out(found)] == ["officer"]


async def was_in(
    database: Database,
    playbooks: Playbooks,
    playbook_id: str,
    began: int,
    ended: int | None,
    *,
    trigger_id: str = "other",
) -> None:
    """Have the officer be in a playbook, from so many days ago until so many days ago."""
    await playbooks.publish(shipped()[playbook_id], ACTOR)
    started_at = NOW - timedelta(days=began)
    state = SequenceState(
        "sq-1", playbook_id, 1, "officer", trigger_id, "other", started_at,
        Position("step", started_at),
    )  # fmt: skip
    if ended is not None:
        ended_at = NOW - timedelta(days=ended)
        state = replace(state, status=Status.STOPPED, ended_at=ended_at)
    async with database.transaction() as connection:
        await sequences.put(connection, RecordedDecision(state, NOW, ()))


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


CASE = Content(
    content_id="case-1",
    kind=ContentKind.CASE,
    title="例となる取り組み",
    source="事例集12頁",
    url="https://www.example.co.jp/1",
    topics=("例",),
)
WANTING = """
id: wanting
name: 事例のご案内
description: 事例を二度送る。
audience: {roles: [officer]}
entry: {reasons: [new_contact]}
priority: 30
goal: {occurrences: [meeting_booked]}
templates:
  case: &case
    kind: mail
    content: {kinds: [case], about: 事例となる取り組み}
    variants:
      - subject: 事例
        body: "{{ content.title }}（{{ content.source }}）\\n{{ signature }}"
  none:
    kind: mail
    variants: [{subject: 御礼, body: "{{ signature }}"}]
steps:
  - {id: first, kind: mail, template: case}
  - {id: second, kind: mail, template: case}
  - {id: thanks, kind: mail, template: none}
  - {id: superior, kind: mail, template: case, to: manager}
"""


def shown(preview: PlaybookPreview) -> list[list[list[str] | str | None]]:
    return [
        [
            [each.content.content_id for each in content] if isinstance(content, tuple) else content
            for content in contents
        ]
        for contents in preview.contents
    ]


async def test_each_step_shows_the_content_that_would_be_chosen(
    previews: Previews, database: Database
) -> None:
    catalogue = Contents(database)
    await catalogue.put(CASE, ACTOR)
    await catalogue.put(replace(CASE, content_id="case-2", municipality_code="131041"), ACTOR)
    await report(database, "new_contact", 3, lead_id="officer")

    found = await previews.preview(WANTING, days=30)

    assert shown(found) == [[["case-1"], [], None, "recipient"]]
    [[first, *_]] = found.contents
    assert isinstance(first, tuple)
    [chosen] = first
    assert isinstance(chosen, ChosenContent)
    assert chosen.why.ja == "この資料を選んだ理由：「例となる取り組」が共通。"
    async with database.raw_transaction() as connection:
        assert await connection.fetchval("select count(*) from step_content") == 0


async def test_what_a_person_has_got_would_not_be_chosen_again(
    previews: Previews, playbooks: Playbooks, database: Database
) -> None:
    await Contents(database).put(CASE, ACTOR)
    await report(database, "new_contact", 3, lead_id="officer")
    await was_in(database, playbooks, "welcome", 20, 10)
    async with database.raw_transaction() as connection:
        chosen = (ChosenContent(CASE, LABEL),)
        await keep(connection, StepContent("v", "sq-1", "hello", "officer", NOW, chosen))
    await mail_went(database, "sq-1", "<1@example.jp>", lead_id="officer")

    found = await previews.preview(WANTING, days=30)

    assert shown(found) == [[[], [], None, "recipient"]]


async def test_a_playbook_with_mistakes_is_not_previewed(previews: Previews) -> None:
    with pytest.raises(PlaybookFileError):
        await previews.preview("id: welcome\n", days=30)
