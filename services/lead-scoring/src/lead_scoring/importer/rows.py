"""Import a file of leads' events: rows in, acknowledged events out, and a place to go on from.

Events have deterministic ids, so importing a line twice counts it once. The checkpoint only saves
work: it is written after the broker has acknowledged everything before it.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, cast

from kakehashi_common.cloudevents.codec import EventDecoder, Outgoing, Received, encode
from kakehashi_common.cloudevents.errors import RejectedEventError
from kakehashi_common.contracts.topics import LEAD_EVENTS
from lead_scoring.importer.checkpoint import Checkpoint, Done
from lead_scoring.importer.mapping import RowMapping
from lead_scoring.importer.rejections import RejectionSink
from lead_scoring.importer.row import Rejection, Row
from lead_scoring.importer.row_reader import RowReader
from lead_scoring.importer.totals import Totals

ROWS_PER_STEP = 1_000
"""Rows mapped, published and acknowledged at a time: what a killed import repeats at most."""

_decoder = EventDecoder(LEAD_EVENTS.models)

Publish = Callable[[Sequence[Outgoing]], Awaitable[None]]
"""Publishes events and returns when the broker has acknowledged all of them, or raises."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of an import, for a progress bar."""

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


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of rows, mapped."""

    events: tuple[Outgoing, ...]
    rejections: tuple[Rejection, ...]
    rows: int
    unmatched: int

    def after(self, totals: Totals) -> Totals:
        """Return ``totals`` with those of this step added."""
        return replace(
            totals,
            rows=totals.rows + self.rows,
            events=totals.events + len(self.events),
            unmatched=totals.unmatched + self.unmatched,
            rejected=totals.rejected + sum(each.lines for each in self.rejections),
        )


def map_rows(rows: Iterator[Row | Rejection], mapping: RowMapping) -> Iterator[Step]:
    """Map rows in stretches of ``ROWS_PER_STEP``."""
    while stretch := list(islice(rows, ROWS_PER_STEP)):
        events: list[Outgoing] = []
        rejections: list[Rejection] = []
        unmatched = 0
        for row in stretch:
            mapped = encode_row(row, mapping) if isinstance(row, Row) else row
            if isinstance(mapped, Rejection):
                rejections.append(mapped)
            elif mapped:
                events.extend(cast("Outgoing", each.record) for each in mapped)
            else:
                unmatched += 1
        yield Step(tuple(events), tuple(rejections), len(stretch), unmatched)


def encode_row(row: Row, mapping: RowMapping) -> list[Received[Any]] | Rejection:
    """Return the events of ``row`` as the consumer will read them, checked by its own decoder."""
    mapped = mapping.events(row)
    if isinstance(mapped, Rejection):
        return mapped
    read = []
    for event in mapped:
        outgoing = encode(event, key=event.data.lead_id)
        try:
            read.append(_decoder.decode(cast("Any", outgoing), mapping.now))
        except RejectedEventError as error:
            return row.rejected(error.code, None, str(error))
    return read


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
    done = before or Done(Totals())
    resumed = done.totals.rows
    rows = reader.rows()
    for _ in islice(rows, resumed):
        pass
    for step in map_rows(rows, mapping):
        if step.events:
            await publish(step.events)
        report_bytes = max((sink.write(step.rejections) for sink in sinks), default=0)
        done = replace(done, totals=step.after(done.totals), report_bytes=report_bytes)
        if checkpoint is not None:
            checkpoint.save(done)
        on_progress(Progress(done.totals, resumed, reader.bytes_read, reader.total_bytes))
        if done.totals.lines_lost > max_rejected:
            raise TooManyRejectedError(done.totals)
    return done.totals
