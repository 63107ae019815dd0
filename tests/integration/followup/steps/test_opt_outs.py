"""Whoever got a mail opts out by it, and nobody else: a step may turn to a colleague."""

import email
import email.policy
from contextlib import suppress
from hashlib import sha256

import pytest

from followup.consents import repository as consents
from followup.container import Container
from followup.domain.consents.suppression import Cause, Scope, SuppressionKey
from followup.domain.sequences.commands import RecordSent
from followup.inbox.maildir import ArrivedMail
from followup.occurrences import repository as occurrences
from kakehashi_common.errors import TransientError
from tests.support.followup_examples import ACTOR
from tests.support.followup_sending import MONDAY, PLAYBOOK, Senders
from tests.support.incoming_mails import mail

CONTACT, COLLEAGUE = "joho@city.kiryu.example.jp", "yosan@city.kiryu.example.jp"
TO_A_COLLEAGUE = PLAYBOOK.replace("id: news\nname", "id: colleague\nname").replace(
    "template: news, approval: none", "template: news, approval: none, to: colleague"
)


async def sent_to_a_colleague(senders: Senders) -> tuple[Container, str, str]:
    """Have a mail go to a colleague of the contact; return its Message-ID and its link's token."""
    worker = senders.workers[0]
    await worker.playbooks.publish(TO_A_COLLEAGUE, ACTOR)
    await senders.contact("crm-1", CONTACT)
    await senders.contact("crm-2", COLLEAGUE)
    work = await senders.about_to_send("q-1", "crm-1", playbook_id="colleague")
    async with worker.database.transaction() as connection:
        playbook = await worker.playbooks.find(connection, "colleague", 1)
    assert isinstance(await worker.step_sender(work, playbook), RecordSent)
    [data] = senders.box.messages
    message = email.message_from_bytes(data, policy=email.policy.default)
    link = message["List-Unsubscribe"].split(">")[0].strip("<")
    return worker, message["Message-ID"], link.rpartition("/")[2]


async def suppressed(worker: Container) -> dict[tuple[Scope, str], Cause]:
    keys = [
        *(SuppressionKey(Scope.PERSON, each) for each in ("crm-1", "crm-2")),
        *(SuppressionKey(Scope.ADDRESS, each) for each in (CONTACT, COLLEAGUE)),
    ]
    async with worker.database.raw_transaction() as connection:
        found = await consents.suppressions_of(keys).fetch(connection)
    return {(each.key.scope, each.key.value): each.cause for each in found}


async def test_the_link_opts_out_when_its_sequence_has_been_purged(senders: Senders) -> None:
    worker, _, token = await sent_to_a_colleague(senders)
    async with worker.database.raw_transaction() as connection:
        await connection.execute("delete from sequence")
    assert await worker.mails.opt_outs.opt_out(token)
    assert await suppressed(worker) == {
        (Scope.PERSON, "crm-2"): Cause.OPT_OUT,
        (Scope.ADDRESS, COLLEAGUE): Cause.OPT_OUT,
    }


async def test_the_link_opts_out_whoever_got_the_mail(senders: Senders) -> None:
    worker, _, token = await sent_to_a_colleague(senders)
    assert await worker.mails.opt_outs.opt_out(token)
    assert await suppressed(worker) == {
        (Scope.PERSON, "crm-2"): Cause.OPT_OUT,
        (Scope.ADDRESS, COLLEAGUE): Cause.OPT_OUT,
    }
    async with worker.database.raw_transaction() as connection:
        ends = await occurrences.pending_of("crm-1").fetch(connection)
    assert ends == [], "the contact has said nothing"


async def test_a_link_of_the_time_when_it_named_the_sequence_opts_out_its_contact(
    senders: Senders,
) -> None:
    worker, _, _ = await sent_to_a_colleague(senders)
    assert await worker.mails.opt_outs.opt_out(worker.mails.unsubscribe_tokens.token("q-1"))
    assert (Scope.PERSON, "crm-1") in await suppressed(worker)
    assert not await worker.mails.opt_outs.opt_out(worker.mails.unsubscribe_tokens.token("q-2"))


@pytest.mark.parametrize("sender", [COLLEAGUE, "shared@city.kiryu.example.jp"])
async def test_an_answer_opts_out_whoever_got_the_mail_from_whatever_address(
    senders: Senders, sender: str
) -> None:
    worker, message_id, _ = await sent_to_a_colleague(senders)
    data = mail("今後の配信を停止してください。", sender=sender, answers=message_id)
    await worker.mails.incoming_mails.take(ArrivedMail(data, sha256(data).hexdigest(), MONDAY))
    with suppress(TransientError):  # Temporal isn't there: what holds without it is looked at
        await worker.mails.mail_handler.look()
    assert set(await suppressed(worker)) == {(Scope.PERSON, "crm-2"), (Scope.ADDRESS, COLLEAGUE)}
