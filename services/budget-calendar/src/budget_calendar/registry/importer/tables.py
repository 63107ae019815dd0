"""Tables as offices publish them: titles above, headings merged over rows, averages and notes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from budget_calendar.registry.importer.cells import heading_of, text_of
from budget_calendar.registry.importer.report import Finding, FindingKind

Row = Sequence[object]
Headings = Mapping[str, tuple[str, ...]]
"""For each field the headings that it goes by, without spaces and units."""

_HEADING_ROWS = 3
"""Merged headings of published tables take up to three rows."""
_SEARCHED_ROWS = 40
"""Below so many rows of title no table is looked for."""

_SUMMARY = re.compile(r"平均|合計|総計|^計$|市町村計|都道府県計")
_NOTE = re.compile(r"[※*]|\(?注|備考|資料|出典")


@dataclass(frozen=True, slots=True)
class Table:
    """The place of a table in a sheet."""

    columns: Mapping[str, int]
    """The column of each field, counted from 0."""
    first_row: int
    """The row after the headings, counted from 0."""
    title: str
    """All text above the headings."""


def find_table(rows: Sequence[Row], headings: Headings) -> Table | None:
    """The table that has every one of the headings, wherever it begins; ``None`` if there is none.

    A heading may be one cell, or be spread over the cells of up to three rows of its column.
    """
    for height in range(1, _HEADING_ROWS + 1):  # the lowest first, so that titles stay outside
        for start in range(min(len(rows), _SEARCHED_ROWS)):
            columns = _columns(rows[start : start + height], headings)
            if columns is not None:
                above = (text_of(cell) for row in rows[:start] for cell in row)
                return Table(columns, start + height, " ".join(filter(None, above)))
    return None


def missing_headings(rows: Sequence[Row], headings: Headings) -> list[str]:
    """The headings that no row has, by the name that is usual for each."""
    seen = {heading_of(cell) for row in rows[:_SEARCHED_ROWS] for cell in row}
    return [names[0] for names in headings.values() if not seen.intersection(names)]


def rows_of(
    table: Table, rows: Sequence[Row], source: str, findings: list[Finding]
) -> Iterator[tuple[int, dict[str, object]]]:
    """Each row under the headings that may be a record: its number, from 1, and its cells.

    Empty rows, and units under the headings, are left out; averages, totals and notes go to
    ``findings``.
    """
    for number, row in enumerate(rows[table.first_row :], start=table.first_row + 1):
        if not any(heading_of(cell) for cell in row):
            continue
        first = next(filter(None, map(text_of, row)))
        if _SUMMARY.search(first) or _NOTE.match(first):
            findings.append(
                Finding(
                    FindingKind.PASSED_OVER,
                    source,
                    f"{first} is no local government",
                    row=number,
                    value=first,
                )
            )
            continue
        yield (
            number,
            {
                field: row[column] if column < len(row) else None
                for field, column in table.columns.items()
            },
        )


def _columns(rows: Sequence[Row], headings: Headings) -> dict[str, int] | None:
    width = max((len(row) for row in rows), default=0)
    names: dict[str, int] = {}
    for column in range(width - 1, -1, -1):  # of two columns with one heading the left one counts
        parts = [heading_of(row[column]) for row in rows if column < len(row)]
        names.update(dict.fromkeys((*parts, "".join(parts)), column))
    found = {
        field: names[next(name for name in spellings if name in names)]
        for field, spellings in headings.items()
        if any(name in names for name in spellings)
    }
    return found if len(found) == len(headings) else None
