"""An installation of followup of its own: its database, task queue, seller and contacts."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from benchmarks.contestants import Contestant, running
from benchmarks.servers import Servers, opened
from followup.consents import repository as consents
from followup.contacts import repository as contacts
from followup.container import Container
from followup.domain.consents.consent import Basis, Consent
from followup.sellers import repository as sellers
from followup.sellers.repository import Seller
from followup.settings import MIGRATIONS, FollowupSettings
from kakehashi_common import migrations
from kakehashi_common.audit import Actor
from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.db import driver_connection
from kakehashi_common.lead_profiles.repository import FieldSaid, save_fields

OPS_PORT: Final = 28100
PLAYBOOK: Final = "price-interest"
"""One that ships: its first step is a mail."""
OWNER: Final = "s-1"

_AUTHOR: Final = Actor("system:benchmarks", "benchmarks")
_SENDER: Final = {
    "company": "株式会社かけはし",
    "postal_address": "東京都千代田区丸の内1-1-1",
    "complaints": "03-0000-0000",
    "product": "住民ポータル",
    "policy_area": "デジタル",
    "material_url": "https://www.seller.example/material",
    "meeting_url": "https://www.seller.example/meeting",
}


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation; its processes are started the way they are in production."""

    servers: Servers
    name: str
    database_url: str
    more: dict[str, Any] = field(default_factory=dict)
    """Settings of this process alone."""

    @property
    def prefix(self) -> str:
        """Before the names of its queues and workflows."""
        return self.servers.prefix(self.name)

    @property
    def settings(self) -> FollowupSettings:
        """The settings of this process."""
        own: dict[str, Any] = {
            "database": {"url": self.database_url},
            "temporal": {"address": self.servers.temporal, "task_queue": self.prefix},
            "auth": {"jwks_url": "http://127.0.0.1:1", "issuer": "http://127.0.0.1:1"},
            "http": {"public_url": "https://followup.seller.example"},
            "workflow_id_prefix": self.prefix,
            "sender": _SENDER,
        }
        return FollowupSettings(**own, **self.more)

    @contextmanager
    def process(self, name: str, **settings: str) -> Iterator[Contestant]:
        """``python -m followup <name>``; ``settings`` are ``FOLLOWUP_…`` without the prefix."""
        own = {
            "DATABASE__URL": self.database_url,
            "KAFKA__BOOTSTRAP_SERVERS": self.servers.kafka,
            "TEMPORAL__ADDRESS": self.servers.temporal,
            "TEMPORAL__TASK_QUEUE": self.prefix,
            "WORKFLOW_ID_PREFIX": self.prefix,
            "AUTH__JWKS_URL": "http://127.0.0.1:1",
            "AUTH__ISSUER": "http://127.0.0.1:1",
            "OPS__PORT": str(OPS_PORT),
            **{f"SENDER__{part.upper()}": value for part, value in _SENDER.items()},
            **settings,
        }
        environment = {f"FOLLOWUP_{part}": value for part, value in own.items()}
        ready = f"http://127.0.0.1:{OPS_PORT}/readyz"
        with running(f"followup {name}", ("followup", name), environment, ready) as started:
            yield started

    def opened(self) -> AbstractAsyncContextManager[Container]:
        """Its use cases, for use in this process."""
        return opened(Container, self.settings)

    async def introduce(self, lead_ids: Sequence[str]) -> None:
        """Have a contact with consent for each of ``lead_ids``, over all municipalities."""
        codes = sorted(municipalities())
        at = datetime(2026, 11, 2, tzinfo=UTC)
        fields = [
            FieldSaid(lead_id, name, value, at, UUID(int=number), "benchmarks")
            for number, lead_id in enumerate(lead_ids)
            for name, value in {
                "municipality_code": codes[number % len(codes)],
                "department": "デジタル推進課",
                "role": "officer",
                "person_name": f"職員 {number}",
                "email": address_of(number),
            }.items()
        ]
        business_card = Consent(Basis.BUSINESS_CARD, date(2026, 10, 2), "名刺")
        async with self.opened() as opened, opened.database.transaction() as connection:
            raw = await driver_connection(connection)
            await contacts.save_leads(raw, lead_ids)
            await save_fields(raw, fields)
            for first in range(0, len(lead_ids), 1_000):
                numbers = range(first, min(first + 1_000, len(lead_ids)))
                known = {address_of(number): business_card for number in numbers}
                await consents.put_consents(connection, known)


def address_of(number: int) -> str:
    """The address of a contact: their municipality's domain is its own."""
    return f"shokuin{number}@city{number % 1_700}.example.jp"


@contextmanager
def installed(servers: Servers, name: str) -> Iterator[Installation]:
    """A new installation with a seller and the playbooks that ship; it is dropped afterwards."""

    async def prepare(installation: Installation) -> None:
        async with installation.opened() as opened:
            await migrations.migrate(opened.database, MIGRATIONS)
            await opened.playbooks.install_shipped(_AUTHOR)
            seller = Seller(OWNER, "佐藤 花子", "hanako.sato@seller.example", "かけはし\n佐藤 花子")
            async with opened.database.transaction() as connection:
                await sellers.put(connection, seller)

    with servers.database(name) as url:
        installation = Installation(servers, name, url)
        asyncio.run(prepare(installation))
        yield installation
