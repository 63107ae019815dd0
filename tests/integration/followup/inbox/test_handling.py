"""What follows from mails, while Temporal or a workflow of a contact doesn't answer."""

from datetime import timedelta
from hashlib import sha256
from typing import Any, cast

from followup.consents.service import Consents
from followup.contacts import repository as contacts
from followup.domain.inbox.classified import MailKind
from followup.inbox.handling import MailHandler
from followup.inbox.maildir import ArrivedMail
from followup.inbox.service import IncomingMails
from followup.opt_outs.service import OptOuts
from followup.sequences.service import Sequences
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.errors import FaultError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.incoming_mails import CLASSIFIER, RECEIVED, mail

CLOCK = FixedClock(RECEIVED)


class StuckFor:
    """Sequences of which those of one lead have a stuck workflow."""

    def __init__(self, lead_id: str) -> None:
        self.lead_id = lead_id
        self.told: list[str] = []

    async def send_to_lead(self, lead_id: str, _message: Any) -> int:
        if lead_id == self.lead_id:
            raise FaultError("stuck", code="workflow_stuck", public="stuck")
        self.told.append(lead_id)
        return 1


class NothingSent:
    """Opt-outs of an installation that has sent no mail yet."""

    async def opt_out_recipient(self, *_: object) -> bool:
        return False


async def know(database: Database, lead_id: str, email: str) -> None:
    async with database.raw_transaction() as connection:
        await contacts.save_leads(connection, [lead_id])
        await connection.execute(
            "insert into lead_field (lead_id, name, value, at, event_key, source) "
            "values ($1, 'email', $2, now(), gen_random_uuid(), 'tests')",
            lead_id,
            email,
        )


async def test_a_stuck_workflow_holds_up_only_its_own_mail(followup_database: Database) -> None:
    sequences = StuckFor("crm-1")
    mails = IncomingMails(followup_database, CLASSIFIER, CLOCK)
    consents = Consents(followup_database, CLOCK)
    handler = MailHandler(
        followup_database,
        mails,
        consents,
        cast("OptOuts", NothingSent()),
        cast("Sequences", sequences),
        business_days=BUSINESS_DAYS,
    )
    for number, name in enumerate(("crm-1", "crm-2")):
        await know(followup_database, name, f"{name}@x.example.jp")
        data = mail("配信停止をお願いします。", sender=f"{name}@x.example.jp")
        at = RECEIVED + timedelta(seconds=number)
        await mails.take(ArrivedMail(data, sha256(data).hexdigest(), at))
    assert await handler.look() == 1
    assert sequences.told == ["crm-2"]
    [waiting] = await mails.pending()
    assert (waiting.classified.about, waiting.classified.kind) == (
        "crm-1@x.example.jp",
        MailKind.OPT_OUT,
    )
    sequences.lead_id = ""
    assert await handler.look() == 1
    assert sequences.told == ["crm-2", "crm-1"]
