"""Give up a mail that a mail server puts off again and again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from kakehashi_common.domain.business_time import JAPAN

TRIED_ON_DAYS: Final = 10
"""Two working weeks; mail servers themselves try for four to five days (RFC 5321, 4.5.4.1)."""


def gives_up(tried_at: Iterable[datetime]) -> bool:
    """Return whether a mail is not tried any more.

    Days count on which it was tried. On others it could not have gone, so they say nothing of the
    mail server: it awaited approval, or a quiet period, closed offices or a cap held it up.

    Args:
        tried_at: when the send policy let it go to the mail server, which put it off each time.
    """
    return len({at.astimezone(JAPAN).date() for at in tried_at}) >= TRIED_ON_DAYS
