"""Which timestamps enter the delay: those that can be true."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kakehashi_common import metrics
from kakehashi_common.consumer.batch_metrics import BatchMetrics
from kakehashi_common.consumer.read_ahead import Batch
from kakehashi_common.contracts.topics import LEAD_EVENTS
from tests.unit.kakehashi_common.cloudevents.records import binary


class Recorded:
    """An instrument that keeps what it is given."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def record(self, value: float, _attributes: Any) -> None:
        self.values.append(value)

    add = record


@pytest.mark.parametrize(
    ("age", "plausible"),
    [
        (timedelta(0), True),
        (timedelta(days=3), True),
        (timedelta(seconds=-5), True),
        (timedelta(hours=-1), False),
        (timedelta(days=31), False),
        (timedelta(days=365 * 56), False),
    ],
    ids=str,
)
def test_a_timestamp_that_can_not_be_true_is_counted_apart(
    age: timedelta, *, plausible: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays, implausible = Recorded(), Recorded()
    monkeypatch.setattr(metrics, "DELAY_SECONDS", delays)
    monkeypatch.setattr(metrics, "IMPLAUSIBLE_TIMESTAMPS", implausible)
    record = replace(binary(), timestamp=int((time.time() - age.total_seconds()) * 1000))

    BatchMetrics([LEAD_EVENTS], {}).record(Batch(1, (record,), {}), [], 0.1)

    assert (len(delays.values), len(implausible.values)) == ((1, 0) if plausible else (0, 1))
    assert all(value >= 0 for value in delays.values)
