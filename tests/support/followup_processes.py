"""Followup as an operator runs it: real processes, on a database, topics and mail of their own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from followup import scopes
from followup.domain.playbooks.checks import Limits
from followup.playbooks.service import Playbooks
from followup.settings import MIGRATIONS
from kakehashi_common import migrations
from kakehashi_common.clock import japan_day
from kakehashi_common.cloudevents.codec import encode
from kakehashi_common.contracts.events import Event, Label
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.contracts.lead_events import ProfileChanged
from kakehashi_common.contracts.topics import FOLLOWUP_TRIGGERS, LEAD_EVENTS
from kakehashi_common.db import Database
from kakehashi_common.runtime.issuer import Issuer
from tests.support.followup_examples import ACTOR, PLAYBOOK, SELLER
from tests.support.installations import Installation, installed
from tests.support.issuing import settings_of
from tests.support.mail_servers import MailServer, mail_server
from tests.support.waiting import eventually

SCOPES: Final = (scopes.READ, scopes.WRITE, scopes.PERSONAL_DATA, scopes.PUBLISH_PLAYBOOKS)
PUBLIC_URL: Final = "https://followup.example.jp"
KIRYU: Final = "102032"


@dataclass
class FollowupInstallation(Installation):
    """One followup, with the sender and the keys of the stack: its database, topics, mails."""

    package: ClassVar = "followup"
    schedules: ClassVar = ("purge-old-follow-ups",)
    reads: ClassVar = LEAD_EVENTS

    issuer: Issuer = field(kw_only=True)
    box: MailServer = field(kw_only=True)
    """The mail server that its mails go to."""

    @property
    def maildir(self) -> Path:
        """Where answers arrive."""
        return self.logs / "maildir"

    def own_settings(self) -> dict[str, str]:
        return {
            **super().own_settings(),
            "HTTP__PUBLIC_URL": PUBLIC_URL,
            "INBOX_MAILDIR": str(self.maildir),
            "DEFAULT_OWNER": "s-1",
            "MAIL__PORT": str(self.box.port),
            "DELIVERY__PACE_SECONDS": "0",
            **settings_of(self.issuer),
        }

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """Ask the API as `Installation.ask` does."""
        token = self.issuer.token("tester", list(SCOPES))
        return await self.ask(token, method, path, body, key)

    async def hire(self) -> None:
        """Enter the seller in whose name mails go."""
        await self.call("PUT", "/sellers/s-1", SELLER)

    async def introduce(self, lead_id: str, municipality_code: str = KIRYU) -> str:
        """Say who a contact is, and why they may be written to; return their address."""
        address = f"{lead_id}@city.example.jp"
        said = ProfileChanged.model_validate(
            {
                "lead_id": lead_id,
                "municipality_code": municipality_code,
                "department": "デジタル推進課",
                "role": "officer",
                "person_name": "田中 一郎",
                "email": address,
            }
        )
        await self._publish(Event(f"{lead_id}/said", "https://crm.example.jp", _now(), said))
        consent = {
            "address": address,
            "basis": "business_card",
            "obtained_on": "2026-10-02",
            "evidence": "名刺 C-118",
        }
        await self.call("POST", "/consents", consent)

        async def is_known() -> bool:
            found = "select from lead_field where lead_id = $1 and name = 'email'"
            return bool(await self.fetch(found, lead_id))

        await eventually(is_known, within=60, what=f"{lead_id} is known", every=0.1)
        return address

    async def give_reason(self, lead_id: str, reason: str = "new_contact") -> None:
        """Report a reason to contact somebody, as other services do."""
        today = japan_day(_now())
        arisen = ReasonArisen(
            lead_id=lead_id,
            reason=reason,
            label=Label(ja="はじめての連絡", en="First contact"),
            good_from=today,
            good_until=today + timedelta(days=7),
        )
        event = Event(f"{lead_id}/{reason}", "//kakehashi/budget-calendar", _now(), arisen)
        await self.broker.publish(self.topic(FOLLOWUP_TRIGGERS), [encode(event, key=lead_id)])

    async def _publish(self, event: Event[ProfileChanged]) -> None:
        await self.broker.publish(self.topic(LEAD_EVENTS), [encode(event, key=event.data.lead_id)])

    async def sequence_of(self, lead_id: str, status: str) -> dict[str, Any]:
        """Wait until a contact's sequence is recorded with a status, and return it."""
        found: list[str] = []

        async def stands() -> bool:
            rows = await self.fetch(
                "select sequence_id from sequence where lead_id = $1 and status = $2",
                lead_id,
                status,
            )
            found[:] = [row["sequence_id"] for row in rows]
            return bool(found)

        await eventually(stands, within=120, what=f"{lead_id} is {status}", every=0.1)
        return await self.call("GET", f"/sequences/{found[0]}")

    async def facts(self, lead_id: str) -> list[str]:
        """Return the kinds of the facts recorded of a contact's sequence."""
        rows = await self.fetch(
            "select f.kind from sequence_fact f join sequence using (sequence_id) "
            "where lead_id = $1 order by f.version, f.position",
            lead_id,
        )
        return [row["kind"] for row in rows]

    async def happened(self, lead_id: str, kind: str) -> None:
        """Wait until something is recorded of a contact's sequence."""

        async def is_recorded() -> bool:
            return kind in await self.facts(lead_id)

        await eventually(is_recorded, within=120, what=f"{kind} of {lead_id}", every=0.1)

    def mails_to(self, address: str) -> list[bytes]:
        """The mails that the mail server took for an address."""
        return [
            each
            for each in self.box.messages
            if address in str(message_from_bytes(each, policy=policy.default)["To"])
        ]

    def answer(self, ours: bytes, text: str) -> None:
        """Have the recipient of a mail answer it."""
        mail = message_from_bytes(ours, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        answer = EmailMessage()
        answer["From"], answer["To"] = str(mail["To"]), str(mail["From"])
        answer["Subject"] = f"Re: {mail['Subject']}"
        answer["Message-ID"] = f"<answer-to-{str(mail['Message-ID'])[1:40]}@city.example.jp>"
        answer["In-Reply-To"] = str(mail["Message-ID"])
        answer.set_content(text)
        arriving = self.maildir / "tmp" / f"{len(self.box.messages)}.mail"
        arriving.write_bytes(answer.as_bytes())
        arriving.rename(self.maildir / "new" / arriving.name)


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def installation(
    issuer: Issuer, beside: Installation | None = None, **settings: str
) -> AsyncIterator[FollowupInstallation]:
    """Install followup; nothing runs yet.

    Args:
        issuer: whose tokens it accepts.
        beside: the service whose topics it shares; topics of its own if left out.
        settings: ``FOLLOWUP_…`` without the prefix, for every process.
    """

    async def prepare(database: Database) -> None:
        await migrations.migrate(database, MIGRATIONS)
        await Playbooks(database, Limits()).publish(PLAYBOOK, ACTOR)

    async with (
        mail_server() as box,
        installed(
            partial(FollowupInstallation, issuer=issuer, box=box),
            prepare,
            settings,
            beside=beside,
        ) as made,
    ):
        yield made
