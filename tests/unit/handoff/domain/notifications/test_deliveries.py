"""A delivery that failed is tried again ever later, for about a day."""

from datetime import timedelta

import pytest

from handoff.domain.notifications.deliveries import MOST_ATTEMPTS, retry_delay

S, H = timedelta(seconds=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("attempts", "spread", "asked_for", "delay"),
    [
        (1, 1.0, None, 5 * S),
        (1, 0.0, None, 2.5 * S),
        (2, 1.0, None, 15 * S),
        (5, 1.0, None, 405 * S),
        (11, 1.0, None, 6 * H),
        (11, 0.0, None, 3 * H),
        # The other side knows better, up to a day.
        (1, 1.0, 90 * S, 90 * S),
        (5, 1.0, 90 * S, 405 * S),
        (1, 1.0, 72 * H, 24 * H),
        # Enough.
        (12, 1.0, None, None),
        (12, 1.0, 90 * S, None),
        (30, 1.0, None, None),
    ],
)
def test_it_waits(
    attempts: int, spread: float, asked_for: timedelta | None, delay: timedelta | None
) -> None:
    assert retry_delay(attempts, spread, asked_for) == delay


def test_the_last_attempt_is_about_a_day_after_the_first() -> None:
    delays = [retry_delay(attempts, 1.0) for attempts in range(1, MOST_ATTEMPTS)]
    assert 20 * H < sum((each for each in delays if each), timedelta(0)) < 26 * H
