"""Permission to decide on an approval, which holds for the text that was seen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from followup import tables
from followup.domain.consents.suppression import Cause
from followup.domain.sequences.commands import Approve
from tests.support.followup_api import Service
from tests.support.followup_examples import ENTRY, SELLER

NOTE = {"personal_note": "展示会でありがとうございました。"}
SELLERS: dict[str, dict[str, Any]] = {
    "s-head": {},
    "s-boss": {"approver": "s-head"},
    "s-1": {"approver": "s-boss"},
    "s-deputy": {},
    "s-other": {},
    "s-gone": {"active": False},
}
"""The sellers; ``s-boss`` approves the mails of ``s-1``."""


async def asked_for(at_work: Service) -> tuple[str, dict[str, Any]]:
    """Have a mail of ``s-1`` wait for its approval; return its path, and what it shows."""
    for seller_id, more in SELLERS.items():
        await at_work.call("PUT", f"/sellers/{seller_id}", SELLER | more)
    await at_work.call("POST", "/sequences", ENTRY)
    (approval,) = (await at_work.call("GET", "/approvals"))["items"]
    assert approval["approver"] == "s-boss"
    return f"/approvals/{approval['approval_id']}", approval


@pytest.mark.parametrize("by", ["s-1", "s-other", "s-deputy", "s-gone", "nobody", None])
@pytest.mark.parametrize("verb", ["approve", "reject"])
async def test_who_may_not_decide_is_refused(at_work: Service, by: str | None, verb: str) -> None:
    path, _ = await asked_for(at_work)
    body = {"by": by, **({"fill_ins": NOTE} if verb == "approve" else {"reason": "今は控える"})}
    answer = await at_work.http.post(f"{path}/{verb}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_the_approver")
    assert "s-boss" in answer.text, "who does is named"
    assert (await at_work.call("GET", path))["status"] == "pending"


@pytest.mark.parametrize("by", ["s-boss", "s-head"])
async def test_who_holds_it_and_who_approves_for_them_may(at_work: Service, by: str) -> None:
    path, _ = await asked_for(at_work)
    approved = await at_work.call("POST", f"{path}/approve", {"by": by, "fill_ins": NOTE})
    assert (approved["status"], approved["decided_by"]) == ("approved", by)


async def test_a_deputy_may_while_the_holder_is_away(at_work: Service) -> None:
    path, _ = await asked_for(at_work)
    now = datetime.now(UTC)
    away = {
        "starts": (now - timedelta(hours=1)).isoformat(),
        "ends": (now + timedelta(days=2)).isoformat(),
        "deputy": "s-deputy",
    }
    await at_work.call("PUT", "/sellers/s-boss/absences/a-1", away)
    await at_work.call("POST", f"{path}/reject", {"by": "s-deputy", "reason": "今は控える"})


async def test_a_subject_of_two_lines_is_refused_by_name(at_work: Service) -> None:
    path, _ = await asked_for(at_work)
    for subject in ("資料のご案内\r\nBcc: x@example.jp", "資料\u2028のご案内", "　"):
        answer = await at_work.http.put(
            f"{path}/text", json={"subject": subject, "text": "佐藤です。", "by": "s-1"}
        )
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/subject"
        assert ("is blank" in answer.text) == (subject == "　")


async def test_what_may_not_be_sent_any_more_is_not_approved(at_work: Service) -> None:
    path, approval = await asked_for(at_work)
    async with at_work.database.transaction() as connection:
        await connection.execute(
            tables.suppression.insert().values(
                scope="person",
                value=approval["lead_id"],
                cause=Cause.OPT_OUT.value,
                channel="link",
                since=datetime.now(UTC),
            )
        )
    body = {"by": "s-boss", "fill_ins": NOTE}
    answer = await at_work.http.post(f"{path}/approve", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "suppressed")
    shown = await at_work.call("GET", path)
    assert shown["status"] == "pending"
    assert NOTE["personal_note"] not in str(shown), "nothing of it is stored"


async def test_what_nobody_holds_any_seller_who_works_here_decides(at_work: Service) -> None:
    path, _ = await asked_for(at_work)
    async with at_work.database.raw_transaction() as connection:
        await connection.execute("update approval set approver = null")
    body = {"by": "nobody", "fill_ins": NOTE}
    assert await at_work.refused("POST", f"{path}/approve", body) == (403, "not_the_approver")
    await at_work.call("POST", f"{path}/approve", body | {"by": "s-other"})


async def test_what_the_temporal_ui_lets_go_for_who_may_not_stays_to_be_approved(
    at_work: Service,
) -> None:
    path, approval = await asked_for(at_work)
    edited = {"subject": "ごあいさつ", "text": "佐藤です。", "by": "s-1"}
    await at_work.call("PUT", f"{path}/text", edited)
    sequence_id = approval["sequence_id"]
    for by in ("s-other", "nobody"):
        status = await at_work.sequences.send(sequence_id, Approve(by, approval["approval_id"]))
        assert status.status == "awaiting_approval"
        assert (await at_work.call("GET", path))["status"] == "pending"
    assert at_work.box.messages == []
    await at_work.sequences.send(sequence_id, Approve("s-boss", approval["approval_id"]))
    assert (await at_work.call("GET", path))["decided_by"] == "s-boss"


async def test_a_text_that_was_changed_meanwhile_does_not_go_unseen(at_work: Service) -> None:
    path, _ = await asked_for(at_work)
    read = await at_work.http.get(path)
    seen = {"If-Match": read.headers["etag"]}
    assert read.headers["etag"] == f'"{read.json()["text_digest"]}"'
    edited = {"subject": "ごあいさつ", "text": "佐藤です。", "by": "s-other"}
    changed = await at_work.http.put(f"{path}/text", json=edited, headers=seen)
    assert changed.is_success, changed.text

    body = {"by": "s-boss"}
    stale = await at_work.http.post(f"{path}/approve", json=body, headers=seen)
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    again = await at_work.http.put(f"{path}/text", json=edited | {"text": "x"}, headers=seen)
    assert again.status_code == 412
    assert (await at_work.call("GET", path))["text"] == "佐藤です。"

    now_seen = {"If-Match": changed.headers["etag"]}
    approved = await at_work.http.post(f"{path}/approve", json=body, headers=now_seen)
    assert (approved.status_code, approved.json()["status"]) == (200, "approved")
    repeated = await at_work.http.post(f"{path}/approve", json=body, headers=seen)
    assert repeated.json()["code"] == "approval_not_awaited"


async def test_a_text_that_is_changed_while_it_is_let_go_is_asked_for_again(
    at_work: Service,
) -> None:
    path, approval = await asked_for(at_work)
    async with at_work.database.raw_transaction() as connection:  # the API has looked, and then:
        await connection.execute("update approval set seen_digest = $1", approval["text_digest"])
    edited = {"subject": "ごあいさつ", "text": "佐藤です。", "by": "s-other"}
    await at_work.call("PUT", f"{path}/text", edited)
    approve = Approve("s-boss", approval["approval_id"])
    status = await at_work.sequences.send(approval["sequence_id"], approve)
    assert status.status == "awaiting_approval"
    assert at_work.box.messages == []


async def test_it_is_audited_who_changes_a_text_without_the_text(at_work: Service) -> None:
    path, approval = await asked_for(at_work)
    edited = {"subject": "ごあいさつ", "text": "佐藤です。", "by": "s-other"}
    await at_work.call("PUT", f"{path}/text", edited)
    async with at_work.database.raw_transaction() as connection:
        rows = await connection.fetch("select * from audit where what = 'edit_approval'")
    (audited,) = [dict(row) for row in rows]
    assert (audited["who"], audited["subject"]) == (
        "s-other",
        f"approval/{approval['approval_id']}",
    )
    assert "佐藤です" not in str(audited)
