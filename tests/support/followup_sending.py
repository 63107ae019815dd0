"""Steps of sequences that are about to be sent: real database and mail server, no Temporal."""

import base64
import email
import email.policy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from followup.container import Container
from followup.domain.consents.consent import Basis, Consent
from followup.domain.playbooks.walk import Position
from followup.domain.send_policy.caps import CAPS, Cap
from followup.domain.sequences.commands import Result
from followup.domain.sequences.state import SequenceState
from followup.domain.sequences.terms import Status
from followup.sellers.repository import Seller
from followup.sequences import repository as sequences
from followup.sequences.messages import RecordedDecision, StepWork
from followup.settings import DeliverySettings, FollowupSettings
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.mail.settings import MailSettings
from kakehashi_common.settings import AuthSettings, HttpSettings, TemporalSettings
from tests.support.followup_api import SENDER
from tests.support.followup_examples import ACTOR, introduce
from tests.support.mail_servers import MailServer

MONDAY: Final = datetime(2026, 11, 30, 10, 0, tzinfo=JAPAN)
SENDER_ADDRESS: Final = "kakehashi@mail.example.jp"
_UNHURRIED: Final = {"connect_timeout_seconds": 60.0, "pool_timeout_seconds": 60.0}
"""Many connect at once, and the machine may be busy."""
PLAYBOOK: Final = """
id: news
name: お知らせ
description: 承認なしで一通送る。
audience: {roles: [officer]}
entry: {reasons: [new_contact]}
priority: 30
mails_per_week: 2
goal: {occurrences: [meeting_booked]}
templates:
  news:
    kind: mail
    variants:
      - subject: "お知らせ（{{ sender_company }}）"
        body: |
          {{ addressee }}

          {{ sender_company }}の{{ sender_name }}です。

          {{ signature }}
steps:
  - {id: news, kind: mail, template: news, approval: none}
"""


@dataclass(eq=False)
class Senders:
    """Several workers of followup with shared servers, and the mails that recipients get.

    Args:
        database: with followup's tables.
        box: the mail server.
        caps: of the send policy.
    """

    database: Database
    box: MailServer
    caps: tuple[Cap, ...] = CAPS
    delivery: dict[str, Any] = field(default_factory=dict)
    """More settings of how mails are signed."""
    clock: FixedClock = field(default_factory=lambda: FixedClock(MONDAY))
    workers: list[Container] = field(default_factory=list)

    def worker(self) -> Container:
        """One more process."""
        settings = FollowupSettings(
            database=self.database.settings,
            auth=AuthSettings(jwks_url="http://127.0.0.1:1/jwks", issuer="nobody"),
            http=HttpSettings(public_url="https://followup.example.jp"),
            temporal=TemporalSettings(task_queue="nobody", address="127.0.0.1:1"),
            sender=SENDER,
            mail=MailSettings(
                host="127.0.0.1", port=self.box.port, security="none", sender=SENDER_ADDRESS
            ),
            delivery=DeliverySettings(
                token_keys=(base64.b64encode(bytes(range(32))).decode(),),
                pace_seconds=0,
                **self.delivery,
            ),
            caps=self.caps,
        )
        unhurried = settings.database.model_copy(update=_UNHURRIED)
        database = Database(unhurried, application=f"worker {len(self.workers)}")
        self.workers.append(Container(settings, database, self.clock))
        return self.workers[-1]

    async def prepare(self) -> None:
        """Have a playbook and two sellers."""
        first = self.worker()
        await first.playbooks.publish(PLAYBOOK, ACTOR)
        for seller_id in ("s-1", "s-2"):
            seller = Seller(
                seller_id, "佐藤 花子", "s@example.co.jp", "佐藤 花子", None, active=True
            )
            await first.sellers.put(seller, ACTOR)

    async def contact(self, lead_id: str, address: str, **differences: str) -> None:
        """Have a contact with a business card."""
        consents = self.workers[0].consents
        card = Consent(Basis.BUSINESS_CARD, datetime(2026, 5, 12, tzinfo=JAPAN).date(), "名刺")
        await consents.record(address, card, ACTOR, page_refuses_advertising=False)
        await introduce(self.workers[0], lead_id, email=address, **differences)

    async def about_to_send(
        self, sequence_id: str, lead_id: str, owner: str = "s-1", **differences: Any
    ) -> StepWork:
        """Have a contact's sequence stand at its mail, and return the work on it."""
        state = SequenceState(
            sequence_id,
            "news",
            1,
            lead_id,
            sequence_id,
            "new_contact",
            self.clock.now(),
            Position("news", self.clock.now()),
            municipality_code="102032",
            owner=owner,
            version=1,
            status=Status.SENDING,
            attempt=1,
        )
        state = replace(state, **differences)
        await self.record(state)
        return StepWork.of(state)

    async def record(self, state: SequenceState) -> None:
        """Record a sequence, as its workflow does."""
        first = self.workers[0]
        decision = RecordedDecision(state, self.clock.now(), ())
        async with first.database.transaction() as connection:
            news = await first.playbooks.find(connection, "news", 1)
            is_at_the_mail = any(each.id == state.step_id for each in news.all_steps)
            stored = await sequences.put(connection, decision, news if is_at_the_mail else None)
            assert stored, "it is new, and the only open one"

    async def send(self, work: StepWork, worker: Container) -> Result:
        """Have a worker send the mail."""
        async with worker.database.transaction() as connection:
            playbook = await worker.playbooks.find(connection, "news", 1)
        return await worker.step_sender(work, playbook)

    async def plan(self, work: StepWork, worker: Container) -> Result:
        """Have a worker plan the mail."""
        async with worker.database.transaction() as connection:
            playbook = await worker.playbooks.find(connection, "news", 1)
        return await worker.step_planner(work, playbook)

    def got(self) -> list[str]:
        """Return the addresses of those who got a mail, in order."""
        mails = [
            email.message_from_bytes(each, policy=email.policy.default)
            for each in self.box.messages
        ]
        return [mail["To"].addresses[0].addr_spec for mail in mails]

    def later(self, **passed: float) -> None:
        """Let time pass."""
        self.clock.instant += timedelta(**passed)

    async def close(self) -> None:
        """End the workers."""
        for each in self.workers:
            await each.mails.mailer.close()
            await each.database.close()
