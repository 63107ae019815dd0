"""Mails for some reasons are approved by a person, whatever the playbook declares."""

import pytest

from followup.domain.triggers.reasons import APPROVAL_REQUIRED
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, ENTRY
from tests.support.followup_sending import PLAYBOOK


@pytest.mark.parametrize("reason", sorted(APPROVAL_REQUIRED))
async def test_a_mail_waits_for_approval_though_its_playbook_asks_for_none(
    at_work: Service, reason: str
) -> None:
    await at_work.playbooks.publish(PLAYBOOK, ACTOR)
    entered = await at_work.call(
        "POST", "/sequences", ENTRY | {"playbook_id": "news", "reason": reason}
    )
    assert entered["status"] == "awaiting_approval"
    [asked] = (await at_work.call("GET", "/approvals"))["items"]
    assert (asked["sequence_id"], asked["step_id"]) == (entered["sequence_id"], "news")
    assert at_work.box.messages == []
