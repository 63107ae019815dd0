"""Facts of a sequence are published in the transaction that records them: real servers."""

import json
from dataclasses import replace
from typing import Any

from followup.domain.sequences.facts import Paused
from followup.domain.sequences.terms import PauseReason
from followup.sequences.messages import RecordedDecision, RecordSequence
from kakehashi_common.contracts.topics import FOLLOWUPS
from kakehashi_common.outbox.store import decode_headers
from tests.support.followup_api import Service
from tests.support.followup_examples import ENTRY
from tests.support.sequences import at


async def published(service: Service) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the events that wait for the relay: key, event id, data."""
    async with service.database.raw_transaction() as connection:
        rows = await connection.fetch("select topic, key, value, headers from outbox order by id")
    assert {row["topic"] for row in rows} <= {FOLLOWUPS.name}
    return [
        (
            row["key"].decode(),
            dict(decode_headers(row["headers"]))["ce_id"].decode(),
            json.loads(row["value"]),
        )
        for row in rows
    ]


async def test_each_fact_is_published_once_under_the_id_of_its_record(at_work: Service) -> None:
    status = await at_work.call("POST", "/sequences", ENTRY)
    sequence_id = status["sequence_id"]
    await at_work.call("POST", f"/sequences/{sequence_id}/pause", {"by": "s-1"})
    await at_work.call("POST", f"/sequences/{sequence_id}/stop", {"by": "s-1"})
    recorded = await at_work.call("GET", f"/sequences/{sequence_id}/history")
    events = await published(at_work)
    assert [data["fact"]["kind"] for _, _, data in events] == [
        *("started", "approval_requested", "paused", "stopped"),
    ]
    assert [(key, event_id) for key, event_id, _ in events] == [
        ("crm-1", f"{sequence_id}/{each['version']}/{each['position']}")
        for each in recorded["items"]
    ]
    text = json.dumps([data for _, _, data in events], ensure_ascii=False)
    assert "田中" not in text
    assert "@" not in text


async def test_a_decision_that_is_recorded_again_is_not_published_again(at_work: Service) -> None:
    status = await at_work.call("POST", "/sequences", ENTRY)
    stored = await at_work.sequences.find(status["sequence_id"])
    before = len(await published(at_work))
    now = at("2026-12-01 10:00")
    paused = Paused(now, "s-1", PauseReason.PERSON, None)
    decision = RecordedDecision(
        replace(stored.state, version=stored.state.version + 1), now, (paused,)
    )
    for _ in range(2):
        again = RecordSequence(stored.state.sequence_id, (decision,))
        assert await at_work.sequence_activities.record_sequence(again)
    assert len(await published(at_work)) == before + 1
