"""What the API's tests share."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support import lead_scoring_api
from tests.support.lead_scoring_api import Service


@pytest_asyncio.fixture(scope="session")
async def installed() -> AsyncIterator[Service]:
    async with lead_scoring_api.service() as service:
        yield service


@pytest_asyncio.fixture
async def service(installed: Service) -> Service:
    await installed.fresh()
    return installed
