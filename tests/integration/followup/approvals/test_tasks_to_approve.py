"""Approvals of tasks: the text is shown before a person is asked to do them."""

from typing import Any

from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, CALLING, ENTRY, SELLER

ASKING_FIRST = CALLING.replace("id: calling", "id: asking-first").replace(
    "due_business_days: 2", "due_business_days: 2, approval: required"
)
WITHOUT_TEXT = (
    ASKING_FIRST.replace("id: asking-first", "id: without-text")
    .replace("template: guide, ", "")
    .replace(CALLING[CALLING.index("templates:") : CALLING.index("steps:")], "")
)


async def asked_for(
    at_work: Service, yaml: str = ASKING_FIRST, playbook_id: str = "asking-first"
) -> tuple[str, dict[str, Any]]:
    """Have a contact enter; return the path of the approval, and what it shows."""
    await at_work.call("PUT", "/sellers/s-9", SELLER)
    await at_work.call("PUT", "/sellers/s-1", SELLER | {"approver": "s-9"})
    await at_work.playbooks.publish(yaml, ACTOR)
    entered = await at_work.call("POST", "/sequences", ENTRY | {"playbook_id": playbook_id})
    assert entered["status"] == "awaiting_approval"
    assert (await at_work.call("GET", "/tasks"))["items"] == []
    (approval,) = (await at_work.call("GET", "/approvals"))["items"]
    return f"/approvals/{approval['approval_id']}", approval


async def test_what_will_be_asked_is_shown_and_asked_once_it_is_approved(at_work: Service) -> None:
    path, approval = await asked_for(at_work)
    assert (approval["approver"], approval["subject"]) == ("s-9", "お電話")
    assert "田中 一郎 様に伺う。" in approval["text"]
    edited = {"subject": "お電話（短く）", "text": "三分で伺う。"}
    await at_work.call("PUT", f"{path}/text", edited)

    await at_work.call("POST", f"{path}/approve", {"by": "s-9"})

    (task,) = (await at_work.call("GET", "/tasks"))["items"]
    assert (task["title"], task["text"], task["owner"]) == ("お電話（短く）", "三分で伺う。", "s-1")
    assert task["recipient_lead_id"] == "crm-1"
    done = {"by": "s-1", "outcome": "done"}
    await at_work.call("POST", f"/tasks/{task['task_id']}/complete", done)
    shown = await at_work.call("GET", f"/sequences/{task['sequence_id']}")
    assert shown["status"] == "completed"


async def test_a_task_without_a_text_is_approved_by_its_title(at_work: Service) -> None:
    path, approval = await asked_for(at_work, WITHOUT_TEXT, "without-text")
    assert (approval["subject"], approval["text"]) == ("お電話", "")
    await at_work.call("POST", f"{path}/approve", {"by": "s-9"})
    (task,) = (await at_work.call("GET", "/tasks"))["items"]
    assert (task["title"], task["text"]) == ("お電話", "")


async def test_a_task_that_is_rejected_is_never_asked_for(at_work: Service) -> None:
    path, approval = await asked_for(at_work)
    await at_work.call("POST", f"{path}/reject", {"by": "s-9", "reason": "今は控える"})
    assert (await at_work.call("GET", "/tasks"))["items"] == []
    shown = await at_work.call("GET", f"/sequences/{approval['sequence_id']}")
    assert shown["end_reason"] == "rejected"
