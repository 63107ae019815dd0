"""``/v1/follows``: one by one or a prefecture at a time, and what their workflows know."""

import asyncio
from typing import Any

import pytest

from tests.support.budget_calendar_api import Service


async def test_following_starts_in_the_background(service: Service) -> None:
    answer = await service.http.post("/v1/follows", json={"codes": ["102032", "102016"]})
    assert answer.status_code == 202
    assert answer.json() == {"changed": ["102016", "102032"], "unchanged": []}
    assert service.workflows.triggered == 1
    again = await service.http.post("/v1/follows", json={"codes": ["102032", "104248"]})
    assert again.json() == {"changed": ["104248"], "unchanged": ["102032"]}
    rows = await service.fetch("select who, what, after from audit order by id")
    assert [(row["who"], row["what"]) for row in rows] == [("tester", "follow")] * 2


@pytest.mark.parametrize(("spelling", "number"), [("群馬県", 36), ("群馬", 36), ("10", 36)])
async def test_a_prefecture_is_followed_at_once(
    service: Service, spelling: str, number: int
) -> None:
    answer = await service.http.post("/v1/follows", json={"prefecture": spelling})
    assert len(answer.json()["changed"]) == number
    listed = (await service.http.get("/v1/follows", params={"limit": 30})).json()
    rest = await service.http.get(
        "/v1/follows", params={"limit": 30, "cursor": listed["next_cursor"]}
    )
    items = listed["items"] + rest.json()["items"]
    assert len(items) == number
    assert {each["municipality"]["prefecture"] for each in items} == {"群馬県"}
    assert {each["state"] for each in items} == {"starting"}
    assert {each["followed_by"] for each in items} == {"tester"}
    elsewhere = await service.http.get("/v1/follows", params={"prefecture": "東京"})
    assert elsewhere.json()["items"] == []


async def test_all_of_japan_is_followed_and_no_longer(service: Service) -> None:
    followed = await service.http.post("/v1/follows", json={"all": True})
    assert len(followed.json()["changed"]) == 1788
    unfollowed = await service.http.post("/v1/unfollows", json={"all": True})
    assert unfollowed.status_code == 202
    assert len(unfollowed.json()["changed"]) == 1788
    assert len(service.workflows.notified) == 1788
    assert await service.rows("follow") == 0


async def test_unfollowing_does_not_need_temporal(service: Service) -> None:
    await service.http.post("/v1/follows", json={"codes": ["102032"]})
    service.workflows.away = True
    answer = await service.http.post("/v1/unfollows", json={"codes": ["102032", "102016"]})
    assert answer.status_code == 202
    assert answer.json() == {"changed": ["102032"], "unchanged": ["102016"]}
    assert await service.rows("follow") == 0


async def test_following_at_once_follows_once(service: Service) -> None:
    answers = await asyncio.gather(
        *(service.http.post("/v1/follows", json={"codes": ["102032"]}) for _ in range(20))
    )
    changed = [each.json()["changed"] for each in answers]
    assert sorted(changed) == [[]] * 19 + [["102032"]]
    assert await service.rows("follow", "audit") == 2


async def test_a_repeated_request_is_answered_alike(service: Service) -> None:
    headers = {"idempotency-key": "monday"}
    first, again = [
        await service.http.post("/v1/follows", json={"codes": ["102032"]}, headers=headers)
        for _ in range(2)
    ]
    assert first.json() == again.json() == {"changed": ["102032"], "unchanged": []}


@pytest.mark.parametrize(
    ("which", "pointer"),
    [
        ({"codes": ["102032", "102031"]}, "/codes/1"),
        ({"codes": []}, "/codes"),
        ({"prefecture": "群馬線"}, "/prefecture"),
        ({}, ""),
        ({"codes": ["102032"], "all": True}, ""),
        ({"everyone": True}, "/everyone"),
    ],
)
async def test_nobody_is_followed_when_one_cannot_be(
    service: Service, which: dict[str, Any], pointer: str
) -> None:
    for path in ("/v1/follows", "/v1/unfollows"):
        answer = await service.http.post(path, json=which)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert await service.rows("follow", "audit") == 0


@pytest.mark.parametrize(
    ("started", "revision", "told", "state"),
    [
        (False, 0, 0, "starting"),
        (True, 0, 0, "following"),
        (True, 3, 2, "behind"),
        (True, 3, 3, "following"),
    ],
)
async def test_a_follow_shows_what_its_workflow_knows(
    service: Service, *, started: bool, revision: int, told: int, state: str
) -> None:
    await service.fetch(
        "insert into follow values ('102032', now(), 'tester', $1, $2, $3)", started, revision, told
    )
    [shown] = (await service.http.get("/v1/follows")).json()["items"]
    assert shown["state"] == state


async def test_following_needs_its_scope(service: Service) -> None:
    headers = service.token("budget-calendar:read")
    for path in ("/v1/follows", "/v1/unfollows"):
        answer = await service.http.post(path, json={"all": True}, headers=headers)
        assert answer.status_code == 403
