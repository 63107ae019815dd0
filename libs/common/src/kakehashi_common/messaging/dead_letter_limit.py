"""When a consumer stops, rather than drain a bad deployment into the dead-letter topic."""

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterLimit:
    """The share of dead letters that is no longer a mistake of single records."""

    share: float = 0.2
    """More than this share of the window's records ..."""
    at_least: int = 50
    """... and no fewer than this many."""
    records: int = 1000
    """The window: the newest batches that hold this many records together ..."""
    window: timedelta = timedelta(minutes=10)
    """... and are no older than this."""


@dataclass(slots=True)
class DeadLetterRate:
    """The share of records that were set aside lately."""

    limit: DeadLetterLimit
    _batches: deque[tuple[float, int, int]] = field(default_factory=deque)
    _records: int = 0
    _dead: int = 0

    def exceeded_by(self, records: int, dead: int, now: float) -> str | None:
        """Count a batch; return why the consumer has to stop, or ``None``.

        Args:
            records: How many records the batch holds; 0 to add dead letters to the last batch.
            dead: How many of them are dead letters.
            now: Seconds on a clock that never goes back.
        """
        self._batches.append((now, records, dead))
        self._records += records
        self._dead += dead
        oldest = now - self.limit.window.total_seconds()
        while (
            self._batches[0][0] < oldest
            or self._records - self._batches[0][1] >= self.limit.records
        ):
            _, gone, gone_dead = self._batches.popleft()
            self._records -= gone
            self._dead -= gone_dead
        if self._dead >= self.limit.at_least and self._dead > self.limit.share * self._records:
            return (
                f"{self._dead} of the last {self._records} records can't be handled, more than "
                f"{self.limit.share:.0%}: mend the publisher or this service, then restart it"
            )
        return None
