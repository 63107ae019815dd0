"""The weekly agenda over HTTP, from facts on real PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from handoff.domain.handoff.commands import Accept, Close, Rate, RecordMeeting, Reject
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import Direction, Outcome
from tests.support.handoff_api import Service
from tests.support.handoff_facts import store
from tests.support.handoffs import Life, at

MONDAY = "2026-11-30 10:00"
DAY = ["09:00-12:00", "13:00-18:00"]


def life(number: int) -> Life:
    lived = Life(MONDAY, handoff_id=f"h-{number}", lead_id=f"lead-{number}")
    return lived.then("2026-11-30 11:00")


def accepted(number: int) -> Life:
    lived = life(number)
    lived.do(Accept("fs-1"))
    return lived


def rejected(number: int, reason: RejectionReason, **given: Any) -> Life:
    lived = life(number)
    lived.do(Reject("fs-1", reason, **given))
    return lived


def won_and_rated(number: int) -> Life:
    lived = accepted(number).then("2026-12-01 10:00")
    lived.do(RecordMeeting(lived.now, "fs-1"))
    lived.then("2026-12-03 10:00").do(Close("crm", Outcome.WON, deal_id="d-1"))
    for score, reason in ((1, "予算額なし"), (2, "予算額があとから届いた")):
        lived.do(Rate("fs-1", Direction.RECEIVER_RATES_SENDER, score, reason))
    return lived


@pytest_asyncio.fixture
async def met(service: Service) -> AsyncIterator[Service]:
    """A week with one handoff of each kind, and the members of two teams."""
    for team, member, name in (
        ("kanto", "fs-1", "佐藤 花子"),
        ("inside", "is-1", "伊藤 彩"),
        ("kansai", "fs-8", "<b>鈴木</b>"),
    ):
        await service.put(f"/teams/{team}", {"name": f"{team}営業部", "hours": {"monday": DAY}})
        member_in = {"team_id": team, "name": name, "roles": ["field_sales"], "capacity": 20}
        await service.put(f"/members/{member}", member_in)
    before, service.clock.instant = service.clock.instant, at("2026-12-04 16:00")
    await store(
        service.database,
        accepted(1).then("2026-12-04 15:00"),
        rejected(2, RejectionReason.NO_NEED),
        rejected(3, RejectionReason.FACTS_MISSING, missing_facts=("予算額",)),
        rejected(4, RejectionReason.TOO_EARLY, until=date(2026, 12, 15)),
        rejected(5, RejectionReason.NO_BUDGET_YET, phase="department_requests"),
        won_and_rated(6),
        life(7),
    )
    yield service
    service.clock.instant = before


async def asked(service: Service, **parameters: str) -> dict[str, Any]:
    answer = await service.http.get("/agenda", params={"week": "2026-W49", **parameters})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [each["handoff"]["handoff_id"] for each in items]


async def test_each_handoff_stands_where_it_is_talked_about(met: Service) -> None:
    shown = await asked(met)
    assert {
        name: ids(shown[name]) for name in ("late", "rejected", "returned", "waking", "decided")
    } == {
        "late": ["h-1"],
        "rejected": ["h-2", "h-3", "h-4", "h-5"],
        "returned": ["h-3"],
        "waking": ["h-4"],
        "decided": ["h-6"],
    }
    assert (shown["open_count"], ids(shown["open"])) == (2, ["h-7", "h-1"])
    [late] = shown["late"]
    assert (late["clock"], late["due_at"], late["member_id"]) == (
        "contact",
        "2026-12-01T11:00:00+09:00",
        "fs-1",
    )
    assert late["handoff"]["municipality"] == "群馬県桐生市"
    assert shown["returned"][0]["missing_facts"] == ["予算額"]
    assert shown["waking"][0]["until"] == "2026-12-15"


async def test_a_rating_that_was_changed_is_shown_as_it_is_now(met: Service) -> None:
    [rated] = (await asked(met))["rated_low"]
    assert (rated["score"], rated["reason"]) == (2, "予算額があとから届いた")


async def test_the_flow_counts_the_weeks_steps(met: Service) -> None:
    flow = {each["step"]: each["reached"] for each in (await asked(met))["flow"]}
    assert flow == {
        "requested": 7,
        "assigned": 7,
        "accepted": 2,
        "contacted": 1,
        "met": 1,
        "won": 1,
    }
    later = await asked(met, week="2026-W50")
    assert {each["reached"] for each in later["flow"]} == {0}
    assert (ids(later["late"]), ids(later["rejected"])) == (["h-1"], [])


@pytest.mark.parametrize(("team", "concerned"), [("kanto", 7), ("inside", 7), ("kansai", 0)])
async def test_a_team_sees_what_it_sent_or_received(
    met: Service, team: str, concerned: int
) -> None:
    shown = await asked(met, team=team)
    assert shown["flow"][0]["reached"] == concerned
    assert shown["team"] == f"{team}営業部"


async def test_a_team_that_does_not_exist_is_named(service: Service) -> None:
    answer = await service.http.get("/agenda", params={"team": "nowhere"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no team nowhere")


@pytest.mark.parametrize(
    ("suffix", "media_type", "begins"),
    [
        ("html", "text/html; charset=utf-8", b"<!DOCTYPE html>"),
        ("svg", "image/svg+xml", b"<svg "),
        ("png", "image/png", b"\x89PNG"),
    ],
)
async def test_page_and_picture_are_answered(
    met: Service, suffix: str, media_type: str, begins: bytes
) -> None:
    answer = await met.http.get(f"/agenda.{suffix}", params={"week": "2026-W49"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert answer.content.startswith(begins)


async def test_the_page_names_members_and_forbids_scripts(met: Service) -> None:
    answer = await met.http.get("/agenda.html", params={"week": "2026-W49"})
    assert "佐藤 花子" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
