from collections.abc import AsyncIterator

import pytest

from tests.support.kafka import TestBroker, test_broker


@pytest.fixture
async def broker() -> AsyncIterator[TestBroker]:
    async with test_broker() as opened:
        yield opened
