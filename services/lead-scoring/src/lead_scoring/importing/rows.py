"""Import a file of leads' events: rows in, acknowledged events out, and a place to go on from.

Events have deterministic ids, so importing a line twice counts it once. The checkpoint only saves
work: it is written after the broker has acknowledged everything before it.
"""

import csv
import hashlib
import json
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol, Self, TextIO

from pydantic import BaseModel, ConfigDict, ValidationError

from kakehashi_common.contracts.topics import MAX_EVENT_BYTES
from kakehashi_common.messaging.cloudevents import Outgoing, encode
from lead_scoring.importing.mapping import Rejection, Row, RowMapping
from lead_scoring.importing.row_reader import RowReader

ROWS_PER_STEP = 1_000
"""Rows mapped, published and acknowledged at a time: what a killed import repeats at most."""

_HEAD_BYTES = 65_536
_REPORTED = ("line", "column", "reason", "kind", "last_line")

Publish = Callable[[Sequence[Outgoing]], Awaitable[None]]
"""Publishes events and returns when the broker has acknowledged all of them, or raises."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What an import did so far, earlier runs that it continues included."""

    rows: int = 0
    events: int = 0
    unmatched: int = 0
    """Rows to which no rule of the mapping applies."""
    rejected: int = 0
    """Physical lines: a rejected record may take several."""

    def after(self, step: "Step") -> "Totals":
        """These totals with those of ``step`` added."""
        return Totals(
            rows=self.rows + step.rows,
            events=self.events + len(step.events),
            unmatched=self.unmatched + step.unmatched,
            rejected=self.rejected + sum(each.lines for each in step.rejections),
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an import stands, for a progress bar."""

    totals: Totals
    resumed_rows: int
    """Rows of ``totals`` that an earlier run had published."""
    bytes_read: int
    total_bytes: int


class TooManyRejectedError(RuntimeError):
    """More lines were rejected than the caller allows; the import stopped there."""

    def __init__(self, totals: Totals) -> None:
        super().__init__(f"{totals.rejected:,} lines were rejected")
        self.totals = totals


class _Saved(BaseModel):
    """A checkpoint file's content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    head_bytes: int
    head: str
    """Digest of the file's first ``head_bytes``, so that a file that grew is still the same."""
    mapping: str
    target: str
    rows: int
    events: int
    unmatched: int
    rejected: int
    report_bytes: int


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _head(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        return file.read(length)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A small file that remembers how much of an import the broker has acknowledged."""

    path: Path
    imported: Path
    mapping_text: str
    target: str
    """Where the events go; a checkpoint of another target does not count."""

    def load(self) -> tuple[Totals, int] | None:
        """What was done and the report's length then; ``None`` if there is nothing to go on from.

        A checkpoint of another file, mapping or target is as good as none.
        """
        try:
            saved = _Saved.model_validate_json(self.path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        if (
            saved.mapping != _digest(self.mapping_text.encode())
            or saved.target != self.target
            or saved.head != _digest(_head(self.imported, saved.head_bytes))
        ):
            return None
        return Totals(saved.rows, saved.events, saved.unmatched, saved.rejected), saved.report_bytes

    def save(self, totals: Totals, report_bytes: int) -> None:
        """Replace the file in one step, so that a kill leaves the old or the new one."""
        head = _head(self.imported, _HEAD_BYTES)
        saved = _Saved(
            file=self.imported.name,
            head_bytes=len(head),
            head=_digest(head),
            mapping=_digest(self.mapping_text.encode()),
            target=self.target,
            report_bytes=report_bytes,
            **asdict(totals),
        )
        temporary = self.path.with_name(f"{self.path.name}.new")
        temporary.write_text(saved.model_dump_json(indent=2) + "\n", encoding="utf-8")
        temporary.replace(self.path)


class RejectionSink(Protocol):
    """Where rejected lines are reported."""

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


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of rows, mapped."""

    events: tuple[Outgoing, ...]
    rejections: tuple[Rejection, ...]
    rows: int
    unmatched: int


def map_rows(rows: Iterator[Row | Rejection], mapping: RowMapping) -> Iterator[Step]:
    """Map rows in stretches of ``ROWS_PER_STEP``."""
    while stretch := list(islice(rows, ROWS_PER_STEP)):
        events: list[Outgoing] = []
        rejections: list[Rejection] = []
        unmatched = 0
        for row in stretch:
            mapped = _encoded(row, mapping) if isinstance(row, Row) else row
            if isinstance(mapped, Rejection):
                rejections.append(mapped)
            elif mapped:
                events.extend(mapped)
            else:
                unmatched += 1
        yield Step(tuple(events), tuple(rejections), len(stretch), unmatched)


def _encoded(row: Row, mapping: RowMapping) -> list[Outgoing] | Rejection:
    mapped = mapping.events(row)
    if isinstance(mapped, Rejection):
        return mapped
    events = [encode(event, key=event.data.lead_id) for event in mapped]
    if any(len(event.value) > MAX_EVENT_BYTES for event in events):
        reason = f"gives an event of more than {MAX_EVENT_BYTES:,} bytes"
        return row.rejected("event_too_large", None, reason)
    return events


async def import_rows(
    reader: RowReader,
    mapping: RowMapping,
    publish: Publish,
    *,
    sinks: Sequence[RejectionSink],
    checkpoint: Checkpoint | None,
    max_rejected: int,
    on_progress: Callable[[Progress], None],
) -> Totals:
    """Publish what ``reader``'s rows mean, going on where ``checkpoint`` says.

    Raises:
        UnreadableFileError: the file as a whole can't be read.
        TooManyRejectedError: more than ``max_rejected`` lines were rejected; everything before
            them is published.
    """
    before = checkpoint.load() if checkpoint is not None else None
    totals = before[0] if before is not None else Totals()
    resumed = totals.rows
    rows = reader.rows()
    for _ in islice(rows, resumed):
        pass
    for step in map_rows(rows, mapping):
        if step.events:
            await publish(step.events)
        totals = totals.after(step)
        report_bytes = max((sink.write(step.rejections) for sink in sinks), default=0)
        if checkpoint is not None:
            checkpoint.save(totals, report_bytes)
        on_progress(Progress(totals, resumed, reader.bytes_read, reader.total_bytes))
        if totals.rejected > max_rejected:
            raise TooManyRejectedError(totals)
    return totals
