"""A figure or value that is not known is asked of a person, and the mail goes with it."""

from typing import Any

import pytest

from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, ENTRY
from tests.support.followup_sending import PLAYBOOK
from tests.support.waiting import eventually

TEXT = PLAYBOOK.replace(
    "          {{ signature }}",
    "          年間{{ facts.hours_saved }}（{{ sources.hours_saved }}）\n\n"
    "          {{ signature }}",
).replace("templates:", "facts:\n  hours_saved: {label: 削減時間, unit: 時間}\ntemplates:")
WRITTEN = {
    "facts.hours_saved": "120時間",
    "sources.hours_saved": "貴市の実証（2026年8月）",
}


@pytest.mark.parametrize("approval", ["none", "required"])
async def test_a_person_writes_what_is_not_known_and_the_mail_goes(
    at_work: Service, approval: str
) -> None:
    playbook_id = f"figures-{approval}"
    text = TEXT.replace("approval: none", f"approval: {approval}")
    await at_work.playbooks.publish(text.replace("id: news\n", f"id: {playbook_id}\n", 1), ACTOR)
    entered = await at_work.call("POST", "/sequences", ENTRY | {"playbook_id": playbook_id})

    async def asked() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await at_work.call("GET", "/approvals"))["items"]
        return found

    await eventually(asked, what="the approval")
    [approval_shown] = await asked()
    assert approval_shown["sequence_id"] == entered["sequence_id"]
    assert [each["name"] for each in approval_shown["fill_ins"]] == list(WRITTEN)
    assert "年間【削減時間（時間）】（【削減時間の根拠】）" in approval_shown["text"]
    path = f"/approvals/{approval_shown['approval_id']}/approve"
    assert await at_work.refused("POST", path, {"by": "s-1"}) == (409, "fill_in_missing")

    await at_work.call("POST", path, {"by": "s-1", "fill_ins": WRITTEN})

    await eventually(lambda: bool(at_work.box.messages), what="the mail")
    approved = await at_work.call("GET", f"/approvals/{approval_shown['approval_id']}")
    assert "年間120時間（貴市の実証（2026年8月））" in (approved["text"])
