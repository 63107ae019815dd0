"""Counts a lead's signals by Japan day: all that scoring keeps of its activity.

The counts know no rules. A new rule set therefore scores every lead without its event log, and a
kind of activity that no rule named so far counts from its first day once a rule names it.

A process keeps tens of thousands of leads in memory and stores a changed one with every batch, so
the counts live in one array of 32-bit cells (about 4 bytes a count, where a dict of dicts takes
100), which is also their stored form.
"""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from lead_scoring.domain.ranking import rank

KEPT_DAYS: Final = 800
"""Days before the newest one that are kept: the longest horizon of a rule set (730) and a margin
for events that arrive late."""

COUNT_BITS: Final = 12
COUNT_MASK: Final = (1 << COUNT_BITS) - 1
"""The largest count of one signal on one day, 4,095: more is a machine, and counts as that."""

MAX_SIGNALS: Final = 512
"""Signals kept of one lead. A person gives a few dozen; a publisher that puts an address or a
session into the category would otherwise grow the state without bound."""

_SEPARATOR = "\n"
_END_OF_SIGNALS = b"\0"


def signal(kind: str, category: str | None = None) -> str:
    """The name under which an activity is counted: ``kind`` or ``kind/category``."""
    return f"{kind}/{category}" if category else kind


@lru_cache(maxsize=4096)
def _one_copy(signals: tuple[str, ...]) -> tuple[str, ...]:
    """Equal tuples as one object: most leads give one of few combinations of signals."""
    return signals


