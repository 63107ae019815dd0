"""When somebody is busy, as calendar programs say it."""

from datetime import datetime, timedelta

import pytest

from followup.sellers import busy_times as reading
from followup.sellers.busy_times import busy_times
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.errors import DomainError

SINCE = datetime(2026, 12, 1, tzinfo=JAPAN)
HOUR = timedelta(hours=1)
UNTIL = SINCE + timedelta(days=31)
TOKYO = """BEGIN:VTIMEZONE
TZID:Asia/Tokyo
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0900
TZOFFSETTO:+0900
TZNAME:JST
END:STANDARD
END:VTIMEZONE"""
CUSTOM = TOKYO.replace("Asia/Tokyo", "会社の時間")
NEW_YORK = "DTSTART;TZID=America/New_York"


def calendar(*events: str, head: str = "") -> bytes:
    parts = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//JA",
        *([head] if head else []),
        *(f"BEGIN:VEVENT\nUID:u{number}\n{each}\nEND:VEVENT" for number, each in enumerate(events)),
        "END:VCALENDAR",
    ]
    return "\n".join(parts).replace("\n", "\r\n").encode()


def shown(document: bytes) -> list[str]:
    return [
        f"{each.starts.astimezone(JAPAN):%m-%d %H:%M} {(each.ends - each.starts) / HOUR:g}"
        for each in busy_times(document, SINCE, UNTIL)
    ]


@pytest.mark.parametrize(
    ("event", "busy"),
    [
        ("DTSTART:20261208T010000Z\nDTEND:20261208T020000Z", ["12-08 10:00 1"]),
        (
            "DTSTART;TZID=Asia/Tokyo:20261208T100000\nDTEND;TZID=Asia/Tokyo:20261208T113000",
            ["12-08 10:00 1.5"],
        ),
        ("DTSTART;TZID=Tokyo Standard Time:20261208T100000\nDURATION:PT45M", ["12-08 10:00 0.75"]),
        ("DTSTART:20261208T100000\nDURATION:PT1H", ["12-08 10:00 1"]),  # no zone: Japan's
        (f"{NEW_YORK}:20261208T200000\nDURATION:PT1H", ["12-09 10:00 1"]),
        ("DTSTART;VALUE=DATE:20261208", ["12-08 00:00 24"]),
        ("DTSTART;VALUE=DATE:20261208\nDTEND;VALUE=DATE:20261211", ["12-08 00:00 72"]),
        ("DTSTART;VALUE=DATE:20261208\nTRANSP:TRANSPARENT", []),
        ("DTSTART;VALUE=DATE:20261208\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", []),
        ("DTSTART:20261208T010000Z\nDURATION:PT1H\nSTATUS:CANCELLED", []),
        ("DTSTART:20261208T010000Z\nDURATION:PT1H\nSTATUS:TENTATIVE", ["12-08 10:00 1"]),
        ("DTSTART:20261208T010000Z", []),  # of no length
        ("DTSTART:20261208T020000Z\nDTEND:20261208T010000Z", []),
        ("DTSTART:20261130T140000Z\nDURATION:PT2H", ["11-30 23:00 2"]),  # goes on into the time
        ("DTSTART:20261130T100000Z\nDURATION:PT1H", []),
        ("DTSTART:20270101T010000Z\nDURATION:PT1H", []),
    ],
)
def test_each_event_counts_as_it_is_meant(event: str, busy: list[str]) -> None:
    assert shown(calendar(event, head=TOKYO)) == busy


WEEKLY = "DTSTART;TZID=Asia/Tokyo:20261102T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"
MONTHLY = "DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=MONTHLY"
TUESDAYS = "DTSTART;TZID=Asia/Tokyo:20261201T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"


@pytest.mark.parametrize(
    ("event", "days"),
    [
        (WEEKLY, ["12-07", "12-14", "12-21", "12-28"]),
        (f"{WEEKLY};COUNT=7", ["12-07", "12-14"]),
        (f"{WEEKLY};UNTIL=20261214T010000Z", ["12-07", "12-14"]),
        (f"{WEEKLY};UNTIL=20261214T005959Z", ["12-07"]),
        (f"{WEEKLY};UNTIL=20261214", ["12-07", "12-14"]),
        (f"{WEEKLY};UNTIL=20261214T100000", ["12-07", "12-14"]),
        (f"{WEEKLY};INTERVAL=2", ["12-14", "12-28"]),
        (f"{WEEKLY};BYDAY=MO,WE;UNTIL=20261210", ["12-02", "12-07", "12-09"]),
        (f"{WEEKLY}\nEXDATE;TZID=Asia/Tokyo:20261207T100000,20261221T100000", ["12-14", "12-28"]),
        (f"{WEEKLY}\nEXDATE:20261207T010000Z\nEXDATE:20261214T010000Z", ["12-21", "12-28"]),
        (
            f"{WEEKLY};COUNT=1\nRDATE;TZID=Asia/Tokyo:20261203T100000",
            ["12-03"],
        ),
        (
            f"{TUESDAYS.partition('RRULE')[0]}RDATE;TZID=Asia/Tokyo:20261203T100000",
            ["12-01", "12-03"],
        ),
        (
            f"{MONTHLY};BYMONTHDAY=-1\nEXDATE;VALUE=DATE:20261130",
            ["12-31"],
        ),
        (
            "DTSTART;TZID=Asia/Tokyo:20260908T100000\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;BYDAY=2TU",
            ["12-08"],
        ),
        ("DTSTART;VALUE=DATE:20201224\nRRULE:FREQ=YEARLY", ["12-24"]),
    ],
)
def test_what_recurs_is_busy_each_time_but_the_exceptions(event: str, days: list[str]) -> None:
    assert [each[:5] for each in shown(calendar(event, head=TOKYO))] == days


