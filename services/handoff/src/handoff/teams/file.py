"""A file of members: CSV in UTF-8 or CP932, with English or Japanese column names.

What a file doesn't say stays as it is: a column that is left out, an empty ``share`` or ``email``,
the members that it doesn't name. Working hours, absences and whether a member still works here are
not in it.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from handoff.domain.teams.members import Function, Member, Role
from handoff.teams.schemas import Id, MemberIn
from kakehashi_common.contracts.texts import visible
from kakehashi_common.table_text import EncodingError, decode_table

MOST_MISTAKES: Final = 20
"""Mistakes that are listed; the others are counted."""
MOST_ROWS: Final = 1_000
"""Members in one file; all of them are stored in one transaction."""

COLUMNS: Final[Mapping[str, str]] = {
    "member_id": "社員番号",
    "team_id": "チーム",
    "name": "氏名",
    "roles": "役割",
    "functions": "職能",
    "skills": "専門",
    "capacity": "上限",
    "share": "持ち分",
    "email": "メールアドレス",
}
"""The columns, and what a file in Japanese calls them."""

_REQUIRED: Final = ("member_id", "team_id", "name", "roles", "capacity")
_KEPT_IF_EMPTY: Final = ("share", "email")
_PERSONAL: Final = ("name", "email")
_SEPARATOR: Final = ";"
_ID: Final[TypeAdapter[str]] = TypeAdapter(Id)
_WHOLE: Final = re.compile(r"-?[0-9]{1,9}")
_UNIFORM: Final = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
"""All but the compatibility ideographs: people write their names with them, such as 神 as U+FA19,
and NFKC would replace them."""

_SHOWN: Final = 40

_ROLES: Final[Mapping[str, Role]] = {
    **{role.value: role for role in Role},
    "sdr": Role.SALES_DEVELOPMENT,
    "bdr": Role.SALES_DEVELOPMENT,
    "新規開拓": Role.SALES_DEVELOPMENT,
    "is": Role.INSIDE_SALES,
    "内勤営業": Role.INSIDE_SALES,
    "インサイドセールス": Role.INSIDE_SALES,
    "fs": Role.FIELD_SALES,
    "外勤営業": Role.FIELD_SALES,
    "フィールドセールス": Role.FIELD_SALES,
    "cs": Role.CUSTOMER_SUCCESS,
    "カスタマーサクセス": Role.CUSTOMER_SUCCESS,
}
_FUNCTIONS: Final[Mapping[str, Function]] = {
    **{function.value: function for function in Function},
    "政策提案": Function.POLICY_PROPOSAL,
    "財政折衝": Function.FINANCE_NEGOTIATION,
    "議会対応": Function.COUNCIL_LIAISON,
}
_FIXES: Final[Mapping[str, str]] = {
    "member_id": "write 1 to 64 of A–Z, a–z, 0–9 and . _ -, such as the staff number s-1042",
    "team_id": "write the team's id, such as kanto",
    "name": "write 1 to 100 characters without control characters",
    "roles": "write one or more of "
    "内勤営業 (inside_sales), 外勤営業 (field_sales), カスタマーサクセス (customer_success), SDR "
    "(sales_development), with ; between them",
    "functions": "write 政策提案 (policy_proposal), 財政折衝 (finance_negotiation), 議会対応 "
    "(council_liaison), with ; between them, or nothing",
    "skills": "write at most 100 of 1 to 64 of a–z, 0–9 and . _ - each, such as "
    "digital;welfare, or nothing",
    "capacity": "write a whole number from 0 to 10000, such as 20",
    "share": "write a whole number from 1 to 100, or nothing",
    "email": "write an address such as hanako.sato@example.jp, or nothing",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something in a file that can't be taken."""

    line: int
    """The first is 1."""
    column: str | None
    """As the file calls it; ``None``: the whole line, or file."""
    reason: str
    """What is wrong and how to mend it."""

    def __str__(self) -> str:
        where = "" if self.column is None else f", column {self.column}"
        return f"line {self.line}{where}: {self.reason}"


class MembersFileError(ValueError):
    """A file that is not taken; nothing has changed."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        ordered = sorted(mistakes, key=lambda each: each.line)
        self.mistakes = ordered[:MOST_MISTAKES]
        """The first ones, by line."""
        self.more = len(ordered) - len(self.mistakes)
        """The number of further mistakes."""
        others = [f"and {self.more:,} more"] if self.more else []
        super().__init__("\n".join([*map(str, self.mistakes), *others]))


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member, as far as a file says."""

    line: int
    member_id: str
    said: MemberIn
    columns: Mapping[str, str]
    """What the file calls each column."""

    def member(self, before: Member | None) -> Member:
        """Return the member with what the file says; the rest stays as it was."""
        new = self.said.member(self.member_id)
        if before is None:
            return new
        kept = MemberIn.model_fields.keys() - self.said.model_fields_set
        return replace(
            new, absences=before.absences, **{name: getattr(before, name) for name in kept}
        )

    def mistake(self, column: str, reason: str) -> Mistake:
        """Return a mistake in one of its cells."""
        return Mistake(self.line, self.columns[column], reason)


