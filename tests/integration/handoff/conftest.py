"""Fixtures of the integration tests of ``handoff``."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support import handoff_api
from tests.support.handoff_api import NOW, Service


@pytest_asyncio.fixture(scope="session")
async def installed() -> AsyncIterator[Service]:
    async with handoff_api.service() as service:
        yield service


@pytest_asyncio.fixture
async def service(installed: Service) -> Service:
    await installed.fresh()
    installed.clock.instant = NOW
    return installed