def test_what_recurs_elsewhere_keeps_its_hour_through_a_change_of_the_clock() -> None:
    event = f"{NEW_YORK}:20261026T200000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3"
    found = busy_times(calendar(event), datetime(2026, 10, 20, tzinfo=JAPAN), UNTIL)
    assert [f"{each.starts:%m-%d %H:%M}" for each in found] == [
        "10-27 09:00",
        "11-03 10:00",
        "11-10 10:00",
    ]


def test_a_time_that_was_moved_or_cancelled_is_not_busy_where_it_was() -> None:
    moved = (
        "UID:u0\nRECURRENCE-ID;TZID=Asia/Tokyo:20261208T100000\n"
        "DTSTART;TZID=Asia/Tokyo:20261209T150000\nDURATION:PT2H"
    )
    cancelled = (
        "UID:u0\nRECURRENCE-ID:20261215T010000Z\n"
        "DTSTART;TZID=Asia/Tokyo:20261215T100000\nDURATION:PT1H\nSTATUS:CANCELLED"
    )
    document = calendar(f"{TUESDAYS};COUNT=3", moved, cancelled, head=TOKYO)
    document = document.replace(b"UID:u1\r\n", b"").replace(b"UID:u2\r\n", b"")
    assert shown(document) == ["12-01 10:00 1", "12-09 15:00 2"]


def test_zones_of_a_companys_own_are_known_by_their_rules() -> None:
    event = "DTSTART;TZID=会社の時間:20261208T100000\nDURATION:PT1H"
    assert shown(calendar(event, head=CUSTOM)) == ["12-08 10:00 1"]


def test_times_without_a_zone_are_of_the_calendars() -> None:
    event = "DTSTART:20261208T100000\nDURATION:PT1H"
    assert shown(calendar(event, head="X-WR-TIMEZONE:UTC")) == ["12-08 19:00 1"]
    assert shown(calendar(event, head="X-WR-TIMEZONE:どこか")) == ["12-08 10:00 1"]


def test_a_calendar_without_events_is_free() -> None:
    assert shown(calendar()) == []


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>Sign in</html>",
        b"\xff\xfe",
        b"BEGIN:VCALENDAR\r\n",
        b"BEGIN:VEVENT\r\nDTSTART:20261208T010000Z\r\nEND:VEVENT\r\n",
        calendar("DTSTART:2026年12月8日"),
        calendar("DTSTART:20261208T010000Z\nDURATION:PT1M\nRRULE:FREQ=SECONDLY"),
        calendar("DTSTART:20261208T010000Z\nDURATION:PT1M\nRRULE:FREQ=MINUTELY"),
        calendar("DTSTART:20261208T010000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY;BYMINUTE=1,2,3"),
        calendar("DTSTART:20261208T010000Z\nDURATION:PT1H\nRRULE:FREQ=SOMETIMES"),
    ],
)
def test_what_is_no_calendar_is_refused_and_never_taken_for_free(document: bytes) -> None:
    with pytest.raises(DomainError) as caught:
        busy_times(document, SINCE, UNTIL)
    assert (caught.value.field, caught.value.code) == ("calendar", "not_a_calendar")


def test_more_than_is_looked_at_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    since_long = "DTSTART;VALUE=DATE:19000101\nRRULE:FREQ=DAILY"
    with pytest.raises(DomainError) as caught:
        busy_times(calendar(since_long, since_long), SINCE, UNTIL)
    assert caught.value.code == "too_large"
    monkeypatch.setattr(reading, "MOST_EVENTS", 1)
    with pytest.raises(DomainError) as caught:
        busy_times(calendar(WEEKLY, WEEKLY), SINCE, UNTIL)
    assert caught.value.code == "too_large"
