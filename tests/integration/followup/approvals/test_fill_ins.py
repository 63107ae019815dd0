"""Passages that a person writes into a mail before it goes: by name, or by changing the text."""

import email
import email.policy
from dataclasses import replace
from typing import Any

from followup.domain.sequences.commands import Approve
from followup.domain.sequences.facts import ApprovalExpired
from followup.sequences import repository as sequences
from followup.sequences.messages import RecordedDecision, RecordSequence
from tests.support.followup_api import Service
from tests.support.followup_examples import ENTRY
from tests.support.waiting import eventually

NOTE = "先日は展示会でありがとうございました。"


async def asked_for(at_work: Service) -> dict[str, Any]:
    """Have a contact enter the playbook, and return the approval that is asked for."""
    status = await at_work.call("POST", "/sequences", ENTRY)
    shown = await at_work.call("GET", f"/sequences/{status['sequence_id']}")
    return await at_work.call("GET", f"/approvals/{shown['approval_id']}")


async def text_of_the_mail(at_work: Service) -> str:
    await eventually(lambda: bool(at_work.box.messages), what="the mail")
    mail = email.message_from_bytes(at_work.box.messages[0], policy=email.policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_a_passage_is_given_by_its_name_with_the_approval(at_work: Service) -> None:
    approval = await asked_for(at_work)
    label = "相手に合わせた一文"
    assert approval["fill_ins"] == [{"name": "personal_note", "label": label, "text": None}]
    path = f"/approvals/{approval['approval_id']}"
    body = {"by": "s-1", "fill_ins": {"personal_note": NOTE}}

    approved = await at_work.call("POST", f"{path}/approve", body)

    assert (approved["status"], approved["unfilled"], approved["changed_share"]) == (
        "approved",
        [],
        None,
    )
    assert approved["fill_ins"] == [{"name": "personal_note", "label": label, "text": NOTE}]
    assert f"【{label}】" in approved["original_text"]
    assert NOTE in await text_of_the_mail(at_work)
    other = {"by": "s-1", "fill_ins": {"personal_note": "別の文。"}}
    assert await at_work.refused("POST", f"{path}/approve", other) == (409, "approval_not_awaited")


async def test_a_missing_or_unknown_name_is_refused_with_the_field_and_the_fix(
    at_work: Service,
) -> None:
    approval = await asked_for(at_work)
    path = f"/approvals/{approval['approval_id']}/approve"

    missing = (await at_work.http.post(path, json={"by": "s-1"})).json()
    assert (missing["status"], missing["code"]) == (409, "fill_in_missing")
    assert missing["errors"][0]["pointer"] == "/fill_ins/personal_note"
    assert missing["detail"] == (
        "give in fill_ins what a person writes: personal_note: 相手に合わせた一文"
    )

    body = {"by": "s-1", "fill_ins": {"note": NOTE}}
    unknown = (await at_work.http.post(path, json=body)).json()
    assert (unknown["status"], unknown["code"]) == (422, "unknown_fill_in")
    assert unknown["errors"][0]["pointer"] == "/fill_ins/note"
    assert "it has personal_note" in unknown["detail"]


async def test_a_text_changed_freely_stays_beside_the_original_and_says_how_far_it_was_changed(
    at_work: Service,
) -> None:
    approval = await asked_for(at_work)
    path = f"/approvals/{approval['approval_id']}"
    text = approval["text"].replace("株式会社かけはしの佐藤 花子です。", "佐藤です。")
    assert text != approval["text"]
    edit = {"subject": approval["subject"], "text": text}

    edited = await at_work.call("PUT", f"{path}/text", edit)

    assert (edited["original_text"], edited["text"]) == (approval["text"], text)
    assert 0 < edited["changed_share"] < 1
    body = {"by": "s-1", "fill_ins": {"personal_note": NOTE}}
    approved = await at_work.call("POST", f"{path}/approve", body)
    assert approved["changed_share"] == edited["changed_share"]
    sent = await text_of_the_mail(at_work)
    assert "佐藤です。" in sent
    assert NOTE in sent


async def test_a_mail_let_go_past_the_api_does_not_go_while_a_passage_is_to_be_written(
    at_work: Service,
) -> None:
    approval = await asked_for(at_work)
    sequence_id, approval_id = approval["sequence_id"], approval["approval_id"]
    await at_work.sequences.send(sequence_id, Approve("s-1", approval_id))

    async def refused() -> bool:
        shown = await at_work.call("GET", f"/sequences/{sequence_id}/history")
        reasons = [each["details"].get("reason") for each in shown["items"]]
        return "fill_in_missing" in reasons

    await eventually(refused, what="the refusal")
    assert at_work.box.messages == []


async def test_an_approval_that_nobody_gave_in_time_shows_that_it_expired(
    at_work: Service,
) -> None:
    approval = await asked_for(at_work)
    approval_id, at = approval["approval_id"], at_work.clock.now()
    async with at_work.database.transaction() as connection:
        stored = await sequences.find(connection, approval["sequence_id"])
    assert stored is not None
    state = replace(stored.state, version=stored.state.version + 1, approval_id=None)
    expired = RecordedDecision(state, at, (ApprovalExpired(at, "hello", approval_id),))
    request = RecordSequence(state.sequence_id, (expired,))
    assert await at_work.sequence_activities.record_sequence(request)
    shown = await at_work.call("GET", f"/approvals/{approval_id}")
    assert (shown["status"], shown["decided_by"]) == ("expired", None)
    path = f"/approvals/{approval_id}/delegate"
    assert await at_work.refused("POST", path, {"to": "s-1"}) == (409, "approval_not_awaited")
