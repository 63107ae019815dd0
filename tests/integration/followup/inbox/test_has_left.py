"""A contact who has left by their automatic reply: somebody looks for the successor, once."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest_asyncio

from followup.domain.sequences.narrative import PAUSES
from followup.domain.sequences.terms import PauseReason
from followup.inbox.maildir import ArrivedMail
from followup.playbooks.reading import shipped
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, CALLING, ENTRY, SELLER, introduce
from tests.support.incoming_mails import mail
from tests.support.waiting import eventually

SUCCESSOR = "jiro.suzuki@city.kiryu.example.jp"
HAS_LEFT = f"11月30日をもって退職いたしました。後任は鈴木（{SUCCESSOR}）です。"


@pytest_asyncio.fixture
async def leaver(at_work: Service) -> str:
    """A contact of this test only: Temporal knows who entered in others."""
    lead_id = f"crm-{uuid4().hex[:8]}"
    await introduce(at_work, lead_id, email=f"{lead_id}@city.kiryu.example.jp")
    await at_work.call("PUT", "/sellers/s-2", SELLER)
    await at_work.playbooks.publish(shipped()["successor-check"], ACTOR)
    return lead_id


async def replies(service: Service, leaver: str, text: str = HAS_LEFT) -> None:
    """Have an automatic reply of the contact come in, and what follows from it done."""
    headers = {"Auto-Submitted": "auto-replied"}
    data = mail(text, sender=f"{leaver}@city.kiryu.example.jp", answers=None, headers=headers)
    arrived = ArrivedMail(data, sha256(data).hexdigest(), datetime.now(UTC))
    await service.mails.incoming_mails.take(arrived)
    assert await service.mails.mail_handler.look() == 1
    await service.entries.look()


async def under_way(service: Service, leaver: str) -> list[str]:
    """Have the contact be in two playbooks of the seller s-2."""
    await service.playbooks.publish(CALLING, ACTOR)
    entry = ENTRY | {"lead_id": leaver, "owner": "s-2"}
    entered = [
        await service.call("POST", "/sequences", entry | {"playbook_id": each})
        for each in ("greeting", "calling")
    ]
    return [each["sequence_id"] for each in entered]


async def of_contact(service: Service, leaver: str) -> dict[str, dict[str, Any]]:
    listed = await service.call("GET", f"/sequences?lead_id={leaver}")
    return {each["sequence_id"]: each for each in listed["items"]}


async def checks(service: Service, leaver: str) -> list[dict[str, Any]]:
    """The tasks of looking for the successor."""
    listed = (await service.call("GET", f"/tasks?lead_id={leaver}"))["items"]
    return [each for each in listed if each["title"] == "後任を確認する"]


async def test_the_owner_is_asked_once_and_what_they_find_ends_the_contacts_sequences(
    at_work: Service, leaver: str
) -> None:
    sequences = await under_way(at_work, leaver)
    await replies(at_work, leaver)
    await replies(at_work, leaver, f"{HAS_LEFT}（自動返信）")
    shown = await of_contact(at_work, leaver)
    assert all(shown[each]["paused"] for each in sequences)
    assert all(PAUSES[PauseReason.HAS_LEFT] in shown[each]["ja"] for each in sequences)
    [task] = await checks(at_work, leaver)
    assert (task["owner"], task["status"]) == ("s-2", "open")
    opened, due = (datetime.fromisoformat(task[name]) for name in ("opened_at", "due_at"))
    assert opened < due <= at_work.office.hours.add(opened, timedelta(hours=8))

    await at_work.call("POST", f"/tasks/{task['task_id']}/complete", {"by": "s-2"})
    await at_work.occurrences.look()

    async def ended() -> bool:
        shown = await of_contact(at_work, leaver)
        return all(shown[each]["end_reason"] == "left" for each in sequences)

    await eventually(ended, what="the end of the contact's sequences")
    shown = await of_contact(at_work, leaver)
    [check] = shown.keys() - sequences
    assert shown[check]["end_reason"] == "completed"
    assert "異動・退職" in shown[sequences[0]]["ja"]
    assert await at_work.refused("POST", "/sequences", ENTRY | {"lead_id": leaver}) == (
        409,
        "suppressed",
    )
    await replies(at_work, leaver, f"{HAS_LEFT}（三通目）")
    assert await checks(at_work, leaver) == [], "nobody is asked again"


async def test_nobody_whom_the_reply_names_is_written_to_or_kept(
    at_work: Service, leaver: str
) -> None:
    await under_way(at_work, leaver)
    await replies(at_work, leaver)
    [task] = await checks(at_work, leaver)
    assert "鈴木" not in task["text"]
    async with at_work.database.raw_transaction() as connection:
        kept = await connection.fetchval(
            "select count(*) from reason where row(reason.*)::text like '%鈴木%'"
        )
        contacts = await connection.fetchval(
            "select count(*) from lead_field where value = $1", SUCCESSOR
        )
    assert (kept, contacts, at_work.box.recipients) == (0, 0, [])


async def test_a_contact_who_is_still_there_can_be_contacted_again(
    at_work: Service, leaver: str
) -> None:
    first, _ = await under_way(at_work, leaver)
    await replies(at_work, leaver)
    [task] = await checks(at_work, leaver)
    said = {"by": "s-2", "outcome": "not_reached"}
    await at_work.call("POST", f"/tasks/{task['task_id']}/complete", said)
    await at_work.occurrences.look()
    assert (await of_contact(at_work, leaver))[first]["paused"], "until somebody resumes it"
    await at_work.call("POST", f"/sequences/{first}/resume", {"by": "s-2"})
    assert not (await of_contact(at_work, leaver))[first]["paused"]


async def test_without_an_owner_the_reason_waits_for_one(at_work: Service, leaver: str) -> None:
    await replies(at_work, leaver)
    assert [each["state"] for each in (await at_work.call("GET", "/reasons"))["items"]] == [
        "awaits_seller"
    ]
