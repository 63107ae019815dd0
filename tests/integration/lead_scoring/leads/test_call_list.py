"""The leads to call in a prefecture this week, with the reasons: one request."""

from datetime import date, timedelta
from typing import Any

import pytest

from kakehashi_common.budget_timing import service as budget_timing
from kakehashi_common.contracts.budget_phases import (
    CalendarRevised,
    DateBasis,
    DateWindow,
    MilestoneNear,
    MovedMilestone,
    PhaseEntered,
    RevisionCause,
)
from kakehashi_common.contracts.events import Label
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from tests.support.lead_scoring_api import NOW, Service
from tests.support.received import received

KAWAGUCHI, SAITAMA, KIRYU = "112038", "110001", "102032"
DEADLINE = Label(ja="予算要求締切", en="Request deadline")


def window(day: date) -> DateWindow:
    return DateWindow(
        earliest=day - timedelta(days=7),
        likely=day,
        latest=day + timedelta(days=7),
        basis=DateBasis.PRACTICE,
        source="common practice",
        confidence=0.6,
    )


def phase(name: str, label: str) -> PhaseEntered:
    return PhaseEntered(
        municipality_code=KAWAGUCHI,
        fiscal_year=2026,
        phase=name,
        label=Label(ja=label, en=name),
        begins=window(date(2026, 10, 1)),
        ends_likely_on=date(2026, 11, 30),
    )


def near(milestone: str, day: date) -> MilestoneNear:
    return MilestoneNear(
        municipality_code=KAWAGUCHI,
        fiscal_year=2026,
        milestone=milestone,
        label=DEADLINE,
        window=window(day),
        business_days_left=5,
    )


def moved(milestone: str, before: date, after: date | None) -> CalendarRevised:
    return CalendarRevised(
        municipality_code=KAWAGUCHI,
        fiscal_year=2026,
        version=2,
        cause=RevisionCause.CORRECTION,
        moved=(
            MovedMilestone(
                milestone=milestone,
                label=DEADLINE,
                before=window(before),
                after=None if after is None else window(after),
            ),
        ),
    )


async def announced(service: Service, *data: Any) -> None:
    """Each a minute after the one before."""
    await budget_timing.save_budget_phases(
        service.database,
        [received(each, NOW + timedelta(minutes=n)) for n, each in enumerate(data)],
    )


async def lead(service: Service, lead_id: str, code: str) -> None:
    await service.happened(
        ProfileChanged(
            lead_id=lead_id,
            municipality_code=code,
            role="manager",
            person_name=f"{lead_id}さん",
            email=f"{lead_id}@city.example.jp",
        ),
        ActivityRecorded(lead_id=lead_id, kind="reference_quote_requested"),
        ActivityRecorded(lead_id=lead_id, kind="mail_opened"),
    )


async def listed(service: Service, **asked: Any) -> list[dict[str, Any]]:
    answer = await service.http.get("/v1/leads", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.parametrize("spelling", ["埼玉県", "埼玉", "サイタマ", "11", "110001"])
async def test_a_prefecture_is_its_municipalities_and_its_own_government(
    service: Service, spelling: str
) -> None:
    for lead_id, code in {"city": KAWAGUCHI, "prefecture": SAITAMA, "gunma": KIRYU}.items():
        await lead(service, lead_id, code)
    found = await listed(service, prefecture=spelling)
    assert {each["lead_id"] for each in found} == {"city", "prefecture"}


async def test_an_unknown_prefecture_is_refused_with_the_nearest(service: Service) -> None:
    answer = await service.http.get("/v1/leads", params={"prefecture": "埼王県"})
    assert answer.status_code == 422
    assert "did you mean 埼玉県?" in answer.text


async def test_one_request_says_whom_to_call_and_why(service: Service) -> None:
    await lead(service, "city", KAWAGUCHI)
    await announced(
        service,
        phase("departments_request", "予算要求"),
        near("request_deadline", date(2026, 11, 27)),
        near("session_vote:4", date(2026, 12, 18)),
    )

    [found] = await listed(service, prefecture="埼玉県", reasons=2, contact=True)

    assert found["municipality"]["name"] == "川口市"
    assert found["budget"]["label"]["ja"] == "予算要求"
    assert found["budget"]["ends_likely_on"] == "2026-11-30"
    assert found["budget"]["next"]["label"]["ja"] == "予算要求締切"
    assert found["budget"]["next"]["likely_on"] == "2026-11-27"
    assert found["contact"] == {
        "person_name": "cityさん",
        "email": "city@city.example.jp",
        "phone": None,
    }
    assert len(found["reasons"]) == 2
    points = [abs(reason["points"]) for reason in found["reasons"]]
    assert points == sorted(points, reverse=True)
    assert "参考見積の依頼" in {reason["label"]["ja"] for reason in found["reasons"]}
    [row] = await service.fetch("select * from audit where what = 'list_contacts'")
    assert row["after"] == {"lead_ids": ["city"]}


async def test_without_asking_there_is_no_personal_data_and_nothing_is_audited(
    service: Service,
) -> None:
    await lead(service, "city", KAWAGUCHI)
    [found] = await listed(service)
    assert found["contact"] is None
    assert found["budget"] is None
    assert found["reasons"] == []
    assert await service.fetch("select from audit where what = 'list_contacts'") == []


async def test_contacts_need_the_scope_for_personal_data(service: Service) -> None:
    answer = await service.http.get(
        "/v1/leads", params={"contact": True}, headers=service.token("lead-scoring:read")
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("said", "next_on"),
    [
        ([near("a", date(2026, 11, 27)), near("b", date(2026, 11, 25))], "2026-11-25"),
        ([near("a", date(2026, 11, 19)), near("b", date(2026, 11, 25))], "2026-11-25"),
        ([near("a", date(2026, 11, 20))], "2026-11-20"),
        (
            [
                near("a", date(2026, 11, 27)),
                moved("a", date(2026, 11, 27), date(2026, 12, 1)),
            ],
            "2026-12-01",
        ),
        ([near("a", date(2026, 11, 27)), moved("a", date(2026, 11, 27), None)], None),
    ],
    ids=["the earlier one", "not what is past", "today counts", "moved", "fell away"],
)
async def test_the_next_milestone_is_the_first_that_is_still_to_come(
    service: Service, said: list[Any], next_on: str | None
) -> None:
    await lead(service, "city", KAWAGUCHI)
    await announced(service, phase("departments_request", "予算要求"), *said)
    [found] = await listed(service)
    coming = found["budget"]["next"]
    assert (coming and coming["likely_on"]) == next_on


async def test_what_was_announced_later_wins_in_whatever_order_it_comes(service: Service) -> None:
    await lead(service, "city", KAWAGUCHI)
    earlier = received(phase("departments_request", "予算要求"), NOW)
    later = received(phase("finance_assessment", "財政課査定"), NOW + timedelta(days=1))
    for batch in ([later], [earlier], [later, earlier]):
        await budget_timing.save_budget_phases(service.database, batch)
        [found] = await listed(service)
        assert found["budget"]["phase"] == "finance_assessment"
