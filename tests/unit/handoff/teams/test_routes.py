"""Answers of the teams' API that need no database."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from starlette.types import Receive, Scope, Send

from handoff.http.openapi import application
from handoff.scopes import READ, WRITE_TEAMS
from kakehashi_common.auth import Principal

HEAD = "member_id,team_id,name,roles,capacity\n"


@pytest_asyncio.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """Carries every scope; nothing is connected."""
    app = application()

    async def as_tester(scope: Scope, receive: Receive, send: Send) -> None:
        who = Principal("tester", frozenset({READ, WRITE_TEAMS}))
        await app({**scope, "kakehashi.principal": who}, receive, send)

    transport = httpx.ASGITransport(as_tester)
    async with httpx.AsyncClient(transport=transport, base_url="http://handoff/v1") as client:
        yield client


async def test_presets_are_listed_the_smallest_organisation_first(http: httpx.AsyncClient) -> None:
    answer = await http.get("/presets")
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [(each["name"], each["people_from"], each["people_to"]) for each in items] == [
        ("under_10", 1, 9),
        ("10_to_50", 10, 50),
        ("over_50", 51, None),
    ]
    assert [each["self_handoff"] for each in items] == [True, False, False]
    assert {each["source"] for each in items} == {"common practice"}
    assert items[1]["teams"][0] == {
        "name": "先行チーム",
        "roles": ["inside_sales", "field_sales"],
        "functions": [],
        "split_by": "nothing",
        "pilot": True,
    }


async def test_a_file_with_mistakes_is_answered_with_each(http: httpx.AsyncClient) -> None:
    lines = "".join(f"s-{n},kanto,花子,部長,20\n" for n in range(22))
    answer = await http.post(
        "/members/import", content=(HEAD + lines).encode(), headers={"content-type": "text/csv"}
    )
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_members_file")
    assert problem["detail"].startswith('line 2, column roles: "部長": write one or more of')
    assert problem["detail"].endswith("(and 21 more). Nothing has changed.")
    assert (len(problem["mistakes"]), problem["more_errors"]) == (20, 2)
    assert problem["mistakes"][0].keys() == {"line", "column", "reason"}


@pytest.mark.parametrize("media_type", ["application/json", "application/vnd.ms-excel", ""])
async def test_another_media_type_is_refused(http: httpx.AsyncClient, media_type: str) -> None:
    answer = await http.post(
        "/members/import", content=HEAD.encode(), headers={"content-type": media_type}
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert answer.json()["detail"] == "send text/csv"
