"""Days and times as a Japanese business letter gives them, in Japan's time."""

from datetime import date, datetime
from typing import Final

from kakehashi_common.domain.business_time import JAPAN

_WEEKDAYS: Final = "月火水木金土日"


def day(on: date) -> str:
    """Return a day, such as ``2026年11月30日（月）``."""
    return f"{on.year}年{on.month}月{on.day}日（{_WEEKDAYS[on.weekday()]}）"


def moment(at: datetime) -> str:
    """Return an instant, such as ``2026年11月30日（月）9:05``."""
    local = at.astimezone(JAPAN)
    return f"{day(local.date())}{local.hour}:{local.minute:02}"
