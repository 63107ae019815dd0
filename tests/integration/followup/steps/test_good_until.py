"""The first step is taken while its reason is good, or not at all; what is left out says why."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.walk import Position
from followup.domain.sequences.commands import RecordSent, RefuseStep
from followup.send_decisions.repository import Stage
from tests.support.followup_sending import MONDAY, Senders

TODAY = MONDAY.date()
YESTERDAY = date(2026, 11, 29)
BEFORE = MONDAY - timedelta(days=14)


async def news(senders: Senders) -> Playbook:
    [worker] = senders.workers
    async with worker.database.transaction() as connection:
        return await worker.playbooks.find(connection, "news", 1)


@pytest.mark.parametrize(
    ("good_until", "contacted_at", "only_while_good", "goes"),
    [
        (None, None, True, True),
        (TODAY, None, False, True),
        (YESTERDAY, None, False, False),
        (YESTERDAY, BEFORE, False, True),
        (YESTERDAY, BEFORE, True, False),
    ],
)
async def test_a_mail_goes_until_the_last_day_of_its_reason(
    senders: Senders,
    good_until: date | None,
    contacted_at: datetime | None,
    *,
    only_while_good: bool,
    goes: bool,
) -> None:
    [worker] = senders.workers
    await senders.contact("crm-1", "joho@x.example.jp")
    work = await senders.about_to_send(
        "q-1",
        "crm-1",
        good_until=good_until,
        position=Position("news", MONDAY, contacted_at),
    )
    playbook = await news(senders)
    playbook = replace(playbook, entry=replace(playbook.entry, only_while_good=only_while_good))
    result = await worker.step_sender(work, playbook)
    if goes:
        assert isinstance(result, RecordSent)
        return
    assert isinstance(result, RefuseStep)
    assert (result.reason, result.until) == ("reason_over", None)
    assert result.why == "きっかけの期日（2026年11月29日（日））を過ぎるため、送信しません。"
    assert senders.got() == []


async def test_what_is_for_afterwards_goes_then(senders: Senders) -> None:
    [worker] = senders.workers
    await senders.contact("crm-1", "joho@x.example.jp")
    work = await senders.about_to_send("q-1", "crm-1", good_until=YESTERDAY)
    playbook = await news(senders)
    playbook = replace(playbook, entry=replace(playbook.entry, also_afterwards=True))
    assert isinstance(await worker.step_sender(work, playbook), RecordSent)


async def test_nobody_is_asked_to_approve_what_comes_too_late(senders: Senders) -> None:
    [worker] = senders.workers
    await senders.contact("crm-1", "joho@x.example.jp")
    work = await senders.about_to_send("q-1", "crm-1", good_until=YESTERDAY)
    result = await worker.step_preparer(work, await news(senders))
    assert isinstance(result, RefuseStep)
    assert result.reason == "reason_over"
    assert (await worker.send_decisions.of_lead("crm-1")).earlier[0].reason == "reason_over"


async def test_a_mail_without_a_sender_is_left_out_and_says_so(senders: Senders) -> None:
    [worker] = senders.workers
    await senders.contact("crm-1", "joho@x.example.jp")
    work = await senders.about_to_send("q-1", "crm-1", owner="s-unknown")
    result = await senders.send(work, worker)
    assert isinstance(result, RefuseStep)
    assert (result.reason, result.why) == (
        "unknown_seller",
        "差出人となる担当者が登録されていません。",
    )
    [kept] = (await worker.send_decisions.of_lead("crm-1")).earlier
    assert (kept.stage, kept.reason, kept.goes_at) == (Stage.SENDING, "unknown_seller", None)
    assert kept.text.ja == result.why
