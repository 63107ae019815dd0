"""Halt a consumer rather than drain a bad deployment into the dead-letter topic.

The limit is each source's own: the CloudEvents ``source`` of a record. One publisher that is broken
fills the queue with its own records and stops nobody else; the consumer halts when no source is
read well, which is what a fault of its own looks like.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

UNKNOWN_SOURCE: Final = ""
"""Stands for all records whose source can't be read."""

_SOURCES_KEPT: Final = 100
"""Further sources count as unknown: whoever makes up a source per record is bounded too."""

_SOURCES_NAMED: Final = 3

_REMEMBERED: Final = timedelta(days=1)
"""A source whose records were read well counts for this long after its last record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterLimit:
    """The share of dead letters that is no longer a mistake of single records."""

    share: float = 0.2
    """More than this share of the records of every source ..."""
    at_least: int = 50
    """... and no fewer than this many together."""
    records: int = 1000
    """The window: the newest batches that hold this many records of a source together ..."""
    window: timedelta = timedelta(minutes=10)
    """... and are no older than this."""


@dataclass(slots=True)
class _Source:
    """The recent results of one source's records."""

    batches: deque[tuple[float, int, int]] = field(default_factory=deque)
    records: int = 0
    dead: int = 0

    def add(self, now: float, records: int, dead: int, most: int) -> None:
        self.batches.append((now, records, dead))
        self.records += records
        self.dead += dead
        while self.records - self.batches[0][1] >= most:
            self._drop_oldest()

    def drop_before(self, oldest: float, share: float) -> None:
        """Drop old batches; the last one of a source that is read well is kept for a day."""
        day = _REMEMBERED.total_seconds()
        while self.batches and self.batches[0][0] < oldest:
            newest = self.batches[0][0]
            if len(self.batches) == 1 and self.is_healthy(share) and newest > oldest - day:
                return
            self._drop_oldest()

    def is_healthy(self, share: float) -> bool:
        return self.dead <= share * self.records

    def _drop_oldest(self) -> None:
        _, records, dead = self.batches.popleft()
        self.records -= records
        self.dead -= dead


@dataclass(slots=True)
class DeadLetterRate:
    """The share of records that were set aside lately, source by source."""

    limit: DeadLetterLimit
    _sources: dict[str, _Source] = field(default_factory=dict)
    _admitted: dict[str | None, float] = field(default_factory=dict)

    def admit(self, source: str | None, until: float) -> None:
        """Let dead letters of ``source`` pass uncounted until then; ``None``: those of all."""
        self._admitted[source] = max(until, self._admitted.get(source, until))

    def exceeded_by(
        self, records: Mapping[str, int], dead: Mapping[str, int], now: float
    ) -> str | None:
        """Count a batch; return why the consumer has to stop, or ``None``.

        Args:
            records: How many records of each source the batch holds; none, to add dead letters
                to the last batch.
            dead: How many of each source are dead letters.
            now: Seconds on a clock that never goes back.
        """
        limit = self.limit
        if self._is_admitted(None, now):
            self._sources.clear()
            return None
        for source in {*records, *dead}:
            if self._is_admitted(source, now):
                self._sources.pop(source, None)
                continue
            name = self._kept(source)
            counted = self._sources.setdefault(name, _Source())
            counted.add(now, records.get(source, 0), dead.get(source, 0), limit.records)
        oldest = now - limit.window.total_seconds()
        for name, counted in list(self._sources.items()):
            counted.drop_before(oldest, limit.share)
            if not counted.batches:
                del self._sources[name]
        return self._reason_to_halt()

    def is_healthy(self, source: str) -> bool:
        """Whether ``source`` is not among those whose records are mostly dead letters."""
        counted = self._sources.get(source)
        return counted is None or counted.is_healthy(self.limit.share)

    def is_admitted(self, now: float) -> bool:
        """Whether nothing that was counted would stop the consumer now."""
        if self._is_admitted(None, now):
            return True
        for source in [each for each in self._sources if self._is_admitted(each, now)]:
            del self._sources[source]
        return self._reason_to_halt() is None

    def _reason_to_halt(self) -> str | None:
        limit = self.limit
        dead = sum(counted.dead for counted in self._sources.values())
        if dead < limit.at_least or any(
            counted.is_healthy(limit.share) for counted in self._sources.values()
        ):
            return None
        total = sum(counted.records for counted in self._sources.values())
        names = [repr(name) if name else "of no readable source" for name in self._sources]
        named = ", ".join(names[:_SOURCES_NAMED])
        more = f" and {len(names) - _SOURCES_NAMED} more" if len(names) > _SOURCES_NAMED else ""
        return (
            f"{dead} of the last {total} records can't be handled, more than {limit.share:.0%} of "
            f"every source ({named}{more})"
        )

    def _kept(self, source: str) -> str:
        known = source in self._sources or len(self._sources) < _SOURCES_KEPT
        return source if known else UNKNOWN_SOURCE

    def _is_admitted(self, source: str | None, now: float) -> bool:
        return self._admitted.get(source, now) > now
