"""Teams, members, absences and territories over HTTP, and what nobody covers."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
import pytest_asyncio

from tests.support.handoff_api import Service

DAY = ["09:00-12:00", "13:00-18:00"]
TEAM: dict[str, Any] = {"name": "関東営業部", "hours": {"monday": DAY, "friday": DAY}}
MEMBER: dict[str, Any] = {
    "team_id": "kanto",
    "name": "佐藤 花子",
    "roles": ["field_sales"],
    "capacity": 20,
}
ABSENCE = {"starts": "2027-01-04T00:00:00+09:00", "ends": "2027-01-07T00:00:00+09:00"}
TERRITORY: dict[str, Any] = {"team_id": "kanto", "prefectures": ["群馬県"]}

KANTO, HANAKO = "/teams/kanto", "/members/s-1"
AWAY, GUNMA = "/members/s-1/absences/leave", "/territories/gunma"


@pytest_asyncio.fixture
async def entered(service: Service) -> Service:
    """One team with one member, who leads it, an absence and a territory."""
    await service.put(KANTO, TEAM)
    await service.put(HANAKO, MEMBER)
    await service.put(KANTO, TEAM | {"lead": "s-1"})
    await service.put(AWAY, ABSENCE)
    await service.put(GUNMA, TERRITORY)
    return service


async def stored(service: Service) -> list[list[dict[str, Any]]]:
    """Everything that is stored, the audit included."""
    tables = ("team", "member", "absence", "territory", "audit")
    return [await service.fetch(f"select * from {each} order by 1, 2") for each in tables]  # noqa: S608


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (KANTO, TEAM | {"team_id": "kanto", "lead": "s-1", "manager": None}),
        (
            HANAKO,
            MEMBER
            | {
                "member_id": "s-1",
                "functions": [],
                "skills": [],
                "share": 1,
                "hours": None,
                "active": True,
                "email": None,
            },
        ),
        (
            GUNMA,
            {
                "territory_id": "gunma",
                "team_id": "kanto",
                "municipality_codes": [],
                "prefectures": ["10"],
                "municipality_types": [],
                "size_bands": [],
                "policy_areas": [],
            },
        ),
    ],
)
async def test_what_was_entered_is_shown_and_listed(
    entered: Service, path: str, shown: Mapping[str, Any]
) -> None:
    assert (await entered.http.get(path)).json() == shown
    listed = (await entered.http.get(path.rpartition("/")[0])).json()
    assert listed == {"items": [shown], "next_cursor": None}


async def test_absences_are_listed_the_earliest_first_with_japans_time(entered: Service) -> None:
    later = {"starts": "2026-12-24T15:00:00Z", "ends": "2026-12-25T15:00:00Z"}
    await entered.put("/members/s-1/absences/christmas", later)
    assert (await entered.http.get("/members/s-1/absences")).json() == [
        {
            "absence_id": "christmas",
            "member_id": "s-1",
            "starts": "2026-12-25T00:00:00+09:00",
            "ends": "2026-12-26T00:00:00+09:00",
        },
        {"absence_id": "leave", "member_id": "s-1", **ABSENCE},
    ]


async def test_a_list_goes_on_where_it_ended_and_is_of_one_team(entered: Service) -> None:
    await entered.put("/teams/kansai", TEAM)
    for number in range(2, 6):
        team = "kansai" if number % 2 else "kanto"
        await entered.put(f"/members/s-{number}", MEMBER | {"team_id": team})
    found, cursor = [], None
    while True:
        given = {"limit": "2"} if cursor is None else {"limit": "2", "cursor": cursor}
        page = (await entered.http.get("/members", params=given)).json()
        found += [each["member_id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == ["s-1", "s-2", "s-3", "s-4", "s-5"]
    of_kansai = (await entered.http.get("/members", params={"team_id": "kansai"})).json()
    assert [each["member_id"] for each in of_kansai["items"]] == ["s-3", "s-5"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (KANTO, TEAM | {"lead": "s-1"}),
        (HANAKO, MEMBER),
        (AWAY, ABSENCE),
        (AWAY, {"starts": "2027-01-03T15:00:00Z", "ends": "2027-01-06T15:00:00Z"}),
        (GUNMA, TERRITORY),
        (GUNMA, TERRITORY | {"prefectures": ["10", "群馬"]}),
    ],
)
async def test_a_repeat_changes_nothing_and_is_not_audited(
    entered: Service, path: str, body: dict[str, Any]
) -> None:
    before = await stored(entered)
    await entered.put(path, body)
    assert await stored(entered) == before


async def test_every_change_says_who_made_it_and_which_fields_it_changed(entered: Service) -> None:
    changed = {"name": "鈴木 花子", "capacity": 10, "email": "hanako@example.jp"}
    await entered.put(HANAKO, MEMBER | changed)
    await entered.http.delete(AWAY)
    rows = await entered.fetch("select who, what, subject, before, after from audit order by id")
    assert {row["who"] for row in rows} == {"tester"}
    assert [(row["what"], row["subject"]) for row in rows] == [
        ("put_team", "team/kanto"),
        ("put_member", "member/s-1"),
        ("put_team", "team/kanto"),
        ("put_absence", "member/s-1/absence/leave"),
        ("put_territory", "territory/gunma"),
        ("put_member", "member/s-1"),
        ("delete_absence", "member/s-1/absence/leave"),
    ]
    assert (rows[2]["before"], rows[2]["after"]) == ({"lead": None}, {"lead": "s-1"})
    hidden = {"name": "(personal)", "email": "(personal)"}
    assert rows[5]["before"] == hidden | {"capacity": 20}
    assert rows[5]["after"] == hidden | {"capacity": 10}
    assert "example.jp" not in str(rows)
    assert "2027" not in str([row["before"] for row in rows] + [row["after"] for row in rows])


@pytest.mark.parametrize(
    ("path", "body", "status", "where", "code"),
    [
        (KANTO, {"name": "関東営業部"}, 422, "/hours", "missing"),
        (KANTO, TEAM | {"hours": {}}, 422, "/hours", "no_working_hours"),
        (KANTO, TEAM | {"hours": {"monday": []}}, 422, "/hours", "no_working_hours"),
        (
            KANTO,
            TEAM | {"hours": {"monday": ["09:00-13:00", "12:00-18:00"]}},
            422,
            "/hours",
            "hours_overlap",
        ),
        (
            KANTO,
            TEAM | {"hours": {"monday": ["18:00-09:00"]}},
            422,
            "/hours/monday/0",
            "value_error",
        ),
        (
            KANTO,
            TEAM | {"hours": {"monday": ["9時から"]}},
            422,
            "/hours/monday/0",
            "string_pattern_mismatch",
        ),
        (KANTO, TEAM | {"lead": "s-9"}, 422, "/lead", "unknown_member"),
        (KANTO, TEAM | {"manager": "s-9"}, 422, "/manager", "unknown_member"),
        (HANAKO, MEMBER | {"team_id": "kansai"}, 422, "/team_id", "unknown_team"),
        (HANAKO, MEMBER | {"capacity": -1}, 422, "/capacity", "greater_than_equal"),
        (HANAKO, MEMBER | {"share": 0}, 422, "/share", "greater_than_equal"),
        (HANAKO, MEMBER | {"email": "花子"}, 422, "/email", "string_pattern_mismatch"),
        (HANAKO, MEMBER | {"roles": []}, 422, "/roles", "too_short"),
        (HANAKO, MEMBER | {"roles": ["boss"]}, 422, "/roles/0", "enum"),
        (HANAKO, MEMBER | {"hours": {}}, 422, "/hours", "no_working_hours"),
        (AWAY, {**ABSENCE, "ends": ABSENCE["starts"]}, 422, "/ends", "absence_out_of_order"),
        (AWAY, {**ABSENCE, "ends": "2027-01-01T00:00:00Z"}, 422, "/ends", "absence_out_of_order"),
        (AWAY, {**ABSENCE, "ends": "2027-01-07T00:00:00"}, 422, "/ends", "value_error"),
        ("/members/s-9/absences/leave", ABSENCE, 404, "member_id", "not_found"),
        (GUNMA, TERRITORY | {"team_id": "kansai"}, 422, "/team_id", "unknown_team"),
        (GUNMA, TERRITORY | {"prefectures": ["群馬縣"]}, 422, "/prefectures/0", "value_error"),
        (
            GUNMA,
            TERRITORY | {"municipality_codes": ["102033"]},
            422,
            "/municipality_codes/0",
            "value_error",
        ),
        (
            GUNMA,
            TERRITORY | {"municipality_types": ["hamlet"]},
            422,
            "/municipality_types/0",
            "literal_error",
        ),
    ],
)
async def test_bad_input_names_the_field_and_changes_nothing(
    entered: Service, path: str, body: dict[str, Any], status: int, where: str, code: str
) -> None:
    before = await stored(entered)
    answer = await entered.http.put(path, json=body)
    assert answer.status_code == status, answer.text
    [error] = answer.json()["errors"]
    assert (error.get("pointer") or error["parameter"], error["code"]) == (where, code)
    assert len(error["detail"]) > len("there is none")
    assert await stored(entered) == before


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ({"prefectures": ["群馬県"]}, {"prefectures": ["群馬県", "栃木県"]}, True),
        ({"prefectures": ["群馬県"]}, {"prefectures": ["栃木県"]}, False),
        ({"prefectures": ["群馬県"]}, {"municipality_codes": ["102032"]}, False),
        ({"policy_areas": ["digital"]}, {"policy_areas": ["digital", "welfare"]}, True),
        ({}, {}, True),
    ],
)
async def test_territories_of_two_teams_that_neither_goes_before_are_refused(
    entered: Service,
    first: dict[str, Any],
    second: dict[str, Any],
    alike: bool,  # noqa: FBT001 - a column of the table
) -> None:
    await entered.put("/teams/kansai", TEAM)
    await entered.put(GUNMA, {"team_id": "kanto", **first})
    answer = await entered.http.put("/territories/other", json={"team_id": "kansai", **second})
    if alike:
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (409, "territories_overlap")
        assert "other of team kansai and gunma of team kanto" in problem["detail"]
    else:
        assert answer.status_code == 200, answer.text
    same_team = await entered.http.put("/territories/same", json={"team_id": "kanto", **first})
    assert same_team.status_code == 200, same_team.text


async def test_of_two_writers_at_once_one_gets_the_territory(entered: Service) -> None:
    await entered.put("/teams/kansai", TEAM)
    await entered.http.delete(GUNMA)
    answers = await asyncio.gather(
        *(
            entered.http.put(f"/territories/{team}", json=TERRITORY | {"team_id": team})
            for team in ("kanto", "kansai")
        )
    )
    assert sorted(each.status_code for each in answers) == [200, 409]
    assert len((await entered.http.get("/territories")).json()["items"]) == 1


async def test_a_team_is_not_deleted_while_a_member_enters_it(entered: Service) -> None:
    await entered.put("/teams/kansai", TEAM)
    joined, deleted = await asyncio.gather(
        entered.http.put("/members/s-2", json=MEMBER | {"team_id": "kansai"}),
        entered.http.delete("/teams/kansai"),
    )
    assert (joined.status_code, deleted.status_code) in {(200, 409), (422, 204)}


@pytest.mark.parametrize(
    ("path", "code", "names"),
    [
        (KANTO, "team_in_use", "member s-1 belongs to kanto"),
        (HANAKO, "member_in_use", "s-1 leads or manages kanto"),
    ],
)
async def test_what_others_name_is_not_deleted(
    entered: Service, path: str, code: str, names: str
) -> None:
    before = await stored(entered)
    answer = await entered.http.delete(path)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert names in answer.json()["detail"]
    assert await stored(entered) == before


async def test_what_is_deleted_is_gone_and_deleting_it_again_changes_nothing(
    entered: Service,
) -> None:
    await entered.put(KANTO, TEAM)
    for path in (GUNMA, AWAY, HANAKO, KANTO):
        assert (await entered.http.delete(path)).status_code == 204
    before = await stored(entered)
    assert before[:4] == [[], [], [], []]
    for path in (GUNMA, AWAY, HANAKO, KANTO):
        assert (await entered.http.delete(path)).status_code == 204
    assert await stored(entered) == before
    for path in (GUNMA, HANAKO, "/members/s-1/absences", KANTO):
        assert (await entered.http.get(path)).status_code == 404


async def test_changing_teams_needs_the_scope(entered: Service) -> None:
    reader = entered.token("handoff:read")
    refused = await entered.http.put(KANTO, json=TEAM, headers=reader)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await entered.http.get(KANTO, headers=reader)).status_code == 200


@pytest.mark.parametrize(
    ("asked", "policy_areas", "types", "cells"),
    [
        # Hanako has no skills entered, so that she takes every policy area.
        ({"prefecture": "群馬県", "policy_area": "digital"}, (100, []), (100, []), 0),
        # Nobody covers Tochigi: five types of municipality, one policy area.
        (
            {"prefecture": ["群馬県", "栃木県"], "policy_area": "digital"},
            (0, ["digital"]),
            (0, ["prefecture", "city", "special_ward", "town", "village"]),
            5,
        ),
        (
            {"prefecture": "栃木県", "municipality_type": "city", "policy_area": "digital"},
            (0, ["digital"]),
            (0, ["city"]),
            1,
        ),
        # Nobody there receives what goes to customer success.
        (
            {
                "prefecture": "群馬県",
                "municipality_type": "city",
                "policy_area": "digital",
                "role": "customer_success",
            },
            (0, ["digital"]),
            (0, ["city"]),
            1,
        ),
    ],
)
async def test_coverage_names_what_nobody_covers(
    entered: Service,
    asked: dict[str, Any],
    policy_areas: tuple[int, list[str]],
    types: tuple[int, list[str]],
    cells: int,
) -> None:
    answer = await entered.http.get("/coverage", params=asked)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["policy_areas"]["percent"], shown["policy_areas"]["uncovered"]) == policy_areas
    assert (shown["municipality_types"]["percent"], shown["municipality_types"]["uncovered"]) == (
        types
    )
    assert shown["uncovered_cells"] == len(shown["uncovered"]) == cells


@pytest.mark.parametrize(
    ("change", "covered"),
    [
        ({}, True),
        ({"skills": ["digital"]}, True),
        ({"skills": ["welfare"]}, False),
        ({"capacity": 0}, False),
        ({"active": False}, False),
        ({"roles": ["inside_sales"]}, False),
        ({"roles": ["inside_sales", "field_sales"]}, True),
    ],
)
async def test_a_place_is_covered_by_who_can_take_a_handoff(
    entered: Service,
    change: dict[str, Any],
    covered: bool,  # noqa: FBT001 - a column of the table
) -> None:
    await entered.put(HANAKO, MEMBER | change)
    asked = {"prefecture": "群馬県", "municipality_type": "city", "policy_area": "digital"}
    shown = (await entered.http.get("/coverage", params=asked)).json()
    assert (shown["uncovered_cells"] == 0) is covered
