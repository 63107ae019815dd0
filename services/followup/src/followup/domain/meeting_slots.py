"""When a seller is free for a meeting, and which times a text offers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from kakehashi_common.domain.business_time import JAPAN, Hours
from kakehashi_common.domain.japanese_writing import day as in_words

MEETING_HOURS: Final = (Hours(time(9), time(12)), Hours(time(13), time(17)))
"""Of a business day, in Japan: offices are open, and nobody is at lunch."""
MEETING: Final = timedelta(hours=1)
OFFERED: Final = 3
"""Times that a text offers, each on another day."""

_NOON: Final = 12


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``starts`` until ``ends``, two instants."""

    starts: datetime
    ends: datetime

    def overlaps(self, other: "Span") -> bool:
        """Whether they share more than an instant."""
        return self.starts < other.ends and other.starts < self.ends


def free_slots(
    busy: Collection[Span], days: Iterable[date], length: timedelta = MEETING
) -> list[Span]:
    """Return the slots of a length on business days that overlap nothing, in order.

    A slot begins with the meeting hours, or as the one before it ends.
    """
    return [
        slot
        for day in days
        for hours in MEETING_HOURS
        for slot in _slots(day, hours, length)
        if not any(slot.overlaps(each) for each in busy)
    ]


def _slots(day: date, hours: Hours, length: timedelta) -> Iterable[Span]:
    starts = datetime.combine(day, hours.opens, JAPAN)
    closes = datetime.combine(day, hours.closes, JAPAN)
    while starts + length <= closes:
        yield Span(starts, starts + length)
        starts += length


def offered(slots: Sequence[Span], count: int = OFFERED) -> list[Span]:
    """Return slots on different days, by turns in the morning and afternoon where both are free.

    Args:
        slots: free ones, in order.
        count: the most.
    """
    by_day: dict[date, list[Span]] = {}
    for slot in slots:
        by_day.setdefault(slot.starts.astimezone(JAPAN).date(), []).append(slot)
    chosen: list[Span] = []
    for of_day in list(by_day.values())[:count]:
        wanted = [each for each in of_day if _is_morning(each) == (len(chosen) % 2 == 0)]
        chosen.append((wanted or of_day)[0])
    return chosen


def _is_morning(slot: Span) -> bool:
    return slot.starts.astimezone(JAPAN).hour < _NOON


def written(slots: Iterable[Span]) -> str:
    """Return slots as lines of a Japanese text, such as ``・2026年12月8日（火）10:00～11:00``."""
    lines = []
    for slot in slots:
        starts, ends = slot.starts.astimezone(JAPAN), slot.ends.astimezone(JAPAN)
        lines.append(f"・{in_words(starts.date())}{starts:%H:%M}～{ends:%H:%M}")
    return "\n".join(lines)
