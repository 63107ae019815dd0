"""The codes of Japan's local governments (全国地方公共団体コード), and what is known of each.

``municipalities.csv`` lists the 47 prefectures and 1,741 municipalities. Names and kana:
localgovjp (CC0); kana of prefectures: 日本郵便 郵便番号データ. Japanese residents on 1 January
2025: 総務省 住民基本台帳に基づく人口.

``wards.csv`` lists the wards (行政区) of the designated cities, which are no local governments but
have codes: 日本郵便 郵便番号データ. ``former_codes.csv`` lists codes that ended with a merger or a
change of status since April 2010, after the great mergers of Heisei, and what took their place.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
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
    def full_name(self) -> str:
        """The name with its prefecture, ``群馬県桐生市``: 25 names occur more than once."""
        return self.name if self.kind == "prefecture" else f"{self.prefecture}{self.name}"

    @property
    def size_band(self) -> SizeBand:
        """Under 50,000, up to 300,000, or more Japanese residents (common practice in selling)."""
        if self.japanese_residents < _MIDDLE:
            return "under_50k"
        return "50k_300k" if self.japanese_residents <= _LARGE else "over_300k"


@dataclass(frozen=True, slots=True)
class Ward:
    """A ward (行政区) of a designated city: part of the city, with a code of its own."""

    code: str
    name: str
    kana: str
    city_code: str


@dataclass(frozen=True, slots=True)
class FormerCode:
    """A code that is no longer in use."""

    code: str
    name: str
    successor: str
    """The code of the local government that the area belongs to now."""
    since: str
    """The first day without it, ISO 8601."""


_CODE_DIGITS = 6

_TO_HIRAGANA = {each: each - (ord("ァ") - ord("ぁ")) for each in range(ord("ァ"), ord("ヶ") + 1)}
_AS_ONE = str.maketrans("ゕゖ", "かけ")
"""ヶ and ケ are written for each other in names (龍ケ崎, 龍ヶ崎)."""
_VARIATION_SELECTORS = dict.fromkeys([*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
"""They choose a shape of a kanji, as in 葛󠄀城, and don't make it another one."""


def check_digit(first_five: str) -> int:
    """The sixth digit of a code: ``(11 − (6a+5b+4c+3d+2e) mod 11) mod 10`` (総務省)."""
    weighted = sum(int(d) * w for d, w in zip(first_five, (6, 5, 4, 3, 2), strict=True))
    return (11 - weighted % 11) % 10


@cache
def municipalities() -> MappingProxyType[str, Municipality]:
    """All local governments by code."""
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
            for row in _rows("municipalities.csv")
        }
    )


def municipality_name(code: str | None) -> str:
    """Return ``群馬県桐生市``; a code that is not in the published list is its own name."""
    if code is None:
        return "自治体未定"
    known = municipalities().get(code)
    return code if known is None else known.full_name


def known_prefecture(spelling: str) -> Municipality:
    """Return the government of a prefecture: by name or kana, with or without 都, 府, 県, or code.

    The code may be its own (``110001``) or the first two digits of all in it (``11``).

    Raises:
        ValueError: there is no such prefecture; the nearest is named.
    """
    wanted, known = same_spelling(spelling), _prefectures()
    if wanted in known:
        return known[wanted]
    near = get_close_matches(wanted, known, n=1, cutoff=0.5)
    hint = f"; did you mean {known[near[0]].name}?" if near else ""
    raise ValueError(
        f"there is no prefecture {spelling!r}: give one such as 群馬県, 群馬 or 10{hint}"
    )


@cache
def _prefectures() -> dict[str, Municipality]:
    known = {}
    for each in municipalities().values():
        if each.kind == "prefecture":
            names = [each.name, each.kana, each.code, each.code[:2]]
            if each.name != "北海道":  # it is never 北海
                names += [each.name[:-1], re.sub("(けん|ふ|と)$", "", each.kana)]
            known.update({same_spelling(name): each for name in names})
    return known


def same_spelling(text: str) -> str:
    """Return ``text`` as all spellings of a name share it: NFKC, hiragana, no space, ヶ as け.

    Readings are left as they are: 町 is ちょう or まち, as the municipality reads it.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_VARIATION_SELECTORS)
    return "".join(plain.split()).casefold().translate(_TO_HIRAGANA).translate(_AS_ONE)


@cache
def wards() -> MappingProxyType[str, Ward]:
    """All wards of designated cities by code."""
    return MappingProxyType({row["code"]: Ward(**row) for row in _rows("wards.csv")})


@cache
def former_codes() -> MappingProxyType[str, FormerCode]:
    """Codes that ended since April 2010."""
    return MappingProxyType({row["code"]: FormerCode(**row) for row in _rows("former_codes.csv")})


def known_municipality_code(code: str) -> str:
    """Return ``code`` if a local government has it.

    Raises:
        ValueError: no local government has it. The message says why and names the code that was
            probably meant: of the city for one of its wards, with the zero that a spreadsheet
            dropped, with the check digit, of the successor after a merger.
    """
    if code in municipalities():
        return code
    digits = unicodedata.normalize("NFKC", code).strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _CODE_DIGITS + 1):
        # It may be a person's name or number in the wrong field.
        shown = "this" if code else "''"
        raise ValueError(f"{shown} is no municipality code: give six digits, such as 102032")
    meant = " or ".join(_named(each) for each in dict.fromkeys(_probably_meant(digits)))
    raise ValueError(_why_unknown(code, digits) + (f"; did you mean {meant}?" if meant else ""))


def _why_unknown(code: str, digits: str) -> str:
    if len(digits) != _CODE_DIGITS:
        lost = f"0{digits}" in {*municipalities(), *wards(), *former_codes()}
        hint = f" (has it lost its first zero, 0{digits}?)" if lost else ""
        return f"{code!r} is no municipality code: give six digits, such as 102032{hint}"
    right = check_digit(digits[:-1])
    if digits[-1] != str(right):
        return (
            f"{code!r} has a wrong check digit: {digits[:-1]} takes {right}, "
            f"that is {digits[:-1]}{right}"
        )
    if digits != code:
        return f"{code!r} is not written in six ASCII digits"
    if ward := wards().get(digits):
        city = municipalities()[ward.city_code]
        return f"{code!r} is {ward.name}, a ward of {city.name} and no local government"
    if former := former_codes().get(digits):
        return f"{code!r} was {former.name} until {former.since}"
    return f"no local government has the code {code!r}"


def _probably_meant(digits: str) -> Iterator[str]:
    """Codes of local governments that ``digits`` may stand for."""
    candidates = [digits]
    if len(digits) == _CODE_DIGITS - 1:
        candidates += [f"0{digits}", f"{digits}{check_digit(digits)}"]
    elif len(digits) == _CODE_DIGITS - 2:
        candidates.append(f"0{digits}{check_digit('0' + digits)}")
    for each in candidates:
        if each in municipalities():
            yield each
        elif ward := wards().get(each):
            yield ward.city_code
        elif former := former_codes().get(each):
            yield former.successor


def _named(code: str) -> str:
    found = municipalities()[code]
    return f"{code} ({found.prefecture}{found.name if found.name != found.prefecture else ''})"


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())
