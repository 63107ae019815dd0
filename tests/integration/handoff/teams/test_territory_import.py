"""Territories from a CSV: all of them or none, and a dry run says what would be done."""

from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.support.handoff_api import Service

TEAM: dict[str, Any] = {"name": "営業部", "hours": {"monday": ["09:00-18:00"]}}
FILE = """\
担当地域,チーム,都道府県,政策分野
gunma,kanto,群馬県,digital
tochigi,kanto,栃木県,
kiryu,kansai,群馬県,welfare
"""
DONE = {
    "created": ["tochigi", "kiryu"],
    "changed": [{"territory_id": "gunma", "fields": ["policy_areas"]}],
    "unchanged": [],
}


@pytest_asyncio.fixture
async def entered(service: Service) -> Service:
    """Two teams, each with a territory."""
    await service.put("/teams/kanto", TEAM)
    await service.put("/teams/kansai", TEAM)
    await service.put("/territories/gunma", {"team_id": "kanto", "prefectures": ["群馬県"]})
    await service.put("/territories/osaka", {"team_id": "kansai", "prefectures": ["大阪府"]})
    return service


async def stored(service: Service) -> list[list[dict[str, Any]]]:
    tables = ("territory", "audit")
    return [await service.fetch(f"select * from {each} order by 1, 2") for each in tables]  # noqa: S608


async def sent(service: Service, text: str, **query: str) -> httpx.Response:
    return await service.http.post(
        "/territories/import",
        content=text.encode(),
        params=query,
        headers={"content-type": "text/csv"},
    )


async def test_a_dry_run_says_what_would_be_done_and_changes_nothing(entered: Service) -> None:
    before = await stored(entered)
    answer = await sent(entered, FILE, dry_run="true")
    assert (answer.status_code, answer.json()) == (200, {"dry_run": True, **DONE})
    assert await stored(entered) == before


async def test_a_file_changes_what_it_says_is_audited_and_may_be_sent_again(
    entered: Service,
) -> None:
    answer = await sent(entered, FILE)
    assert (answer.status_code, answer.json()) == (200, {"dry_run": False, **DONE})
    listed = (await entered.http.get("/territories")).json()["items"]
    assert [each["territory_id"] for each in listed] == ["gunma", "kiryu", "osaka", "tochigi"]
    assert [each["subject"] for each in (await stored(entered))[1][-3:]] == [
        "territory/gunma",
        "territory/tochigi",
        "territory/kiryu",
    ]
    before = await stored(entered)
    answer = await sent(entered, FILE)
    assert answer.json()["unchanged"] == ["gunma", "tochigi", "kiryu"]
    assert await stored(entered) == before


@pytest.mark.parametrize("query", [{}, {"dry_run": "true"}], ids=["import", "dry run"])
@pytest.mark.parametrize(
    ("lines", "mistakes"),
    [
        (["n-1,kyushu,福岡県,"], [(5, "チーム", "there is no team kyushu: enter it first")]),
        (
            ["n-1,kanto,大阪府,"],
            [(5, "担当地域", "n-1 of team kanto and osaka of team kansai cover some places")],
        ),
        (
            ["n-1,kanto,福岡県,", "n-2,kansai,福岡県;佐賀県,"],
            [
                (5, "担当地域", "n-1 of team kanto and n-2 of team kansai"),
                (6, "担当地域", "n-2 of team kansai and n-1 of team kanto"),
            ],
        ),
        (
            ["n-1,kanto,福岡縣,", "n-1,kansai,佐賀県,防災"],
            [
                (5, "都道府県", "there is no prefecture"),
                (6, "担当地域", "n-1 is in line 5 too"),
                (6, "政策分野", "such as digital;welfare"),
            ],
        ),
    ],
    ids=["unknown team", "another's", "each other's", "several"],
)
async def test_every_mistake_is_named_and_nothing_is_stored(
    entered: Service,
    query: dict[str, str],
    lines: list[str],
    mistakes: list[tuple[int, str, str]],
) -> None:
    before = await stored(entered)
    answer = await sent(entered, FILE + "\n".join(lines), **query)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_territories_file")
    found = [(each["line"], each["column"]) for each in problem["mistakes"]]
    assert found == [(line, column) for line, column, _ in mistakes]
    for each, (_, _, reason) in zip(problem["mistakes"], mistakes, strict=True):
        assert reason in each["reason"]
    assert await stored(entered) == before


async def test_a_file_may_move_places_from_one_team_to_another(entered: Service) -> None:
    """Overlaps are checked as of the end of the whole file."""
    swapped = "territory_id,team_id,prefectures\ngunma,kanto,大阪府\nosaka,kansai,群馬県\n"
    assert (await sent(entered, swapped)).status_code == 200
