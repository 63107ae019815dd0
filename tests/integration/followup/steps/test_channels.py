"""The channel of a step is learnt from the service's own mails, calls and letters."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from followup.domain.consents.suppression import Cause, Channel, Scope, Suppression, SuppressionKey
from followup.domain.playbooks.walk import Position
from followup.domain.sequences.commands import RefuseStep, Result, TakeChannel
from followup.domain.sequences.terms import Status
from followup.sequences import repository as sequences
from followup.sequences.messages import StepWork
from tests.support.followup_channels import PLAYBOOK, Tasks, mails_before, tasks_before
from tests.support.followup_examples import ACTOR, introduce
from tests.support.followup_sending import MONDAY, Senders

DAY = timedelta(days=1)
ADDRESS = "joho@x.example.jp"


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ({}, ("call_task", 10, 4)),
        ({"kind": "letter_task", "answered_after": 6 * DAY}, ("letter_task", 10, 4)),
        ({"occurrence": "negative"}, ("call_task", 10, 4)),
        ({"occurrence": "meeting_booked"}, ("call_task", 10, 4)),
        ({"occurrence": "behaviour"}, ("call_task", 10, 0)),
        ({"answered_after": 14 * DAY}, ("call_task", 10, 4)),
        ({"answered_after": 15 * DAY}, ("call_task", 10, 0)),
        ({"answered_after": 6 * DAY, "mailed_after": 7 * DAY}, ("call_task", 10, 4)),
        ({"answered_after": 6 * DAY, "mailed_after": 5 * DAY}, ("call_task", 10, 0)),
        ({"done_at": MONDAY - 14 * DAY}, ("call_task", 10, 4)),
        ({"done_at": MONDAY - 13 * DAY}, None),
        ({"done_at": MONDAY - 364 * DAY}, ("call_task", 10, 4)),
        ({"done_at": MONDAY - 366 * DAY}, None),
        ({"status": "open"}, None),
        ({"status": "withdrawn"}, None),
        ({"kind": "study_session"}, None),
        ({"role": "manager"}, None),
        ({"reason": "enquiry"}, None),
    ],
    ids=str,
)
async def test_what_counts_as_answered(
    senders: Senders, tasks: dict[str, Any], expected: tuple[str, int, int] | None
) -> None:
    await tasks_before(senders.database, Tasks(count=10, answered=4, **tasks))
    found = [
        (each.channel.value, each.contacts, each.answered)
        for each in await senders.workers[0].answer_rates.tallies()
        if (each.role, each.kind) == ("officer", "new_contact")
    ]
    assert found == ([] if expected is None else [expected])


async def test_who_was_erased_does_not_count(senders: Senders) -> None:
    await tasks_before(senders.database, Tasks(count=3, answered=3))
    async with senders.database.raw_transaction() as connection:
        leads = await connection.fetch("select lead_id from task order by lead_id")
    await senders.workers[0].personal_data.erase(leads[0]["lead_id"], ACTOR)
    [tally] = await senders.workers[0].answer_rates.tallies()
    assert (tally.contacts, tally.answered) == (2, 2)


async def choose(senders: Senders, **differences: Any) -> Result:
    """Have a worker choose the channel of the second contact to crm-1."""
    [worker] = senders.workers
    await worker.playbooks.publish(PLAYBOOK, ACTOR)
    work = await senders.about_to_send(
        "q-1",
        "crm-1",
        playbook_id="second",
        position=Position("second", MONDAY),
        status=Status.CHOOSING,
        **differences,
    )
    async with worker.database.transaction() as connection:
        playbook = await worker.playbooks.find(connection, "second", 1)
    return await worker.channel_chooser(work, playbook)


@pytest.mark.parametrize(
    ("calls", "role", "chosen", "why"),
    [
        ((60, 30), "officer", "second_call", "電話は60件中30件に回答"),
        ((60, 5), "officer", "second_mail", "2割以上よい手段がないため、先に挙げたメールにします"),
        ((40, 30), "officer", "second_mail", "電話40件、手紙0件で、比べるには手段ごとに50件が必要"),
        ((60, 30), "manager", "second_mail", "まだメール0件、電話0件、手紙0件で"),
    ],
    ids=["calls are answered more", "hardly better", "too few", "another role"],
)
async def test_the_channel_that_gets_answers_is_taken_and_says_why(
    senders: Senders, calls: tuple[int, int], role: str, chosen: str, why: str
) -> None:
    await mails_before(senders.database, 100, 10)
    await tasks_before(senders.database, Tasks(count=calls[0], answered=calls[1]))
    await senders.contact("crm-1", ADDRESS, role=role)
    result = await choose(senders)
    assert isinstance(result, TakeChannel)
    assert result.step_id == chosen
    assert why in result.why


async def test_who_may_not_be_written_to_is_called(senders: Senders) -> None:
    await introduce(senders.workers[0], "crm-1", email=ADDRESS)
    result = await choose(senders)
    assert isinstance(result, TakeChannel)
    assert result.step_id == "second_call"
    assert result.why.startswith("受信への同意、取引関係、名刺、公表アドレスのいずれの記録もない")


async def test_who_has_no_address_is_called(senders: Senders) -> None:
    await introduce(senders.workers[0], "crm-1")
    result = await choose(senders)
    assert isinstance(result, TakeChannel)
    assert result.step_id == "second_call"
    assert result.why.startswith("メールアドレスが分かりません。")


async def test_who_is_suppressed_is_contacted_by_no_channel(senders: Senders) -> None:
    await senders.contact("crm-1", ADDRESS)
    key = SuppressionKey(Scope.PERSON, "crm-1")
    [worker] = senders.workers
    await worker.consents.suppress(Suppression(key, Cause.OPT_OUT, Channel.API, MONDAY), ACTOR)
    chosen = await choose(senders)
    assert isinstance(chosen, TakeChannel)
    async with worker.database.transaction() as connection:
        stored = await sequences.find(connection, "q-1")
        playbook = await worker.playbooks.find(connection, "second", 1)
    assert stored is not None
    taken = replace(
        stored.state, position=Position(chosen.step_id, MONDAY), status=Status.PREPARING
    )
    refused = await worker.step_preparer(StepWork.of(taken), playbook)
    assert isinstance(refused, RefuseStep)
    assert refused.reason == "suppressed"


async def test_who_is_not_known_is_left_to_the_first_channel(senders: Senders) -> None:
    result = await choose(senders)
    assert isinstance(result, TakeChannel)
    assert (result.step_id, result.why) == (
        "second_mail",
        "連絡する方が分からないため、先に挙げたメールにします。",
    )


async def test_a_mail_that_has_to_wait_stays_a_mail(senders: Senders) -> None:
    senders.clock.instant = MONDAY.replace(hour=20)
    await senders.contact("crm-1", ADDRESS)
    result = await choose(senders)
    assert isinstance(result, TakeChannel)
    assert result.step_id == "second_mail"
