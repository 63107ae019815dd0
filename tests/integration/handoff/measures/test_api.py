"""Measures over HTTP, from facts on real PostgreSQL."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import pytest_asyncio

from handoff.domain.handoff.commands import Accept, Reject, Wake
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.teams.members import Role
from handoff.measures import repository
from handoff.measures.facts import subject_of
from handoff.measures.repository import BEGINNINGS, Chosen
from kakehashi_common.domain.weeks import Week
from tests.support.handoff_api import Service
from tests.support.handoff_examples import LIVES
from tests.support.handoff_facts import entries_of, store
from tests.support.handoffs import Life, at

MONDAY = "2026-11-30 10:00"
W49 = Week(date(2026, 11, 30))
DAY = ["09:00-12:00", "13:00-18:00"]
TEAM = {
    "name": "関東営業部",
    "hours": dict.fromkeys(["monday", "tuesday", "wednesday", "thursday", "friday"], DAY),
}


def life(number: int, moment: str = MONDAY, **differences: Any) -> Life:
    return Life(moment, handoff_id=f"h-{number}", lead_id=f"lead-{number}", **differences)


def accepted(number: int, moment: str, **differences: Any) -> Life:
    lived = life(number, **differences).then(moment)
    lived.do(Accept("fs-1"))
    return lived


def woken() -> Life:
    lived = accepted(1, "2026-11-30 11:00")
    lived.do(Reject("fs-1", RejectionReason.TOO_EARLY, until=date(2027, 4, 1)))
    lived.then("2026-12-09 10:00").do(Wake("is-1"))
    return lived


def late() -> Life:
    return accepted(1, "2026-11-30 11:00").then("2026-12-04 18:00")


def answered_before() -> Life:
    """Inside sales had answered the lead before they handed it off."""
    return life(
        1,
        lead_created_at=at("2026-11-29 10:00"),
        lead_answered_at=at("2026-11-30 09:00"),
        policy_area="digital",
    )


@pytest_asyncio.fixture
async def entered(service: Service) -> Service:
    """A team with a seller who is known by name, beside others who aren't members."""
    await service.put("/teams/kanto", TEAM)
    member = {"team_id": "kanto", "name": "佐藤 花子", "roles": ["field_sales"], "capacity": 20}
    await service.put("/members/fs-1", member)
    return service


async def measured(service: Service, **parameters: Any) -> dict[str, Any]:
    answer = await service.http.get("/measures", params={"week": "2026-W49", **parameters})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


@pytest.mark.parametrize(
    "live", [*LIVES.values(), woken, late, answered_before], ids=lambda live: live.__name__
)
async def test_facts_are_read_as_they_were_decided(
    service: Service, live: Callable[[], Life]
) -> None:
    lived = live()
    await store(service.database, lived)
    begun = lived.decisions[0][0]
    chosen = Chosen(BEGINNINGS, begun, begun + timedelta.resolution)
    async with service.database.raw_transaction() as connection:
        assert await repository.subjects(connection, chosen) == [subject_of(lived.state)]
        assert await repository.entries(connection, chosen) == list(entries_of(lived))


@pytest.mark.parametrize(
    ("begins", "ends", "from_role", "found"),
    [
        ("2026-11-30 10:00", "2026-11-30 10:01", None, True),
        ("2026-11-30 10:01", "2026-12-09 10:00", None, False),
        ("2026-12-09 10:00", "2026-12-09 10:01", None, True),
        ("2026-12-09 10:00", "2026-12-09 10:01", Role.INSIDE_SALES, True),
        ("2026-12-09 10:00", "2026-12-09 10:01", Role.SALES_DEVELOPMENT, False),
    ],
)
async def test_a_handoff_is_read_whole_if_one_of_its_rounds_began_in_the_weeks(
    service: Service, begins: str, ends: str, from_role: Role | None, *, found: bool
) -> None:
    lived = woken()
    await store(service.database, lived)
    chosen = Chosen(BEGINNINGS, at(begins), at(ends), from_role)
    async with service.database.raw_transaction() as connection:
        entries = await repository.entries(connection, chosen)
    assert entries == (list(entries_of(lived)) if found else [])


async def test_a_rate_comes_with_its_interval_and_few_cases_with_none(entered: Service) -> None:
    await store(entered.database, *(accepted(n, "2026-11-30 11:00") for n in range(9)))
    [row] = (await measured(entered))["items"]
    nothing = {"rate": None, "low": None, "high": None}
    assert row["acceptance"] == {"count": 9, "n": 9, "too_few": True, **nothing}

    refused = life(9).then("2026-11-30 12:00")
    refused.do(Reject("fs-1", RejectionReason.NO_NEED))
    await store(entered.database, refused)
    [row] = (await measured(entered))["items"]
    shown = row["acceptance"]
    assert (shown["count"], shown["n"], shown["rate"], shown["too_few"]) == (9, 10, 0.9, False)
    assert (shown["low"], shown["high"]) == pytest.approx((0.5958, 0.9821), abs=1e-4)


