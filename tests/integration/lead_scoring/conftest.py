"""Fixtures of the integration tests of ``lead_scoring``."""

from collections.abc import AsyncIterator

import pytest_asyncio

from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from tests.support import lead_scoring_api
from tests.support.lead_scoring_api import Service
from tests.support.lead_scoring_temporal import LEADS, Operated
from tests.support.temporal import temporal_server


@pytest_asyncio.fixture(scope="session")
async def installed() -> AsyncIterator[Service]:
    async with lead_scoring_api.service() as service:
        yield service


@pytest_asyncio.fixture
async def service(installed: Service) -> Service:
    await installed.fresh()
    return installed


@pytest_asyncio.fixture
async def operated(service: Service) -> Operated:
    return Operated(service, await temporal_server())


@pytest_asyncio.fixture
async def leads(service: Service) -> None:
    """Leads of every kind, scored by version 1."""
    for n in range(LEADS):
        lead_id = f"crm-{n:03}"
        await service.happened(
            ProfileChanged(
                lead_id=lead_id,
                municipality_code="102032",
                department="情報政策課" if n % 2 else "総務課",
            ),
            *[ActivityRecorded(lead_id=lead_id, kind="meeting_held")] * (n % 4),
        )