class ActivityCounts:
    """Counts per signal and Japan day.

    ``cells`` holds, for each of the sorted ``signals``, the number of its cells and then the
    cells in order of day, each ``day << COUNT_BITS | count``. A given set of activities leads to
    the same counts in whatever order it is added.
    """

    __slots__ = ("cells", "newest", "signals")

    def __init__(self) -> None:
        self.signals: tuple[str, ...] = ()
        self.cells = array("I")
        self.newest = 0
        """The newest Japan day with a count; 0 when there is none."""

    def add(self, signal: str, day: int) -> bool:
        """Count one occurrence of ``signal`` on the Japan day ``day``; whether it counts.

        A day more than :data:`KEPT_DAYS` before the newest one is not counted, and what a new
        newest day leaves that far behind is dropped: either order gives the same counts. Of more
        than :data:`MAX_SIGNALS` signals, those with the smallest hashes are kept, so that which
        ones does not depend on the order either (but for signals that age out in between).
        """
        newest = self.newest
        if day > newest:
            self.newest = day
            if newest:
                self._drop_before(day - KEPT_DAYS)
        elif day < newest - KEPT_DAYS:
            return False
        cells = self.cells
        start = 0
        for known in self.signals:
            if known >= signal:
                break
            start += cells[start] + 1
        else:
            known = ""
        if known != signal:
            return self._add_signal(signal, day, start)
        # Late arrivals are rare: the day is nearly always the last or a new last one.
        at = start + cells[start]
        while at > start and cells[at] >> COUNT_BITS > day:
            at -= 1
        if at > start and cells[at] >> COUNT_BITS == day:
            if cells[at] & COUNT_MASK == COUNT_MASK:
                return False
            cells[at] += 1
        else:
            cells.insert(at + 1, day << COUNT_BITS | 1)
            cells[start] += 1
        return True

    def join(self, other: "ActivityCounts") -> None:
        """Count what another lead did, too, as if each occurrence had been added."""
        joined = self.counts()
        for name, days in other.counts().items():
            own = joined.setdefault(name, {})
            for day, count in days.items():
                own[day] = min(own.get(day, 0) + count, COUNT_MASK)
        self.newest = max(self.newest, other.newest)
        kept = sorted(sorted(joined, key=rank)[:MAX_SIGNALS])
        self._set(
            [
                (name, [day << COUNT_BITS | count for day, count in sorted(joined[name].items())])
                for name in kept
            ]
        )
        self._drop_before(self.newest - KEPT_DAYS)

    def oldest(self, since: int = 0) -> int:
        """The oldest Japan day with a count, of those not before ``since``; 0: there is none."""
        cells = self.cells
        limit = since << COUNT_BITS
        oldest = start = 0
        for _ in self.signals:
            end = start + cells[start] + 1
            first = cells[start + 1]
            if first < limit:
                at = bisect_left(cells, limit, start + 1, end)
                first = cells[at] if at < end else 0
            if first and (first < oldest or not oldest):
                oldest = first
            start = end
        return oldest >> COUNT_BITS

    def _add_signal(self, signal: str, day: int, start: int) -> bool:
        if self.full:
            return self._displace(signal) and self.add(signal, day)
        at = bisect_left(self.signals, signal)
        name = sys.intern(signal)
        self.signals = _one_copy((*self.signals[:at], name, *self.signals[at:]))
        self.cells.insert(start, 1)
        self.cells.insert(start + 1, day << COUNT_BITS | 1)
        return True

    @property
    def full(self) -> bool:
        """Whether a new signal takes the place of another."""
        return len(self.signals) >= MAX_SIGNALS

    def _displace(self, signal: str) -> bool:
        """Make room for ``signal`` if its hash is smaller than the largest; whether there is."""
        last = max(self.signals, key=rank)
        if rank(signal) > rank(last):
            return False
        self._set([(name, list(cells)) for name, cells in self.by_signal() if name != last])
        return True

    def _drop_before(self, day: int) -> None:
        if self.oldest() >= day:
            return
        limit = day << COUNT_BITS
        kept = [
            (name, [cell for cell in cells if cell >= limit]) for name, cells in self.by_signal()
        ]
        self._set([(name, cells) for name, cells in kept if cells])

    def _set(self, counted: list[tuple[str, list[int]]]) -> None:
        self.signals = _one_copy(tuple(sys.intern(name) for name, _ in counted))
        self.cells = array("I")
        for _, cells in counted:
            self.cells.append(len(cells))
            self.cells.extend(cells)

    def by_signal(self) -> Iterator[tuple[str, "array[int]"]]:
        """Each signal with its cells, oldest day first."""
        start = 0
        for name in self.signals:
            end = start + self.cells[start] + 1
            yield name, self.cells[start + 1 : end]
            start = end

    def counts(self) -> dict[str, dict[int, int]]:
        """The counts as ``{signal: {day: count}}``, for people and tests."""
        return {
            name: {cell >> COUNT_BITS: cell & COUNT_MASK for cell in cells}
            for name, cells in self.by_signal()
        }

    def to_bytes(self) -> bytes:
        """The stored form: the signals, a NUL, and the cells in little-endian order."""
        cells = self.cells
        if sys.byteorder == "big":
            cells = array("I", cells)
            cells.byteswap()
        return _SEPARATOR.join(self.signals).encode() + _END_OF_SIGNALS + cells.tobytes()

    @classmethod
    def from_bytes(cls, stored: bytes) -> "ActivityCounts":
        """The counts that :meth:`to_bytes` stored; empty bytes are no counts.

        Raises:
            ValueError: these bytes were not made by :meth:`to_bytes`.
        """
        self = cls()
        if not stored:
            return self
        names, ended, cells = stored.partition(_END_OF_SIGNALS)
        if not ended:
            raise ValueError("no activity counts: the list of signals does not end")
        if names:
            signals = tuple(map(sys.intern, names.decode().split(_SEPARATOR)))
            self.signals = _one_copy(signals)
        self.cells.frombytes(cells)
        if sys.byteorder == "big":
            self.cells.byteswap()
        start = newest = 0
        end = len(self.cells)
        for _ in self.signals:
            own = self.cells[start] if start < end else 0
            start += own + 1
            if not own or start > end:
                raise ValueError("no activity counts: a signal without its cells")
            newest = max(newest, self.cells[start - 1] >> COUNT_BITS)
        if start != end:
            raise ValueError("no activity counts: cells without a signal")
        self.newest = newest
        return self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ActivityCounts):
            return NotImplemented
        return self.signals == other.signals and self.cells == other.cells

    __hash__ = None  # type: ignore[assignment]  # counts change

    def __repr__(self) -> str:
        return f"ActivityCounts({self.counts()!r})"
