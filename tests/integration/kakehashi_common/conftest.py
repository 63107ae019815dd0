"""Fixtures of the integration tests of ``kakehashi_common``."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.kafka import TestBroker, test_broker
from tests.support.postgres import database, database_settings

__all__ = ["broker", "database", "database_settings"]


@pytest_asyncio.fixture
async def broker() -> AsyncIterator[TestBroker]:
    async with test_broker() as broker:
        yield broker
