"""Budget cycles on a real Temporal and a real PostgreSQL."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError

from budget_calendar.container import Container
from budget_calendar.cycles.messages import Correct, CorrectCalendar
from budget_calendar.cycles.workflow import BudgetCycle
from budget_calendar.cycles.workflow import MunicipalBudgetCycleWorkflow as Cycle
from budget_calendar.domain.fiscal_years import fiscal_year_of, japanese_name
from budget_calendar.maintenance.schedules import keep_schedules
from budget_calendar.maintenance.workflow import (
    NotifyPendingWorkflow,
    OpenFiscalYearWorkflow,
    PurgeWorkflow,
)
from budget_calendar.notifications import repository as notifications
from budget_calendar.notifications.repository import PendingNotification
from budget_calendar.notifications.workflow_names import WorkflowKind
from kakehashi_common.clock import WallClock, japan_day
from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.errors import NotFoundError, TransientError
from kakehashi_common.settings import CodecKey
from kakehashi_common.temporal.codec import ENCODING
from kakehashi_common.temporal.search_attributes import (
    BUDGET_PHASE,
    FISCAL_YEAR,
    MUNICIPALITY_CODE,
    MUNICIPALITY_NAME,
    named,
    register_search_attributes,
)
from tests.support import histories
from tests.support.budget_calendar_api import Service
from tests.support.budget_calendar_temporal import TESTER, Operated
from tests.support.temporal import temporal_server
from tests.support.waiting import eventually

KIRYU, MAEBASHI = "102032", "102016"
GUNMA_AND_ITS_MUNICIPALITIES = 36

THIS_YEAR = fiscal_year_of(japan_day(WallClock().now()))
NEXT_YEAR = THIS_YEAR + 1


@pytest_asyncio.fixture
async def operated(service: Service) -> AsyncIterator[Operated]:
    temporal = await temporal_server()
    await register_search_attributes(temporal.client)
    made = Operated(service, temporal)
    try:
        yield made
    finally:
        await made.end()


@pytest_asyncio.fixture
async def working(operated: Operated) -> AsyncIterator[Operated]:
    async with operated.working():
        yield operated


@pytest_asyncio.fixture
async def followed(working: Operated) -> Operated:
    """Kiryu is followed and planned."""
    await working.follows.follow([KIRYU], TESTER)
    await working.run(NotifyPendingWorkflow.run)
    await working.stands(KIRYU)
    return working


def a_correction(day: date = date(NEXT_YEAR, 10, 20), **more: Any) -> Correct:
    values: dict[str, Any] = {
        "fiscal_year": NEXT_YEAR,
        "milestone": "request_deadline",
        "earliest": day,
        "likely": day,
        "latest": day,
        "source": "telephone",
        "reason": "the finance section told us",
        "by": "4711",
    }
    return Correct(**(values | more))


async def test_duplicate_follow_requests_start_one_workflow(working: Operated) -> None:
    follows = [working.follows.follow([KIRYU, MAEBASHI], TESTER) for _ in range(10)]
    answers = await asyncio.gather(*follows)
    assert sorted(code for each in answers for code in each.changed) == [MAEBASHI, KIRYU]
    sweeps = [working.notifier.notify_pending() for _ in range(5)]
    await asyncio.gather(*sweeps, *(working.line.start([KIRYU]) for _ in range(20)))
    handle = await working.stands(KIRYU)
    await working.stands(MAEBASHI)
    started = handle.first_execution_run_id or (await handle.describe()).run_id

    async def in_visibility() -> bool:
        found = working.client.list_workflows(f"WorkflowId = '{handle.id}'")
        return [each.run_id async for each in found] == [started]

    await eventually(in_visibility)
    assert await working.published(KIRYU) == ["phase_entered"]
    assert await working.notifier.notify_pending() == 0
    audits = await working.service.fetch("select after from audit where what = 'follow'")
    assert len(audits) == 1


async def test_a_whole_prefecture_is_followed(working: Operated) -> None:
    codes = [code for code in municipalities() if code.startswith("10")]
    assert len(codes) == GUNMA_AND_ITS_MUNICIPALITIES
    await working.follows.follow(codes, TESTER)
    handle = await working.run(NotifyPendingWorkflow.run)
    assert await handle.result() == len(codes)
    await histories.record("budget_calendar", "tell", handle)
    for code in codes:
        await working.stands(code)

    async def all_announced() -> bool:
        rows = await working.service.fetch("select distinct key from outbox")
        return {row["key"].decode() for row in rows} == set(codes)

    await eventually(all_announced)
    assert await working.service.rows("outbox") == len(codes)
    assert await working.service.rows("announced") == len(codes)


async def test_an_unknown_code_changes_nothing(operated: Operated) -> None:
    with pytest.raises(NotFoundError, match="102033"):
        await operated.follows.follow([KIRYU, "102033"], TESTER)
    assert await operated.service.rows("follow", "audit") == 0


async def test_unfollowed_cycles_end_and_followed_again_begin_again(followed: Operated) -> None:
    first = await followed.life(KIRYU).describe()
    unfollowed = await followed.follows.unfollow([KIRYU], TESTER)
    await followed.follows.end_cycles(unfollowed.changed)
    ended = followed.client.get_workflow_handle(first.id, run_id=first.run_id)
    await asyncio.wait_for(ended.result(), timeout=30)
    await histories.record("budget_calendar", "cycle-unfollowed", ended)
    await followed.follows.follow([KIRYU], TESTER)
    await followed.run(NotifyPendingWorkflow.run)
    again = await (await followed.stands(KIRYU)).describe()
    assert again.run_id != first.run_id
    assert again.status is WorkflowExecutionStatus.RUNNING


async def test_one_followed_again_while_it_is_notified_is_still_to_be_started(
    operated: Operated,
) -> None:
    await operated.follows.follow([KIRYU], TESTER)
    async with operated.service.database.transaction() as connection:
        found = await notifications.find_pending(connection, None, limit=10)
    # Whoever tells it does so now. Before that is noted it is unfollowed, ends, and is followed.
    await operated.follows.unfollow([KIRYU], TESTER)
    await operated.follows.follow([KIRYU], TESTER)
    async with operated.service.database.transaction() as connection:
        await notifications.record_notified(connection, found)
        left = await notifications.find_pending(connection, None, limit=10)
    assert [each.id for each in left] == [KIRYU]


async def test_what_temporal_did_not_hear_is_told_when_it_is_back(followed: Operated) -> None:
    handle = followed.life(KIRYU)
    before = (await handle.describe()).history_length
    followed.line.cut = True
    await followed.follows.follow([MAEBASHI], TESTER)
    revised = await followed.calendars.correct(
        CorrectCalendar(KIRYU, a_correction(), "1").correction(WallClock().now()), TESTER
    )
    assert revised.moved
    untold = "select code from follow where not started or told < revision order by code"
    assert [row["code"] for row in await followed.service.fetch(untold)] == [MAEBASHI, KIRYU]
    with pytest.raises(TransientError):
        await followed.notifier.notify_pending()
    followed.line.cut = False
    sweep = await followed.run(NotifyPendingWorkflow.run)
    assert await sweep.result() == 2
    assert await followed.service.fetch(untold) == []
    await followed.stands(MAEBASHI)

    async def looked_again() -> bool:
        return (await handle.describe()).history_length > before

    await eventually(looked_again)


async def test_a_temporal_that_does_not_answer_is_transient(service: Service) -> None:
    away = Container(service.settings, service.database).notification_client
    for kind in WorkflowKind:
        with pytest.raises(TransientError, match="Temporal can't be reached"):
            await away.notify([PendingNotification(kind, each) for each in (KIRYU, MAEBASHI)])
    await away.trigger_schedule()  # the schedule comes round by itself


async def test_an_operator_sees_where_a_municipality_stands(followed: Operated) -> None:
    description = await followed.life(KIRYU).describe()
    attributes = description.typed_search_attributes
    assert attributes.get(MUNICIPALITY_CODE) == KIRYU
    assert attributes.get(MUNICIPALITY_NAME) == "群馬県桐生市"
    assert attributes.get(FISCAL_YEAR) == THIS_YEAR
    assert attributes.get(BUDGET_PHASE)
    assert await description.static_summary() == "群馬県桐生市（102032）の予算年度"
    metadata = await _metadata(followed.life(KIRYU))
    assert f"fiscal year {THIS_YEAR}" in metadata.current_details
    assert metadata.current_details.startswith("**桐生市 令和")
    status = await followed.life(KIRYU).query(Cycle.standing)
    assert metadata.current_details == f"**{status.ja}**\n\n{status.en}"
    assert status.phase == attributes.get(BUDGET_PHASE)
    found = followed.client.list_workflows(
        f"MunicipalityCode = '{KIRYU}' and FiscalYear = {THIS_YEAR} "
        f"and BudgetPhase = '{status.phase}' and WorkflowId = '{followed.life(KIRYU).id}'"
    )
    assert [each.id async for each in found] == [followed.life(KIRYU).id]


async def test_signals_updates_and_queries_say_what_they_do(followed: Operated) -> None:
    definition = (await _metadata(followed.life(KIRYU))).definition
    described = {
        each.name: each.description
        for each in (
            *definition.signal_definitions,
            *definition.update_definitions,
            *definition.query_definitions,
        )
        if not each.name.startswith("__")
    }
    any_other = ""
    assert described.keys() == {"look_again", "pause", "resume", "correct", "standing", any_other}
    assert all(described.values())


async def _metadata(handle: WorkflowHandle[Any, Any]) -> WorkflowMetadata:
    found: WorkflowMetadata = await handle.query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    return found


async def test_the_next_fiscal_year_is_a_new_run_that_can_be_read_too(working: Operated) -> None:
    await working.follows.follow([KIRYU], TESTER)
    handle = await working.client.start_workflow(
        Cycle.run,
        BudgetCycle(KIRYU, fiscal_year=THIS_YEAR - 1),
        search_attributes=named(KIRYU),
        id=working.life(KIRYU).id,
        task_queue=working.temporal.task_queue,
    )

    async def continued() -> bool:
        return (await working.life(KIRYU).describe()).run_id != handle.first_execution_run_id

    await eventually(continued)
    description = await (await working.stands(KIRYU)).describe()
    assert description.typed_search_attributes.get(MUNICIPALITY_NAME) == "群馬県桐生市"
    assert description.typed_search_attributes.get(MUNICIPALITY_CODE) == KIRYU
    assert description.typed_search_attributes.get(FISCAL_YEAR) == THIS_YEAR
    # The summary given at the start is the first run's alone: Temporal carries none over.
    assert (await _metadata(working.life(KIRYU))).current_details.startswith("**桐生市 令和")
    old = working.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
    await histories.record("budget_calendar", "cycle-continued", old)


async def test_a_correction_by_update_is_one_by_http(followed: Operated) -> None:
    handle = followed.life(KIRYU)
    moved = await handle.execute_update("correct", a_correction(), result_type=list[str])
    assert "request_deadline" in moved
    calendar = (await followed.service.calendar_queries.get_calendar(KIRYU, NEXT_YEAR)).calendar
    milestone = calendar.milestone("request_deadline")
    assert milestone is not None
    assert milestone.likely == date(NEXT_YEAR, 10, 20)
    assert await followed.published(KIRYU) == ["phase_entered", "calendar_revised"]
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle.execute_update("correct", a_correction(milestone="tea_break"))
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.details[0]) == ("unknown_milestone", "key")
    assert cause.message.startswith("受け付けられません（理由コード：unknown_milestone） / ")
    assert "request_deadline" in cause.message
    rows = await followed.service.fetch("select who, origin from audit where what like 'correct%'")
    assert rows == [{"who": "4711", "origin": f"budget-cycle/{KIRYU}"}]
    await handle.signal(Cycle.pause)
    await handle.signal(Cycle.resume)

    async def at_rest() -> bool:
        return (await handle.query(Cycle.standing)).paused is False

    await eventually(at_rest)
    assert {"予算年度の現状と次の予定を確認", "日程を訂正：request_deadline"} <= {
        json.loads(event.user_metadata.summary.data)
        for event in (await handle.fetch_history()).events
        if event.HasField("user_metadata")
    }
    await histories.record("budget_calendar", "cycle-corrected", handle)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fiscal_year": 1066},
        {"milestone": "x" * 500},
        {"likely": "soon"},
        {"reason": None},
        {"source": "x" * 501},
        {"by": ""},
    ],
)
async def test_what_an_operator_mistypes_is_refused_before_anything_is_done(
    followed: Operated, wrong: dict[str, Any]
) -> None:
    handle = followed.life(KIRYU)
    entered = {
        "fiscal_year": NEXT_YEAR,
        "milestone": "request_deadline",
        **dict.fromkeys(("earliest", "likely", "latest"), f"{NEXT_YEAR}-10-20"),
        "source": "telephone",
        "reason": "they said so",
        "by": "4711",
    }
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle.execute_update("correct", {**entered, **wrong})
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert next(iter(wrong)) in cause.message
    assert await followed.service.rows("correction") == 0
    assert not (await handle.query(Cycle.standing)).paused


async def test_an_operator_sees_which_dates_were_corrected_by_whom_and_why(
    followed: Operated,
) -> None:
    handle = followed.life(KIRYU)
    correction = a_correction()
    await handle.execute_update("correct", correction, result_type=list[str])
    year = japanese_name(NEXT_YEAR)
    line = f"- {year} 予算要求締切：{correction.likely}"

    async def shown() -> bool:
        return line in (await _metadata(handle)).current_details

    await eventually(shown)
    (told,) = [
        each for each in (await _metadata(handle)).current_details.splitlines() if line in each
    ]
    for detail in (correction.by, correction.reason, correction.source):
        assert detail in told
    await followed.calendars.withdraw_correction(KIRYU, NEXT_YEAR, "request_deadline", TESTER)
    await followed.line.start([KIRYU])

    async def gone() -> bool:
        return not await shown()

    await eventually(gone)


async def test_a_correction_that_is_carried_out_twice_counts_once(followed: Operated) -> None:
    request = CorrectCalendar(KIRYU, a_correction(), "the same request")
    first = await followed.budget_cycles.correct_calendar(request)
    newer = CorrectCalendar(KIRYU, a_correction(date(NEXT_YEAR, 10, 25)), "another")
    await followed.budget_cycles.correct_calendar(newer)
    assert first
    assert await followed.budget_cycles.correct_calendar(request) == first
    standing = "select likely from correction where withdrawn_at is null"
    assert await followed.service.fetch(standing) == [{"likely": date(NEXT_YEAR, 10, 25)}]


async def test_a_hundred_revisions_within_a_second_end_at_the_last(followed: Operated) -> None:
    handle = followed.life(KIRYU)
    for number in range(100):
        await handle.signal(Cycle.look_again)
        del number
    await handle.execute_update("correct", a_correction(), result_type=list[str])
    events = (await handle.fetch_history()).events
    looks = sum(each.event_type == EventType.EVENT_TYPE_MARKER_RECORDED for each in events)
    assert looks <= 102
    await histories.record("budget_calendar", "cycle-signalled", handle)


async def test_the_coming_fiscal_year_is_opened_for_all_that_are_followed(
    followed: Operated,
) -> None:
    for table in ("calendar", "calendar_milestone", "calendar_phase"):
        query = f"delete from {table} where fiscal_year = $1"  # noqa: S608 - names of ours
        await followed.service.fetch(query, NEXT_YEAR)
    await followed.service.fetch(
        "update municipality set head_term_ends = $1 where code = $2",
        date(NEXT_YEAR, 3, 20),
        KIRYU,
    )
    handle = await followed.run(OpenFiscalYearWorkflow.run)
    opened = await handle.result()
    assert (opened.fiscal_year, opened.calendars, opened.revised) == (NEXT_YEAR, 1, 1)
    await histories.record("budget_calendar", "open-fiscal-year", handle)
    again = await followed.run(OpenFiscalYearWorkflow.run)
    opened = await again.result()
    assert (opened.fiscal_year, opened.revised) == (NEXT_YEAR, 0)
    assert await followed.published(KIRYU) == ["phase_entered", "calendar_revised"]


async def test_what_is_older_than_the_retention_is_forgotten(followed: Operated) -> None:
    await followed.service.fetch("update announced set at = now() - interval '801 days'")
    await followed.service.fetch(
        "insert into announced (event_id, at) "
        "values (gen_random_uuid(), now() - interval '799 days')"
    )
    await followed.service.fetch("update audit set at = now() - interval '901 days'")
    await followed.service.fetch(
        "insert into audit (at, who, what, subject, origin) "
        "values (now() - interval '899 days', '', '', 'younger', '')"
    )
    for age, day in ((1002, 20), (1001, 21), (2, 22)):
        correction = a_correction(date(NEXT_YEAR, 10, day))
        await followed.budget_cycles.correct_calendar(CorrectCalendar(KIRYU, correction, str(day)))
        await followed.service.fetch(
            "update calendar set computed_at = now() - $1::interval "
            "where version = (select max(version) from calendar)",
            timedelta(days=age),
        )
    revision = "select sum(version) from (select max(version) as version from calendar group by "
    revision += "code, fiscal_year) newest"
    before = await followed.service.fetch(revision)
    handle = await followed.run(PurgeWorkflow.run)
    # Announced, audited, and of next year the versions 1 and 2: 3 was replaced two days ago.
    assert await handle.result() == 1 + 1 + 2
    await histories.record("budget_calendar", "forget-old", handle)
    assert await followed.service.rows("announced") == 1
    assert await followed.service.fetch("select from audit where subject = 'younger'")
    kept = await followed.service.fetch(
        "select version from calendar where fiscal_year = $1 order by version", NEXT_YEAR
    )
    assert [row["version"] for row in kept] == [3, 4]
    assert await followed.service.fetch(revision) == before


async def test_old_calendars_and_the_audit_stay_unless_somebody_says_how_long(
    operated: Operated,
) -> None:
    correct = operated.budget_cycles.correct_calendar
    for day in (20, 21):
        await correct(CorrectCalendar(KIRYU, a_correction(date(NEXT_YEAR, 10, day)), str(day)))
    for table, column in (("calendar", "computed_at"), ("audit", "at")):
        await operated.service.fetch(f"update {table} set {column} = '2001-01-06'")  # noqa: S608 - names of ours
    before = await operated.service.rows("calendar", "audit")
    maintenance = replace(
        operated.container, settings=operated.service.settings
    ).maintenance_activities
    assert await maintenance.purge() == 0
    assert await operated.service.rows("calendar", "audit") == before


async def test_schedules_are_kept_as_configured(operated: Operated) -> None:
    client, prefix = operated.client, operated.temporal.prefix
    names = ("tell-budget-cycles", "open-fiscal-year", "forget-old")
    kept = {name: client.get_schedule_handle(f"{prefix}budget-calendar/{name}") for name in names}
    try:
        for minutes in (7, 8, 8):
            await keep_schedules(
                client,
                operated.temporal.task_queue,
                tell_every=timedelta(minutes=minutes),
                id_prefix=prefix,
            )

        async def as_told() -> bool:
            spec = (await kept["tell-budget-cycles"].describe()).schedule.spec
            return [each.every for each in spec.intervals] == [timedelta(minutes=8)]

        await eventually(as_told)
        opening = (await kept["open-fiscal-year"].describe()).info.next_action_times
        assert [(day.month, day.day) for day in map(japan_day, opening[:2])] == [(4, 1), (4, 1)]
        forgetting = (await kept["forget-old"].describe()).info.next_action_times
        assert forgetting[1] - forgetting[0] == timedelta(days=1)
        async with operated.working():
            await operated.follows.follow([KIRYU], TESTER)  # asks for a round at once
            await operated.stands(KIRYU)
    finally:
        for handle in kept.values():
            await handle.delete()


async def test_payloads_are_encrypted_and_operators_still_read_them(service: Service) -> None:
    temporal = await temporal_server((CodecKey(id="test", secret=bytes(range(32))),))
    operated = Operated(service, temporal)
    async with operated.working():
        try:
            await operated.follows.follow([KIRYU], TESTER)
            await operated.notifier.notify_pending()
            handle = await operated.stands(KIRYU)
            moved = await handle.execute_update("correct", a_correction(), result_type=list[str])
            assert "request_deadline" in moved
            with pytest.raises(WorkflowUpdateFailedError) as failed:
                await handle.execute_update("correct", a_correction(milestone="tea_break"))
            assert "tea_break" in str(failed.value.cause)
            summary = await (await handle.describe()).static_summary()
            assert summary == "群馬県桐生市（102032）の予算年度"
            plain = await _as_stored(temporal.client, handle)
        finally:
            await operated.end()
    assert ENCODING.decode() in plain
    for secret in ("桐生市", "request_deadline", "telephone", "tea_break"):
        assert secret not in plain


async def _as_stored(client: Client, handle: WorkflowHandle[Any, Any]) -> str:
    """The history as Temporal keeps it, with payloads in clear if they are."""
    history = await client.get_workflow_handle(handle.id).fetch_history()
    kept = [
        payload.data.decode("utf-8", "replace") + payload.metadata["encoding"].decode()
        for event in history.events
        for payload in _payloads(event)
    ]
    return json.dumps(history.to_json_dict(), ensure_ascii=False) + "".join(kept)


def _payloads(message: Any) -> list[Any]:
    found = []
    for _, value in message.ListFields():
        values = (
            value if hasattr(value, "__len__") and not isinstance(value, str | bytes) else [value]
        )
        for each in values:
            if type(each).__name__ == "Payload":
                found.append(each)
            elif hasattr(each, "ListFields"):
                found += _payloads(each)
    return found
