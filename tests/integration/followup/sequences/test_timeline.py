"""A sequence's timeline in the API: its history, and its remaining steps."""

from datetime import datetime
from typing import Any

from tests.support.followup_api import Service
from tests.support.followup_examples import ENTRY


async def test_the_timeline_of_a_lead_is_past_and_planned(at_work: Service) -> None:
    entered = await at_work.call("POST", "/sequences", ENTRY)
    [listed] = (await at_work.call("GET", "/sequences", params={"lead_id": "crm-1"}))["items"]
    assert listed["sequence_id"] == entered["sequence_id"]

    shown = await timeline(at_work, entered["sequence_id"])
    assert (shown["status"], shown["version"]) == ("awaiting_approval", listed["version"])
    assert [each["kind"] for each in shown["past"]] == ["started", "approval_requested"]
    assert shown["past"][0]["ja"] == "開始（きっかけ：new_contact、tester）"
    assert [each["step_id"] for each in shown["planned"]] == ["hello", "call"]
    hello, call = shown["planned"]
    assert hello["earliest_at"] == shown["as_of"]
    assert datetime.fromisoformat(call["earliest_at"]) > datetime.fromisoformat(shown["as_of"])
    assert "見込み" in call["ja"]


async def test_nothing_is_planned_of_a_sequence_that_was_stopped(at_work: Service) -> None:
    entered = await at_work.call("POST", "/sequences", ENTRY)
    await at_work.call("POST", f"/sequences/{entered['sequence_id']}/stop", {"by": "s-1"})
    shown = await timeline(at_work, entered["sequence_id"])
    assert shown["past"][-1]["ja"] == "終了（担当者が停止）"
    assert shown["planned"] == []


async def test_an_unknown_sequence_has_no_timeline(at_work: Service) -> None:
    assert await at_work.refused("GET", "/sequences/nothing/timeline") == (404, "not_found")


async def timeline(service: Service, sequence_id: str) -> dict[str, Any]:
    return await service.call("GET", f"/sequences/{sequence_id}/timeline")
