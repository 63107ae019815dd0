"""Rows of a CSV or NDJSON file, plain or gzip, one at a time, with the line each starts on.

Memory stays constant whatever the file's length. A line that can't be read becomes a
``Rejection`` and the next one is read.
"""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from lead_scoring.importing.mapping import Rejection, Row
from lead_scoring.importing.mapping_file import MappingDocument

_GZIP_MAGIC = b"\x1f\x8b"


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
        self._file: BinaryIO = path.open("rb")
        magic = self._file.read(2)
        self._file.seek(0)
        self.total_bytes = path.stat().st_size
        """Length of the file as stored (compressed, if it is)."""
        stream = gzip.GzipFile(fileobj=self._file) if magic == _GZIP_MAGIC else self._file
        # Bytes that are no text in this encoding become surrogates, so that only their row suffers.
        self._text = io.TextIOWrapper(
            stream,
            encoding=document.encoding,
            errors="surrogateescape",
            newline="",
        )

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
        """How far the stored file has been read, for a progress bar."""
        return self._file.tell()

    def rows(self) -> Iterator[Row | Rejection]:
        """Every record after the header, in order.

        Raises:
            UnreadableFileError: the header lacks a column that the mapping reads, or the gzip
                stream is broken.
        """
        read = self._csv_rows() if self._document.format == "csv" else self._ndjson_rows()
        try:
            yield from read
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableFileError(f"the gzip stream is broken: {error}") from None
        except UnicodeDecodeError as error:
            raise UnreadableFileError(
                f"the file is not {self._document.encoding}: {error}"
            ) from None

    def _csv_rows(self) -> Iterator[Row | Rejection]:
        reader = csv.reader(self._text, delimiter=self._document.delimiter, strict=True)
        try:
            header = [name.strip() for name in next(reader)]
        except StopIteration:
            raise UnreadableFileError("the file is empty; its first line names columns") from None
        except csv.Error as error:
            raise UnreadableFileError(
                f"the first line is no CSV with the delimiter {self._document.delimiter!r}: {error}"
            ) from None
        self._check_header(header)
        line = reader.line_num + 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Rejection(
                    line, None, f"no valid CSV from here on to the record's end: {error}"
                )
            else:
                if cells:
                    yield self._csv_row(line, header, cells)
            line = reader.line_num + 1

    def _csv_row(self, line: int, header: list[str], cells: list[str]) -> Row | Rejection:
        if len(cells) != len(header):
            return Rejection(
                line, None, f"has {len(cells)} fields where the header has {len(header)}"
            )
        values = dict(zip(header, cells, strict=True))
        return self._no_text(line, values) or Row(line, values)

    def _check_header(self, header: list[str]) -> None:
        if len(set(header)) != len(header):
            twice = sorted({name for name in header if header.count(name) > 1})
            raise UnreadableFileError(f"the header names {', '.join(twice)} more than once")
        missing = sorted(self._document.columns() - set(header))
        if missing:
            raise UnreadableFileError(
                f"the mapping reads {', '.join(missing)}, which the file does not have;"
                f" its columns are {', '.join(header)}"
            )

    def _ndjson_rows(self) -> Iterator[Row | Rejection]:
        for line, text in enumerate(self._text, start=1):
            if not text.strip():
                continue
            values: dict[str, object] = {}
            try:
                record = json.loads(text)
                if isinstance(record, dict):
                    _flatten("", record, values)
            except (ValueError, RecursionError) as error:  # a number of 5,000 digits is the former
                yield Rejection(line, None, f"no JSON: {error}")
                continue
            if not isinstance(record, dict):
                yield Rejection(line, None, "no JSON object")
                continue
            yield self._no_text(line, values) or Row(line, values)

    def _no_text(self, line: int, values: Mapping[str, object]) -> Rejection | None:
        for column, value in values.items():
            # isprintable is false for both mistakes and for much else: a cheap first look.
            if not isinstance(value, str) or value.isprintable():
                continue
            if any("\ud800" <= char <= "\udfff" for char in value):
                return Rejection(
                    line, column, f"{column} holds bytes that are not {self._document.encoding}"
                )
            if "\0" in value:
                return Rejection(line, column, f"{column} holds the character U+0000")
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
