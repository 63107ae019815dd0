"""Proofs of concept over HTTP: agreed beforehand, measured by weekly checks, judged at the end."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest_asyncio

from followup.domain.playbooks.audience import Role
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import PocCheckStep
from followup.domain.sequences.terms import TaskOutcome
from followup.domain.task_records import (
    Attendance,
    MeasuredValue,
    StudySession,
    TaskRecord,
    WeeklyCheck,
)
from followup.tasks import repository as tasks
from followup.tasks.repository import Task, TaskStatus
from kakehashi_common.clock import FixedClock, japan_day
from tests.support.followup_api import Service, service_at
from tests.support.followup_examples import ACTOR, ENTRY, PLAYBOOK, enter_everybody, introduce
from tests.support.sequence_facts import store
from tests.support.sequences import PLAYBOOK as LIVED
from tests.support.sequences import Life, at

BEGIN = at("2026-12-07 10:00")
DOCUMENT = (
    PLAYBOOK.partition("templates:")[0].replace("greeting", "trial")
    + """
steps:
  - {id: checks, kind: poc_check, title: 毎週の確認, weeks: 8, metrics: [作業時間, 待ち時間]}
  - {id: session, kind: study_session, title: 勉強会, due_business_days: 5}
  - {id: hearing, kind: hearing_form, title: ヒアリング, requires: [poc_check, study_session]}
