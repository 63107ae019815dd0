"""A workflow that has to be told something."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PendingNotification:
    """A workflow that has not started, or does not know of the newest revision."""

    id: str
    """The municipality's code, or the pursuit's id."""
    revision: int
    """What it has to know of."""
    since: datetime | None = None
    """Since when a municipality is followed: followed again, it has to be started again."""
