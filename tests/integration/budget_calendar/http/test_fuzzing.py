"""No request that can be made of budget-calendar's description finds a fault."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from kakehashi_common.temporal.search_attributes import register_search_attributes
from tests.support import extreme_dates
from tests.support.budget_calendar_api import SCOPES
from tests.support.budget_calendar_processes import installation
from tests.support.fuzzing import fuzz
from tests.support.issuing import issuing
from tests.support.temporal import temporal_server


@pytest_asyncio.fixture(scope="module")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API of its own, beside a worker, with every scope."""
    await register_search_attributes((await temporal_server()).client)
    async with issuing() as issuer, installation(issuer) as installed:
        token = issuer.token("tester", list(SCOPES))
        async with httpx.AsyncClient(
            base_url=installed.api.address, headers={"authorization": f"Bearer {token}"}, timeout=30
        ) as client:
            yield client


async def test_no_date_is_too_early_or_too_late_for_an_answer(http: httpx.AsyncClient) -> None:
    await http.post("/v1/follows", json={"codes": ["102032"]})
    api = (await http.get("/openapi.json")).json()
    found = await extreme_dates.answers(http, extreme_dates.changes(api))
    found |= await extreme_dates.answers(http, extreme_dates.reads(api))
    assert {what: status for what, status in found.items() if status >= 500} == {}


async def test_schemathesis_finds_nothing(http: httpx.AsyncClient) -> None:
    await fuzz(http, phases="examples,fuzzing,stateful", examples=2)
    # One or two by each request: the hook has kept Schemathesis from following all of Japan.
    follows = (await http.get("/v1/follows", params={"limit": 100})).json()
    assert follows["next_cursor"] is None