"""
)
HOURS = {"name": "作業時間", "unit": "時間/週", "baseline": "40", "target": "28"}
WAITING = {"name": "待ち時間", "unit": "分", "baseline": "12", "target": "8"}
AGREED = {
    "by": "s-1",
    "begins": "2026-12-07",
    "weeks": 8,
    "metrics": [HOURS, WAITING],
    "participants": ["officer", "manager", "finance"],
}
PATH = "/proofs-of-concept/sq-poc"
TRIAL: Playbook = replace(
    LIVED,
    id="trial",
    version=1,
    steps=(
        PocCheckStep(id="checks", title="毎週の確認", weeks=8, metrics=("作業時間", "待ち時間")),
    ),
)


@pytest_asyncio.fixture
async def in_december(installed: Service) -> AsyncIterator[Service]:
    """The API in December, with a sequence that checks a proof of concept."""
    async with service_at(installed, BEGIN) as service:
        await service.playbooks.publish(DOCUMENT, ACTOR)
        life = Life(
            "2026-12-07 10:00", TRIAL, sequence_id="sq-poc", playbook_id="trial", playbook_version=1
        )
        await store(service.database, life)
        yield service


async def done(
    service: Service,
    number: int,
    record: TaskRecord | None,
    kind: str = "poc_check",
    status: TaskStatus = TaskStatus.DONE,
) -> None:
    """Store a task as it is when somebody has completed it."""
    opened_at = BEGIN + timedelta(weeks=number - 1)
    task = Task(
        task_id=f"sq-poc.{kind}.{number}",
        sequence_id="sq-poc",
        step_id="checks",
        kind=kind,
        lead_id="lead-1",
        municipality_code="102032",
        owner="s-1",
        moved_from=None,
        title="",
        text="",
        fields=(),
        status=status,
        opened_at=opened_at,
        due_at=opened_at,
        snoozed_until=None,
        outcome=TaskOutcome.DONE,
        note=None,
        record=record,
        closed_at=opened_at,
        closed_by="s-1",
    )
    async with service.database.transaction() as connection:
        await tasks.add(connection, task)


def week(**values: str) -> WeeklyCheck:
    return WeeklyCheck(tuple(MeasuredValue(each, Decimal(value)) for each, value in values.items()))


async def test_weekly_checks_fill_in_what_was_agreed(in_december: Service) -> None:
    agreed = await in_december.call("PUT", PATH, AGREED)
    assert (agreed["ends"], agreed["conclusion"], agreed["agreed_by"]) == (
        "2027-01-31",
        "running",
        "s-1",
    )
    await done(in_december, 1, week(作業時間="38.5", 待ち時間="12"))
    await done(in_december, 2, None, status=TaskStatus.WITHDRAWN)
    await done(in_december, 3, week(作業時間="27"))
    shown = await in_december.call("GET", PATH)
    hours, waiting = shown["results"]
    assert hours["weekly"] == [{"week": 1, "value": "38.5"}, {"week": 3, "value": "27"}]
    assert (hours["value"], hours["outcome"]) == ("27", "reached")
    assert hours["share_of_the_way"] > 1
    assert waiting["weekly"][1] == {"week": 3, "value": None}
    assert (waiting["outcome"], shown["conclusion"]) == ("missed", "running")
    listed = await in_december.call("GET", "/proofs-of-concept?municipality_code=102032")
    assert [each["sequence_id"] for each in listed["items"]] == ["sq-poc"]


async def test_it_is_judged_after_its_last_week(in_december: Service) -> None:
    await in_december.call("PUT", PATH, AGREED)
    await done(in_december, 1, week(作業時間="27", 待ち時間="12"))
    assert isinstance(in_december.clock, FixedClock)
    in_december.clock.instant = BEGIN + timedelta(weeks=8)
    assert (await in_december.call("GET", PATH))["conclusion"] == "partly"


async def test_what_was_agreed_stays_once_a_week_was_measured(in_december: Service) -> None:
    await in_december.call("PUT", PATH, AGREED)
    easier = AGREED | {"metrics": [HOURS | {"target": "39"}, WAITING]}
    assert (await in_december.call("PUT", PATH, easier))["results"][0]["target"] == "39"
    await done(in_december, 1, week(作業時間="38"))
    assert await in_december.refused("PUT", PATH, AGREED) == (409, "poc_under_way")
    await in_december.call("PUT", PATH, easier)


async def test_what_the_weekly_checks_cannot_measure_is_refused(in_december: Service) -> None:
    for change, code in (
        ({"metrics": []}, "metrics_missing"),
        ({"weeks": 9}, "other_weeks"),
        ({"weeks": 3}, "weeks"),
        ({"metrics": [HOURS | {"name": "経費"}]}, "metric_not_checked"),
        ({"participants": ["officer"]}, "participants_missing"),
        ({"metrics": [HOURS | {"target": "40"}]}, "target_is_baseline"),
    ):
        assert await in_december.refused("PUT", PATH, AGREED | change) == (422, code)
    assert await in_december.refused("GET", PATH) == (404, "not_found")
    assert await in_december.refused("PUT", "/proofs-of-concept/sq-none", AGREED) == (
        404,
        "not_found",
    )


async def test_the_page_says_it_in_japanese(in_december: Service) -> None:
    await in_december.call("PUT", PATH, AGREED)
    await done(in_december, 1, week(作業時間="38.5", 待ち時間="11"))
    await done(in_december, 2, week(作業時間="27"))
    answer = await in_december.http.get(f"{PATH}/page.html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for said in (
        "実証実験の記録　群馬県桐生市",
        "2027年1月31日（日）",
        "作業時間（時間/週）",
        "達成",
    ):
        assert said in answer.text
    assert "財政担当" in answer.text


async def complete(service: Service, kind: str, record: dict[str, Any]) -> dict[str, Any]:
    (task,) = (await service.call("GET", "/tasks"))["items"]
    assert task["kind"] == kind
    path = f"/tasks/{task['task_id']}/complete"
    return await service.call("POST", path, {"by": "s-1", "record": record | {"kind": kind}})


async def records(service: Service, **wanted: str) -> Sequence[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in wanted.items())
    found: list[dict[str, Any]] = (await service.call("GET", f"/tasks/records?{query}"))["items"]
    return found


async def test_sessions_and_hearings_are_recorded_with_their_tasks(installed: Service) -> None:
    await installed.fresh()
    await enter_everybody(installed)
    document = DOCUMENT.replace(
        "  - {id: checks, kind: poc_check, title: 毎週の確認, weeks: 8, "
        "metrics: [作業時間, 待ち時間]}\n",
        "",
    )
    await installed.playbooks.publish(document, ACTOR)
    before = Life("2026-09-07 10:00", TRIAL, sequence_id="sq-poc", playbook_id="before")
    before.state = replace(before.state, position=replace(before.state.position, step=None))
    await store(installed.database, before)
    for number in range(1, 9):
        await done(installed, number, None)
    session = {
        "held_on": japan_day(installed.clock.now()).isoformat(),
        "topic": "窓口の記録",
        "attendees": [{"role": "manager", "people": 2}, {"role": "officer", "people": 5}],
        "next": "統計への使い方",
    }
    hearing = {
        "past": "紙の台帳",
        "present": "台帳と表計算への二重入力",
        "future": "一度の入力で統計まで",
        "problems": [
            {"text": "月末の残業", "priority": 2},
            {"text": "転記の誤り", "priority": 1},
        ],
    }
    async with installed.working():
        await installed.call(
            "POST",
            "/sequences",
            ENTRY | {"playbook_id": "trial"},
        )
        assert await installed.refused(
            "POST",
            f"/tasks/{(await installed.call('GET', '/tasks'))['items'][0]['task_id']}/complete",
            {"record": hearing | {"kind": "hearing_form"}},
        ) == (422, "record_of_another_task")
        await complete(installed, "study_session", session)
        await complete(installed, "hearing_form", hearing)
    await installed.end()
    by_lead = await records(installed, lead_id="crm-1")
    assert [each["record"]["kind"] for each in by_lead] == ["hearing_form", "study_session"]
    assert by_lead[0]["record"]["problems"][0] == {"text": "転記の誤り", "priority": 1}
    assert by_lead[1]["record"] == session | {"kind": "study_session"}
    (one,) = await records(installed, municipality_code="102032", kind="hearing_form")
    assert one["record"]["future"] == "一度の入力で統計まで"
    goal = await installed.call("GET", f"/tasks/records/{one['task_id']}/goal")
    assert goal["goal"]["description"] == "優先1：転記の誤り／優先2：月末の残業"
    assert goal["missing"] == ["policy_area", "amount", "wanted_start", "category"]
    no_hearing = f"/tasks/records/{by_lead[1]['task_id']}/goal"
    assert await installed.refused("GET", no_hearing) == (422, "not_a_hearing")
    assert await records(installed, lead_id="crm-2") == []


async def test_sessions_say_which_decision_roles_they_have_reached(in_december: Service) -> None:
    where = "/tasks/records/decision-roles?municipality_code=102032"
    nothing = await in_december.call("GET", where)
    assert (nothing["share"], nothing["n"], nothing["series"]) == (None, 0, [])
    for lead_id, role in (("crm-1", "officer"), ("crm-2", "finance"), ("crm-3", "other")):
        await introduce(in_december, lead_id, role=role)
    for number, day, attendees in (
        (1, "2026-12-01", [Attendance(Role.OFFICER, 5), Attendance(Role.MANAGER, 1)]),
        (2, "2026-12-05", []),
        (3, "2026-12-07", [Attendance(Role.MANAGER, 2)]),
        (4, "2026-12-08", [Attendance(Role.HEAD, 1)]),
    ):
        session = StudySession(date.fromisoformat(day), f"第{number}回", tuple(attendees), "")
        await done(in_december, number, session, "study_session")
    found = await in_december.call("GET", where)
    assert (found["share"], found["n"], found["without_attendees"]) == (0.4, 2, 1)
    assert (found["reached"], found["contacts_of_unknown_role"]) == (["officer", "manager"], 1)
    assert found["missing"] == ["finance", "head", "council"], "8 December is yet to come"
    assert [each["first_time"] for each in found["series"]] == [["officer", "manager"], [], []]
    assert [each["known_contacts"] for each in found["roles"]] == [1, 0, 1, 0, 0]
    elsewhere = where.replace("102032", "131130")
    assert (await in_december.call("GET", elsewhere))["contacts_of_unknown_role"] == 0
