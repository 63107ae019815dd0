"""Import files of tables that people keep: CSV with English or Japanese columns.

It is in UTF-8, CP932 or ISO-2022-JP. Tabs or semicolons may stand between the cells instead of
commas: the line of columns shows which.

A column that is left out, and anything without a row, stays as it is. A file is taken as a whole or
not at all.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from kakehashi_common.contracts.texts import visible
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.table_text import EncodingError, decode_table

Said = TypeVar("Said", bound=BaseModel)
T = TypeVar("T")

MOST_MISTAKES: Final = 20
"""Mistakes that are listed; the others are counted."""
MOST_ROWS: Final = 1_000
"""Rows of one file; all of them are stored in one transaction."""

_SEPARATOR: Final = ";"
_WHOLE: Final = re.compile(r"-?[0-9]{1,9}")
_UNIFORM: Final = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
"""All but the compatibility ideographs: people write their names with them, such as 神 as U+FA19,
and NFKC would replace them."""

_LONGEST_HEAD: Final = 10_000
"""Characters of the line of columns by which the delimiter is found: csv has a limit for a cell."""
_DELIMITERS: Final = {",": "a comma", "\t": "a tab", ";": "a semicolon"}

_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something in a file that can't be taken."""

    line: int
    """The first is 1."""
    column: str | None
    """As the file calls it; ``None``: the whole line, or file."""
    reason: str
    """The mistake, and how to correct it."""

    def __str__(self) -> str:
        where = "" if self.column is None else f", column {self.column}"
        return f"line {self.line}{where}: {self.reason}"


class FileError(ValueError):
    """A file that is not taken; nothing has changed."""

    def __init__(self, kind: str, mistakes: Sequence[Mistake]) -> None:
        ordered = sorted(mistakes, key=lambda each: each.line)
        self.kind = kind
        """The :class:`FileKind`'s name."""
        self.mistakes = ordered[:MOST_MISTAKES]
        """The first ones, by line."""
        self.more = len(ordered) - len(self.mistakes)
        """The number of further mistakes."""
        others = [f"and {self.more:,} more"] if self.more else []
        super().__init__("\n".join([*map(str, self.mistakes), *others]))


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file."""

    japanese: str
    fix: str
    """The values that it takes, as mistakes in it show them."""
    parse: Callable[[str], object] = str
    """Raises ``ValueError`` with the text at fault."""
    required: bool = False
    empty_stays: bool = False
    """Whether an empty cell leaves the value as it is, as a column that is left out does."""
    personal: bool = False
    """Whether a mistake doesn't repeat what it holds."""


@dataclass(frozen=True, slots=True)
class FileKind(Generic[Said]):
    """A kind of file. The first column has the ids; the others are fields of ``said``."""

    name: str
    """Such as ``members``."""
    one: str
    said: type[Said]
    columns: Mapping[str, Column]

    @property
    def key(self) -> str:
        """The column with the ids."""
        return next(iter(self.columns))

    @property
    def all_columns(self) -> str:
        """The columns with both names, for people."""
        return _listing(self.columns)

    @property
    def description(self) -> str:
        """The columns of a file, described for people."""
        required = {name: each for name, each in self.columns.items() if each.required}
        optional = {name: each for name, each in self.columns.items() if not each.required}
        return (
            f"The first line has the names of the columns: {_listing(required)}, and if wanted "
            f"{_listing(optional)}. Lists have `;` between their parts"
        )

    def error(self, mistakes: Sequence[Mistake]) -> FileError:
        """Return the error of a file of this kind."""
        return FileError(self.name, mistakes)

    def convert(
        self, rows: Iterable["FileRow[Said]"], make: Callable[["FileRow[Said]"], T]
    ) -> list[T]:
        """Return what ``make`` makes of each row.

        Raises:
            FileError: with each DomainError of ``make``, at the column that its field names.
        """
        made, mistakes = [], []
        for row in rows:
            try:
                made.append(make(row))
            except DomainError as error:
                mistakes.append(row.mistake(error.field or "", error.message))
        if mistakes:
            raise self.error(mistakes)
        return made


