"""No request that can be made of lead-scoring's description finds a fault."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest_asyncio

from lead_scoring.rules import file as rules_file
from tests.support import extreme_dates
from tests.support.fuzzing import fuzz
from tests.support.installations import Installation
from tests.support.issuing import SCOPES, issuing, settings_of
from tests.support.lead_scoring import installation


@dataclass(frozen=True)
class Running:
    """Lead-scoring as two processes, and a client of its API with every scope."""

    installed: Installation
    http: httpx.AsyncClient


@pytest_asyncio.fixture(scope="module")
async def running() -> AsyncIterator[Running]:
    others = rules_file.shipped().replace("name: municipal", "name: first")
    async with issuing() as issuer, installation(others, **settings_of(issuer)) as installed:
        api, _ = await installed.start("api", "consumer")
        token = issuer.token("tester", list(SCOPES))
        async with httpx.AsyncClient(
            base_url=api.address, headers={"authorization": f"Bearer {token}"}, timeout=30
        ) as http:
            yield Running(installed, http)


async def test_no_date_is_too_early_or_too_late_for_an_answer(running: Running) -> None:
    api = (await running.http.get("/openapi.json")).json()
    found = await extreme_dates.answers(running.http, extreme_dates.changes(api))
    await running.installed.handled()
    found |= await extreme_dates.answers(running.http, extreme_dates.reads(api))
    assert {what: status for what, status in found.items() if status >= 500} == {}


async def test_schemathesis_finds_nothing(running: Running) -> None:
    await fuzz(running.http, phases="examples,coverage,fuzzing,stateful", examples=5)
    # The rule file that the description shows went out as the text that it is.
    published = await running.installed.fetch("select name from rule_set order by version")
    assert [each["name"] for each in published] == ["first", "municipal"]
