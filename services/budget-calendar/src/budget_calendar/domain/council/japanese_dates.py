"""Dates and years as Japanese authorities publish them: ``令和元年5月22日``, ``R4.6.3``.

Full-width digits and spaces are read; what is no date is refused with its reason, never mended.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from budget_calendar.domain.refusals import RefusedError


@dataclass(frozen=True, slots=True)
class _Era:
    """元号 since 1912 (元号法, and the cabinet orders before it)."""

    name: str
    letter: str
    begins: date
    ends: date


_ERAS = (
    _Era("令和", "R", date(2019, 5, 1), date.max),
    _Era("平成", "H", date(1989, 1, 8), date(2019, 4, 30)),
    _Era("昭和", "S", date(1926, 12, 25), date(1989, 1, 7)),
    _Era("大正", "T", date(1912, 7, 30), date(1926, 12, 24)),
)
_WEEKDAYS = "月火水木金土日"

YEAR = r"(?:(?:令和|平成|昭和|大正)(?:元|\d{1,2})|\d{4})(?=年)"
"""A year as titles name it, era or Western, up to its 年; to be read with `western_year`."""

_ERA_YEAR = re.compile(r"(令和|平成|昭和|大正)(元|\d{1,2})")
_WRITTEN_OUT = re.compile(rf"({YEAR})年(\d{{1,2}})月(\d{{1,2}})日(?:\((.)(?:曜日?)?\))?")
_ABBREVIATED = re.compile(r"([RHST])(\d{1,2})([./-])(\d{1,2})\3(\d{1,2})")
_WESTERN = re.compile(r"(\d{4})([./-])(\d{1,2})\2(\d{1,2})")
_NAMES_A_YEAR = re.compile(YEAR)


class NotADateError(RefusedError):
    """A text is no date.

    Args:
        value: the text as published.
        reason: why it is none, in one plain clause.
    """

    def __init__(self, value: str, reason: str) -> None:
        super().__init__(f"`{value}` is no date: {reason}", field="date", code="not_a_date")
        self.value = value
        self.reason = reason


def plain(text: str) -> str:
    """``text`` with full-width signs narrowed (NFKC) and all white space left out."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def western_year(named: str) -> int:
    """The Western year that ``named`` means: ``令和2``, ``平成元``, ``2024``.

    The year is the one that counts within an era, so ``平成31`` is 2019 even in July: fiscal years
    and sessions were named so in advance.

    Raises:
        RefusedError: it is no year.
    """
    text = plain(named).removesuffix("度").removesuffix("年")
    if re.fullmatch(r"\d{4}", text):
        return int(text)
    found = _ERA_YEAR.fullmatch(text)
    if found is None or found[2].strip("0") == "":
        raise RefusedError(f"`{named}` is no year", field="year", code="not_a_year")
    begins = next(era.begins for era in _ERAS if era.name == found[1])
    return begins.year - 1 + (1 if found[2] == "元" else int(found[2]))


def year_named_in(text: str) -> int | None:
    """The first year that ``text`` names, even where the rest of it is no date; else ``None``."""
    found = _NAMES_A_YEAR.search(plain(text))
    if found is None:
        return None
    try:
        return western_year(found[0])
    except RefusedError:
        return None


def parse_japanese_date(text: str) -> date:
    """The day that ``text`` means.

    Read are ``令和元年5月22日``, ``2024年5月1日``, either with a weekday behind it (``(水)``), and
    ``R4.6.3``, ``2024/5/1``, ``2024-05-01``; digits may be full-width.

    Raises:
        NotADateError: it has another form, the day does not exist, lies outside the era it names,
            or is not the weekday it names.
    """
    value = plain(text)
    if found := _WRITTEN_OUT.fullmatch(value):
        year, month, day, weekday = found.groups()
        named_era = year[:2] if year[:2] in {era.name for era in _ERAS} else None
        result = _day(text, year, month, day)
    elif found := _ABBREVIATED.fullmatch(value):
        named_era = next(era.name for era in _ERAS if era.letter == found[1])
        weekday = None
        result = _day(text, f"{named_era}{found[2]}", found[4], found[5])
    elif found := _WESTERN.fullmatch(value):
        named_era = weekday = None
        result = _day(text, found[1], found[3], found[4])
    else:
        raise NotADateError(text, _what_is_wrong(value))
    _check_era(text, result, named_era)
    if weekday is not None and weekday != _WEEKDAYS[result.weekday()]:
        raise NotADateError(
            text, f"that day was a {_WEEKDAYS[result.weekday()]}曜日, not a {weekday}曜日"
        )
    return result


def _day(text: str, year: str, month: str, day: str) -> date:
    try:
        return date(western_year(year), int(month), int(day))
    except RefusedError as refused:
        raise NotADateError(text, refused.message) from None
    except ValueError:
        raise NotADateError(text, f"there is no day {month}/{day} in that year") from None


def _check_era(text: str, day: date, named: str | None) -> None:
    if named is None:
        return
    era = next(era for era in _ERAS if era.name == named)
    if day < era.begins:
        raise NotADateError(text, f"{named} began on {era.begins}")
    if day > era.ends:
        raise NotADateError(text, f"{named} ended on {era.ends}")


def _what_is_wrong(value: str) -> str:
    if not re.search(r"\d|元年", value):
        return "it holds no number; a heading?"
    if re.fullmatch(rf"{YEAR}年\d{{1,2}}月\d{{1,2}}\D", value):
        return f"it ends in {value[-1]} instead of 日"
    if "年" in value and "月" not in value:
        return "it names no month; a heading?"
    return "it is not written as year, month and day"
