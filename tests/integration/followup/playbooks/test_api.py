"""Playbooks and fact sheets over HTTP."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
import pytest_asyncio

from followup import tables
from followup.container import Container
from followup.http.app import create_app
from followup.playbooks.reading import shipped
from followup.scopes import PUBLISH_PLAYBOOKS, READ, WRITE
from followup.settings import FollowupSettings
from kakehashi_common.db import Database
from kakehashi_common.settings import AuthSettings
from tests.support import postgres
from tests.support.issuing import issuing

YAML = {"content-type": "application/yaml"}
WELCOME = shipped()["welcome"]
HIGHER = WELCOME.replace("priority: 40", "priority: 41")


@pytest_asyncio.fixture
async def tokens() -> AsyncIterator[dict[str, str]]:
    """Tokens by who has them; and where they are proved."""
    async with issuing() as issuer:
        published = issuer.metadata()
        yield {
            "jwks_url": published["jwks_uri"],
            "issuer": published["issuer"],
            "reader": issuer.token("reader", [READ]),
            "publisher": issuer.token("publisher", [READ, WRITE, PUBLISH_PLAYBOOKS]),
        }


@pytest_asyncio.fixture
async def api(tokens: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """The API in this process, asked by a publisher."""
    async with AsyncExitStack() as opened:
        settings = FollowupSettings(
            database=await opened.enter_async_context(postgres.throwaway_database()),
            auth=AuthSettings(jwks_url=tokens["jwks_url"], issuer=tokens["issuer"]),
        )
        database = Database(settings.database, application="tests")
        opened.push_async_callback(database.close)
        await opened.enter_async_context(postgres.tables(database, tables.metadata))
        container = Container(settings, database)
        opened.push_async_callback(container.verifier.close)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(container), raise_app_exceptions=False),
            base_url="http://followup/v1",
            headers={"authorization": f"Bearer {tokens['publisher']}"},
        )
        yield await opened.enter_async_context(client)


async def test_a_playbook_is_published_and_read_as_it_was_written(api: httpx.AsyncClient) -> None:
    answer = await api.post("/playbooks", content=WELCOME, headers=YAML)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == "/v1/playbooks/welcome/versions/1"
    assert answer.json()["created"]
    assert answer.json()["published_by"] == "publisher"
    version = await api.get("/playbooks/welcome/versions/1")
    assert version.json()["document"] == WELCOME
    again = await api.post("/playbooks", content=WELCOME, headers=YAML)
    assert (again.status_code, again.json()["created"]) == (200, False)
    listed = (await api.get("/playbooks")).json()["items"]
    assert listed == [{"playbook_id": "welcome", "in_force": 1, "draft_by": None, "draft_at": None}]


async def test_every_mistake_is_named_with_its_line(api: httpx.AsyncClient) -> None:
    wrong = WELCOME.replace("goto: case}", "goto: nowhere}").replace("priority: 40", "priority: 0")
    answer = await api.post("/playbooks", content=wrong, headers=YAML)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "invalid_playbook"
    assert "What is published stays in force." in problem["detail"]
    reasons = [each["reason"] for each in problem["problems"]]
    assert any("(priority_out_of_range)" in reason for reason in reasons)
    assert any("(unknown_step)" in reason for reason in reasons)
    assert all(each["line"] > 1 for each in problem["problems"])


async def test_a_draft_is_kept_with_its_mistakes_until_it_is_published(
    api: httpx.AsyncClient,
) -> None:
    draft = "/playbooks/welcome/draft"
    half_done = (await api.put(draft, content="id: welcome\n", headers=YAML)).json()
    assert half_done["state"] == "has_mistakes"
    assert "lacks name" in half_done["problems"][0]["reason"]
    refused = await api.post(f"{draft}/publish")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_playbook")
    done = (await api.put(draft, content=WELCOME, headers=YAML)).json()
    assert (done["state"], done["problems"]) == ("fit_to_publish", [])
    assert (await api.get("/playbooks/welcome")).json()["draft"] == WELCOME
    assert (await api.post(f"{draft}/publish")).status_code == 201
    assert (await api.get("/playbooks/welcome")).json().get("draft") is None
    other = await api.put("/playbooks/other/draft", content=WELCOME, headers=YAML)
    assert (other.status_code, other.json()["code"]) == (422, "other_playbook")


async def test_versions_are_rolled_back_and_retired(api: httpx.AsyncClient) -> None:
    for document in (WELCOME, HIGHER):
        await api.post("/playbooks", content=document, headers=YAML)
    back = await api.post("/playbooks/welcome/roll-back", json={"version": 1})
    assert (back.status_code, back.json()["version"]) == (200, 1)
    assert (await api.get("/playbooks/welcome")).json()["in_force"] == 1
    versions = (await api.get("/playbooks/welcome/versions")).json()["items"]
    assert [each["version"] for each in versions] == [2, 1]
    retired = await api.post("/playbooks/welcome/retire")
    assert (retired.status_code, retired.json()["in_force"]) == (200, None)
    unknown = await api.post("/playbooks/welcome/roll-back", json={"version": 9})
    assert unknown.status_code == 404
    assert (await api.get("/playbooks/nothing")).status_code == 404


async def test_a_preview_says_who_would_have_entered_and_publishes_nothing(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.post("/playbooks/preview?days=7", content=WELCOME, headers=YAML)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["entered"], shown["kept_out"], shown["items"]) == (0, 0, [])
    assert shown["complete"]
    assert (await api.get("/playbooks")).json() == {"items": []}
    wrong = await api.post("/playbooks/preview", content="id: welcome", headers=YAML)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_playbook")


async def test_who_may_only_read_publishes_nothing(
    api: httpx.AsyncClient, tokens: dict[str, str]
) -> None:
    reader = {"authorization": f"Bearer {tokens['reader']}", **YAML}
    assert (await api.post("/playbooks", content=WELCOME, headers=reader)).status_code == 403
    assert (await api.get("/playbooks", headers=reader)).json() == {"items": []}
    other_type = {"content-type": "application/json"}
    answer = await api.post("/playbooks", content=WELCOME, headers=other_type)
    assert answer.status_code == 415


async def test_a_municipality_s_own_figure_comes_before_the_one_for_all(
    api: httpx.AsyncClient,
) -> None:
    async def sheet(place: str) -> dict[str, tuple[str, str]]:
        items = (await api.get(f"/fact-sheets/{place}")).json()["items"]
        return {each["name"]: (each["place"], each["value"]) for each in items}

    for path, value in (
        ("all/hours_saved", "1200"),
        ("all/annual_cost", "3000000.5"),
        ("102032/hours_saved", "1500"),
    ):
        answer = await api.put(f"/fact-sheets/{path}", json={"value": value, "source": "実証"})
        assert answer.status_code == 200, answer.text
    costs = ("all", "3000000.5")
    assert await sheet("102032") == {"hours_saved": ("102032", "1500"), "annual_cost": costs}
    assert await sheet("all") == {"hours_saved": ("all", "1200"), "annual_cost": costs}
    assert (await api.delete("/fact-sheets/102032/hours_saved")).status_code == 204
    assert await sheet("102032") == await sheet("all")
    assert (await api.delete("/fact-sheets/102032/hours_saved")).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("all/hours_saved", {"value": "-1", "source": "実証"}),
        ("all/hours_saved", {"value": "many", "source": "実証"}),
        ("all/hours_saved", {"value": "1", "source": ""}),
        ("all/hours_saved", {"value": "1"}),
        ("all/Hours", {"value": "1", "source": "実証"}),
        ("102033/hours_saved", {"value": "1", "source": "実証"}),
    ],
)
async def test_a_figure_that_can_t_be_one_is_refused(
    api: httpx.AsyncClient, path: str, body: dict[str, str]
) -> None:
    answer = await api.put(f"/fact-sheets/{path}", json=body)
    assert answer.status_code == 422, answer.text
