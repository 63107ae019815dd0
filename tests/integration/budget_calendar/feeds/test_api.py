"""``/v1/feeds``: a URL that a calendar program can subscribe to, until it is revoked."""

from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlsplit

import icalendar
import pytest

from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.feeds import service as subscriptions
from budget_calendar.pursuits import repository as pursuits
from kakehashi_common.clock import japan_day
from tests.support.budget_calendar_api import Service
from tests.support.pursuits import Life

FEED = "/v1/calendars/102032.ics"
NOBODY = {"authorization": ""}


def events(feed: bytes) -> list[icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(feed)
    assert isinstance(calendar, icalendar.Calendar)
    return calendar.events


async def subscribe(service: Service, language: str = "ja") -> dict[str, str]:
    answer = await service.http.post("/v1/feeds", json={"code": "102032", "language": language})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    made: dict[str, str] = answer.json()
    return made


@pytest.mark.parametrize(
    ("language", "shown"), [("ja", "予算要求締切"), ("en", "Request deadline")]
)
async def test_a_calendar_program_reads_the_url_alone(
    service: Service, language: str, shown: str
) -> None:
    made = await subscribe(service, language)
    answer = await service.http.get(made["url"], headers=NOBODY)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/calendar")
    shown_events = events(answer.content)
    assert {event.DTSTART.year for event in shown_events if event.DTSTART} >= {2026, 2027, 2028}
    assert any(shown in str(event["summary"]) for event in shown_events)
    again = await service.http.get(
        made["url"], headers=NOBODY | {"if-none-match": answer.headers["etag"]}
    )
    assert again.status_code == 304


async def test_a_feeds_url_is_made_of_the_configured_address_alone(service: Service) -> None:
    answer = await service.http.post(
        "/v1/feeds", json={"code": "102032"}, headers={"host": "evil.example"}
    )
    address = urlsplit(answer.json()["url"])
    assert (address.scheme, address.netloc, address.path) == ("http", "127.0.0.1:8080", FEED)


async def test_a_feed_without_phases_holds_milestones_alone(service: Service) -> None:
    answer = await service.http.post("/v1/feeds", json={"code": "102032", "phases": False})
    shown = await service.http.get(answer.json()["url"], headers=NOBODY)
    assert shown.status_code == 200, shown.text
    uids = [str(event["uid"]) for event in events(shown.content)]
    assert uids
    assert not [uid for uid in uids if ".phase." in uid]


async def test_a_calendar_program_shows_whose_calendar_it_is(service: Service) -> None:
    for language, name in (("ja", "桐生市 予算カレンダー"), ("en", "桐生市: budget calendar")):
        answer = await service.http.get(FEED, params={"language": language})
        assert f"X-WR-CALNAME:{name}\r\n".encode() in answer.content


async def test_a_correction_reaches_the_feed_as_a_later_version(service: Service) -> None:
    made = await subscribe(service)
    before = await service.http.get(made["url"], headers=NOBODY)
    await service.http.put(
        "/v1/calendars/102032/2027/corrections/request_deadline",
        json={"likely": "2027-10-29", "source": "telephone", "reason": "told"},
    )
    after = await service.http.get(made["url"], headers=NOBODY)
    assert after.headers["etag"] != before.headers["etag"]
    assert {event.sequence for event in events(after.content)} == {0, 2}


async def test_a_token_reads_one_calendar_and_nothing_else(service: Service) -> None:
    query = urlsplit((await subscribe(service))["url"]).query
    for path in (
        "/v1/calendars/102016.ics",
        "/v1/calendars/102032/2026",
        "/v1/calendars/102032/2026/timeline.svg",
        "/v1/standings",
        "/v1/feeds",
    ):
        answer = await service.http.get(f"{path}?{query}", headers=NOBODY)
        assert answer.status_code == 401, path


async def test_a_revoked_feed_reads_nothing(service: Service) -> None:
    made = await subscribe(service)
    [shown] = (await service.http.get("/v1/feeds")).json()["items"]
    assert shown["id"] == made["id"]
    assert "url" not in shown
    revoked = await service.http.delete(f"/v1/feeds/{made['id']}")
    assert revoked.status_code == 204
    answer = await service.http.get(made["url"], headers=NOBODY)
    assert answer.status_code == 401
    token = urlsplit(made["url"]).query.removeprefix("token=")
    assert token not in answer.text
    assert (await service.http.delete(f"/v1/feeds/{made['id']}")).status_code == 404
    rows = await service.fetch("select what from audit order by id")
    assert [row["what"] for row in rows] == ["subscribe", "revoke_subscription"]


async def test_the_token_is_stored_nowhere(service: Service) -> None:
    token = urlsplit((await subscribe(service))["url"]).query.removeprefix("token=")
    assert len(token) >= 43
    stored = [
        *await service.fetch("select * from feed"),
        *await service.fetch("select * from audit"),
        *await service.fetch("select * from idempotency_key"),
    ]
    assert token not in str(stored)
    assert token.encode() not in stored[0]["token_digest"]


async def test_whoever_may_read_all_needs_no_feed(service: Service) -> None:
    answer = await service.http.get(FEED, params={"language": "en"})
    assert answer.status_code == 200
    assert b"Request deadline" in answer.content
    assert (await service.http.get(FEED, headers=NOBODY)).status_code == 401
    other = await service.http.get(FEED, headers=service.token("lead-scoring:read"))
    assert other.status_code == 403


@pytest.mark.parametrize(
    "body", [{"code": "102031"}, {"code": "102032", "language": "fr"}, {}, {"codes": ["102032"]}]
)
async def test_a_feed_that_cannot_be_is_not_made(service: Service, body: dict[str, str]) -> None:
    assert (await service.http.post("/v1/feeds", json=body)).status_code == 422
    assert await service.rows("feed", "audit") == 0


async def subscribe_to(service: Service, **what: object) -> dict[str, str]:
    answer = await service.http.post("/v1/feeds", json=what)
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


async def read(service: Service, url: str) -> bytes:
    answer = await service.http.get(url, headers=NOBODY)
    assert answer.status_code == 200, answer.text
    return answer.content


async def follow(service: Service, *codes: str) -> None:
    answer = await service.http.post("/v1/follows", json={"codes": list(codes)})
    assert answer.status_code < 300, answer.text
    async with service.database.transaction() as connection:
        for code in codes:
            await service.calendars.open(connection, code, 2026)


async def record_pursuit(service: Service, pursuit_id: str, owner: str) -> None:
    goal = PursuitGoal("digital", 12_000_000, date(2027, 6, 1), ContractCategory.SERVICES)
    state = replace(Life(goal, date(2026, 5, 11)).state, pursuit_id=pursuit_id, owner=owner)
    async with service.database.transaction() as connection:
        await pursuits.put(connection, state, calendars=0, at=service.clock.now())


async def test_a_prefectures_feed_holds_what_is_followed_there(service: Service) -> None:
    await follow(service, "102032", "102016", "112038")  # 桐生市, 前橋市; 川口市 is elsewhere

    made = await subscribe_to(service, prefecture="群馬", alarm_days=3)
    written = await read(service, made["url"])

    assert made["prefecture"] == "100005"
    assert {str(event["uid"]).split(".")[0] for event in events(written)} == {"102032", "102016"}
    assert "X-WR-CALNAME:群馬県内 予算カレンダー".encode() in written
    assert b"TRIGGER:-P2DT15H" in written


async def test_one_feed_holds_all_that_is_followed(service: Service) -> None:
    await follow(service, "102032", "112038")
    made = await subscribe_to(service, followed=True, language="en")
    found = events(await read(service, made["url"]))
    assert {str(event["uid"]).split(".")[0] for event in found} == {"102032", "112038"}
    assert len({str(event["uid"]) for event in found}) == len(found)


async def test_where_there_are_too_many_milestones_the_next_ones_are_shown(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await follow(service, "102032", "112038")
    made = await subscribe_to(service, followed=True)
    everything = events(await read(service, made["url"]))
    today = japan_day(service.clock.now())
    to_come = sum(event.start >= today for event in everything)
    assert 0 < to_come < len(everything)

    monkeypatch.setattr(subscriptions, "MOST_EVENTS", 3)
    written = await read(service, made["url"])
    assert [event.start >= today for event in events(written)] == [True] * 3
    assert "件数が多いため" in str(icalendar.Calendar.from_ical(written)["description"])

    monkeypatch.setattr(subscriptions, "MOST_EVENTS", to_come + 1)
    shown = events(await read(service, made["url"]))
    assert sorted(event.start >= today for event in shown) == [False] + [True] * to_come


async def test_an_owners_feed_holds_the_steps_of_their_pursuits(service: Service) -> None:
    await record_pursuit(service, "deal-1", owner="fs-east")
    await record_pursuit(service, "deal-2", owner="fs-west")

    made = await subscribe_to(service, owner="fs-east")
    found = events(await read(service, made["url"]))

    assert found
    assert {str(event["uid"]).split(".")[1] for event in found} == {"deal-1"}
    assert any("予算要求" in str(event["summary"]) for event in found)
    begun_by_the_seller = {
        str(event["uid"]).split(".")[2].partition("@")[0]: "着手の目安" in str(event["description"])
        for event in found
    }
    assert begun_by_the_seller["request"]
    assert not begun_by_the_seller["vote"]  # others decide


@pytest.mark.parametrize(
    "what", [{}, {"code": "102032", "followed": True}, {"prefecture": "", "owner": "x"}]
)
async def test_a_feed_is_of_one_thing(service: Service, what: dict[str, object]) -> None:
    answer = await service.http.post("/v1/feeds", json=what)
    assert answer.status_code == 422, answer.text


async def test_an_unknown_prefecture_is_refused(service: Service) -> None:
    answer = await service.http.post("/v1/feeds", json={"prefecture": "群鳥県"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_prefecture")


async def test_a_token_reads_its_own_feed_only(service: Service) -> None:
    one = await subscribe_to(service, followed=True)
    other = await subscribe_to(service, owner="fs-east")
    token = urlsplit(one["url"]).query
    for path in (f"/v1/feeds/{other['id']}.ics", FEED):
        answer = await service.http.get(f"{path}?{token}", headers=NOBODY)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token"), path


@pytest.mark.parametrize(
    "what", [{"code": "102032"}, {"prefecture": "群馬"}, {"followed": True}, {"owner": "fs-east"}]
)
async def test_a_feed_that_is_as_it_was_is_not_written_again(
    service: Service, monkeypatch: pytest.MonkeyPatch, what: dict[str, object]
) -> None:
    await follow(service, "102032")
    await record_pursuit(service, "deal-1", owner="fs-east")
    url = (await subscribe_to(service, **what))["url"]
    first = await service.http.get(url, headers=NOBODY)

    def written(*_: object, **__: object) -> bytes:
        raise AssertionError("written, though nothing has changed")

    monkeypatch.setattr(subscriptions, "write_feed", written)
    same = await service.http.get(url, headers=NOBODY | {"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == first.headers["etag"]
    assert same.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("what", ["corrected", "followed", "unfollowed", "tomorrow", "in English"])
async def test_a_feed_of_many_has_another_tag_once_it_would_be_written_otherwise(
    service: Service, what: str
) -> None:
    await follow(service, "102032", "112038")
    url = (await subscribe_to(service, followed=True))["url"]
    seen = NOBODY | {"if-none-match": (await service.http.get(url, headers=NOBODY)).headers["etag"]}
    match what:
        case "corrected":
            done = await service.http.put(
                "/v1/calendars/102032/2027/corrections/request_deadline",
                json={"likely": "2027-10-29", "source": "telephone", "reason": "told"},
            )
            assert done.status_code == 200, done.text
        case "followed":
            await follow(service, "102016")
        case "unfollowed":
            done = await service.http.post("/v1/unfollows", json={"codes": ["112038"]})
            assert done.status_code == 202, done.text
        case "tomorrow":
            service.clock.instant += timedelta(days=1)
        case _:
            url += "&language=en"
    changed = await service.http.get(url, headers=seen)
    assert changed.status_code == 200
