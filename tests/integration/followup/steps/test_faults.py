"""The results that sequences get when a mail server refuses, defers, hangs and disconnects."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import dkim
import pytest

from followup.container import Container
from followup.delivery.sending import Mailer
from followup.domain.consents.suppression import Cause
from followup.domain.message_ids import message_id
from followup.domain.sequences.commands import RecordFailure, RecordSent, RefuseStep
from followup.settings import DeliverySettings
from tests.support.dkim_keys import ED25519_KEY, dns, rsa_key
from tests.support.followup_sending import MONDAY, Senders

ADDRESS = "joho@city.kiryu.example.jp"
A_DAY, AN_HOUR, A_QUARTER = timedelta(days=1), timedelta(hours=1), timedelta(minutes=15)


class Fault(NamedTuple):
    to_recipient: str = "250 OK"
    to_message: str = "250 OK"
    code: str | None = None
    """Of a failure for good."""
    reason: str = ""
    """Of a mail that is put off."""
    again_after: timedelta = timedelta(0)
    handed_over: int = 1
    """The number of times that the message reached the server, under one Message-ID."""


FAULTS = [
    Fault("550 5.1.1 unknown", code="5.1.1", handed_over=0),
    Fault("550 no such user", code="550", handed_over=0),
    Fault("554 5.7.1 policy", code="5.7.1", handed_over=0),
    Fault("450 4.2.1 busy", reason="deferred", again_after=AN_HOUR),
    Fault("451 4.7.1 Greylisting in action", reason="deferred", again_after=A_QUARTER),
    Fault("disconnect", reason="deferred", again_after=AN_HOUR),
    Fault("hang", reason="deferred", again_after=AN_HOUR),
    Fault(to_message="554 5.7.1 spam", code="5.7.1"),
    Fault(to_message="552 5.3.4 too big", code="5.3.4"),
    Fault(to_message="421 4.3.2 going down", reason="deferred", again_after=AN_HOUR, handed_over=2),
    Fault(
        to_message="451 4.7.1 greylisted", reason="deferred", again_after=A_QUARTER, handed_over=2
    ),
    Fault(to_message="disconnect", reason="unknown", again_after=AN_HOUR),
    Fault(to_message="hang", reason="unknown", again_after=AN_HOUR),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: f"{each.to_recipient}-{each.to_message}")
async def test_each_fault_has_its_consequence_and_no_mail_goes_twice(
    senders: Senders, fault: Fault
) -> None:
    await senders.contact("crm-1", ADDRESS)
    worker = impatient(senders)
    work = await senders.about_to_send("q-1", "crm-1")
    identity = message_id("q-1", work.visit, "mail.example.jp")
    senders.box.to_recipients, senders.box.to_messages = [fault.to_recipient], [fault.to_message]

    first = await senders.send(work, worker)

    if fault.code is not None:
        assert first == RecordFailure(1, identity, fault.code)
    else:
        assert first == RefuseStep(1, fault.reason, MONDAY + fault.again_after)
        senders.later(seconds=fault.again_after.total_seconds())
        if fault.reason == "unknown":
            counts_as_sent = RefuseStep(1, "unknown", MONDAY + A_DAY)
            assert await senders.send(work, worker) == counts_as_sent
            senders.clock.instant = MONDAY + A_DAY
        assert isinstance(await senders.send(work, worker), RecordSent)
    handed_over = [identity.encode() in each for each in senders.box.messages]
    assert handed_over == [True] * fault.handed_over
    shown = await worker.consents.of_address(ADDRESS)
    unknown_there = fault.to_recipient.startswith("550")
    assert [each.cause for each in shown.suppressions] == [Cause.BOUNCE] * unknown_there


async def test_a_mail_is_given_up_after_ten_days_on_which_the_server_put_it_off(
    senders: Senders,
) -> None:
    await senders.contact("crm-1", ADDRESS)
    worker = impatient(senders)
    work = await senders.about_to_send("q-1", "crm-1")
    senders.later(days=15)  # it was held up: by an approval, a quiet period
    put_off = []
    for attempt in range(1, 15):
        async with senders.database.raw_transaction() as connection:
            await connection.execute(
                "update sequence set state = jsonb_set(state, '{attempt}', to_jsonb($1::int))",
                attempt,
            )
        senders.box.to_recipients = ["450 4.2.1 busy"]
        result = await senders.send(replace(work, attempt=attempt), worker)
        if isinstance(result, RecordFailure):
            break
        assert isinstance(result, RefuseStep)
        put_off.append(result.reason)
        senders.later(days=1)
    assert (put_off.count("deferred"), put_off.count("outside_hours")) == (9, 4)


def impatient(senders: Senders) -> Container:
    """A worker that waits for the mail server no longer than a test can."""
    worker = senders.worker()
    mail = worker.settings.mail.model_copy(update={"timeout_seconds": 0.5})
    worker.mails.mailer = Mailer(mail, answer_seconds=0.5)
    return worker


async def test_a_mail_that_went_is_missed_an_answer_to(senders: Senders) -> None:
    await senders.contact("crm-1", ADDRESS)
    [worker] = senders.workers
    await senders.send(await senders.about_to_send("q-1", "crm-1"), worker)
    senders.later(days=8)  # six business days

    assert await worker.behaviours.look_again() == 1

    explained = {each.behaviour.name: each for each in await worker.behaviours.explain("crm-1")}
    assert explained["no_answer"].seen


async def test_keys_of_both_kinds_sign_a_mail(senders: Senders, tmp_path: Path) -> None:
    rsa, ed25519 = tmp_path / "rsa.pem", tmp_path / "ed25519.txt"
    rsa.write_bytes(rsa_key(domain="mail.example.jp").private_key)
    ed25519.write_bytes(ED25519_KEY.private_key + b"\n")
    senders.delivery = {
        "dkim_domain": "mail.example.jp",
        "dkim_selector": "r1",
        "dkim_key_file": rsa,
        "dkim_ed25519_selector": "e1",
        "dkim_ed25519_key_file": ed25519,
    }
    await senders.contact("crm-1", ADDRESS)
    await senders.send(await senders.about_to_send("q-1", "crm-1"), senders.worker())
    [mail] = senders.box.messages
    assert [dkim.DKIM(mail).verify(idx=index, dnsfunc=dns) for index in range(2)] == [True, True]
    assert mail.count(b"a=rsa-sha256") == mail.count(b"a=ed25519-sha256") == 1


def test_a_second_key_is_given_whole_and_beside_the_first() -> None:
    for given in ({"dkim_ed25519_selector": "e1"}, SECOND_KEY):
        with pytest.raises(ValueError, match="dkim_ed25519_key_file together"):
            DeliverySettings(**given)


SECOND_KEY: dict[str, Any] = {"dkim_ed25519_selector": "e1", "dkim_ed25519_key_file": "/e1"}
