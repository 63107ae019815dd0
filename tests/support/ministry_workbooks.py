"""Workbooks in the ministry's layout, and with what goes wrong in it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook

TITLE = ("全市町村の主要財政指標（令和３年度）",)
HEADINGS = (
    "団体コード",
    "都道府県名",
    "団体名",
    "財政力指数",
    "経常収支比率",
    "実質公債費比率",
    "将来負担比率",
    "ラスパイレス指数",
)
KIRYU = ("102032", "群馬県", "桐生市", 0.57, 90.9, 4.5, "-", 98.9)
MAEBASHI = ("102016", "群馬県", "前橋市", 0.79, 94.1, 5.8, 29.3, 99.1)
PREFECTURAL_TITLE = ("全都道府県の主要財政指標（令和３年度決算）",)
PREFECTURAL_HEADINGS = ("都道府県名", *HEADINGS[3:])


def workbook(path: Path, *rows: Sequence[object], merged: Iterable[str] = ()) -> Path:
    """Write the rows as the only sheet."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(path)
    return path


def municipal(path: Path, *rows: Sequence[object]) -> Path:
    """The municipal file with these rows under its usual title and headings."""
    return workbook(path, TITLE, HEADINGS, *rows)
