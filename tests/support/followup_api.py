"""Followup's API in this process: real PostgreSQL, Temporal and mail server."""

import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import httpx
from pydantic import SecretStr

from followup.container import Container
from followup.http.app import create_app
from followup.scopes import PERSONAL_DATA, READ, RECEIVE_MAILS, WRITE
from followup.settings import (
    MIGRATIONS,
    DeliverySettings,
    FollowupSettings,
    SenderSettings,
    WebhookEndpoint,
    WebhookSettings,
)
from followup.tables import metadata
from followup.workflows import PASSED_THROUGH, PERMANENT_ERRORS, WORKFLOWS
from kakehashi_common import migrations
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.errors import NotFoundError
from kakehashi_common.mail.settings import MailSettings
from kakehashi_common.runtime.issuer import Issuer
from kakehashi_common.settings import AuthSettings, CodecKey, HttpSettings, TemporalSettings
from kakehashi_common.temporal.error_boundary import rpc_errors
from tests.support.issuing import issuing
from tests.support.mail_servers import MailServer, mail_server
from tests.support.postgres import throwaway_database
from tests.support.temporal import TestTemporal, temporal_server

SCOPES = (READ, WRITE, PERSONAL_DATA, RECEIVE_MAILS)

SENDER = SenderSettings(
    company="株式会社かけはし",
    postal_address="東京都千代田区丸の内1-1-1",
    complaints="03-0000-0000",
    product="住民ポータル",
    policy_area="デジタル",
    material_url="https://www.example.co.jp/material",
    meeting_url="https://www.example.co.jp/meeting",
)


WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the specification's


def webhook_endpoint(url: str) -> WebhookEndpoint:
    """Return a receiver that playbooks may name."""
    return WebhookEndpoint(url=url, secrets=(SecretStr(WEBHOOK_SECRET),))


@dataclass(eq=False)
class Service(Container):
    """One installation of followup."""

    issuer: Issuer = field(kw_only=True)
    beside: TestTemporal = field(kw_only=True)
    """Where its workflows live."""
    box: MailServer = field(kw_only=True)
    """The mail server of the recipients."""

    @cached_property
    def http(self) -> httpx.AsyncClient:
        """Carries a token with every scope."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(self), raise_app_exceptions=False),
            base_url="http://followup/v1",
            headers={"authorization": f"Bearer {self.issuer.token('tester', list(SCOPES))}"},
        )

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        """Ask for something that is right, and return what is answered."""
        answer = await self.http.request(method, path, json=body, **more)
        assert answer.is_success, answer.text
        shown: dict[str, Any] = answer.json() if answer.content else {}
        return shown

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Ask for something that is wrong, and return the status and the code."""
        answer = await self.http.request(method, path, json=body)
        return answer.status_code, answer.json().get("code", "")

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Workers in this process, until the block ends."""
        async with self.beside.worker(
            WORKFLOWS,
            self.activities,
            passed_through=PASSED_THROUGH,
            permanent_errors=PERMANENT_ERRORS,
        ):
            yield

    async def end(self) -> None:
        """Leave no workflow behind."""
        found = f"ExecutionStatus='Running' and WorkflowId starts_with '{self.beside.prefix}'"
        async for execution in self.temporal.list_workflows(found):
            with suppress(NotFoundError), rpc_errors():  # it may have ended by itself
                await self.temporal.get_workflow_handle(execution.id).terminate()

    async def fresh(self) -> None:
        """Forget everything."""
        names = ", ".join(f'"{each}"' for each in metadata.tables)
        async with self.database.raw_transaction() as connection:
            await connection.execute(f"truncate {names} restart identity cascade")
        self.box.messages.clear()
        self.box.recipients.clear()
        self.box.to_messages.clear()
        self.box.to_recipients.clear()


@asynccontextmanager
async def service(codec_keys: tuple[CodecKey, ...] = ()) -> AsyncIterator[Service]:
    """Install followup in a database of its own; with keys, what Temporal stores is encrypted."""
    async with AsyncExitStack() as opened:
        postgres = await opened.enter_async_context(throwaway_database())
        issuer = await opened.enter_async_context(issuing())
        box = await opened.enter_async_context(mail_server())
        published = issuer.metadata()
        beside = await temporal_server(codec_keys)
        settings = FollowupSettings(
            database=postgres,
            auth=AuthSettings(jwks_url=published["jwks_uri"], issuer=published["issuer"]),
            http=HttpSettings(public_url="https://followup.example.jp"),
            temporal=TemporalSettings(task_queue=beside.task_queue),
            workflow_id_prefix=beside.prefix,
            sender=SENDER,
            mail=MailSettings(
                host="127.0.0.1",
                port=box.port,
                security="none",
                sender="kakehashi@mail.example.jp",
            ),
            webhooks=WebhookSettings(
                http_to_localhost=True, endpoints={"crm": webhook_endpoint("http://127.0.0.1:1")}
            ),
            delivery=DeliverySettings(
                token_keys=(base64.b64encode(bytes(range(32))).decode(),),
                pace_seconds=0,
                at_any_time=True,
            ),
        )
        database = Database(postgres, application="tests")
        opened.push_async_callback(database.close)
        await migrations.migrate(database, MIGRATIONS)
        made = Service(settings, database, issuer=issuer, beside=beside, box=box)
        made.temporal = beside.client
        opened.push_async_callback(made.end)
        opened.push_async_callback(made.verifier.close)
        opened.push_async_callback(made.mails.mailer.close)
        opened.push_async_callback(made.http.aclose)
        yield made


@asynccontextmanager
async def service_at(installed: Service, instant: datetime) -> AsyncIterator[Service]:
    """Serve an installation that knows nothing yet, while its clock stands at an instant."""
    await installed.fresh()
    service = Service(
        installed.settings,
        installed.database,
        FixedClock(instant),
        issuer=installed.issuer,
        beside=installed.beside,
        box=installed.box,
    )
    yield service
    await service.http.aclose()
    await service.verifier.close()
