"""CSV records out of physical lines, so that one stray quote costs one line and not the file.

A quoted cell may hold line breaks: addresses and notes do. A quote that somebody forgot to close,
or typed at the start of a cell, looks the same until much later, and a CSV parser that trusts it
takes all lines up to the next quote for one cell. Hence three bounds on a record of several lines:

- It has at most so many lines and characters.
- It is valid and has as many cells as the header.
- Its lines do not look like records of their own (unless the mapping says how many lines a record
  may have, and so that quotes are to be believed).

What breaks a bound is rejected with all lines concerned: from the one where the record starts to
the one before the next that could start a record, and reading goes on there.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TextIO

MAX_RECORD_LINES: Final = 100
"""The lines of one record, where the mapping does not say: the longest notes have some dozens."""

MAX_RECORD_CHARS: Final = 1_000_000
"""Far above the largest event that Kafka takes here."""

_MIN_RECOGNISED_COLUMNS: Final = 3
"""A line of a note may well hold one comma: it takes a record of three cells to be recognised."""


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line with its end, as read; an overlong one is cut and ``whole`` is false."""

    number: int
    text: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record and the lines that it takes."""

    line: int
    last_line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class BadRecord:
    """Lines that hold no record, and why."""

    line: int
    last_line: int
    kind: str
    reason: str


class CsvRecords:
    """Reads one file's records. `header` first, then `records`.

    Args:
        text: the file, opened with ``newline=""``.
        delimiter: one character.
        lines_per_record: the most lines of a record when the mapping says so; cells that span
            lines are then believed whatever they look like.
    """

    def __init__(self, text: TextIO, delimiter: str, lines_per_record: int | None) -> None:
        self._delimiter = delimiter
        self._believe_quotes = lines_per_record is not None
        self._max_lines = lines_per_record or MAX_RECORD_LINES
        self._lines = _Lines(text)
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)
        self._columns = 0
        self._end = ""

    def header(self) -> list[str] | None:
        """Return the cells of the first record, ``None`` of an empty file.

        Raises:
            csv.Error: it is no CSV with this delimiter.
        """
        self._lines.allow(self._max_lines)
        cells = next(self._reader, None)
        if cells is not None:
            self._columns = len(cells)
            self._end = _end_of(self._lines.taken[-1].text)
        return cells

    def records(self) -> Iterator[Record | BadRecord]:
        """Yield every record after the header; empty lines are passed over."""
        while (first := self._lines.peek()) is not None:
            if not first.whole:
                self._lines.skip()
                reason = f"is longer than {MAX_RECORD_CHARS:,} characters"
                yield BadRecord(first.number, first.number, "too_long", reason)
            elif '"' not in first.text:
                self._lines.skip()
                if body := first.text.rstrip("\r\n"):
                    yield self._checked(first, first, body.split(self._delimiter))
            elif found := self._quoted(first):
                yield found

    def _quoted(self, first: Line) -> Record | BadRecord | None:
        """Read a record with quotes in its first line, and the lines that these take."""
        self._lines.allow(self._max_lines)
        try:
            cells = next(self._reader)
        except csv.Error as error:
            return self._bad(first, *self._what_is_wrong(first, error))
        taken = self._lines.taken
        if not cells:
            return None
        record = self._checked(first, taken[-1], cells)
        if len(taken) == 1:
            return record
        if isinstance(record, BadRecord):
            return self._bad(first, record.kind, record.reason)
        alike = None if self._believe_quotes else self._record_within(list(taken))
        if alike is None:
            return record
        return self._bad(
            first,
            "stray_quote",
            f"a quoted cell goes on to line {taken[-1].number}, over lines that look like records"
            f" of their own (line {alike.number}): a stray quote? If the cell is right, set"
            " lines_per_record in the mapping",
        )

    def _checked(self, first: Line, last: Line, cells: list[str]) -> Record | BadRecord:
        if len(cells) == self._columns:
            return Record(first.number, last.number, cells)
        fields = "1 field" if len(cells) == 1 else f"{len(cells)} fields"
        return BadRecord(
            first.number,
            last.number,
            "wrong_number_of_fields",
            f"has {fields} where the header has {self._columns}",
        )

    def _what_is_wrong(self, first: Line, error: csv.Error) -> tuple[str, str]:
        if self._lines.overlong:
            return "too_long", f"is longer than {MAX_RECORD_CHARS:,} characters"
        if not self._lines.stopped:
            last = self._lines.taken[-1].number
            if last == first.number:
                return "invalid_csv", f"no valid CSV: {error}"
            return "stray_quote", (
                f"a quoted cell goes on to line {last}, and text follows the quote that closes it"
                " there: a stray quote?"
            )
        opened = f"the quote that opens a cell on line {first.number} is not closed"
        if self._lines.peek() is None:
            return "unclosed_quote", f"{opened} before the end of the file"
        return "unclosed_quote", (
            f"{opened} within {self._max_lines} lines: lines_per_record in the mapping sets how"
            " many a record may have"
        )

    def _bad(self, first: Line, kind: str, reason: str) -> BadRecord:
        """Reject from ``first`` on, up to the next line that could start a record."""
        rest = list(self._lines.taken)[1:]
        start = next((at for at, line in enumerate(rest) if self._could_start(line)), len(rest))
        self._lines.give_back(rest[start:])
        last = rest[start - 1] if start else first
        return BadRecord(first.number, last.number, kind, reason)

    def _record_within(self, lines: list[Line]) -> Line | None:
        """Return the first line behind ``lines[0]`` that looks like a record of its own, if any.

        It does when it is one, and follows an end of line such as records have: Excel ends records
        with CRLF and breaks lines within a cell with LF. It also does when every line has as many
        delimiters as a record: then the quotes may be wrong, whatever they enclose.
        """
        rest = [line for before, line in pairwise(lines) if _end_of(before.text) == self._end]
        if self._columns >= _MIN_RECOGNISED_COLUMNS:
            for line in rest:
                if len(self._single_line(line) or ()) == self._columns:
                    return line
        each_fits = all(line.text.count(self._delimiter) == self._columns - 1 for line in lines)
        return rest[0] if rest and each_fits and self._columns > 1 else None

    def _could_start(self, line: Line) -> bool:
        cells = self._single_line(line)
        if cells is not None:
            return len(cells) == self._columns
        # It opens a cell that it does not close: a record of several lines may begin so.
        closed = self._single_line(Line(line.number, line.text.rstrip("\r\n") + '"'))
        return closed is not None and 1 < len(closed) <= self._columns

    def _single_line(self, line: Line) -> list[str] | None:
        """Return the cells of ``line`` by itself; ``None`` if quotes in it are not as they should.

        A quote inside a cell without quotes is tolerated elsewhere, but no sign of a new record.
        """
        if not line.whole:
            return None
        try:
            cells = next(csv.reader([line.text], delimiter=self._delimiter, strict=True), [])
        except csv.Error:
            return None
        plain = line.text.rstrip("\r\n").split(self._delimiter)
        stray = len(plain) == len(cells) and any(
            '"' in cell and not cell.startswith('"') for cell in plain
        )
        return None if stray else cells


def _end_of(text: str) -> str:
    return text[len(text.rstrip("\r\n")) :]


class _Lines(Iterator[str]):
    """The file's lines for `csv.reader`, which asks for as many as a record needs.

    At most ``allow``'s number is handed out; the rest can be given back and is read again.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._ahead: deque[Line] = deque()
        self._number = 0
        self._left = 0
        self._chars = 0
        self.taken: deque[Line] = deque()
        """Lines handed out since `allow`."""
        self.stopped = False
        """Whether a line was refused since `allow`: by its bounds, or since the file ended."""
        self.overlong = False
        """Whether the bound on characters was the one."""

    def allow(self, lines: int) -> None:
        """Begin a record of at most ``lines`` lines."""
        self._left = lines
        self._chars = 0
        self.taken.clear()
        self.stopped = self.overlong = False

    def peek(self) -> Line | None:
        """Return the next line without taking it; ``None`` at the end of the file."""
        if not self._ahead:
            line = self._read()
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[0]

    def skip(self) -> None:
        """Pass over the line that was peeked at."""
        self._ahead.popleft()

    def give_back(self, lines: list[Line]) -> None:
        """Put back the last lines that were handed out."""
        self._ahead.extendleft(reversed(lines))

    def __next__(self) -> str:
        line = self.peek() if self._left else None
        if line is None:
            self.stopped = True
            raise StopIteration
        self._ahead.popleft()
        self._left -= 1
        self._chars += len(line.text)
        self.taken.append(line)
        if not line.whole or self._chars > MAX_RECORD_CHARS:
            self.stopped = self.overlong = True
            raise StopIteration
        return line.text

    def _read(self) -> Line | None:
        text = self._text.readline(MAX_RECORD_CHARS + 1)
        if not text:
            return None
        self._number += 1
        if self._number == 1:
            text = text.removeprefix("\ufeff")  # a byte order mark, if the encoding leaves it
        if len(text) <= MAX_RECORD_CHARS or text.endswith(("\n", "\r")):
            return Line(self._number, text)
        while (more := self._text.readline(MAX_RECORD_CHARS)) and not more.endswith(("\n", "\r")):
            pass
        return Line(self._number, text, whole=False)
