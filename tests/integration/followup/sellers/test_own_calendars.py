"""A seller's own calendar says when they are free; a text offers times only while it is known."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from followup.sellers.free_slots import FILE_GOOD_FOR, READ_AGAIN_AFTER
from kakehashi_common.clock import TOKYO, japan_day
from kakehashi_common.domain.japanese_writing import day as in_words
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, ENTRY, PLAYBOOK

EVERY_MORNING = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//JA
BEGIN:VEVENT
UID:1
SUMMARY:社外秘の会議
DTSTART;TZID=Asia/Tokyo:20200101T090000
DTEND;TZID=Asia/Tokyo:20200101T120000
RRULE:FREQ=DAILY
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()
OFFERING = PLAYBOOK.replace("id: greeting", "id: offering", 1).replace(
    "{{ fill.personal_note }}",
    "{{ fill.personal_note }}\n"
    "          {% if meeting_slots %}\n          候補：\n          {{ meeting_slots }}\n"
    "          {% endif %}\n          {{ meeting_url }}",
)
ICS = {"content-type": "text/calendar"}
CALENDAR = "/sellers/s-1/own-calendar"
FREE = "/sellers/s-1/free-slots"


@dataclass
class Published:
    """A server of calendars: its answer, and the number of requests."""

    url: str = ""
    status: str = "200 OK"
    body: bytes = EVERY_MORNING
    asked: int = 0


@asynccontextmanager
async def published() -> AsyncIterator[Published]:
    what = Published()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        what.asked += 1
        head = f"HTTP/1.1 {what.status}\r\ncontent-length: {len(what.body)}\r\nconnection: close"
        writer.write(f"{head}\r\nlocation: http://127.0.0.1:1/\r\n\r\n".encode() + what.body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        what.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/secret/basic.ics"
        yield what


async def ago(service: Service, passed: timedelta) -> None:
    """Have the calendar have been read so long ago."""
    async with service.database.raw_transaction() as connection:
        await connection.execute(
            "update seller_calendar set tried_at = tried_at - $1::interval, "
            "read_at = read_at - $1::interval",
            passed,
        )


def hours(found: dict[str, Any]) -> set[str]:
    return {each["starts"][11:16] for each in found["slots"]}


async def test_free_is_when_nothing_is_in_the_calendar_on_business_days(at_work: Service) -> None:
    async with published() as server:
        shown = await at_work.call("PUT", CALENDAR, {"url": server.url})
    assert (shown["host"], shown["problem"]) == ("127.0.0.1", None)
    assert "secret" not in str(shown)

    found = await at_work.call("GET", f"{FREE}?days=3")

    assert hours(found) == {"13:00", "14:00", "15:00", "16:00"}
    today = japan_day(at_work.clock.now())
    days = [BUSINESS_DAYS.shift(today, each).isoformat() for each in (1, 2, 3)]
    assert sorted({each["starts"][:10] for each in found["slots"]}) == days
    halves = await at_work.call("GET", f"{FREE}?days=1&minutes=30")
    assert len(halves["slots"]) == 8
    async with at_work.database.raw_transaction() as connection:
        kept = str(await connection.fetch("select * from seller_calendar"))
        audited = str(await connection.fetch("select * from audit"))
    assert "社外秘" not in kept
    assert "secret" not in audited


async def test_an_absence_is_not_free(at_work: Service) -> None:
    await at_work.http.put(f"{CALENDAR}.ics", content=EVERY_MORNING, headers=ICS)
    first = (await at_work.call("GET", FREE))["slots"][0]["starts"]
    absence = {"starts": first, "ends": f"{first[:10]}T23:00:00+09:00"}
    await at_work.call("PUT", "/sellers/s-1/absences/leave", absence)

    found = await at_work.call("GET", FREE)

    assert found["slots"][0]["starts"][:10] > first[:10]


async def test_it_is_read_again_after_some_minutes_and_what_fails_is_named(
    at_work: Service,
) -> None:
    async with published() as server:
        await at_work.call("PUT", CALENDAR, {"url": server.url})
        await at_work.call("GET", FREE)
        assert server.asked == 1
        await ago(at_work, READ_AGAIN_AFTER)
        await at_work.call("GET", FREE)
        assert server.asked == 2

        for status, body, problem in (
            ("404 Not Found", b"", "answered 404"),
            ("302 Found", b"", "answered 302"),
            ("200 OK", b"<html>Sign in</html>", "no iCalendar file"),
        ):
            server.status, server.body = status, body
            await ago(at_work, READ_AGAIN_AFTER)
            found = await at_work.call("GET", FREE)
            assert found["slots"] == []
            assert problem in found["calendar"]["problem"]

        server.body = EVERY_MORNING
        await ago(at_work, READ_AGAIN_AFTER)
        assert (await at_work.call("GET", FREE))["slots"]


async def test_a_file_counts_for_two_weeks(at_work: Service) -> None:
    uploaded = await at_work.http.put(f"{CALENDAR}.ics", content=EVERY_MORNING, headers=ICS)
    assert uploaded.json()["host"] is None
    assert (await at_work.call("GET", FREE))["slots"]

    await ago(at_work, FILE_GOOD_FOR + timedelta(minutes=1))

    found = await at_work.call("GET", FREE)
    assert (found["slots"], "14 days ago" in found["calendar"]["problem"]) == ([], True)


@pytest.mark.parametrize(
    "url",
    [
        "http://calendar.example.jp/basic.ics",
        "https://10.0.0.1/basic.ics",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/basic.ics",
        "https://user:password@calendar.example.jp/basic.ics",
        "file:///etc/passwd",
        "webcal://calendar.example.jp/basic.ics",
    ],
)
async def test_a_calendar_may_not_lead_inside(at_work: Service, url: str) -> None:
    assert await at_work.refused("PUT", CALENDAR, {"url": url}) == (422, "not_allowed")
    assert await at_work.refused("GET", FREE) == (404, "not_found")


async def test_what_is_no_calendar_or_nobodys_is_refused(at_work: Service) -> None:
    refused = await at_work.http.put(f"{CALENDAR}.ics", content=b"<html>", headers=ICS)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_a_calendar")
    assert (await at_work.http.put(f"{CALENDAR}.ics", content=b"x")).status_code == 415
    nobody = await at_work.http.put(
        "/sellers/s-9/own-calendar.ics", content=EVERY_MORNING, headers=ICS
    )
    assert nobody.status_code == 404
    await at_work.http.put(f"{CALENDAR}.ics", content=EVERY_MORNING, headers=ICS)
    await at_work.call("DELETE", CALENDAR)
    await at_work.call("DELETE", CALENDAR)
    assert await at_work.refused("GET", FREE) == (404, "not_found")


async def offered(at_work: Service) -> str:
    """Have a contact enter a playbook whose mail offers times, and return its text."""
    await at_work.playbooks.publish(OFFERING, ACTOR)
    status = await at_work.call("POST", "/sequences", ENTRY | {"playbook_id": "offering"})
    shown = await at_work.call("GET", f"/sequences/{status['sequence_id']}")
    approval = await at_work.call("GET", f"/approvals/{shown['approval_id']}")
    assert [each["name"] for each in approval["fill_ins"]] == ["personal_note"]
    return str(approval["text"])


async def test_a_text_offers_three_times_on_different_days_later_than_its_approval(
    at_work: Service,
) -> None:
    async with published() as server:
        await at_work.call("PUT", CALENDAR, {"url": server.url})
        await ago(at_work, READ_AGAIN_AFTER)
        text = await offered(at_work)
        assert server.asked == 2  # read again before the text was made
    today = japan_day(datetime.now(TOKYO))
    days = [BUSINESS_DAYS.shift(today, each) for each in (6, 7, 8)]
    lines = [f"・{in_words(each)}13:00～14:00" for each in days]
    assert "候補：\n" + "\n".join(lines) + "\n" in text
    assert "https://www.example.co.jp/meeting" in text


@pytest.mark.parametrize("status", ["404 Not Found", None])
async def test_without_a_calendar_that_can_be_read_the_text_names_the_url_alone(
    at_work: Service, status: str | None
) -> None:
    async with published() as server:
        if status is not None:
            await at_work.call("PUT", CALENDAR, {"url": server.url})
            server.status = status
            await ago(at_work, READ_AGAIN_AFTER)
        text = await offered(at_work)
    assert "候補" not in text
    assert "https://www.example.co.jp/meeting" in text
