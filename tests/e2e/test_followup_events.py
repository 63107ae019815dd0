"""Events in stop a sequence, and events out say so, whatever is killed in between."""

from datetime import UTC, datetime

import pytest

from kakehashi_common.cloudevents.codec import encode
from kakehashi_common.contracts.followups import FollowupChanged
from kakehashi_common.contracts.topics import FOLLOWUPS, HANDOFFS
from tests.e2e.outcome import text_headers
from tests.support.followup_processes import FollowupInstallation, installation
from tests.support.handoff_events import handoff_step
from tests.support.issuing import issuing
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(600)  # processes start again


async def published(installed: FollowupInstallation) -> list[tuple[str, str]]:
    """Return the contact's facts in ``followups-v1``: id and kind, each at its first delivery."""
    found: dict[str, str] = {}
    for record in await installed.broker.read(installed.topic(FOLLOWUPS).name):
        said = FollowupChanged.model_validate_json(record.value or b"")
        assert record.key == said.lead_id.encode() == b"crm-1"
        found.setdefault(text_headers(record)["ce_id"], said.fact.kind)
    return list(found.items())


async def test_a_handoff_that_is_accepted_while_all_are_killed_ends_the_sequence() -> None:
    async with issuing() as issuer, installation(issuer) as installed:
        _, consumer, worker, relay = await installed.start("api", "consumer", "worker", "relay")
        await installed.hire()
        await installed.introduce("crm-1")
        await installed.give_reason("crm-1")
        sequence = await installed.sequence_of("crm-1", "awaiting_approval")
        worker.kill()
        relay.kill()
        accepted = handoff_step("accepted", at=datetime.now(UTC), lead_id="crm-1")
        event = encode(accepted.event, key="crm-1")
        await installed.broker.publish(installed.topic(HANDOFFS), [event, event])

        async def is_stored() -> bool:
            return bool(await installed.fetch("select from occurrence where lead_id = 'crm-1'"))

        await eventually(is_stored, within=60, what="the handoff is stored", every=0.1)
        consumer.kill()
        await installed.start("worker", "relay", "consumer")

        stopped = await installed.sequence_of("crm-1", "stopped")
        assert (stopped["sequence_id"], stopped["end_reason"]) == (
            sequence["sequence_id"],
            "handoff_accepted",
        )
        facts = await installed.facts("crm-1")
        assert facts == ["started", "approval_requested", "occurred", "stopped"]

        async def is_published() -> bool:
            return len(await published(installed)) == len(facts)

        await eventually(is_published, within=60, what="all of it is published")
        rows = await installed.fetch(
            "select sequence_id, version, position, kind from sequence_fact "
            "order by version, position"
        )
        assert await published(installed) == [
            (f"{row['sequence_id']}/{row['version']}/{row['position']}", row["kind"])
            for row in rows
        ]
