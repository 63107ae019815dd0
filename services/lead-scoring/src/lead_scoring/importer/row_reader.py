"""Rows of a CSV or NDJSON file, plain or gzip, one at a time, with the line each starts on.

Memory stays constant whatever the file's length. A line that can't be read becomes a
``Rejection`` and the next one is read.
"""

import csv
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from kakehashi_common.cloudevents.attributes import DATA_LIMITS
from kakehashi_common.contracts.texts import forbidden_character
from kakehashi_common.json_reader import TooComplexError, check_size
from lead_scoring.importer.csv_records import BadRecord, CsvRecords
from lead_scoring.importer.encodings import (
    is_undecodable,
    is_utf_8_instead,
    open_text,
    remedy_for_cell,
    remedy_for_header,
    shown,
)
from lead_scoring.importer.mapping_document import MappingDocument
from lead_scoring.importer.row import Rejection, Row


class UnreadableFileError(ValueError):
    """The whole file can't be imported: no header, columns missing, or a broken gzip stream."""


class RowReader:
    """An open file and the rows in it. Use as a context manager, iterate once."""

    def __init__(self, path: Path, document: MappingDocument) -> None:
        """Open ``path``.

        Raises:
            OSError: it can't be opened.
        """
        self._document = document
        self._columns = document.columns()
        self._file: BinaryIO = path.open("rb")
        self._path = path
        self.total_bytes = path.stat().st_size
        """Length of the file as stored (compressed, if it is)."""
        self._text = open_text(self._file, document.encoding)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._text.close()
        self._file.close()

    @property
    def bytes_read(self) -> int:
        """The bytes of the stored file read so far, for a progress bar."""
        return self._file.tell()

    def rows(self) -> Iterator[Row | Rejection]:
        """Every record after the header, in order.

        Raises:
            UnreadableFileError: the header lacks a column that the mapping reads, or the gzip
                stream is broken.
        """
        encoding = self._document.encoding
        if is_utf_8_instead(self._path, encoding):
            raise UnreadableFileError(
                f"the mapping says encoding: {encoding}, and the file is UTF-8: write utf-8"
            )
        read = self._csv_rows() if self._document.format == "csv" else self._ndjson_rows()
        try:
            yield from read
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableFileError(f"the gzip stream is broken: {error}") from None
        except UnicodeError as error:
            raise self._unreadable_header(f"the file is not {encoding}: {error}") from None

    def _csv_rows(self) -> Iterator[Row | Rejection]:
        document = self._document
        records = CsvRecords(self._text, document.delimiter, document.lines_per_record)
        try:
            header = records.header()
        except csv.Error as error:
            raise self._unreadable_header(f"the first line is no CSV: {error}") from None
        if header is None:
            raise UnreadableFileError("the file is empty; its first line names columns")
        header = [name.strip() for name in header]
        places = self._places(header)
        for record in records.records():
            last_line = record.last_line if record.last_line != record.line else None
            if isinstance(record, BadRecord):
                yield Rejection(record.line, None, record.reason, record.kind, last_line)
                continue
            values = {name: record.cells[place] for name, place in places}
            row = Row(record.line, values, last_line)
            yield self._no_text(row) or row

    def _places(self, header: list[str]) -> list[tuple[str, int]]:
        """Return each column that the mapping can name with its place; others don't matter."""
        read = self._columns
        if any(map(is_undecodable, header)):
            what = f"the header holds bytes that are not {self._document.encoding}"
            if missing := sorted(read - set(header)):
                what += f", and no {', '.join(missing)}, which the mapping reads"
                raise self._unreadable_header(what)
        if repeated := sorted(name for name in read if header.count(name) > 1):
            raise UnreadableFileError(
                f"the header names {', '.join(repeated)} more than once, and the mapping reads it:"
                " name each column differently"
            )
        if missing := sorted(read - set(header)):
            columns = ", ".join(map(shown, filter(None, header)))
            raise self._unreadable_header(
                f"the mapping reads {', '.join(missing)}, which the file does not have;"
                f" its columns are {columns}"
            )
        return [(name, place) for place, name in enumerate(header) if header.count(name) == 1]

    def _unreadable_header(self, reason: str) -> UnreadableFileError:
        document = self._document
        remedy = remedy_for_header(self._path, document.encoding, document.delimiter, self._columns)
        return UnreadableFileError(reason + remedy)

    def _ndjson_rows(self) -> Iterator[Row | Rejection]:
        for line, text in enumerate(self._text, start=1):
            if not text.strip():
                continue
            values: dict[str, object] = {}
            try:
                check_size(text.encode("utf-8", "surrogatepass"), DATA_LIMITS)
                record = json.loads(text.removeprefix("\ufeff"))
                if isinstance(record, dict):
                    _flatten("", record, values)
            except TooComplexError as error:
                yield Rejection(line, None, error.message, error.code)
                continue
            except (ValueError, RecursionError) as error:  # a number of 5,000 digits is the former
                yield Rejection(line, None, f"no JSON: {error}", "invalid_json")
                continue
            if not isinstance(record, dict):
                yield Rejection(line, None, "no JSON object", "not_an_object")
                continue
            row = Row(line, values)
            yield self._no_text(row) or row

    def _no_text(self, row: Row) -> Rejection | None:
        for column in self._columns:
            value = row.values.get(column)
            # isprintable is false for both mistakes and for much else: a cheap first look.
            if not isinstance(value, str) or value.isprintable():
                continue
            if is_undecodable(value):
                encoding = self._document.encoding
                reason = f"{shown(column)} holds bytes that are not {encoding}"
                reason += remedy_for_cell(value, encoding)
                return row.rejected("not_in_encoding", column, reason)
            if (character := forbidden_character(value)) is not None:
                reason = f"{column} holds {character}, a character that no text may hold"
                return row.rejected("control_character", column, reason)
        return None


def _flatten(prefix: str, record: Mapping[str, object], into: dict[str, object]) -> None:
    """``{"person": {"name": "x"}}`` has the column ``person.name``; a list stays JSON text."""
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            _flatten(f"{name}.", value, into)
        elif isinstance(value, list):
            into[name] = json.dumps(value, ensure_ascii=False)
        else:
            into[name] = value