@dataclass(frozen=True, slots=True)
class FileRow(Generic[Said]):
    """One row, as far as a file says."""

    line: int
    row_id: str
    said: Said
    columns: Mapping[str, str]
    """The names of the columns as the file has them."""

    def mistake(self, column: str, reason: str) -> Mistake:
        """Return a mistake in one of its cells."""
        return Mistake(self.line, self.columns.get(column), reason)

    def kept(self, before: object) -> dict[str, Any]:
        """Return what the file doesn't say of something, as it was."""
        kept = type(self.said).model_fields.keys() - self.said.model_fields_set
        return {name: getattr(before, name) for name in kept}


def read_file(kind: FileKind[Said], raw: bytes) -> list[FileRow[Said]]:
    """Read a file.

    Raises:
        FileError: with every mistake.
    """
    try:
        text = decode_table(raw)
    except EncodingError as error:
        raise kind.error([Mistake(error.line, None, str(error))]) from None
    reading = _Reading(kind)
    rows = list(reading.rows(text))
    if reading.mistakes:
        raise kind.error(reading.mistakes)
    return rows


class _Reading(Generic[Said]):
    """One file while it is read; collects its mistakes."""

    def __init__(self, kind: FileKind[Said]) -> None:
        self.mistakes: list[Mistake] = []
        self._kind: FileKind[Said] = kind
        self._columns: list[str] = []
        self._named: dict[str, str] = {}
        self._lines: dict[str, int] = {}
        self._delimiter = ","

    def rows(self, text: str) -> Iterator[FileRow[Said]]:
        self._delimiter = self._delimiter_of(text)
        records = self._records(text)
        nothing: tuple[int, list[str]] = (1, [])
        line, head = next(records, nothing)
        if not self.mistakes:
            self._head(line, head)
        if self.mistakes:
            return
        found = 0
        for line, cells in records:
            found += 1
            if found > MOST_ROWS:
                reason = f"more than {MOST_ROWS:,} {self._kind.name}: send the rest by itself"
                self._note(line, None, reason)
                return
            if len(cells) != len(self._columns):
                self._note(
                    line,
                    None,
                    f"has {len(cells)} cells, and the first line {len(self._columns)}: put a cell "
                    f"that holds {_DELIMITERS[self._delimiter]} in quotation marks",
                )
            elif (row := self._row(line, cells)) is not None:
                yield row
        if not found and not self.mistakes:
            self._note(line, None, f"no {self._kind.one} follows: write one line for each")

    @property
    def _known(self) -> Mapping[str, str]:
        """The names of the columns by each spelling."""
        return {
            spelling.casefold(): name
            for name, column in self._kind.columns.items()
            for spelling in (name, column.japanese)
        }

    def _delimiter_of(self, text: str) -> str:
        """Return what separates the cells: that by which the first line names most columns."""
        head, known = next(filter(str.strip, text.splitlines()), ""), self._known

        def named(delimiter: str) -> int:
            cells = next(csv.reader([head[:_LONGEST_HEAD]], delimiter=delimiter), [])
            return sum(_plain(cell).casefold() in known for cell in cells)

        return max(_DELIMITERS, key=named)

    def _records(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Every record that isn't empty, with its first line."""
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = [_plain(cell) for cell in next(reader)]
            except StopIteration:
                return
            except csv.Error as error:
                self._note(
                    line,
                    None,
                    f"is no CSV ({error}): close each quotation mark, double those within",
                )
                return
            if any(cells):
                yield line, cells

    def _head(self, line: int, cells: Sequence[str]) -> None:
        kind, known = self._kind, self._known
        if not any(cell.casefold() in known for cell in cells):
            self._note(
                line,
                None,
                f"names no column: begin with a line of {kind.all_columns}, with commas between "
                "them",
            )
            return
        for position, cell in enumerate(cells, start=1):
            name = known.get(cell.casefold())
            if name is None:
                what = f"{_quoted(cell)} is no column" if cell else f"column {position} has no name"
                reason = f"{what}: delete it; columns are {kind.all_columns}"
                self._note(line, cell or None, reason)
            elif name in self._named:
                self._note(line, cell, f"is the same column as {self._named[name]}: delete one")
            else:
                self._named[name] = cell
                self._columns.append(name)
        missing = {
            name: column
            for name, column in kind.columns.items()
            if column.required and name not in self._named
        }
        if missing:
            self._note(
                line,
                None,
                f"columns are missing: add {_listing(missing)} to the first line, with commas "
                "between them",
            )

    def _row(self, line: int, cells: Sequence[str]) -> FileRow[Said] | None:
        wrong: dict[str, str] = {}
        values: dict[str, Any] = {}
        for name, cell in zip(self._columns, cells, strict=True):
            column = self._kind.columns[name]
            if column.empty_stays and not cell:
                continue
            try:
                values[name] = column.parse(cell)
            except ValueError as error:
                wrong[name] = self._said(column, str(error))
        row_id = values.pop(self._kind.key, "")
        said = None
        try:
            said = self._kind.said.model_validate(values)
        except ValidationError as error:
            wrong = self._refused(error, dict(zip(self._columns, cells, strict=True))) | wrong
        if row_id and (first := self._lines.setdefault(row_id, line)) != line:
            what = "it" if self._kind.columns[self._kind.key].personal else row_id
            self._note(
                line,
                self._named[self._kind.key],
                f"{what} is in line {first} too: delete line {first} or line {line}",
            )
        for name in (each for each in self._columns if each in wrong):
            self._note(line, self._named[name], wrong[name])
        if said is None or wrong:
            return None
        return FileRow(line, row_id, said, self._named)

    def _refused(self, error: ValidationError, cells: Mapping[str, str]) -> dict[str, str]:
        """Return the mistake in each column: its type's own message, or the column's ``fix``."""
        explained: dict[str, list[str]] = {}
        for each in error.errors():
            name = str(each["loc"][0])
            column = self._kind.columns[name]
            reason = None if column.personal else each.get("ctx", {}).get("error")
            explained.setdefault(name, []).append(str(reason or self._said(column, cells[name])))
        return {name: "; ".join(dict.fromkeys(reasons)) for name, reasons in explained.items()}

    @staticmethod
    def _said(column: Column, text: str) -> str:
        if not text:
            return f"it is empty: {column.fix}"
        shown = "it can't be taken" if column.personal else _quoted(text)
        return f"{shown}: {column.fix}"

    def _note(self, line: int, column: str | None, reason: str) -> None:
        self.mistakes.append(Mistake(line, None if column is None else _cut(column), reason))


def typed(annotation: object) -> Callable[[str], object]:
    """Return a parser of values of a type, such as an annotated text."""
    return partial(_typed, adapter=TypeAdapter(annotation))


def _typed(cell: str, adapter: TypeAdapter[Any]) -> object:
    try:
        return adapter.validate_python(cell)
    except ValidationError:
        raise ValueError(cell) from None


def by_name(names: Mapping[str, object]) -> Callable[[str], object]:
    """Return a parser of lists of things that have these names."""
    return partial(_by_name, names=names)


def a_list(cell: str) -> list[str]:
    """Read a list, each part once."""
    parts = (part.strip() for part in cell.split(_SEPARATOR))
    return list(dict.fromkeys(part for part in parts if part))


def a_number(cell: str) -> int:
    """Read a whole number."""
    if _WHOLE.fullmatch(cell) is None:
        raise ValueError(cell)
    return int(cell)


_YES_OR_NO: Final = {
    **dict.fromkeys(("はい", "yes", "true", "1"), True),
    **dict.fromkeys(("いいえ", "no", "false", "0"), False),
}


def yes_or_no(cell: str) -> bool:
    """Read はい or いいえ."""
    try:
        return _YES_OR_NO[cell.casefold()]
    except KeyError:
        raise ValueError(cell) from None


def _by_name(cell: str, names: Mapping[str, object]) -> list[object]:
    parts = a_list(cell)
    if unknown := [part for part in parts if part.casefold() not in names]:
        raise ValueError(unknown[0])
    return list(dict.fromkeys(names[part.casefold()] for part in parts))


def _plain(cell: str) -> str:
    """Wide letters and digits narrow, half-width kana wide (NFKC), without space around."""
    plain = _UNIFORM.sub(lambda found: unicodedata.normalize("NFKC", found[0]), cell)
    return plain.strip()


def _listing(columns: Mapping[str, Column]) -> str:
    return ", ".join(f"{name} ({column.japanese})" for name, column in columns.items())


def _cut(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _quoted(text: str) -> str:
    return f'"{_cut(text)}"'
