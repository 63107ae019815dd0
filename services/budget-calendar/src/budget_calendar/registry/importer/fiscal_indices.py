"""主要財政指標一覧 (総務省): the key fiscal indices of a year, XLSX as published."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from budget_calendar.domain.municipality import FiscalIndices, MunicipalityType
from budget_calendar.registry.importer.cells import code_of, number_of, text_of
from budget_calendar.registry.importer.report import Finding, FindingKind
from budget_calendar.registry.importer.source import (
    Record,
    Source,
    UnreadableFileError,
    is_municipality,
    is_prefecture,
)
from budget_calendar.registry.importer.tables import (
    Headings,
    Row,
    Table,
    find_table,
    missing_headings,
    rows_of,
)

_INDICES: Headings = {
    "financial_strength": ("財政力指数",),
    "current_balance": ("経常収支比率",),
    "real_debt_service": ("実質公債費比率",),
    "future_burden": ("将来負担比率",),
}
_PREFECTURE: Headings = {"prefecture": ("都道府県名", "都道府県")}
_MUNICIPAL: Headings = {
    "code": ("団体コード", "地方公共団体コード", "市町村コード", "コード"),
    **_PREFECTURE,
    "name": ("団体名", "市町村名", "市区町村名"),
    **_INDICES,
}
_PREFECTURAL: Headings = {**_PREFECTURE, **_INDICES}

_YEAR = re.compile(r"(?:(令和|平成)(元|\d{1,2})|(\d{4}))年度")
_YEAR_BEFORE_ERA = {"令和": 2018, "平成": 1988}


def read_municipal_indices(path: Path, fiscal_year: int | None = None) -> Source:
    """The file of all municipalities (全市町村の主要財政指標), by code.

    Args:
        path: XLSX as published; title rows, merged headings, averages and notes are passed over.
        fiscal_year: where given, it counts instead of the year in the title (令和３年度).

    Raises:
        UnreadableFileError: it isn't an XLSX file, has no such table, or no year is given.
    """
    return _read(path, _MUNICIPAL, fiscal_year, "municipal fiscal indices", is_municipality)


def read_prefectural_indices(path: Path, fiscal_year: int | None = None) -> Source:
    """The file of all prefectures (全都道府県の主要財政指標), by name; otherwise as above."""
    return _read(path, _PREFECTURAL, fiscal_year, "prefectural fiscal indices", is_prefecture)


def _read(
    path: Path,
    headings: Headings,
    fiscal_year: int | None,
    what: str,
    covers: Callable[[MunicipalityType], bool],
) -> Source:
    rows, table = _table(path, headings, what)
    year = fiscal_year or _year_in(table.title)
    if year is None:
        raise UnreadableFileError(
            f"{path} names no fiscal year (such as 令和３年度) above its headings: give one with"
            " --fiscal-year"
        )
    findings: list[Finding] = []
    records = []
    for number, cells in rows_of(table, rows, str(path), findings):
        numbers = dict(_numbers(cells, str(path), number, findings))
        prefecture = text_of(cells["prefecture"])
        records.append(
            Record(
                row=number,
                code=code_of(cells["code"]) if "code" in cells else None,
                prefecture=prefecture,
                name=text_of(cells["name"]) if "name" in cells else prefecture,
                indices=FiscalIndices(fiscal_year=year, **numbers),
            )
        )
    return Source(str(path), f"{what}, FY{year}", records, findings, covers)


def _table(path: Path, headings: Headings, what: str) -> tuple[Sequence[Row], Table]:
    """The first sheet that has the table."""
    try:
        # Not read-only: that mode trusts the dimensions a file claims, which are often wrong.
        workbook = load_workbook(path, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, ParseError) as error:
        raise UnreadableFileError(
            f"{path} can't be read as XLSX ({error}): give the .xlsx that the ministry publishes"
        ) from error
    lacking: list[str] = []
    for sheet in workbook.worksheets:
        rows = list(sheet.iter_rows(values_only=True))
        table = find_table(rows, headings)
        if table is not None and "code" not in headings and find_table(rows, _MUNICIPAL):
            raise UnreadableFileError(
                f"{path} lists municipalities, not prefectures: give it with --municipal-indices"
            )
        if table is not None:
            return rows, table
        lacking = lacking or missing_headings(rows, headings)
    raise UnreadableFileError(
        f"{path} has no table of {what}: it lacks "
        + (f"the headings {', '.join(lacking)}" if lacking else "a row with all of the headings")
        + "; was it given with the right option?"
    )


def _numbers(
    cells: Mapping[str, object], source: str, row: int, findings: list[Finding]
) -> Iterator[tuple[str, float | None]]:
    for field, (heading, *_) in _INDICES.items():
        try:
            yield field, number_of(cells[field])
        except ValueError as error:
            findings.append(
                Finding(
                    FindingKind.UNREADABLE_NUMBER,
                    source,
                    f"{heading}: {error}; it counts as not published until the file says a number",
                    row=row,
                    code=code_of(cells["code"]) if "code" in cells else None,
                    field=field,
                    value=str(cells[field]),
                )
            )
            yield field, None


def _year_in(title: str) -> int | None:
    found = _YEAR.search(re.sub(r"\s+", "", title))
    if found is None:
        return None
    era, year, western = found.groups()
    if western:
        return int(western)
    return _YEAR_BEFORE_ERA[era] + (1 if year == "元" else int(year))
