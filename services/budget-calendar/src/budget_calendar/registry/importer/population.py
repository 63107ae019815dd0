"""Japanese residents (日本人住民) by code, from a CSV: 住民基本台帳に基づく人口 (総務省)."""

import csv
import io
from pathlib import Path

from budget_calendar.registry.importer.cells import code_of, count_of, text_of
from budget_calendar.registry.importer.report import Finding, FindingKind
from budget_calendar.registry.importer.source import Record, Source, UnreadableFileError, is_any
from budget_calendar.registry.importer.tables import Headings, find_table, missing_headings, rows_of
from kakehashi_common.table_text import EncodingError, decode_table

_HEADINGS: Headings = {
    "code": ("lgcode", "code", "団体コード", "地方公共団体コード"),
    "prefecture": ("prefecture", "都道府県名", "都道府県"),
    "municipality": ("municipality", "市区町村名", "市区町村", "団体名"),
    "japanese_residents": ("japanese_residents", "日本人住民", "日本人"),
}


def read_population(path: Path) -> Source:
    """The file of all prefectures (their municipality is empty) and municipalities.

    Args:
        path: CSV in UTF-8, or in the CP932 that Japanese spreadsheet programs write.

    Raises:
        UnreadableFileError: it is in another encoding, or has no such table.
    """
    rows = list(csv.reader(io.StringIO(_text(path), newline="")))
    table = find_table(rows, _HEADINGS)
    if table is None:
        lacking = missing_headings(rows, _HEADINGS)
        raise UnreadableFileError(
            f"{path} has no table of residents: it lacks "
            + (f"the headings {', '.join(lacking)}" if lacking else "a row with all headings")
        )
    findings: list[Finding] = []
    records = []
    for number, cells in rows_of(table, rows, str(path), findings):
        code, prefecture = code_of(cells["code"]), text_of(cells["prefecture"])
        readable = True
        residents = None
        try:
            residents = count_of(cells["japanese_residents"])
        except ValueError as error:
            readable = False
            findings.append(
                Finding(
                    FindingKind.UNREADABLE_NUMBER,
                    str(path),
                    f"japanese_residents: {error}; what the registry knew stays",
                    row=number,
                    code=code,
                    field="japanese_residents",
                    value=str(cells["japanese_residents"]),
                )
            )
        records.append(
            Record(
                row=number,
                code=code,
                prefecture=prefecture,
                name=text_of(cells["municipality"]) or prefecture,
                tells_residents=readable,
                japanese_residents=residents,
            )
        )
    return Source(str(path), "Japanese residents", records, findings, is_any)


def _text(path: Path) -> str:
    try:
        return decode_table(path.read_bytes())
    except EncodingError as error:
        raise UnreadableFileError(f"{path}, line {error.line}: {error}") from None
