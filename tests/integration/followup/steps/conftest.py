"""Steps that are about to be sent, by several workers."""

from collections.abc import AsyncIterator

import pytest_asyncio

from kakehashi_common.db import Database
from tests.support.followup_sending import Senders
from tests.support.mail_servers import mail_server


@pytest_asyncio.fixture
async def senders(followup_database: Database) -> AsyncIterator[Senders]:
    async with mail_server() as box:
        made = Senders(followup_database, box)
        await made.prepare()
        yield made
        await made.close()
