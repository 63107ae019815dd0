"""An import's counts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Totals:
    """An import's counts so far, including the earlier runs that it continues."""

    rows: int = 0
    events: int = 0
    unmatched: int = 0
    """Rows to which no rule of the mapping applies."""
    rejected: int = 0
    """Physical lines: a rejected record may take several."""
    conflicts: int = 0
    """Lines that do not count, since an event with their id says something else."""

    @property
    def lines_lost(self) -> int:
        """Lines that were not imported, for whatever reason."""
        return self.rejected + self.conflicts