async def test_hours_are_those_of_the_receiving_team(entered: Service) -> None:
    await entered.put("/teams/night", {"name": "夜間営業部", "hours": {"monday": ["18:00-24:00"]}})
    night = {"team_id": "night", "name": "夜 太郎", "roles": ["field_sales"], "capacity": 20}
    await entered.put("/members/fs-2", night)
    by_night = life(2, members=("fs-2",)).then("2026-11-30 19:00")
    by_night.do(Accept("fs-2"))
    await store(entered.database, accepted(1, "2026-11-30 13:30"), by_night)
    rows = (await measured(entered, cut="team"))["items"]
    times = {row["key"]: row["time_to_accept"] for row in rows}
    assert {
        key: (each["business_hours"]["median"], each["hours"]["median"])
        for key, each in times.items()
    } == {"kanto": (2.5, 3.5), "night": (1.0, 9.0)}
    assert {row["name"] for row in rows} == {"関東営業部", "夜間営業部"}


async def test_rows_go_on_with_the_cursor(entered: Service) -> None:
    lives = [accepted(n, "2026-11-30 11:00", grade=f"A{n}" if n else None) for n in range(4)]
    await store(entered.database, *lives)
    first = await measured(entered, cut="grade", limit=2)
    second = await measured(entered, cut="grade", limit=2, cursor=first["next_cursor"])
    keys = [[row["key"] for row in each["items"]] for each in (first, second)]
    assert keys == [["A1", "A2"], ["A3", None]]
    assert second["next_cursor"] is None


async def test_a_spreadsheet_gets_every_row_in_japanese(entered: Service) -> None:
    await entered.put("/teams/kanto", TEAM | {"name": "=SUM(A1)"})
    await store(entered.database, *(accepted(n, "2026-11-30 11:00") for n in range(10)))
    answer = await entered.http.get(
        "/measures", params={"week": "2026-W49", "cut": "team", "format": "csv", "limit": 1}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert (
        answer.headers["content-disposition"]
        == 'attachment; filename="measures-team-2026-W37-2026-W49.csv"'
    )
    assert answer.content.startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert row["区分"] == "kanto"
    assert row["名称"] == "'=SUM(A1)"
    assert (row["引き継ぎ件数"], row["受諾率"], row["受諾率・対象数"]) == ("10", "1.0", "10")
    assert row["受諾まで・営業時間の中央値"] == "1.0"
    assert row["初回連絡まで・件数"] == "0"


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"week": "2026-W54"}, "week"),
        ({"week": "2026-48"}, "week"),
        ({"week": "1999-W01"}, "week"),
        ({"weeks": 0}, "weeks"),
        ({"weeks": 107}, "weeks"),
        ({"cut": "colour"}, "cut"),
        ({"format": "xlsx"}, "format"),
    ],
)
async def test_what_cant_be_asked_is_refused_by_name(
    service: Service, parameters: dict[str, Any], field: str
) -> None:
    answer = await service.http.get("/measures", params=parameters)
    assert answer.status_code == 422, answer.text
    assert field in answer.text


async def test_without_a_week_the_thirteen_weeks_until_now_are_measured(service: Service) -> None:
    shown = (await service.http.get("/measures")).json()
    first, last = Week.named(shown["first_week"]), Week.named(shown["last_week"])
    assert last == Week.of(service.clock.now())
    assert first == last.earlier(12)
    assert [row["rounds"] for row in shown["items"]] == [0]


def refused(number: int, sender: str) -> Life:
    lived = life(number, sender=sender).then("2026-11-30 12:00")
    lived.do(Reject("fs-1", RejectionReason.NO_NEED))
    return lived


async def test_pairs_are_shown_the_most_successful_first_and_few_cases_left_out(
    entered: Service,
) -> None:
    lives = [accepted(n, "2026-11-30 11:00", sender="is-1") for n in range(10)]
    lives += [refused(n, "is-2") for n in range(10, 20)]
    lives += [refused(20, "is-3")]
    await store(entered.database, *lives)
    answer = await entered.http.get("/measures/pairs", params={"week": "2026-W49", "limit": 1})
    assert answer.status_code == 200, answer.text
    first = answer.json()
    assert (first["first_week"], first["left_out"]) == ("2025-W50", 1)
    assert (first["accepted"]["count"], first["accepted"]["n"]) == (10, 21)
    [best] = first["items"]
    assert (best["sender"], best["owner"], best["owner_name"]) == ("is-2", "fs-1", "佐藤 花子")
    # Nobody has met a customer, which is known of those who ended without a meeting only.
    assert (best["met"]["own"]["n"], best["met"]["estimate"]) == (10, 0.0)

    following = {"week": "2026-W49", "limit": 1, "cursor": first["next_cursor"]}
    second = (await entered.http.get("/measures/pairs", params=following)).json()
    [other] = second["items"]
    assert (other["sender"], other["accepted"]["own"]["rate"]) == ("is-1", 1.0)
    assert other["accepted"]["estimate"] == pytest.approx((10 + 10 * 10 / 21) / 20)
    assert second["next_cursor"] is None
