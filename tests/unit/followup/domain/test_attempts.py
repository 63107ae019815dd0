"""The known outcome of a mail before it is sent again."""

from datetime import datetime, timedelta

import pytest

from followup.domain.delivery.attempts import (
    LONGEST_ATTEMPT,
    PRESUMED_SENT_AFTER,
    Attempt,
    AttemptState,
    known_outcome,
)
from followup.domain.delivery.outcome import Fate
from kakehashi_common.domain.business_time import JAPAN

CLAIMED = datetime(2026, 11, 30, 10, 0, tzinfo=JAPAN)
SOON = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("state", "later", "fate"),
    [
        (AttemptState.PLANNED, SOON, None),
        (AttemptState.DEFERRED, SOON, None),
        (AttemptState.ACCEPTED, SOON, Fate.ACCEPTED),
        (AttemptState.REJECTED, SOON, Fate.REJECTED),
        (AttemptState.SENDING, SOON, Fate.WITHHELD),
        (AttemptState.SENDING, LONGEST_ATTEMPT - SOON, Fate.WITHHELD),
        (AttemptState.SENDING, LONGEST_ATTEMPT, Fate.UNKNOWN),
        (AttemptState.UNKNOWN, SOON, Fate.UNKNOWN),
        (AttemptState.UNKNOWN, PRESUMED_SENT_AFTER - SOON, Fate.UNKNOWN),
        (AttemptState.UNKNOWN, PRESUMED_SENT_AFTER, Fate.ACCEPTED),
        (AttemptState.SENDING, PRESUMED_SENT_AFTER, Fate.ACCEPTED),
    ],
)
def test_a_mail_is_sent_again_only_if_it_surely_did_not_go(
    state: AttemptState, later: timedelta, fate: Fate | None
) -> None:
    attempt = Attempt("<a@b>", state, 1, claimed_at=CLAIMED)
    known = known_outcome(attempt, CLAIMED + later)
    assert (None if known is None else known.fate) == fate
    if fate in (Fate.WITHHELD, Fate.UNKNOWN):
        assert known is not None
        assert known.retry_at is not None
        assert known.retry_at > CLAIMED + later


def test_an_unknown_mail_may_be_sent() -> None:
    assert known_outcome(None, CLAIMED) is None
    assert known_outcome(Attempt("<a@b>", AttemptState.PLANNED), CLAIMED) is None
