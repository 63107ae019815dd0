"""Notifications and webhooks over HTTP."""

from typing import Any

import pytest
import pytest_asyncio

from handoff.domain.handoff.effects import NotifyReason
from handoff.scopes import READ, WRITE, WRITE_POLICIES
from tests.support.handoff_api import Service
from tests.support.handoff_notifications import (
    MONDAY,
    deliver,
    enter,
    installation,
    notice,
    open_handoff,
    queue,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the specification's
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
CHAT = "/webhooks/chat"
WEBHOOK: dict[str, Any] = {"url": "https://hooks.example.jp/kakehashi", "secrets": [SECRET]}
SHOWN = {
    "webhook_id": "chat",
    "url": "https://hooks.example.jp/kakehashi",
    "secrets": 1,
    "reasons": [],
    "active": True,
}
NOWHERE = "/notifications/00000000-0000-0000-0000-000000000000"


async def stored(service: Service) -> list[list[dict[str, Any]]]:
    tables = ("webhook", "audit", "delivery")
    return [await service.fetch(f"select * from {each} order by 1, 2") for each in tables]  # noqa: S608


async def test_a_webhook_is_shown_without_its_secrets(service: Service) -> None:
    assert await service.put(CHAT, WEBHOOK) == SHOWN
    assert (await service.http.get(CHAT)).json() == SHOWN
    assert (await service.http.get("/webhooks")).json() == {"items": [SHOWN], "next_cursor": None}


async def test_its_secrets_stay_until_others_are_given(service: Service) -> None:
    await service.put(CHAT, WEBHOOK)
    await service.put(CHAT, {"url": "https://elsewhere.example.jp", "reasons": ["overdue"]})
    assert (await service.fetch("select secrets from webhook")) == [{"secrets": [SECRET]}]
    both = await service.put(CHAT, WEBHOOK | {"secrets": [OTHER, SECRET]})
    assert both["secrets"] == 2
    trail = await service.fetch("select before, after from audit order by id")
    assert trail[2]["before"] == {
        "url": "https://elsewhere.example.jp",
        "secrets": "(secret)",
        "reasons": ["overdue"],
    }
    assert "whsec" not in str(trail)


async def test_a_repeat_changes_nothing(service: Service) -> None:
    await service.put(CHAT, WEBHOOK)
    before = await stored(service)
    await service.put(CHAT, WEBHOOK)
    assert await stored(service) == before
    for _ in range(2):
        assert (await service.http.delete(CHAT)).status_code == 204
    assert (await service.http.get(CHAT)).status_code == 404
    what = await service.fetch("select what from audit order by id")
    assert [row["what"] for row in what] == ["put_webhook", "delete_webhook"]


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({"url": WEBHOOK["url"]}, "/secrets", "secret_missing"),
        (WEBHOOK | {"secrets": []}, "/secrets", "too_short"),
        (WEBHOOK | {"secrets": [SECRET] * 3}, "/secrets", "too_long"),
        (WEBHOOK | {"secrets": ["hunter2"]}, "/secrets/0", "value_error"),
        (WEBHOOK | {"secrets": ["whsec_aHVudGVyMg=="]}, "/secrets/0", "value_error"),
        (WEBHOOK | {"url": "http://hooks.example.jp"}, "/url", "url_refused"),
        (WEBHOOK | {"url": "https://127.0.0.1/hooks"}, "/url", "url_refused"),
        (WEBHOOK | {"url": "https://169.254.169.254/latest"}, "/url", "url_refused"),
        (WEBHOOK | {"url": "https://me:hunter2@example.jp"}, "/url", "url_refused"),
        (WEBHOOK | {"reasons": ["lunch"]}, "/reasons/0", "enum"),
    ],
)
async def test_what_is_wrong_is_refused_without_repeating_a_secret(
    service: Service, body: dict[str, Any], where: str, code: str
) -> None:
    answer = await service.http.put(CHAT, json=body)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (where, code)
    assert "hunter2" not in answer.text
    assert "aHVudGVyMg" not in answer.text
    assert await service.fetch("select * from webhook") == []


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("PUT", CHAT, WRITE),
        ("DELETE", CHAT, WRITE),
        ("POST", f"{NOWHERE}/retry", WRITE_POLICIES),
        ("GET", NOWHERE, WRITE),
        ("GET", "/webhooks", WRITE_POLICIES),
    ],
)
async def test_each_needs_its_scope(service: Service, method: str, path: str, scope: str) -> None:
    body = WEBHOOK if method == "PUT" else None
    headers = service.token(scope)
    answer = await service.http.request(method, path, json=body, headers=headers)
    assert answer.status_code == 403


@pytest_asyncio.fixture
async def told(service: Service) -> Service:
    """Three notices of two handoffs, of which none could be delivered."""
    await enter(service)
    first, second = await open_handoff(service), await open_handoff(service, "h-2")
    await queue(service, first, notice("一"), notice("二", reason=NotifyReason.OVERDUE))
    await queue(service, second, notice("三", member_id="is-lead"))
    await deliver(installation(service, MONDAY.replace(hour=11)))
    return service


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ({}, {"一", "二", "三"}),
        ({"state": "undeliverable"}, {"一", "二", "三"}),
        ({"state": "dead"}, set()),
        ({"handoff_id": "h-1"}, {"一", "二"}),
        ({"member_id": "is-lead"}, {"三"}),
    ],
)
async def test_what_could_not_be_delivered_is_listed(
    told: Service, query: dict[str, str], texts: set[str]
) -> None:
    listed = (await told.http.get("/notifications", params=query)).json()
    assert {each["text"] for each in listed["items"]} == texts


async def test_the_list_is_read_page_by_page_the_newest_first(told: Service) -> None:
    seen: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await told.http.get("/notifications", params={"limit": "1", **cursor})).json()
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len({each["notification_id"] for each in seen}) == len(seen) == 3
    moments = [each["created_at"] for each in seen]
    assert moments == sorted(moments, reverse=True)


async def test_what_failed_is_tried_again_once(told: Service) -> None:
    [shown] = (await told.http.get("/notifications", params={"member_id": "is-lead"})).json()[
        "items"
    ]
    [delivery] = shown["deliveries"]
    assert (delivery["channel"], delivery["state"]) == ("mail", "undeliverable")
    for _ in range(2):
        answer = await told.http.post(f"/notifications/{shown['notification_id']}/retry")
        [delivery] = answer.json()["deliveries"]
        assert (answer.status_code, delivery["state"], delivery["attempts"]) == (200, "waiting", 0)
    trail = await told.fetch("select what, subject from audit where what like 'retry%'")
    assert trail == [
        {
            "what": "retry_notification",
            "subject": f"notification/{shown['notification_id']}",
        }
    ]


async def test_what_is_not_there_can_not_be_retried(service: Service) -> None:
    assert (await service.http.get(NOWHERE)).status_code == 404
    assert (await service.http.post(f"{NOWHERE}/retry")).status_code == 404


async def test_reading_needs_no_more_than_the_scope_for_it(told: Service) -> None:
    answer = await told.http.get("/notifications", headers=told.token(READ))
    assert answer.status_code == 200
