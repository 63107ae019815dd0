"""No request that can be made of followup's description finds a fault."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio

from followup.http import examples
from followup.scopes import RECEIVE_MAILS
from tests.support import extreme_dates
from tests.support.followup_examples import CALLING
from tests.support.followup_processes import SCOPES, FollowupInstallation, installation
from tests.support.fuzzing import fuzz
from tests.support.issuing import issuing
from tests.support.waiting import eventually


@dataclass(frozen=True)
class Running:
    """Followup as three processes, with a sequence that waits for approval and one for a task."""

    installed: FollowupInstallation
    http: httpx.AsyncClient
    names: Mapping[str, str]
    """The values of paths' parameters."""

    async def description(self) -> Any:
        """The API's OpenAPI document."""
        return (await self.http.get("/openapi.json")).json()

    def ended(self) -> list[str]:
        """The processes that run no more."""
        return [each.name for each in self.installed.processes if each.popen.poll() is not None]


@pytest_asyncio.fixture(scope="module")
async def running() -> AsyncIterator[Running]:
    async with issuing() as issuer, installation(issuer) as installed:
        api, *_ = await installed.start("api", "consumer", "worker")
        token = issuer.token("tester", [*SCOPES, RECEIVE_MAILS])
        async with httpx.AsyncClient(
            base_url=api.address, headers={"authorization": f"Bearer {token}"}, timeout=60
        ) as http:
            yield Running(installed, http, await _begun(installed, http))


async def _begun(installed: FollowupInstallation, http: httpx.AsyncClient) -> dict[str, str]:
    """Begin what the examples name, and return what paths name."""
    seller = examples.bodies()["put_seller"]["example"]["value"]
    await installed.call("PUT", f"/sellers/{examples.SELLER}", seller)
    yaml = {"content-type": "application/yaml"}
    published = await http.post("/v1/playbooks", content=CALLING.encode(), headers=yaml)
    assert published.is_success, published.text
    names = {name: str(value) for name, value in examples.path_values().items()}
    names["approval_id"] = await _waiting(installed, examples.LEAD, "greeting", "approval")
    names["task_id"] = await _waiting(installed, "crm-2", "calling", "task")
    sequences = await installed.call("GET", f"/sequences?lead_id={examples.LEAD}")
    names["sequence_id"] = sequences["items"][0]["sequence_id"]
    return names


async def _waiting(
    installed: FollowupInstallation, lead_id: str, playbook_id: str, kind: str
) -> str:
    """Have a contact enter a playbook, and return the approval or task that it begins with."""
    await installed.introduce(lead_id)
    entered = {
        "lead_id": lead_id,
        "playbook_id": playbook_id,
        "reason": "new_contact",
        "municipality_code": "102032",
        "owner": examples.SELLER,
    }
    await installed.call("POST", "/sequences", entered)
    found: list[str] = []

    async def is_there() -> bool:
        listed = await installed.call("GET", f"/{kind}s")
        found[:] = [each[f"{kind}_id"] for each in listed["items"]]
        return bool(found)

    await eventually(is_there, within=120, what=f"the {kind} of {lead_id}", every=0.1)
    return found[0]


async def test_no_date_is_too_early_or_too_late_for_an_answer(running: Running) -> None:
    api = await running.description()
    found = await extreme_dates.answers(running.http, extreme_dates.changes(api, running.names))
    for path in ("/absences/", "/snooze", "/pause ", "/sending-pauses/", "/reasons/"):
        assert any(path in what for what in found), path
    found |= await extreme_dates.answers(running.http, extreme_dates.reads(api, running.names))
    assert {what: status for what, status in found.items() if status >= 500} == {}
    assert running.ended() == []


async def test_schemathesis_finds_nothing(running: Running) -> None:
    await fuzz(running.http, phases="examples,coverage,fuzzing,stateful", examples=2)
    assert running.ended() == []
