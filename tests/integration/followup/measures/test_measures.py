"""Measures of sequences that were lived through, on real PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
import pytest_asyncio

from followup.container import Container
from followup.domain.measures.report import ContactChannel, Cut, Guard, Row
from followup.domain.playbooks.steps import (
    Approval,
    OccurrenceKind,
    TaskKind,
    TaskStep,
    WebhookStep,
)
from followup.domain.sequences import facts
from followup.domain.sequences.commands import (
    Approve,
    CompleteTask,
    Pause,
    RecordFailure,
    RefuseStep,
    Reject,
    RequestApproval,
    Resume,
)
from followup.domain.sequences.terms import TaskOutcome
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.domain.proportions import Proportion
from kakehashi_common.domain.weeks import Span, Week
from tests.support.followup_api import Service, service_at
from tests.support.sequence_facts import store
from tests.support.sequences import BY_BEST_CHANNEL, PLAYBOOK, Life, at

MONDAY = "2026-11-30 10:00"
WEEK = Span.until(Week.of(at(MONDAY)), 1)
LATER = at("2027-03-01 10:00")
_NUMBERS = count(1)


def mailed(when: str = MONDAY, **differences: Any) -> Life:
    """A sequence whose first mail was approved and went at once."""
    number = next(_NUMBERS)
    life = Life(when, sequence_id=f"sq-{number}", lead_id=f"lead-{number}", **differences)
    assert life.state.approval_id is not None
    life.do(Approve("is-1", life.state.approval_id))
    return life.until(life.now)


def with_sent(life: Life, **differences: Any) -> Life:
    """Say more about the mails that went."""
    life.facts = [
        replace(fact, **differences) if isinstance(fact, facts.Sent) else fact
        for fact in life.facts
    ]
    return life


def answered(when: str = "2026-12-02 11:00", **differences: Any) -> Life:
    life = mailed(**differences).then(when)
    life.react(OccurrenceKind.ANSWERED)
    return life


def reminded() -> Life:
    return mailed().then("2026-12-07 12:00")


def ended_by(occurrence: OccurrenceKind) -> Life:
    life = mailed().then("2026-12-03 11:00")
    life.react(occurrence)
    return life


def refused() -> Life:
    """Approved, and then not allowed to go."""
    number = next(_NUMBERS)
    life = Life(MONDAY, work=False, sequence_id=f"sq-{number}", lead_id=f"lead-{number}")
    life.do(RefuseStep(life.state.attempt, "no_such_person"))
    return life


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(LATER)


async def measured(
    container: Container,
    *lives: Life,
    cut: Cut = Cut.STEP,
    channel: ContactChannel = ContactChannel.MAIL,
    span: Span = WEEK,
) -> dict[str | None, Row]:
    await store(container.database, *lives)
    found = await container.measures.report(span, cut, channel, None)
    return {row.key: row for row in found.rows}


async def test_an_answer_belongs_to_the_mail_before_it(container: Container) -> None:
    first, second = answered(), reminded()
    second.react(OccurrenceKind.ANSWERED)
    span = Span.until(WEEK.last.earlier(-1), 2)
    found = await measured(container, first, second, span=span)
    introduction, reminder = found["price-interest/introduction"], found["price-interest/reminder"]
    assert (introduction.planned, introduction.sent) == (2, 2)
    assert introduction.answered == Proportion(1, 2)
    assert (reminder.sent, reminder.answered) == (1, Proportion(1, 1))


async def test_a_mail_that_is_planned_again_is_one_mail(container: Container) -> None:
    number = next(_NUMBERS)
    life = Life("2026-11-30 18:00", sequence_id=f"sq-{number}", lead_id=f"lead-{number}")
    assert life.state.approval_id is not None
    life.do(Approve("is-1", life.state.approval_id))
    life.do(Pause("is-1"))
    life.do(Resume("is-1"))
    life.then("2026-12-01 09:00")
    assert life.kinds().count("scheduled") > 1
    found = await measured(container, life)
    row = found["price-interest/introduction"]
    assert (row.planned, row.sent, row.open) == (1, 1, 0)


async def test_what_does_not_go_counts_by_its_reason(container: Container) -> None:
    rejected = Life(MONDAY, sequence_id="sq-rejected", lead_id="lead-rejected")
    assert rejected.state.approval_id is not None
    rejected.do(Reject("is-1", rejected.state.approval_id))
    expired = Life(MONDAY, sequence_id="sq-expired", lead_id="lead-expired").then(
        "2026-12-07 11:00"
    )
    waiting = Life(MONDAY, sequence_id="sq-waiting", lead_id="lead-waiting")
    two_weeks = Span.until(WEEK.last.earlier(-1), 2)
    found = await measured(
        container, rejected, expired, waiting, refused(), refused(), span=two_weeks
    )
    row = found["price-interest/introduction"]
    assert (row.planned, row.sent, row.open) == (5, 0, 1)
    assert dict(row.refused) == {"no_such_person": 2, "approval_expired": 1, "rejected": 1}
    assert next(iter(row.refused)) == "no_such_person"


async def test_a_mail_that_no_server_takes_has_failed(container: Container) -> None:
    life = Life(MONDAY, work=False, sequence_id="sq-failed", lead_id="lead-failed")
    life.do(life.result())
    assert life.state.approval_id is not None
    life.do(Approve("is-1", life.state.approval_id))
    life.do(life.result())
    life.until(life.now)
    life.do(RecordFailure(life.state.attempt, "m-1", "5.7.1"))
    row = (await measured(container, life))["price-interest/introduction"]
    assert (row.planned, row.sent, row.failed, row.open) == (1, 0, 1, 0)


async def test_declined_opted_out_and_bounced_are_told_apart(container: Container) -> None:
    lives = [
        *(ended_by(OccurrenceKind.NEGATIVE) for _ in range(2)),
        *(ended_by(OccurrenceKind.OPTED_OUT) for _ in range(3)),
        *(ended_by(OccurrenceKind.BOUNCED) for _ in range(4)),
        *(ended_by(OccurrenceKind.MEETING_BOOKED) for _ in range(1)),
    ]
    row = (await measured(container, *lives, cut=Cut.ALL))[None]
    assert row.declined == Proportion(2, 10)
    assert row.opted_out == Proportion(3, 10)
    assert row.bounced == Proportion(4, 10)
    assert row.booked == Proportion(1, 10)
    assert row.guard is Guard.EXCEEDED


async def test_what_is_younger_than_the_time_to_answer_waits(
    container: Container, clock: FixedClock
) -> None:
    clock.instant = at(MONDAY) + timedelta(days=13)
    young = await measured(container, answered(), cut=Cut.ALL)
    assert (young[None].awaited, young[None].answered) == (1, Proportion(0, 0))
    clock.instant += timedelta(days=2)
    old = await measured(container, cut=Cut.ALL)
    assert (old[None].awaited, old[None].answered) == (0, Proportion(1, 1))


async def test_an_answer_that_comes_too_late_is_none(container: Container) -> None:
    row = (await measured(container, answered("2026-12-15 11:00"), cut=Cut.ALL))[None]
    assert row.answered.n == 1
    assert row.answered.count == 0


async def test_rows_are_cut_by_what_is_asked(container: Container) -> None:
    lives = [
        with_sent(mailed("2026-11-30 09:10"), role="officer", variant="a"),
        with_sent(mailed("2026-12-01 09:50"), role="finance", variant="b"),
        with_sent(mailed("2026-12-01 16:20"), role="finance", variant="b"),
    ]
    await store(container.database, *lives)
    for cut, sent in {
        Cut.ALL: {None: 3},
        Cut.PLAYBOOK: {"price-interest": 3},
        Cut.VARIANT: {
            "price-interest/introduction/a": 1,
            "price-interest/introduction/b": 2,
        },
        Cut.ROLE: {"finance": 2, "officer": 1},
        Cut.WEEKDAY: {"1": 1, "2": 2},
        Cut.HOUR: {"09": 2, "16": 1},
        Cut.WEEKDAY_HOUR: {"1-09": 1, "2-09": 1, "2-16": 1},
    }.items():
        found = await measured(container, cut=cut)
        assert {key: row.sent for key, row in found.items()} == sent, cut


async def test_a_task_is_measured_beside_mails(container: Container) -> None:
    life = answered()
    assert life.state.task_id is not None
    life.then("2026-12-03 15:00")
    life.do(CompleteTask("is-1", life.state.task_id, TaskOutcome.MEETING_BOOKED))
    (row,) = (await measured(container, life, channel=ContactChannel.TASK)).values()
    assert (row.key, row.planned, row.sent) == ("price-interest/call", 1, 1)
    assert row.booked == Proportion(1, 1)
    (mail,) = (await measured(container)).values()
    assert (mail.answered, mail.booked) == (Proportion(1, 1), Proportion(0, 1))


async def test_a_channel_that_was_chosen_is_measured_as_the_step_that_it_is(
    container: Container,
) -> None:
    life = mailed(playbook=BY_BEST_CHANNEL).then("2026-12-07 12:00")
    life.do(CompleteTask("is-1", life.state.task_id or "", TaskOutcome.ANSWERED))
    span = Span.until(WEEK.last.earlier(-1), 2)
    found = await measured(container, life, channel=ContactChannel.TASK, span=span)
    assert {key: row.answered for key, row in found.items()} == {
        "price-interest/second_call": Proportion(1, 1)
    }
    assert list(await measured(container, span=span)) == ["price-interest/introduction"]


async def test_a_step_that_is_not_approved_is_measured_by_its_own_channel(
    container: Container,
) -> None:
    letter = TaskStep(
        id="letter",
        kind=TaskKind.LETTER,
        title="お手紙",
        due_business_days=2,
        approval=Approval.REQUIRED,
    )
    hook = WebhookStep(id="hook", hook="crm", approval=Approval.REQUIRED)
    expires = at(MONDAY) + timedelta(days=1)
    steps: tuple[TaskStep | WebhookStep, ...] = (letter, letter, letter, hook)
    lives = []
    for number, step in enumerate(steps):
        life = Life(
            MONDAY,
            replace(PLAYBOOK, steps=(step,)),
            work=False,
            sequence_id=f"sq-{step.id}-{number}",
            lead_id=f"lead-{step.id}-{number}",
        )
        if number:
            life.do(RequestApproval(life.state.attempt, "a-1", expires))
        else:
            life.do(RefuseStep(life.state.attempt, "suppressed"))
        lives.append(life)
    _, rejected, expired, hooked = lives
    for life in (rejected, hooked):
        life.do(Reject("is-1", "a-1"))
    expired.until(expires)

    found = await measured(container, *lives, channel=ContactChannel.TASK)
    assert {key: dict(row.refused) for key, row in found.items()} == {
        "price-interest/letter": {"approval_expired": 1, "rejected": 1, "suppressed": 1}
    }
    assert await measured(container) == {}


async def test_a_webhook_is_neither_a_mail_nor_a_task(container: Container) -> None:
    mail, webhook = mailed(), mailed()
    await store(container.database, mail, webhook)
    async with container.database.raw_transaction() as connection:
        await connection.execute(
            "insert into webhook_call (call_id, sequence_id, step_id, hook, state, attempts, "
            "first_at, last_at, reason) "
            "values ('c-1', $1, 'introduction', 'crm', 'taken', 1, now(), now(), '')",
            webhook.state.sequence_id,
        )
    assert (await measured(container, cut=Cut.ALL))[None].sent == 1


async def answer_comes_in(
    database: Database, life: Life, kind: str, received_at: datetime, bounced: str = "[]"
) -> None:
    async with database.raw_transaction() as connection:
        await connection.execute(
            "insert into incoming_mail (digest, received_at, kind, evidence, refers_to, "
            "sequence_id, step_id, has_left, bounced, subject, text) "
            "values (md5($1) || md5($1), $2, $3, '[]', $4, $5, 'introduction', false, $6, '', '')",
            f"{life.state.sequence_id}{kind}",
            received_at,
            kind,
            life.state.last_message_id,
            life.state.sequence_id,
            bounced,
        )


async def test_an_answer_after_the_end_of_a_sequence_counts_by_the_mail_it_refers_to(
    container: Container,
) -> None:
    two_days_on = at(MONDAY) + timedelta(days=2)
    lives = {kind: mailed() for kind in ("answer", "feedback_report", "bounce", "out_of_office")}
    await store(container.database, *lives.values())
    for kind, life in lives.items():
        bounced = '[{"permanent": true}]' if kind == "bounce" else "[]"
        await answer_comes_in(container.database, life, kind, two_days_on, bounced)
    row = (await measured(container, cut=Cut.ALL))[None]
    assert row.answered == Proportion(1, 4)
    assert row.complained == Proportion(1, 4)
    assert row.opted_out == Proportion(1, 4), "a complaint is an opt-out"
    assert row.bounced == Proportion(1, 4)


@pytest_asyncio.fixture
async def in_march(installed: Service) -> AsyncIterator[Service]:
    """The API in the March that follows."""
    async with service_at(installed, LATER) as service:
        yield service


async def test_the_api_pages_rows_and_draws_them(in_march: Service) -> None:
    lives = [with_sent(mailed(), role=role) for role in ("officer", "finance", "manager")]
    await store(in_march.database, *lives)
    asked = "week=2026-W49&weeks=1&cut=role"
    first = await in_march.call("GET", f"/measures?{asked}&limit=2")
    assert [each["key"] for each in first["items"]] == ["finance", "manager"]
    assert first["items"][0]["answered"] == {
        "count": 0,
        "n": 1,
        "rate": None,
        "low": None,
        "high": None,
        "too_few": True,
    }
    rest = await in_march.call("GET", f"/measures?{asked}&cursor={first['next_cursor']}")
    assert [each["key"] for each in rest["items"]] == ["officer"]
    svg = await in_march.http.get(f"/measures.svg?{asked}")
    assert "財政担当" in svg.text
    drawn = await in_march.http.get(f"/measures.png?{asked}")
    assert drawn.content.startswith(b"\x89PNG")
    assert await in_march.refused("GET", "/measures?week=2026-W99") == (422, "validation_failed")
