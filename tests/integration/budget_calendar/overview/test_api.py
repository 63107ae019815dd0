"""``/v1/standings`` and ``/v1/milestones``: many municipalities side by side."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from kakehashi_common.http.cursors import encode_cursor
from tests.support.budget_calendar_api import Service

HEADERS = {"accept-encoding": "identity"}


def forged_place(fiscal_year: int) -> str:
    """A cursor with a right check sum, as the code that is open to everybody makes it."""
    return encode_cursor("milestones", ("2026-12-01", "102032", fiscal_year, "request_deadline"))


@pytest_asyncio.fixture(scope="module")
async def japan(installed: Service) -> AsyncIterator[Service]:
    """All of Japan followed, with the calendars of this year and the next; nothing changes it."""
    await installed.fresh()
    await installed.open_everywhere(2026, 2027)
    yield installed
    await installed.fresh()


async def standings(service: Service, **asked: Any) -> dict[str, Any]:
    answer = await service.http.get("/v1/standings", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_all_of_japan_is_on_one_page(japan: Service) -> None:
    found = await standings(japan)
    assert found["day"] == "2026-11-20"
    assert found["total"] == len(found["items"]) == 1788
    assert found["without_calendar"] == 0
    assert found["next_cursor"] is None
    days = [each["next"]["likely"] for each in found["items"]]
    assert days == sorted(days)
    assert days[0] >= "2026-11-20"
    kiryu = next(each for each in found["items"] if each["code"] == "102032")
    assert (kiryu["name"], kiryu["prefecture"]) == ("桐生市", "群馬県")
    assert kiryu["phase"] == "finance_assessment"
    assert kiryu["phase_label"] == "財政課査定"
    assert kiryu["phase_begins"] <= "2026-11-20" <= kiryu["phase_ends"]
    assert kiryu["next"]["label"] == "第1回定例会 補正予算の要求締切"
    assert kiryu["next"]["begin_by"] < kiryu["next"]["likely"]


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"prefecture": "群馬"}, 36),
        ({"prefecture": "群馬", "type": "core_city"}, 2),
        ({"type": ["designated_city", "special_ward"]}, 43),
        ({"prefecture": "10", "size_band": "over_300k"}, 3),
        ({"phase": "summer_review"}, 0),
        ({"phase": ["summer_review", "finance_assessment"], "prefecture": "群馬"}, 36),
    ],
)
async def test_standings_are_narrowed(japan: Service, asked: dict[str, Any], number: int) -> None:
    assert (await standings(japan, **asked))["total"] == number


@pytest.mark.parametrize("sort", ["next", "code", "phase"])
async def test_pages_hold_every_row_once_in_order(japan: Service, sort: str) -> None:
    whole = (await standings(japan, sort=sort))["items"]
    paged: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await standings(japan, sort=sort, limit=700, **cursor)
        paged += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert paged == whole
    if sort == "code":
        assert [each["code"] for each in whole] == sorted(each["code"] for each in whole)


async def test_another_day_and_other_kinds(japan: Service) -> None:
    found = await standings(
        japan, day="2026-07-10", next="budget_vote,request_deadline", language="en"
    )
    assert {each["phase"] for each in found["items"]} == {"summer_review"}
    assert {each["next"]["key"] for each in found["items"]} == {"request_deadline"}
    assert found["items"][0]["next"]["label"] == "Request deadline"
    assert found["items"][0]["phase_label"] == "Summer review and reference quotes"
    far = await standings(japan, day="2031-07-10")
    assert far["total"] == 0
    assert far["without_calendar"] == 1788


@pytest.mark.parametrize(
    ("path", "asked", "parameter"),
    [
        ("/v1/standings", {"next": "request_deadlin"}, "next"),
        ("/v1/standings", {"next": ","}, "next"),
        ("/v1/standings", {"prefecture": "群馬線"}, "prefecture"),
        ("/v1/standings", {"phase": "budgeting"}, "phase.0"),
        ("/v1/standings", {"types": "city"}, "types"),
        ("/v1/milestones", {"prefectures": "群馬"}, "prefectures"),
        ("/v1/standings", {"day": "2026-02-30"}, "day"),
        ("/v1/standings", {"day": "9999-12-31"}, "day"),
        ("/v1/standings", {"sort": "name"}, "sort"),
        ("/v1/standings", {"limit": 2001}, "limit"),
        ("/v1/standings", {"cursor": "x"}, "cursor"),
        ("/v1/milestones", {"days": -1}, "days"),
        ("/v1/milestones", {"days": 401}, "days"),
        ("/v1/milestones", {"kind": "deadline"}, "kind.0"),
        ("/v1/milestones", {"code": "102031"}, "code.0"),
        ("/v1/milestones", {"cursor": "x"}, "cursor"),
        ("/v1/milestones", {"cursor": forged_place(2**31)}, "cursor"),
        ("/v1/milestones", {"cursor": forged_place(1999)}, "cursor"),
    ],
)
async def test_a_question_that_cannot_be_is_refused_by_name(
    japan: Service, path: str, asked: dict[str, Any], parameter: str
) -> None:
    answer = await japan.http.get(path, params=asked)
    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["parameter"] == parameter


async def test_milestones_of_the_next_days_come_by_day(japan: Service) -> None:
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await japan.http.get(
            "/v1/milestones", params={"days": 45, "prefecture": "群馬", "limit": 60, **cursor}
        )
        page = answer.json()
        items += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    days = [each["window"]["likely"] for each in items]
    assert days == sorted(days)
    assert days[0] >= "2026-11-20"
    assert days[-1] <= "2027-01-04"
    assert {each["municipality"]["prefecture"] for each in items} == {"群馬県"}
    keys = [(each["municipality"]["code"], each["fiscal_year"], each["key"]) for each in items]
    assert len(keys) == len(set(keys))
    government = [each for each in items if each["key"] == "government_draft"]
    assert len(government) == 36


async def test_a_milestone_says_when_to_begin_wherever_it_is_shown(japan: Service) -> None:
    row = await standings(japan, code="102032", day="2026-07-10", next="request_deadline")
    listed = await japan.http.get(
        "/v1/milestones",
        params={"day": "2026-07-10", "days": 180, "kind": "request_deadline", "code": "102032"},
    )
    year = (await japan.http.get("/v1/calendars/102032/2026")).json()["milestones"]
    shown = {
        row["items"][0]["next"]["begin_by"],
        listed.json()["items"][0]["begin_by"],
        *(each["begin_by"] for each in year if each["key"] == "request_deadline"),
    }
    assert shown == {"2026-06-18"}
    assert {each["begin_by"] for each in year if each["kind"] == "accounts_closed"} == {None}


async def test_milestones_are_narrowed(japan: Service) -> None:
    answer = await japan.http.get(
        "/v1/milestones",
        params={"days": 365, "kind": "request_deadline", "code": ["102032", "102016"]},
    )
    items = answer.json()["items"]
    assert {each["municipality"]["code"] for each in items} == {"102032", "102016"}
    assert {each["key"] for each in items} == {"request_deadline"}
    both = await japan.http.get(
        "/v1/milestones", params={"days": 60, "code": "102032", "prefecture": "東京都"}
    )
    assert both.json()["items"] == []


async def test_who_is_not_followed_is_not_shown(service: Service) -> None:
    async with service.database.transaction() as connection:
        await service.calendars.open(connection, "102032", 2026)
    assert (await standings(service))["total"] == 0
    assert (await service.http.get("/v1/milestones")).json()["items"] == []
    await service.http.post("/v1/follows", json={"codes": ["102032", "102016"]})
    found = await standings(service)
    assert [each["code"] for each in found["items"]] == ["102032"]
    assert found["without_calendar"] == 1
