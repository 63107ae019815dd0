"""Read the cells of published tables: codes, and numbers as Japanese offices write them."""

import math
import re
import unicodedata

_MISSING = frozenset({"", "-", "‐", "–", "—", "―", "ー", "...", "・・・"})
"""Marks of missing figures in tables; NFKC turns ``－`` and ``…`` into these."""

_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_CODE_DIGITS = 6


def text_of(cell: object) -> str:
    """Return a cell's text in NFKC, without surrounding space; an empty cell is empty text."""
    return "" if cell is None else unicodedata.normalize("NFKC", str(cell)).strip()


def heading_of(cell: object) -> str:
    """A heading without spaces and its unit: ``経常収支 比率（％）`` is 経常収支比率."""
    return re.sub(r"\s+|\(.*?\)", "", text_of(cell))


def code_of(cell: object) -> str:
    """The code in a cell; spreadsheet programs turn ``011002`` into a number, which is undone."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell:0{_CODE_DIGITS}d}"
    return text_of(cell)


def number_of(cell: object) -> float | None:
    """The number in a cell, full-width, with ``△`` or ``%`` too; ``None`` if there is none.

    Raises:
        ValueError: it says something else.
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        number = float(cell)
    else:
        text = text_of(cell)
        if text in _MISSING:
            return None
        plain = re.sub(r"^[△▲−]\s*", "-", text).removesuffix("%").rstrip()
        if not _NUMBER.fullmatch(plain):
            raise ValueError(f"{text!r} is no number")
        number = float(plain.replace(",", ""))
    if not math.isfinite(number):
        raise ValueError(f"{cell!r} is no number")
    return number


def count_of(cell: object) -> int | None:
    """A number of people; ``None`` if the cell says that there is none.

    Raises:
        ValueError: it is not a whole number of 0 or more.
    """
    number = number_of(cell)
    if number is None:
        return None
    if not number.is_integer() or number < 0:
        raise ValueError(f"{text_of(cell)!r} is no number of people")
    return int(number)
