"""Pauses between attempts grow up to a limit, and heed what the other side asks for."""

from datetime import timedelta

import pytest

from kakehashi_common.domain.backoff import LONGEST_ASKED_FOR, Backoff

S, H, D = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("attempts", "asked_for", "spread", "pause"),
    [
        (1, None, 1.0, 10 * S),
        (2, None, 1.0, 30 * S),
        (3, None, 1.0, 90 * S),
        (6, None, 1.0, 2430 * S),
        (7, None, 1.0, H),
        (1_000_000, None, 1.0, H),
        (2, None, 0.0, 15 * S),
        (2, None, 0.5, 22.5 * S),
        (1, 4 * S, 1.0, 10 * S),
        (1, 12 * S, 1.0, 12 * S),
        (1, 2 * H, 0.0, 2 * H),
        (1, 400 * D, 1.0, LONGEST_ASKED_FOR),
    ],
)
def test_a_pause(
    attempts: int, asked_for: timedelta | None, spread: float, pause: timedelta
) -> None:
    backoff = Backoff(10 * S, longest=H, growth=3.0)
    assert backoff.pause(attempts, asked_for, spread=spread) == pause
