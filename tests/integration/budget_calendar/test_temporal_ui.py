"""The Temporal UI as an operator sees it, in a real browser, with payloads encrypted."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

import pytest_asyncio

from budget_calendar.cycles.messages import Correct
from budget_calendar.cycles.workflow import MunicipalBudgetCycleWorkflow as Cycle
from budget_calendar.domain.fiscal_years import first_day, fiscal_year_of
from kakehashi_common.clock import WallClock, japan_day
from tests.support.budget_calendar_api import Service
from tests.support.budget_calendar_temporal import TESTER, Operated
from tests.support.temporal import temporal_server
from tests.support.temporal_ui import TemporalUi, codec_keys, temporal_ui

KIRYU = "102032"
NEXT_YEAR = fiscal_year_of(japan_day(WallClock().now())) + 1
CORRECTION = Correct(
    fiscal_year=NEXT_YEAR,
    milestone="request_deadline",
    earliest=date(NEXT_YEAR, 10, 20),
    likely=date(NEXT_YEAR, 10, 22),
    latest=date(NEXT_YEAR, 10, 25),
    source="電話で確認",
    reason="財政課の回答",
    by="4711",
)
PURSUIT = {
    "id": "deal-1",
    "municipality_code": KIRYU,
    "owner": "fs-east",
    "goal": {
        "policy_area": "digital",
        "amount": 12_000_000,
        "wanted_start": str(first_day(NEXT_YEAR + 1)),
        "category": "services",
    },
}


@dataclass(frozen=True)
class Desk:
    """An operator's browser beside an installation whose payloads are encrypted."""

    operated: Operated
    ui: TemporalUi


@pytest_asyncio.fixture
async def desk(service: Service) -> AsyncIterator[Desk]:
    temporal = await temporal_server(codec_keys("BUDGET_CALENDAR"))
    operated = Operated(service, temporal)
    async with operated.working(), temporal_ui(temporal) as ui:
        try:
            yield Desk(operated, ui)
        finally:
            await operated.end()


async def test_an_operator_reads_lists_cycles_and_pursuits_in_japanese(desk: Desk) -> None:
    operated, ui = desk.operated, desk.ui
    await operated.follows.follow([KIRYU], TESTER)
    await operated.notifier.notify_pending()
    cycle = await operated.stands(KIRYU)
    await cycle.execute_update("correct", CORRECTION, result_type=list[str])
    status = await cycle.query(Cycle.standing)
    async with operated.http() as http:
        opened = await http.post("/v1/pursuits", json=PURSUIT)
    assert opened.status_code == 201, opened.text
    pursuit = operated.client.get_workflow_handle(operated.pursuits.workflow_id("deal-1"))
    await pursuit.signal("confirm")

    page = ui.page
    await ui.open_list("MunicipalityName")
    await page.shows("MunicipalityName", "群馬県桐生市", cycle.id)

    shown = await ui.read_metadata(
        cycle.id, "群馬県桐生市（102032）の予算年度", status.ja, "訂正された日程"
    )
    assert f"{CORRECTION.likely}（{CORRECTION.earliest}〜{CORRECTION.latest}）" in shown
    assert "4711が入力、理由：財政課の回答、出典：電話で確認" in shown

    shown = await ui.read_metadata(
        pursuit.id,
        "群馬県桐生市：デジタル分野の案件（担当 fs-east）",
        opened.json()["summary"]["ja"],
        "送られた指示は受け付けられませんでした（confirm：このメッセージの引数には、stage",
    )
    assert "Data decoding failed" not in shown
