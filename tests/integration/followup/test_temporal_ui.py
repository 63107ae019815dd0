"""A sequence in the Temporal UI, in a real browser, with payloads encrypted."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from followup.sequences.names import workflow_id
from tests.support.followup_api import Service, service
from tests.support.followup_examples import ENTRY, enter_everybody
from tests.support.temporal_ui import TemporalUi, codec_keys, temporal_ui
from tests.support.waiting import eventually


@dataclass(frozen=True)
class Desk:
    """An operator's browser beside followup."""

    followup: Service
    ui: TemporalUi

    async def enter(self) -> dict[str, str]:
        """Have a contact enter the playbook, and return where the sequence stands."""
        await enter_everybody(self.followup)
        entered = await self.followup.call("POST", "/sequences", ENTRY)
        return await self.followup.call("GET", f"/sequences/{entered['sequence_id']}")

    async def status(self, sequence_id: str) -> tuple[str, bool]:
        """Return a sequence's status, and whether it is paused."""
        shown = await self.followup.call("GET", f"/sequences/{sequence_id}")
        return shown["status"], shown["paused"]

    def workflow(self, sequence_id: str) -> WorkflowHandle[object, object]:
        its_id = workflow_id(sequence_id, self.followup.beside.prefix)
        return self.followup.temporal.get_workflow_handle(its_id)


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    async with (
        service(codec_keys("FOLLOWUP")) as followup,
        followup.working(),
        temporal_ui(followup.beside) as ui,
    ):
        yield Desk(followup, ui)


async def test_an_operator_reads_a_sequence_in_japanese(desk: Desk) -> None:
    ui, page = desk.ui, desk.ui.page
    sequence = await desk.enter()
    its_id = desk.workflow(sequence["sequence_id"]).id
    path = f"/approvals/{sequence['approval_id']}"
    shown = await desk.followup.call("GET", path)
    text = shown["text"].replace("【相手に合わせた一文】", "先日はありがとうございました。")
    await desk.followup.call("PUT", f"{path}/text", {"subject": shown["subject"], "text": text})
    await desk.followup.call("POST", f"{path}/approve", {"by": "s-1"})

    await ui.open_list("MunicipalityName", "SequenceStatus", "Owner", "LeadId", "Playbook")
    await page.shows("群馬県桐生市", "resting", "s-1", "crm-1", "greeting", its_id)

    story = await ui.read_metadata(
        its_id,
        "群馬県桐生市：ごあいさつ（crm-1）",
        "反応待ち「reaction」の条件または時刻",
        "メール「hello」の承認を依頼",
        "メール「hello」をs-1が修正のうえ承認",
        "メール「hello」を送信",
    )
    assert "Data decoding failed" not in story

    await ui.open_history(its_id)
    history = await page.shows(
        "Timer Started",
        "メール「hello」の承認・タスクを準備",
        "メール「hello」の送信時刻を決定",
        '"crm-1"',
    )
    assert "encrypted" not in history


async def test_what_is_sent_wrongly_in_the_ui_is_refused_and_what_is_right_is_done(
    desk: Desk,
) -> None:
    ui, page = desk.ui, desk.ui.page
    sequence = await desk.enter()
    sequence_id = sequence["sequence_id"]
    workflow = desk.workflow(sequence_id)
    for signal, data in (
        ("stop", []),
        ("approve", [{"by": "s-1", "approval_id": "another"}]),
        ("tea_break", []),
        ("pause", [{"by": "s-1", "reason": "person", "until": "9999-12-31T23:59:59Z"}]),
    ):
        await workflow.signal(signal, args=data)

    await ui.read_metadata(
        workflow.id,
        "受け付けなかったシグナル",
        "stop: このメッセージの引数には、by（省略可：origin）からなるJSONオブジェクトを1つ",
        "approve: この承認は待たれていません（理由コード：approval_not_awaited）",
        "pause: ",
        "tea_break: このワークフローにシグナル「tea_break」はありません",
    )
    await ui.open_update("pause")
    await page.shows("一時停止する")
    await ui.submit()
    await page.shows("受け付けられません（理由コード：message_malformed）")
    assert await desk.status(sequence_id) == ("awaiting_approval", False)

    await ui.submit({"by": "s-1", "reason": "person", "until": "2099-12-10T10:00:00+09:00"})

    async def is_paused() -> bool:
        return await desk.status(sequence_id) == ("awaiting_approval", True)

    await eventually(is_paused, what="the pause")
    await ui.read_metadata(workflow.id, "2099-12-10 10:00まで一時停止しています")
    assert (await workflow.describe()).status is WorkflowExecutionStatus.RUNNING
