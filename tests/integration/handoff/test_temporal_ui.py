"""A handoff in the Temporal UI, in a real browser, with payloads encrypted."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from handoff.handoffs.names import workflow_id
from handoff.teams.schemas import WEEKDAYS
from tests.support.handoff_api import Service, service
from tests.support.temporal_ui import TemporalUi, codec_keys, temporal_ui

OFFICE = ("09:00-12:00", "13:00-18:00")
MEMBERS = {"fs-1": "field_sales", "is-1": "inside_sales"}
LONG_AGO = timedelta(days=60)
"""Whatever day it is: the lead waits for its answer since longer than a year's end lasts."""


@dataclass(frozen=True)
class Desk:
    """An operator's browser beside handoff."""

    handoff: Service
    ui: TemporalUi

    async def request(self) -> str:
        """Request a handoff whose lead nobody has answered, and return its id."""
        hours = {day: list(OFFICE) for day in WEEKDAYS}
        await self.handoff.put("/teams/east", {"name": "東日本営業部", "hours": hours})
        for member_id, role in MEMBERS.items():
            member = {"team_id": "east", "name": "佐藤", "roles": [role], "capacity": 5}
            await self.handoff.put(f"/members/{member_id}", member)
        requested = await self.handoff.http.post(
            "/handoffs",
            json={
                "lead_id": "crm-48213",
                "municipality_code": "102032",
                "grade": "A1",
                "policy_area": "digital",
                "sender": "is-1",
                "to": "fs-1",
                "lead_created_at": (datetime.now(UTC) - LONG_AGO).isoformat(),
            },
        )
        assert requested.status_code == 201, requested.text
        return str(requested.json()["handoff_id"])

    async def say(self, handoff_id: str, what: str, **body: object) -> str:
        """Say something to the handoff, and return where it stands then."""
        path = f"/handoffs/{handoff_id}/{what}"
        answer = await self.handoff.http.post(path, json={"by": "fs-1", **body})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["ja"])

    def workflow(self, handoff_id: str) -> WorkflowHandle[object, object]:
        its_id = workflow_id(handoff_id, self.handoff.beside.prefix)
        return self.handoff.temporal.get_workflow_handle(its_id)


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    async with (
        service(codec_keys("HANDOFF")) as handoff,
        handoff.working(),
        temporal_ui(handoff.beside) as ui,
    ):
        yield Desk(handoff, ui)


async def test_an_operator_reads_a_handoff_in_japanese(desk: Desk) -> None:
    ui, page = desk.ui, desk.ui.page
    handoff_id = await desk.request()
    await desk.say(handoff_id, "accept")
    now = datetime.now(UTC)
    contacted = await desk.say(handoff_id, "contact", at=now.isoformat())
    until = (now + timedelta(days=10)).isoformat()
    paused = await desk.say(handoff_id, "pause", reason="council_session", until=until)
    its_id = desk.workflow(handoff_id).id

    await ui.open_list("MunicipalityName", "HandoffStatus", "Owner", "LeadId", "PolicyArea")
    await page.shows("群馬県桐生市", "contacted", "fs-1", "crm-48213", "digital", its_id)

    shown = await ui.read_metadata(
        its_id, "群馬県桐生市：インサイドセールスからフィールドセールスへ（crm-48213）", paused
    )
    for happened in (
        "引き継ぎが依頼されました（ランクA1）",
        "リードへの初回回答についてチームリーダーに報告しました",
        "fs-1が受諾しました",
        "fs-1が初回連絡を行いました",
        "fs-1が一時停止しました（議会会期中",
    ):
        assert happened in shown
    assert "Data decoding failed" not in shown

    await ui.open_history(its_id)
    shown = await page.shows(
        "Timer Started",
        contacted,
        "期限の設定と勤務時間を確認",
        "fs-1が受諾しました",
        '"crm-48213"',
    )
    assert "encrypted" not in shown


async def test_what_is_sent_wrongly_in_the_ui_is_refused_and_the_handoff_goes_on(
    desk: Desk,
) -> None:
    ui, page = desk.ui, desk.ui.page
    handoff_id = await desk.request()
    workflow = desk.workflow(handoff_id)
    for signal, data in (
        ("accept", []),
        ("accept", [{"by": "fs-9"}]),
        ("reject", [{"by": "fs-1"}]),
        ("tea_break", []),
    ):
        await workflow.signal(signal, args=data)

    await ui.read_metadata(
        workflow.id,
        "受け付けなかったシグナル",
        "accept: このメッセージの引数には、by（省略可：origin）からなるJSONオブジェクトを1つ",
        "accept: 担当者ではありません（理由コード：not_the_owner）",
        "reject: reason：必須の項目です",
        "tea_break: このワークフローにシグナル「tea_break」はありません",
    )
    await ui.open_update("accept")
    await page.shows("引き継ぎを受諾する", "理由を付けて見送る")
    await ui.submit()
    await page.shows("受け付けられません（理由コード：message_malformed）")

    assert (await workflow.describe()).status is WorkflowExecutionStatus.RUNNING
    assert "受諾し、初回連絡を待っています" in await desk.say(handoff_id, "accept")
