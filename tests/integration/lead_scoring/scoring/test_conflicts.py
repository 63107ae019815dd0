"""One event id twice: the same event, however it is written, or a conflict that people hear of."""

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from kakehashi_common.cloudevents.codec import EventDecoder, Received
from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.contracts.topics import LEAD_EVENTS
from lead_scoring.scoring import batch_metrics
from tests.support.lead_scoring_api import NOW, Service


@dataclass
class Counter:
    """Stands in for an instrument."""

    total: int = 0

    def add(self, amount: int, _: dict[str, str]) -> None:
        self.total += amount


def as_it_came(event: dict[str, str], data: str) -> Received[Any]:
    """An event in binary mode, in exactly these bytes."""
    attributes = {
        "id": "e-1",
        "source": "https://web.example.jp",
        "type": ProfileChanged.TYPE,
        "time": "2026-11-20T09:30:00+09:00",
        **event,
    }
    headers = [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
    record = SimpleNamespace(headers=[("ce_specversion", b"1.0"), *headers], value=data.encode())
    return EventDecoder(LEAD_EVENTS.models).decode(cast("Any", record), NOW)


SENT = '{"lead_id": "crm-1", "role": "manager", "attributes": {"a": 1, "b": true}, "x": "y"}'


@pytest.mark.parametrize("same_batch", [True, False])
@pytest.mark.parametrize(
    ("changed", "data", "conflict"),
    [
        ({}, SENT, False),
        ({}, SENT.replace(" ", ""), False),
        ({}, json.dumps(json.loads(SENT), sort_keys=True, indent=2), False),
        ({}, SENT.replace("manager", r"\u006danager"), False),
        ({"time": "2026-11-20T00:30:00Z"}, SENT, False),
        ({"time": "2026-11-20T00:30:01Z"}, SENT, True),
        ({"type": ActivityRecorded.TYPE}, '{"lead_id": "crm-1", "kind": "meeting_held"}', True),
        ({}, SENT.replace("manager", "officer"), True),
        ({}, SENT.replace('"b": true', '"b": 1'), True),
        ({}, SENT.replace('"role": "manager", ', ""), True),
        ({}, SENT.replace('"x": "y"', '"x": "z"'), True),
        ({}, SENT.replace('"y"', "9" * 4000), True),
        ({}, SENT.replace("crm-1", "crm-2"), True),
    ],
)
async def test_a_conflict_says_something_else_and_is_counted_and_logged(
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    changed: dict[str, str],
    data: str,
    *,
    same_batch: bool,
    conflict: bool,
) -> None:
    duplicates, conflicts = Counter(), Counter()
    monkeypatch.setattr(batch_metrics, "DUPLICATES", duplicates)
    monkeypatch.setattr(batch_metrics, "CONFLICTS", conflicts)
    first, again = as_it_came({}, SENT), as_it_came(changed, data)
    with capture_logs() as logged:
        for batch in [[first, again]] if same_batch else [[first], [again]]:
            await service.scoring.score_batch(batch)
    assert (duplicates.total, conflicts.total) == (not conflict, conflict)
    warnings = [line for line in logged if line["log_level"] == "warning"]
    assert [(line["source"], line["event_id"]) for line in warnings] == (
        [("https://web.example.jp", "e-1")] if conflict else []
    )
    assert all("other content" in line["event"] for line in warnings)
    assert [row["type"] for row in await service.fetch("select type from event_log")] == [
        ProfileChanged.TYPE
    ]
