"""The codes of Japan's local governments (全国地方公共団体コード), and what is known of each.

``municipalities.csv`` lists the 47 prefectures and 1,741 municipalities. Names and kana:
localgovjp (CC0). Japanese residents on 1 January 2025: 総務省 住民基本台帳に基づく人口.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

SizeBand = Literal["under_50k", "50k_300k", "over_300k"]
Kind = Literal["prefecture", "city", "special_ward", "town", "village"]

_MIDDLE = 50_000
_LARGE = 300_000


@dataclass(frozen=True, slots=True)
class Municipality:
    """One local government."""

    code: str
    name: str
    kana: str
    prefecture: str
    kind: Kind
    japanese_residents: int

    @property
    def size_band(self) -> SizeBand:
        """Under 50,000, up to 300,000, or more Japanese residents (common practice in selling)."""
        if self.japanese_residents < _MIDDLE:
            return "under_50k"
        return "50k_300k" if self.japanese_residents <= _LARGE else "over_300k"


_NEARLY_A_CODE = re.compile("[0-9]{0,7}")


def check_digit(first_five: str) -> int:
    """The sixth digit of a code: ``(11 − (6a+5b+4c+3d+2e) mod 11) mod 10`` (総務省)."""
    weighted = sum(int(d) * w for d, w in zip(first_five, (6, 5, 4, 3, 2), strict=True))
    return (11 - weighted % 11) % 10


@cache
def municipalities() -> MappingProxyType[str, Municipality]:
    """All local governments by code."""
    source = files(__package__).joinpath("municipalities.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(source.splitlines())
    return MappingProxyType(
        {
            row["code"]: Municipality(
                code=row["code"],
                name=row["name"],
                kana=row["kana"],
                prefecture=row["prefecture"],
                kind=row["kind"],  # type: ignore[arg-type]  # the file is ours, and a test reads all
                japanese_residents=int(row["japanese_residents"]),
            )
            for row in rows
        }
    )


def known_municipality_code(code: str) -> str:
    """Return ``code`` if a local government has it.

    Raises:
        ValueError: it is not six digits, its check digit is wrong (the right one is named), or no
            local government has it.
    """
    if code in municipalities():
        return code
    if len(code) != 6 or not (code.isascii() and code.isdigit()):  # noqa: PLR2004
        # Anything else may be a person's name or number in the wrong field.
        shown = repr(code) if _NEARLY_A_CODE.fullmatch(code) else "this"
        raise ValueError(f"{shown} is no municipality code: give six digits, such as 102032")
    right = check_digit(code[:5])
    if code[5] != str(right):
        raise ValueError(
            f"{code!r} has a wrong check digit: {code[:5]} takes {right}, that is {code[:5]}{right}"
        )
    raise ValueError(f"no local government has the code {code!r}")
