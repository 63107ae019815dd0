"""The hour at which a mail goes is learnt from the service's own mails and their answers."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from followup.domain.message_ids import message_id
from followup.domain.sequences.commands import RecordSent, Schedule
from followup.inbox.maildir import ArrivedMail
from kakehashi_common.domain.business_time import JAPAN
from tests.support.followup_sending import MONDAY, Senders
from tests.support.incoming_mails import mail

A_MONDAY_OF_OCTOBER = datetime(2026, 10, 19, tzinfo=JAPAN)
A_DAY = timedelta(days=1)
A_SECOND = timedelta(seconds=1)


async def sent_before(
    senders: Senders,
    hour: int,
    mails: int,
    answered: int,
    *,
    weekday: int = 0,
    monday: datetime = A_MONDAY_OF_OCTOBER,
    answered_after: timedelta = A_DAY,
) -> None:
    """Have mails to officers, of which the first were answered."""
    async with senders.database.raw_transaction() as connection:
        await connection.execute(
            "insert into mail_attempt (message_id, sequence_id, step_id, lead_id, role, occasion, "
            "state, claimed_at, answered_at) select gen_random_uuid()::text, 's', 'news', "
            "'crm-' || n, 'officer', 'new_contact', 'accepted', $1, "
            "case when n <= $3 then $1::timestamptz + $4::interval end "
            "from generate_series(1, $2::int) n",
            monday + timedelta(days=weekday, hours=hour),
            mails,
            answered,
            answered_after,
        )


@pytest.mark.parametrize(
    ("before", "role", "hour", "why"),
    [
        (
            [(10, 100, 5), (15, 100, 20)],
            "officer",
            15,
            "同じ役割・用件の連絡200件から選びました。15時台は100件中20件に回答",
        ),
        ([(10, 100, 20), (15, 100, 5)], "officer", 10, "10時台は100件中20件に回答"),
        ([(10, 40, 2), (15, 40, 20)], "officer", 10, "まだ80件で、100件に満たないため"),
        ([(10, 100, 5), (15, 100, 20)], "manager", 10, "まだ0件で、100件に満たないため"),
        ([(10, 100, 5), (12, 100, 90)], "officer", 10, "10時台は100件中5件に回答"),
    ],
    ids=["the better hour", "it is the better hour", "too few", "another role", "a lunch break"],
)
async def test_a_mail_goes_at_the_hour_that_gets_answers_and_says_why(
    senders: Senders, before: list[tuple[int, int, int]], role: str, hour: int, why: str
) -> None:
    for mails in before:
        await sent_before(senders, *mails)
    await senders.contact("crm-1", "joho@x.example.jp", role=role)
    [worker] = senders.workers

    planned = await senders.plan(await senders.about_to_send("q-1", "crm-1"), worker)

    assert isinstance(planned, Schedule)
    assert planned.due_at == MONDAY.replace(hour=hour)
    assert why in planned.why
    [kept] = (await worker.send_decisions.of_lead("crm-1")).earlier
    assert (kept.goes_at, kept.text.ja) == (planned.due_at, planned.why)


@pytest.mark.parametrize(
    ("weeks", "answered_after", "hour", "why"),
    [
        (3, A_DAY, 15, "連絡200件から選びました。15時台は100件中20件に回答"),
        (3, 14 * A_DAY, 15, "15時台は100件中20件に回答"),
        (3, 14 * A_DAY + A_SECOND, 10, "10時台は100件中0件に回答"),
        (1, A_DAY, 10, "まだ0件で、100件に満たないため"),
        (52, A_DAY, 15, "連絡200件から選びました"),
        (53, A_DAY, 10, "まだ0件で、100件に満たないため"),
    ],
    ids=["usual", "just in time", "answered too late", "too young", "a year", "too old"],
)
async def test_only_mails_of_a_year_that_had_time_to_be_answered_teach_the_hour(
    senders: Senders, weeks: int, answered_after: timedelta, hour: int, why: str
) -> None:
    monday = MONDAY.replace(hour=0) - timedelta(weeks=weeks)
    for at, answered in ((10, 5), (15, 20)):
        await sent_before(senders, at, 100, answered, monday=monday, answered_after=answered_after)
    await senders.contact("crm-1", "joho@x.example.jp")
    planned = await senders.plan(await senders.about_to_send("q-1", "crm-1"), senders.workers[0])
    assert isinstance(planned, Schedule)
    assert planned.due_at == MONDAY.replace(hour=hour)
    assert why in planned.why


async def test_business_time_comes_before_the_hour(senders: Senders) -> None:
    await sent_before(senders, 9, 100, 5, weekday=1)
    await sent_before(senders, 16, 100, 20, weekday=1)
    await senders.contact("crm-1", "joho@x.example.jp")
    senders.clock.instant = MONDAY.replace(hour=20)
    planned = await senders.plan(await senders.about_to_send("q-1", "crm-1"), senders.workers[0])
    assert isinstance(planned, Schedule)
    assert planned.due_at == MONDAY.replace(month=12, day=1, hour=16)


async def test_what_is_urgent_waits_for_no_better_hour(senders: Senders) -> None:
    await sent_before(senders, 10, 100, 5)
    await sent_before(senders, 15, 100, 20)
    async with senders.database.raw_transaction() as connection:
        await connection.execute("update mail_attempt set occasion = 'enquiry'")
    await senders.contact("crm-1", "joho@x.example.jp")
    work = await senders.about_to_send("q-1", "crm-1", reason="enquiry")
    planned = await senders.plan(work, senders.workers[0])
    assert isinstance(planned, Schedule)
    assert planned.due_at == MONDAY


async def test_what_began_for_an_urgent_reason_waits_for_no_better_hour(senders: Senders) -> None:
    await sent_before(senders, 10, 100, 5)
    await sent_before(senders, 15, 100, 20)
    await senders.contact("crm-1", "joho@x.example.jp")
    work = await senders.about_to_send("q-1", "crm-1", urgent=True)
    planned = await senders.plan(work, senders.workers[0])
    assert isinstance(planned, Schedule)
    assert planned.due_at == MONDAY


@pytest.mark.parametrize(
    ("text", "headers", "is_answer"),
    [
        ("検討します。", {}, True),
        ("本日は不在にしております。", {"Auto-Submitted": "auto-replied"}, False),
    ],
)
async def test_only_what_a_person_wrote_is_an_answer(
    senders: Senders, text: str, headers: dict[str, str], *, is_answer: bool
) -> None:
    await senders.contact("crm-1", "joho@x.example.jp")
    [worker] = senders.workers
    work = await senders.about_to_send("q-1", "crm-1")
    assert isinstance(await senders.send(work, worker), RecordSent)
    identity = message_id("q-1", work.visit, "mail.example.jp")
    data = mail(text, sender="joho@x.example.jp", answers=identity, headers=headers)
    answered_at = (MONDAY + timedelta(hours=2)).astimezone(UTC)
    await worker.mails.incoming_mails.take(ArrivedMail(data, sha256(data).hexdigest(), answered_at))
    async with senders.database.raw_transaction() as connection:
        found = await connection.fetchval("select answered_at from mail_attempt")
    assert found == (answered_at if is_answer else None)
