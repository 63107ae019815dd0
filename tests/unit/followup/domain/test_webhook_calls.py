"""When a webhook of a step is posted again, and when it is given up."""

from datetime import UTC, datetime, timedelta

import pytest

from followup.domain.webhook_calls import GIVEN_UP_AFTER, next_attempt

FIRST = datetime(2026, 11, 30, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("attempts", "asked_for", "delay"),
    [
        (1, None, 30 * SECOND),
        (2, None, MINUTE),
        (5, None, 8 * MINUTE),
        (11, None, 6 * HOUR),
        (30_000, None, 6 * HOUR),
        (1, 2 * MINUTE, 2 * MINUTE),
        (1, 1 * SECOND, 30 * SECOND),
    ],
)
def test_each_attempt_waits_longer_and_at_least_as_long_as_the_receiver_asks_for(
    attempts: int, asked_for: timedelta | None, delay: timedelta
) -> None:
    now = FIRST + HOUR
    assert next_attempt(attempts, FIRST, now, asked_for) == now + delay


def test_the_last_attempt_is_at_the_deadline_and_none_follows() -> None:
    deadline = FIRST + GIVEN_UP_AFTER
    assert next_attempt(20, FIRST, deadline - SECOND) == deadline
    assert next_attempt(1, FIRST, deadline - SECOND, timedelta(days=30)) == deadline
    assert next_attempt(20, FIRST, deadline) is None
