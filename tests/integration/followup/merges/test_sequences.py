"""Sequences under an id that is merged end at once: real PostgreSQL, Temporal and mail server.

Nothing begins under it any more, and answers to its mails reach the id that stays.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import pytest_asyncio

from followup.delivery.counting import sent_on_days
from followup.delivery.mails import MailOrigin
from followup.domain.message_ids import message_id
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.send_policy.caps import Cap, CapSubject
from followup.domain.sequences.commands import Enter
from followup.domain.triggers.reasons import Reason
from followup.inbox.maildir import ArrivedMail
from followup.occurrences import repository as occurrences
from followup.occurrences.service import Occurrences
from followup.sequences.client import SequenceWorkflows
from followup.sequences.service import Sequences
from kakehashi_common.clock import FixedClock, japan_day
from kakehashi_common.domain.texts import Text
from kakehashi_common.errors import TransientError
from kakehashi_common.settings import TemporalSettings
from kakehashi_common.temporal.client import lazy_client
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, ADDRESS, CALLING, ENTRY, introduce, mail_went
from tests.support.handoff_events import handoff_step
from tests.support.incoming_mails import mail
from tests.support.merges import merged

OTHER = "joho2@city.kiryu.example.jp"
MINUTE = timedelta(minutes=1)


def now() -> datetime:
    return datetime.now(UTC)


async def entered(service: Service, lead_id: str, playbook_id: str = "greeting") -> str:
    entry = ENTRY | {"lead_id": lead_id, "playbook_id": playbook_id}
    status = await service.call("POST", "/sequences", entry)
    sequence_id: str = status["sequence_id"]
    return sequence_id


async def end_reasons(service: Service, *sequence_ids: str) -> list[str | None]:
    return [
        (await service.call("GET", f"/sequences/{each}"))["end_reason"] for each in sequence_ids
    ]


async def merge(service: Service, lead_id: str = "crm-1", into: str = "crm-2") -> None:
    await service.merges.save([merged(lead_id, into)])
    await service.occurrences.look()


@pytest_asyncio.fixture
async def duplicates(at_work: Service) -> Service:
    """Two records of one person, crm-1 and crm-2, and a playbook more."""
    await introduce(at_work, "crm-2", email=OTHER)
    await at_work.playbooks.publish(CALLING, ACTOR)
    return at_work


async def test_all_sequences_of_the_id_that_goes_end_and_no_others(duplicates: Service) -> None:
    going = [await entered(duplicates, "crm-1", each) for each in ("greeting", "calling")]
    staying = await entered(duplicates, "crm-2")
    for _ in range(2):
        await merge(duplicates)
    assert await end_reasons(duplicates, *going, staying) == ["merged", "merged", None]
    assert (await duplicates.call("GET", "/tasks"))["items"] == []
    shown = await duplicates.call("GET", "/sequences?lead_id=crm-2")
    assert {each["sequence_id"] for each in shown["items"]} == {*going, staying}


async def test_they_end_when_temporal_is_back_and_send_nothing_until_then(
    duplicates: Service,
) -> None:
    going = await entered(duplicates, "crm-1")
    await duplicates.merges.save([merged("crm-1", "crm-2")])
    clock = FixedClock(now())
    nowhere = lazy_client(TemporalSettings(address="127.0.0.1:9", task_queue="none"))
    away = Sequences(duplicates.database, SequenceWorkflows(nowhere, "none"), duplicates.playbooks)
    notifying = Occurrences(duplicates.database, duplicates.playbooks, away, clock)
    with pytest.raises(TransientError):
        await notifying.look()
    async with duplicates.database.raw_transaction() as connection:
        [waits] = await occurrences.pending_of("crm-1").fetch(connection)
    assert waits.kind is OccurrenceKind.MERGED
    clock.instant += MINUTE
    again = Occurrences(duplicates.database, duplicates.playbooks, duplicates.sequences, clock)
    assert await again.look() == 1
    assert await end_reasons(duplicates, going) == ["merged"]
    assert duplicates.box.messages == []


async def test_what_begins_under_an_id_that_has_just_gone_ends_at_once(
    duplicates: Service,
) -> None:
    await merge(duplicates)
    late = Enter("late", "calling", 1, "crm-1", "r-1", "new_contact", "tests", "102032", "s-1")
    await duplicates.sequences.enter(late)
    await duplicates.occurrences.look()
    assert await end_reasons(duplicates, "late") == ["merged"]


async def test_who_enters_an_id_that_has_gone_by_hand_is_told_which_one_stays(
    duplicates: Service,
) -> None:
    await merge(duplicates)
    answer = await duplicates.http.post("/sequences", json=ENTRY)
    refused = answer.json()
    assert (answer.status_code, refused["code"]) == (409, "lead_merged")
    assert refused["detail"] == "lead crm-1 has gone into crm-2: name that one"


@pytest.mark.parametrize(
    ("text", "ends_as"),
    [
        ("資料を拝見しました。検討いたします。", "answered"),
        ("今後の配信を停止してください。", "opted_out"),
    ],
)
async def test_an_answer_to_a_mail_under_the_old_id_reaches_the_id_that_stays(
    duplicates: Service, text: str, ends_as: str
) -> None:
    going, staying = (
        await entered(duplicates, "crm-1"),
        await entered(duplicates, "crm-2", "calling"),
    )
    domain = (duplicates.settings.mail.sender or "").rpartition("@")[2]
    named = message_id(going, "hello", domain)
    await mail_went(duplicates.database, going, named, lead_id="crm-1")
    await merge(duplicates)
    data = mail(text, sender=ADDRESS, answers=named)
    arrived = ArrivedMail(data, sha256(data).hexdigest(), now())
    await duplicates.mails.incoming_mails.take(arrived)
    await duplicates.mails.mail_handler.look()
    await duplicates.occurrences.look()
    assert await end_reasons(duplicates, going, staying) == ["merged", ends_as]


async def test_an_opt_out_under_the_old_id_ends_what_the_id_that_stays_is_in(
    duplicates: Service,
) -> None:
    staying = await entered(duplicates, "crm-2", "calling")
    await duplicates.call("POST", "/suppressions", {"scope": "person", "value": "crm-1"})
    await merge(duplicates)
    assert await end_reasons(duplicates, staying) == ["opted_out"]
    assert await duplicates.refused("POST", "/sequences", ENTRY | {"lead_id": "crm-2"}) == (
        409,
        "suppressed",
    )


async def test_what_happened_to_the_old_id_since_a_sequence_began_concerns_it(
    duplicates: Service,
) -> None:
    staying = await entered(duplicates, "crm-2", "calling")
    accepted = handoff_step("accepted", at=now(), lead_id="crm-1")
    await duplicates.occurrences.save([accepted])
    await duplicates.occurrences.look()
    assert await end_reasons(duplicates, staying) == [None]
    await merge(duplicates)
    assert await end_reasons(duplicates, staying) == ["handoff_accepted"]


async def test_entering_by_either_id_counts_for_again_after_days(duplicates: Service) -> None:
    await duplicates.playbooks.publish(
        CALLING.replace("[new_contact]}", "[new_contact], again_after_days: 30}"), ACTOR
    )
    going = await entered(duplicates, "crm-1", "calling")
    await merge(duplicates)
    assert await end_reasons(duplicates, going) == ["merged"]
    today = japan_day(now())
    asked = Reason("new_contact", Text("", ""), today, today, lead_id="crm-1", owner="s-1")
    await duplicates.reasons.report([("card", asked)], ACTOR, dry_run=False)
    await duplicates.entries.look()
    answer = await duplicates.http.get("/entry-decisions?lead_id=crm-2")
    why = {(each["lead_id"], each["playbook_id"]): each["why_en"] for each in answer.json()}
    assert why == {
        ("crm-2", "calling"): "it is too early to enter again",
        ("crm-2", "greeting"): "",
    }


async def test_mails_of_both_ids_count_for_the_persons_cap(duplicates: Service) -> None:
    going = await entered(duplicates, "crm-1")
    await mail_went(duplicates.database, going, "<x@y>", lead_id="crm-1")
    await merge(duplicates)
    origin = MailOrigin("s", "hello", "crm-2", "102032")
    caps = (Cap(CapSubject.CONTACT, 1, days=1),)
    async with duplicates.database.raw_transaction() as connection:
        sent = await sent_on_days(origin, caps, now()).fetch(connection)
    assert list(sent[CapSubject.CONTACT].values()) == [1]
