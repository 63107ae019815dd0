"""A seller's daily list over HTTP: JSON, page, and a calendar with its own token."""

from typing import Any
from urllib.parse import urlsplit

from tests.support.followup_api import Service
from tests.support.followup_examples import ENTRY, SELLER

ANONYMOUS = {"authorization": ""}


async def asked_for(service: Service) -> dict[str, Any]:
    """Have a contact enter the playbook, and return the approval that is asked for."""
    status = await service.call("POST", "/sequences", ENTRY)
    shown = await service.call("GET", f"/sequences/{status['sequence_id']}")
    return await service.call("GET", f"/approvals/{shown['approval_id']}")


async def opened(service: Service, seller_id: str = "s-1") -> str:
    """Open a seller's calendar feed, and return its path with the token."""
    url = (await service.call("POST", f"/sellers/{seller_id}/calendar"))["url"]
    assert url.startswith("https://followup.example.jp/v1/")
    parts = urlsplit(url)
    return f"{parts.path.removeprefix('/v1')}?{parts.query}"


async def test_a_list_has_the_sellers_approvals_and_those_that_whoever_may_approves(
    at_work: Service,
) -> None:
    approval = await asked_for(at_work)
    await at_work.call("PUT", "/sellers/s-2", SELLER | {"name": "鈴木 一郎"})
    shown = await at_work.call("GET", "/sellers/s-1/daily-list")
    [item] = shown["approvals"]
    assert (item["item_id"], item["holder"], item["municipality"], item["to_write"]) == (
        approval["approval_id"],
        "s-1",
        "群馬県桐生市",
        ["相手に合わせた一文"],
    )
    assert (shown["overdue"], shown["today"], shown["later"]) == ([], [], [])
    assert (await at_work.call("GET", "/sellers/s-2/daily-list"))["approvals"] == []
    async with at_work.database.raw_transaction() as connection:
        await connection.execute("update approval set approver = null")
    [item] = (await at_work.call("GET", "/sellers/s-2/daily-list"))["approvals"]
    assert item["holder"] is None


async def test_the_page_is_shown_and_an_unknown_seller_is_not(at_work: Service) -> None:
    await asked_for(at_work)
    page = await at_work.http.get("/sellers/s-1/daily-list.html")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "ごあいさつ（株式会社かけはし）" in page.text
    for path in ("daily-list", "daily-list.html", "daily-list.ics"):
        assert await at_work.refused("GET", f"/sellers/s-9/{path}") == (404, "not_found")
    assert await at_work.refused("POST", "/sellers/s-9/calendar") == (404, "not_found")


async def test_a_calendar_is_read_by_its_own_token_until_it_is_opened_anew_or_closed(
    at_work: Service,
) -> None:
    await asked_for(at_work)
    first = await opened(at_work)
    read = await at_work.http.get(first, headers=ANONYMOUS)
    assert (read.status_code, read.headers["content-type"]) == (
        200,
        "text/calendar; charset=utf-8",
    )
    assert "BEGIN:VEVENT" in read.text
    again = await at_work.http.get(
        first, headers=ANONYMOUS | {"if-none-match": read.headers["etag"]}
    )
    assert again.status_code == 304

    second = await opened(at_work)
    assert (await at_work.http.get(first, headers=ANONYMOUS)).status_code == 401
    assert (await at_work.http.get(second, headers=ANONYMOUS)).status_code == 200
    await at_work.call("DELETE", "/sellers/s-1/calendar")
    assert (await at_work.http.get(second, headers=ANONYMOUS)).status_code == 401


async def test_a_token_reads_no_other_list(at_work: Service) -> None:
    await at_work.call("PUT", "/sellers/s-2", SELLER)
    token = (await opened(at_work, "s-2")).partition("?")[2]
    for path in ("/sellers/s-1/daily-list.ics", "/sellers/s-2/daily-list"):
        answer = await at_work.http.get(f"{path}?{token}", headers=ANONYMOUS)
        assert answer.status_code == 401
