"""An answer or bounce concerns the recipient of the mail, who may be a colleague."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from followup.domain.message_ids import message_id
from followup.inbox.maildir import ArrivedMail
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, ADDRESS, CALLING, ENTRY, introduce, mail_went
from tests.support.incoming_mails import mail, report

Comes = Callable[[str, str], bytes]
"""Makes what comes back of a mail, from an address."""
COLLEAGUE = "yosan@city.kiryu.example.jp"
ASKING = CALLING.replace("id: calling", "id: asking")
"""Another one of the same kind, which had turned to the colleague."""


def bounce(named: str, address: str) -> bytes:
    status = (
        f"Reporting-MTA: dns; mx.example.jp\n\nFinal-Recipient: rfc822; {address}\n"
        "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n"
    )
    returned = f"From: sales@mail.example.jp\nTo: {address}\nMessage-ID: {named}\n\nx\n"
    return report(
        "delivery-status",
        ("text/plain", "I'm sorry to have to inform you ..."),
        ("message/delivery-status", status),
        ("message/rfc822", returned),
    )


def opt_out(named: str, address: str) -> bytes:
    return mail("今後の配信を停止してください。", sender=address, answers=named)


def answer(named: str, address: str) -> bytes:
    return mail("資料を拝見しました。検討いたします。", sender=address, answers=named)


def absence(named: str, address: str) -> bytes:
    return mail(
        "2099年12月10日まで休暇をいただいております。",
        subject="自動応答: 不在",
        sender=address,
        answers=named,
        headers={"Auto-Submitted": "auto-replied"},
    )


def stands(state: dict[str, object]) -> object:
    return "paused" if state["paused"] else state["end_reason"]


@pytest.mark.parametrize(
    ("comes", "asked", "colleagues"),
    [
        (bounce, None, "bounced"),
        (opt_out, None, "opted_out"),
        (answer, "answered", "answered"),
        (absence, "paused", "paused"),
    ],
)
@pytest.mark.parametrize("went_to", ["colleague", "contact"])
async def test_it_concerns_whoever_got_the_mail(
    at_work: Service, comes: Comes, asked: str | None, colleagues: str, went_to: str
) -> None:
    await introduce(at_work, "crm-2", email=COLLEAGUE)
    for yaml in (CALLING, ASKING):
        await at_work.playbooks.publish(yaml, ACTOR)
    asking, others, of_colleague = [
        (await at_work.call("POST", "/sequences", ENTRY | entry))["sequence_id"]
        for entry in (
            {"playbook_id": "asking"},
            {"playbook_id": "calling"},
            {"playbook_id": "calling", "lead_id": "crm-2"},
        )
    ]
    lead_id, address = ("crm-2", COLLEAGUE) if went_to == "colleague" else ("crm-1", ADDRESS)
    domain = (at_work.settings.mail.sender or "").rpartition("@")[2]
    named = message_id(asking, "call.1", domain)
    await mail_went(at_work.database, asking, named, lead_id=lead_id, step_id="call")
    data = comes(named, address)
    arrived = ArrivedMail(data, sha256(data).hexdigest(), datetime.now(UTC))
    await at_work.mails.incoming_mails.take(arrived)
    assert await at_work.mails.mail_handler.look() == 1
    await at_work.occurrences.look()

    found = [
        stands(await at_work.call("GET", f"/sequences/{each}"))
        for each in (asking, others, of_colleague)
    ]
    if went_to == "colleague":
        assert found == [asked, None, colleagues]
    else:
        assert found == [colleagues, colleagues, None]
