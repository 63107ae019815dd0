"""Fixtures of the integration tests of ``budget_calendar``."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support import budget_calendar_api
from tests.support.budget_calendar_api import Service


@pytest_asyncio.fixture(scope="session")
async def installed() -> AsyncIterator[Service]:
    async with budget_calendar_api.service() as service:
        yield service


@pytest_asyncio.fixture
async def service(installed: Service) -> Service:
    await installed.fresh()
    return installed
