"""Leads as known from events in any order, repeated, and after an erasure."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from handoff.leads import repository
from kakehashi_common.budget_timing.service import save_budget_phases
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.budget_phases import (
    DateBasis,
    DateWindow,
    MilestoneNear,
    PhaseEntered,
    PursuitBudgeted,
    PursuitCut,
)
from kakehashi_common.contracts.events import Label, Tombstone
from kakehashi_common.contracts.lead_events import ActivityRecorded, DecisionRole, ProfileChanged
from kakehashi_common.contracts.lead_scores import Cause, Contribution, Dimension, ScoreChanged
from tests.support.followup_events import followup_fact
from tests.support.handoff_api import NOW, Service
from tests.support.received import received
from tests.support.waiting import eventually

KIRYU = "102032"
DAY = timedelta(days=1)
TARO = ProfileChanged(
    lead_id="crm-1",
    municipality_code=KIRYU,
    department="情報政策課",
    role=DecisionRole.MANAGER,
    person_name="田中 一郎",
    email="taro@city.example.jp",
    phone="0277-46-1111",
    attributes={"consent": True},
)


def did(kind: str, lead_id: str = "crm-1", category: str | None = None) -> ActivityRecorded:
    return ActivityRecorded(lead_id=lead_id, kind=kind, category=category)


def scored(grade: str, at: datetime, lead_id: str = "crm-1") -> ScoreChanged:
    def line(rule: str, label: str, points: float, kind: Any = "rule") -> Contribution:
        return Contribution(
            dimension=Dimension.ENGAGEMENT,
            rule=rule,
            kind=kind,
            label=Label(ja=label, en=rule),
            points=points,
            count=2,
            last_on=date(2026, 11, 1),
        )

    return ScoreChanged(
        lead_id=lead_id,
        municipality_code=KIRYU,
        fit=82.5,
        engagement=65,
        grade=grade,
        scored_at=at,
        rule_set="default",
        rule_version=1,
        cause=Cause.EVENTS,
        contributions=(
            line("page", "ページ閲覧", 3),
            line("quote", "参考見積の依頼", 20),
            line("total", "上限", -30, "total_cap"),
        ),
    )


async def shown(service: Service, lead_id: str = "crm-1") -> dict[str, Any]:
    answer = await service.http.get(f"/leads/{lead_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def stored(service: Service) -> list[list[dict[str, Any]]]:
    names = ("lead", "lead_field", "lead_activity", "lead_followup", "pursuit")
    return [await service.fetch(f"select * from {each} order by 1, 2") for each in names]  # noqa: S608


async def test_a_lead_is_known_by_profile_and_key_events(service: Service) -> None:
    await service.leads.save_lead_events(
        [
            received(TARO, NOW - 3 * DAY),
            received(did("page_viewed", category="pricing"), NOW - DAY),
            received(did("reference_quote_requested"), NOW - 2 * DAY),
        ]
    )
    found = await shown(service)
    assert found["municipality"] == "群馬県桐生市"
    assert {name: known["value"] for name, known in found["profile"].items()} == {
        "municipality_code": KIRYU,
        "department": "情報政策課",
        "role": "manager",
        "person_name": "田中 一郎",
        "consent": "true",
    }
    assert [(each["kind"], each["label"]) for each in found["activities"]] == [
        ("reference_quote_requested", "参考見積の依頼")
    ]
    assert found["last_contact_at"] == "2026-11-18T12:00:00+09:00"
    assert [each["name"] for each in found["people"]] == ["田中 一郎"]


async def test_neither_address_nor_number_of_a_person_is_stored(service: Service) -> None:
    await service.leads.save_lead_events([received(TARO, NOW)])
    assert "taro@" not in str(await stored(service))
    assert "0277" not in str(await stored(service))


EVENTS = [
    received(TARO, NOW - 3 * DAY),
    received(ProfileChanged(lead_id="crm-1", department="総務課", person_name=None), NOW - DAY),
    received(ProfileChanged(lead_id="crm-1", department="財政課"), NOW - 2 * DAY),
    received(did("meeting_held"), NOW - 2 * DAY),
]


@pytest.mark.parametrize("events", list(itertools.permutations(EVENTS)))
async def test_events_lead_to_the_same_in_any_order_and_twice(
    service: Service, events: Sequence[Received[Any]]
) -> None:
    for each in (*events, *events):
        await service.leads.save_lead_events([each])
    found = await shown(service)
    known = {name: each["value"] for name, each in found["profile"].items()}
    assert known["department"] == "総務課"
    assert "person_name" not in known
    assert len(found["activities"]) == 1


async def test_the_newest_fifty_key_events_are_kept(service: Service) -> None:
    old = [received(did("form_submitted"), NOW - n * DAY) for n in range(70)]
    await service.leads.save_lead_events(old)
    await service.leads.save_lead_events(old[60:])
    activities = (await shown(service))["activities"]
    assert len(activities) == 50
    assert activities[0]["at"] == "2026-11-20T12:00:00+09:00"
    assert activities[-1]["at"] == "2026-10-02T12:00:00+09:00"


FOLLOWUPS = [
    followup_fact("sent", at=NOW - 3 * DAY),
    followup_fact("occurred", at=NOW - DAY, occurrence="answered"),
    followup_fact("occurred", at=NOW - DAY, occurrence="answered", sequence_id="sequence-2"),
    followup_fact("occurred", at=NOW - 2 * DAY, occurrence="bounced", version=2),
    followup_fact("scheduled", at=NOW),
]


@pytest.mark.parametrize("events", list(itertools.permutations(FOLLOWUPS[:4])))
async def test_follow_ups_are_the_same_in_any_order_and_twice(
    service: Service, events: Sequence[Received[Any]]
) -> None:
    await service.leads.save_followups([*events, *FOLLOWUPS])
    await service.leads.save_followups(events)
    found = await shown(service)
    assert [(each["kind"], each["label"], each["step_id"]) for each in found["followups"]] == [
        ("answered", "返信あり", None),
        ("bounced", "メール不達", None),
        ("sent", "メール送信", "introduction"),
    ]
    assert found["last_contact_at"] == "2026-11-19T12:00:00+09:00"
    assert found["activities"] == []


async def test_the_newest_fifty_follow_ups_are_kept(service: Service) -> None:
    sent = [
        followup_fact("sent", at=NOW - n * DAY, version=n + 1, message_id=f"<{n}@x>")
        for n in range(70)
    ]
    await service.leads.save_followups(sent)
    await service.leads.save_followups(sent[60:])
    followups = (await shown(service))["followups"]
    assert len(followups) == 50
    assert followups[-1]["at"] == "2026-10-02T12:00:00+09:00"


async def test_the_newest_score_is_known_with_its_strongest_reasons(service: Service) -> None:
    newer = received(scored("A1", NOW), NOW)
    await service.leads.save_scores([newer, received(scored("C3", NOW - DAY), NOW)])
    await service.leads.save_scores([received(scored("B2", NOW - 2 * DAY), NOW)])
    score = (await shown(service))["score"]
    assert (score["grade"], score["fit"], score["engagement"]) == ("A1", 82.5, 65)
    assert [(each["label"], each["points"]) for each in score["reasons"]] == [
        ("参考見積の依頼", 20),
        ("ページ閲覧", 3),
    ]


async def test_a_lead_whose_score_is_gone_is_erased(service: Service) -> None:
    await service.leads.save_lead_events([received(TARO, NOW), received(did("meeting_held"), NOW)])
    gone = received(Tombstone(key="crm-1"), NOW)
    await service.leads.save_scores([received(scored("A1", NOW), NOW), gone])
    assert not any(await stored(service))
    await service.leads.save_scores([gone, received(scored("A1", NOW, "crm-2"), NOW)])
    assert [row["lead_id"] for row in (await stored(service))[0]] == ["crm-2"]


async def test_a_lead_is_erased_by_request_and_the_audit_names_no_person(service: Service) -> None:
    lead_id = "crm/1"
    taro = TARO.model_copy(update={"lead_id": lead_id})
    await service.leads.save_lead_events([received(taro, NOW)])
    for erased in (1, 0):
        answer = await service.http.delete("/leads/crm%2F1/personal-data")
        assert answer.json() == {"leads": erased, "packets": 0}
    assert not any(await stored(service))
    audit = await service.fetch("select what, subject, before from audit order by id")
    assert [(each["what"], each["subject"]) for each in audit] == [
        ("erase_personal_data", "lead/crm/1")
    ] * 2


@pytest.mark.parametrize("days", [-30, 30])
async def test_of_an_erased_person_nothing_comes_back_however_old_or_new_the_event(
    service: Service, days: int
) -> None:
    gone = received(Tombstone(key="crm-1"), NOW)
    late = [received(TARO, NOW + days * DAY), received(did("meeting_held"), NOW + days * DAY)]
    other = received(TARO.model_copy(update={"lead_id": "crm-2"}), NOW)
    await service.leads.save_scores([gone])
    for _ in range(2):
        await service.leads.save_lead_events([*late, other])
    found = await shown(service)
    assert {name: known["value"] for name, known in found["profile"].items()} == {
        "municipality_code": KIRYU
    }
    assert [each["kind"] for each in found["activities"]] == ["meeting_held"]
    assert (await shown(service, "crm-2"))["profile"]["person_name"]["value"] == "田中 一郎"


async def test_what_is_said_of_a_person_while_they_are_erased_is_not_kept(service: Service) -> None:
    async with service.database.raw_transaction() as connection:
        await repository.erase(connection, ["crm-1"])
        saving = asyncio.create_task(service.leads.save_lead_events([received(TARO, NOW)]))

        async def waits() -> bool:
            rows = await service.fetch(
                "select from pg_stat_activity where datname = current_database() "
                "and wait_event_type = 'Lock' and query like 'insert into lead %'"
            )
            return bool(rows)

        await eventually(waits)
    await saving
    assert list((await shown(service))["profile"]) == ["municipality_code"]


async def test_erasing_needs_a_scope_of_its_own(service: Service) -> None:
    reader = service.token("handoff:read", "handoff:write")
    answer = await service.http.delete("/leads/crm-1/personal-data", headers=reader)
    assert answer.status_code == 403


async def test_people_of_the_municipality_who_were_active_lately_are_known(
    service: Service,
) -> None:
    def profile(lead_id: str, role: DecisionRole | None, code: str = KIRYU) -> ProfileChanged:
        return ProfileChanged(lead_id=lead_id, municipality_code=code, role=role)

    people = [
        profile("crm-2", DecisionRole.OFFICER),
        profile("crm-3", DecisionRole.FINANCE),
        profile("crm-4", DecisionRole.HEAD),
        profile("crm-5", DecisionRole.HEAD, "112038"),
    ]
    active = {"crm-1": 1, "crm-2": 2, "crm-3": 3, "crm-4": 100, "crm-5": 1}
    await service.leads.save_lead_events(
        [
            received(TARO, NOW - 200 * DAY),
            *(received(each, NOW - 200 * DAY) for each in people),
            *(received(did("page_viewed", who), NOW - days * DAY) for who, days in active.items()),
        ]
    )
    found = await shown(service)
    assert [(each["lead_id"], each["role"]) for each in found["people"]] == [
        ("crm-3", "finance"),
        ("crm-1", "manager"),
        ("crm-2", "officer"),
    ]


def window(day: date) -> DateWindow:
    return DateWindow(
        earliest=day - 7 * DAY,
        likely=day,
        latest=day + 7 * DAY,
        basis=DateBasis.PRACTICE,
        source="common practice",
        confidence=0.6,
    )


async def test_budget_phase_dates_and_pursuits_of_the_municipality_are_known(
    service: Service,
) -> None:
    phase = PhaseEntered(
        municipality_code=KIRYU,
        fiscal_year=2026,
        phase="department_requests",
        label=Label(ja="予算要求", en="Requests"),
        begins=window(date(2026, 10, 1)),
        ends_likely_on=date(2026, 11, 30),
    )
    near = [
        MilestoneNear(
            municipality_code=KIRYU,
            fiscal_year=2026,
            milestone=f"m-{n}",
            label=Label(ja=f"期日{n}", en=""),
            window=window(date(2026, 11, 10) + n * 10 * DAY),
            business_days_left=5,
        )
        for n in range(5)
    ]
    budgeted = PursuitBudgeted(
        pursuit_id="p-1",
        municipality_code=KIRYU,
        policy_area="digital",
        route="initial_budget",
        fiscal_year=2026,
        amount_yen=12_000_000,
        budgeted_on=date(2026, 3, 20),
    )
    cut = PursuitCut(
        pursuit_id="p-2",
        municipality_code=KIRYU,
        policy_area="welfare",
        route="initial_budget",
        stage="assessment",
        cut_on=date(2026, 1, 20),
        proposed_next="restoration",
    )
    batch = [received(each, NOW) for each in (phase, *near, budgeted, cut)]
    for _ in range(2):
        await save_budget_phases(service.database, batch)
        await service.leads.save_pursuits(batch)
    await service.leads.save_lead_events([received(TARO, NOW)])
    found = await shown(service)
    assert found["phase"]["phase"] == "department_requests"
    assert [each["label"] for each in found["milestones"]] == ["期日1", "期日2", "期日3"]
    assert [(each["pursuit_id"], each["budgeted"]) for each in found["pursuits"]] == [
        ("p-1", True),
        ("p-2", False),
    ]


async def test_of_an_unknown_lead_nothing_is_known(service: Service) -> None:
    found = await shown(service, "nobody")
    assert found["lead_id"] == "nobody"
    assert not any(value for name, value in found.items() if name != "lead_id")