def read_members(raw: bytes) -> list[MemberRow]:
    """Read a file of members.

    Raises:
        MembersFileError: with every mistake.
    """
    try:
        text = decode_table(raw)
    except EncodingError as error:
        raise MembersFileError([Mistake(error.line, None, str(error))]) from None
    reading = _Reading()
    rows = list(reading.rows(text))
    if reading.mistakes:
        raise MembersFileError(reading.mistakes)
    return rows


class _Reading:
    """One file while it is read; collects its mistakes."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self._columns: list[str] = []
        self._named: dict[str, str] = {}
        self._lines: dict[str, int] = {}

    def rows(self, text: str) -> Iterator[MemberRow]:
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
                self._note(line, None, f"more than {MOST_ROWS:,} members: send the rest by itself")
                return
            if len(cells) != len(self._columns):
                self._note(
                    line,
                    None,
                    f"has {len(cells)} cells, and the first line {len(self._columns)}: put a cell "
                    "that holds a comma in quotation marks",
                )
            elif (row := self._row(line, cells)) is not None:
                yield row
        if not found and not self.mistakes:
            self._note(line, None, "no member follows: write one line for each")

    def _records(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Every record that isn't empty, with its first line."""
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
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
        known = {each.casefold(): name for name, own in COLUMNS.items() for each in (name, own)}
        if not any(cell.casefold() in known for cell in cells):
            self._note(line, None, f"names no column: begin with a line of {_all_columns()}")
            return
        for position, cell in enumerate(cells, start=1):
            name = known.get(cell.casefold())
            if name is None:
                what = f"{_quoted(cell)} is no column" if cell else f"column {position} has no name"
                self._note(line, cell or None, f"{what}: delete it; columns are {_all_columns()}")
            elif name in self._named:
                self._note(line, cell, f"is the same column as {self._named[name]}: delete one")
            else:
                self._named[name] = cell
                self._columns.append(name)
        if missing := [name for name in _REQUIRED if name not in self._named]:
            listed = ", ".join(f"{name} ({COLUMNS[name]})" for name in missing)
            self._note(
                line,
                None,
                f"columns are missing: add {listed} to the first line, with commas between them",
            )

    def _row(self, line: int, cells: Sequence[str]) -> MemberRow | None:
        wrong: dict[str, str] = {}
        values: dict[str, Any] = {}
        for column, cell in zip(self._columns, cells, strict=True):
            if column in _KEPT_IF_EMPTY and not cell:
                continue
            try:
                values[column] = _PARSERS.get(column, str)(cell)
            except ValueError as error:
                wrong[column] = str(error)
        member_id = values.pop("member_id", "")
        said = None
        try:
            said = MemberIn.model_validate(values)
        except ValidationError as error:
            for each in error.errors():
                column = str(each["loc"][0])
                wrong.setdefault(column, cells[self._columns.index(column)])
        if member_id and (first := self._lines.setdefault(member_id, line)) != line:
            self._note(
                line,
                self._named["member_id"],
                f"{member_id} is in line {first} too: delete line {first} or line {line}",
            )
        for column in (each for each in self._columns if each in wrong):
            what = wrong[column]
            shown = _quoted(what) if what else "it is empty"
            if column in _PERSONAL and what:
                shown = "it can't be taken"  # what belongs to a person isn't repeated
            self._note(line, self._named[column], f"{shown}: {_FIXES[column]}")
        if said is None or wrong:
            return None
        return MemberRow(line, member_id, said, self._named)

    def _note(self, line: int, column: str | None, reason: str) -> None:
        self.mistakes.append(Mistake(line, None if column is None else _cut(column), reason))


def _member_id(cell: str) -> str:
    try:
        return _ID.validate_python(cell)
    except ValidationError:
        raise ValueError(cell) from None


def _by_name(cell: str, names: Mapping[str, object]) -> list[object]:
    parts = _listed(cell)
    if unknown := [part for part in parts if part.casefold() not in names]:
        raise ValueError(unknown[0])
    return [names[part.casefold()] for part in parts]


def _whole(cell: str) -> int:
    if _WHOLE.fullmatch(cell) is None:
        raise ValueError(cell)
    return int(cell)


def _listed(cell: str) -> list[str]:
    """The parts of a list, each once."""
    parts = (part.strip() for part in cell.split(_SEPARATOR))
    return list(dict.fromkeys(part for part in parts if part))


def _plain(cell: str) -> str:
    """Wide letters and digits narrow, half-width kana wide (NFKC), without space around."""
    plain = _UNIFORM.sub(lambda found: unicodedata.normalize("NFKC", found[0]), cell)
    return plain.strip()


_PARSERS: Final[Mapping[str, Callable[[str], object]]] = {
    "member_id": _member_id,
    "roles": partial(_by_name, names=_ROLES),
    "functions": partial(_by_name, names=_FUNCTIONS),
    "skills": _listed,
    "capacity": _whole,
    "share": _whole,
}
"""They raise ValueError with the text at fault. The other columns are texts."""


def _all_columns() -> str:
    return ", ".join(f"{name} ({own})" for name, own in COLUMNS.items())


def _cut(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _quoted(text: str) -> str:
    return f'"{_cut(text)}"'
