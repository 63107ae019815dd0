"""Report rejected lines: in a file, and on the screen in groups."""

import csv
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol, Self, TextIO

from lead_scoring.importer.row import Rejection

_REPORTED = ("line", "column", "reason", "kind", "last_line")


class RejectionSink(Protocol):
    """Reports rejected lines."""

    def write(self, rejections: Sequence[Rejection]) -> int:
        """Record ``rejections`` for good; return the report's length in bytes."""


class RejectionReport:
    """A file of rejected lines, with column, reason and kind. CSV by its suffix, else NDJSON."""

    def __init__(self, path: Path, keep_bytes: int) -> None:
        """Open ``path``, of which the first ``keep_bytes`` were written by the run before."""
        path.touch()
        os.truncate(path, min(keep_bytes, path.stat().st_size))
        self._csv = path.suffix.lower() == ".csv"
        self._file: TextIO = path.open("a", encoding="utf-8", newline="")
        if self._csv and self._file.tell() == 0:
            csv.writer(self._file).writerow(_REPORTED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, rejections: Sequence[Rejection]) -> int:
        """Append ``rejections``; return the report's length in bytes."""
        for rejection in rejections:
            if self._csv:
                values = asdict(rejection)
                csv.writer(self._file).writerow([values[name] for name in _REPORTED])
            else:
                self._file.write(json.dumps(asdict(rejection), ensure_ascii=False) + "\n")
        self._file.flush()
        return self._file.tell()


@dataclass(slots=True)
class RejectionGroup:
    """Rejected lines that have column and kind of reason in common."""

    lines: int = 0
    examples: list[Rejection] = field(default_factory=list)
    """The first, and some whose reasons read differently."""


@dataclass(slots=True)
class RejectionSummary:
    """Rejected lines grouped by column and kind, for the screen: memory stays bounded."""

    limit: int = 200
    examples: int = 3
    groups: dict[tuple[str | None, str], RejectionGroup] = field(default_factory=dict)
    others: int = 0

    def write(self, rejections: Sequence[Rejection]) -> int:
        """Count ``rejections``. It has no file, so its length is 0."""
        for rejection in rejections:
            key = (rejection.column, rejection.kind)
            if key not in self.groups and len(self.groups) >= self.limit:
                self.others += rejection.lines
                continue
            group = self.groups.setdefault(key, RejectionGroup())
            group.lines += rejection.lines
            if len(group.examples) < self.examples and all(
                rejection.reason != example.reason for example in group.examples
            ):
                group.examples.append(rejection)
        return 0
