"""The delivery of a batch to a handler that fails in every possible way."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kakehashi_common.cloudevents.codec import EventDecoder, Received
from kakehashi_common.consumer.delivery import AbandonedError, Delivery
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.errors import PermanentError, TransientError
from tests.support.waiting import eventually
from tests.unit.kakehashi_common.cloudevents.records import NOW, binary

Handler = Callable[[Sequence[Received[Any]]], Awaitable[None]]
DECODER = EventDecoder(LEAD_EVENTS.models)


def events(count: int) -> list[Received[Any]]:
    return [DECODER.decode(binary(ce_id=b"%d" % n), NOW) for n in range(count)]


def ids(batch: Sequence[Received[Any]]) -> list[int]:
    return [int(received.event.event_id) for received in batch]


class Told:
    """Records the reports of a delivery while it works."""

    def __init__(self) -> None:
        self.given_up = asyncio.Event()
        self.pauses: list[float] = []
        self.dead = 0

    def delivery(self, handler: Handler, budget_seconds: float = 10.0) -> Delivery:
        return Delivery(
            handler,
            budget_seconds=budget_seconds,
            given_up=self.given_up,
            before_pause=lambda _error, pause: self.pauses.append(pause),
            on_dead_letter=self.count,
        )

    def count(self, _received: Received[Any]) -> None:
        self.dead += 1


@given(st.integers(1, 40), st.sets(st.integers(0, 39)))
def test_only_the_poison_is_set_aside_and_the_rest_is_handled_once_in_order(
    count: int, poison: set[int]
) -> None:
    handled: list[int] = []

    async def handler(batch: Sequence[Received[Any]]) -> None:
        if poison.intersection(ids(batch)):
            raise PermanentError("poison")
        handled.extend(ids(batch))

    told = Told()
    letters = asyncio.run(told.delivery(handler).deliver(events(count)))
    bad = sorted(poison & set(range(count)))
    assert handled == [n for n in range(count) if n not in poison]
    assert [int(dict(letter.record.headers)["ce_id"]) for letter in letters] == bad
    assert told.dead == len(bad)


@pytest.mark.parametrize("error", [TransientError("away"), OSError("reset"), TimeoutError()])
async def test_a_transient_error_is_retried_with_the_whole_batch(error: Exception) -> None:
    calls: list[list[int]] = []

    async def handler(batch: Sequence[Received[Any]]) -> None:
        calls.append(ids(batch))
        if len(calls) < 3:
            raise error

    told = Told()
    assert await told.delivery(handler).deliver(events(4)) == []
    assert calls == [[0, 1, 2, 3]] * 3
    assert len(told.pauses) == 2


async def test_after_its_budget_the_transient_error_is_raised_and_nothing_is_set_aside() -> None:
    async def handler(_batch: Sequence[Received[Any]]) -> None:
        raise TransientError("away")

    told = Told()
    with pytest.raises(TransientError, match="away"):
        await told.delivery(handler, budget_seconds=0.2).deliver(events(4))
    assert told.dead == 0


async def test_the_pause_that_the_other_side_asked_for_is_kept() -> None:
    calls = 0

    async def handler(_batch: Sequence[Received[Any]]) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise TransientError("busy", retry_after=timedelta(milliseconds=200))

    told = Told()
    await told.delivery(handler).deliver(events(1))
    assert told.pauses == [pytest.approx(0.2, abs=0.01)] or told.pauses[0] > 0.2


async def test_whoever_waits_between_attempts_gives_up_at_once_when_told() -> None:
    async def handler(_batch: Sequence[Received[Any]]) -> None:
        raise TransientError("away", retry_after=timedelta(minutes=5))

    told = Told()
    task = asyncio.create_task(told.delivery(handler, budget_seconds=900).deliver(events(1)))
    await eventually(lambda: told.pauses, within=5)
    told.given_up.set()
    with pytest.raises(AbandonedError):
        await asyncio.wait_for(task, timeout=5)


async def test_a_bug_is_permanent_for_its_record_alone() -> None:
    handled: list[int] = []

    async def handler(batch: Sequence[Received[Any]]) -> None:
        if 2 in ids(batch):
            raise KeyError("grade")
        handled.extend(ids(batch))

    [letter] = await Told().delivery(handler).deliver(events(5))
    assert handled == [0, 1, 3, 4]
    assert (letter.error_class, letter.code) == ("KeyError", "bug")


async def test_no_events_call_no_handler() -> None:
    async def handler(_batch: Sequence[Received[Any]]) -> None:
        raise AssertionError

    assert await Told().delivery(handler).deliver([]) == []
