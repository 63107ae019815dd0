"""Dates, times and years as Japanese offices write them: ``令和元年5月22日（水）``, ``R4.6.3``.

Full-width and kanji digits are read, and white space may stand anywhere between the parts. What is
no date is refused with its reason, never mended. Pure: nothing but the standard library, so that a
domain may import it too.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final


@dataclass(frozen=True, slots=True)
class _Era:
    """元号 since 1868 (元号法, and the imperial and cabinet orders before it)."""

    name: str
    letter: str
    begins: date
    ends: date

    @property
    def names(self) -> tuple[str, str, str]:
        return self.name, self.name[0], self.letter


_ERAS = (
    _Era("令和", "R", date(2019, 5, 1), date.max),
    _Era("平成", "H", date(1989, 1, 8), date(2019, 4, 30)),
    _Era("昭和", "S", date(1926, 12, 25), date(1989, 1, 7)),
    _Era("大正", "T", date(1912, 7, 30), date(1926, 12, 24)),
    _Era("明治", "M", date(1868, 1, 25), date(1912, 7, 29)),
)
_BY_NAME = {name: era for era in _ERAS for name in era.names}
_GREGORIAN: Final = date(1873, 1, 1)
"""明治6年1月1日: until the day before, the calendar was lunisolar (太政官布告第337号)."""
_WEEKDAYS = "月火水木金土日"

_FULL_NAMES = "|".join(era.name for era in _ERAS)
_ANY_NAME = rf"(?:{_FULL_NAMES}|[明大昭平令]|[MTSHRmtshr])"
_KANJI = "〇一二三四五六七八九"
_IN_ERA = rf"元|\d{{1,2}}|[十{_KANJI}]{{1,3}}"
_WESTERN = rf"\d{{4}}|[一二][{_KANJI}]{{3}}"
_TENS = re.compile(r"([一二三四五六七八九])?十([一二三四五六七八九])?")
_NUMBER = rf"\d{{1,2}}|[十{_KANJI}]{{1,3}}"

YEAR: Final = rf"(?:(?:{_FULL_NAMES})(?:{_IN_ERA})|{_WESTERN})(?=年)"
"""A year as titles name it, era or Western, up to its 年; to be read with `western_year`."""

_YEAR = rf"(?:(?P<era>{_ANY_NAME})(?P<in_era>{_IN_ERA})|(?:西暦)?(?P<western>{_WESTERN}))"
_HOLIDAY = "祝日?|休日?|振休|振替休日"
_WEEKDAY = (
    rf"(?:\((?:(?P<bracketed>[{_WEEKDAYS}])(?:曜日?)?(?:[・/、,]?(?:{_HOLIDAY}))?|{_HOLIDAY})\)"
    rf"|(?P<bare>[{_WEEKDAYS}])曜日?)?"
)
_DATE = re.compile(
    rf"(?P<year>{_YEAR})"
    rf"(?:年(?P<month>{_NUMBER})月(?P<day>{_NUMBER})日"
    r"|(?P<sign>[./・-])(?P<month_number>\d{1,2})(?P=sign)(?P<day_number>\d{1,2}))"
    rf"{_WEEKDAY}"
)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})")
_YEAR_ONLY = re.compile(_YEAR)
_NAMES_A_YEAR = re.compile(YEAR)
_TIME = re.compile(
    r"(?P<date>.*?(?:[日)]|(?=\s)))\s*(?P<half>午前|午後)?\s*(?P<hour>\d{1,2})"
    r"(?:\s*時(?:\s*(?P<minute>\d{1,2})\s*分(?:\s*(?P<second>\d{1,2})\s*秒)?)?"
    r"|:(?P<minutes>\d{2})(?::(?P<seconds>\d{2}))?)"
)
_NOON = 12


class NotADateError(ValueError):
    """A text is no date.

    Args:
        value: the text as published.
        reason: why it is none, in one plain clause.
    """

    def __init__(self, value: str, reason: str) -> None:
        super().__init__(f"`{value}` is no date: {reason}")
        self.value = value
        self.reason = reason


class NoSuchDayError(NotADateError):
    """A text is written as a date, and that day or time of day does not exist."""


class NotAYearError(ValueError):
    """A text is no year."""

    def __init__(self, value: str) -> None:
        super().__init__(f"`{value}` is no year")
        self.value = value


def plain(text: str) -> str:
    """Return ``text`` with full-width signs narrowed (NFKC) and all white space left out."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def whole_number(text: str) -> int:
    """Read a whole number from 0 on: ``15``, ``１５``, ``十五``, ``二〇二四``; kanji up to 九十九.

    Raises:
        ValueError: it is no such number.
    """
    digits = plain(text)
    if found := _TENS.fullmatch(digits):
        return 10 * _KANJI.index(found[1] or "一") + _KANJI.index(found[2] or "〇")
    arabic = "".join(str(_KANJI.index(sign)) if sign in _KANJI else sign for sign in digits)
    if not (arabic.isascii() and arabic.isdigit()):
        raise ValueError(text)
    return int(arabic)


def western_year(named: str) -> int:
    """Return the Western year that ``named`` means: ``令和2``, ``R2年度``, ``平成元``, ``2024``.

    The year is the one that counts within an era, so ``平成31`` is 2019 even in July: fiscal years
    and sessions were named so in advance.

    Raises:
        NotAYearError: it is no year.
    """
    found = _YEAR_ONLY.fullmatch(plain(named).removesuffix("度").removesuffix("年"))
    try:
        if found is None:
            raise NotAYearError(named)
        if found["western"]:
            return whole_number(found["western"])
        in_era = 1 if found["in_era"] == "元" else whole_number(found["in_era"])
    except ValueError:
        raise NotAYearError(named) from None
    if in_era == 0:
        raise NotAYearError(named)
    return _BY_NAME[found["era"].upper()].begins.year - 1 + in_era


def year_named_in(text: str) -> int | None:
    """Return the first year that ``text`` names, even where the rest is no date; else ``None``."""
    found = _NAMES_A_YEAR.search(plain(text))
    if found is None:
        return None
    try:
        return western_year(found[0])
    except NotAYearError:
        return None


def parse_japanese_date(text: str) -> date:
    """Return the day that ``text`` means.

    Read are ``令和元年5月22日``, ``令和六年三月十五日``, ``2024年5月1日``, ``令和6.3.15``,
    ``令6/3/15``, ``R4.6.3``, ``2024/5/1`` and ``2024-05-01``, each with a weekday behind it
    (``(水)``, ``（水・祝）``, ``（月・振休）``, ``水曜日``) or without one; eras from 明治6年 on.
    ``20240501`` is read, too, of a year from 1900 to 2099.

    Raises:
        NotADateError: it has another form.
        NoSuchDayError: the day does not exist, lies outside the era it names, or is not the weekday
            it names.
    """
    value = plain(text)
    if compact := _COMPACT.fullmatch(value):
        return _day(text, compact["year"], compact["month"], compact["day"])
    found = _DATE.fullmatch(value)
    if found is None:
        raise NotADateError(text, _what_is_wrong(value))
    month, day = found["month"] or found["month_number"], found["day"] or found["day_number"]
    result = _day(text, found["year"], month, day)
    if found["era"]:
        _check_era(text, result, _BY_NAME[found["era"].upper()])
    weekday = found["bracketed"] or found["bare"]
    if weekday is not None and weekday != _WEEKDAYS[result.weekday()]:
        raise NoSuchDayError(
            text, f"that day was a {_WEEKDAYS[result.weekday()]}曜日, not a {weekday}曜日"
        )
    return result


def parse_japanese_datetime(text: str) -> datetime:
    """Return the instant that ``text`` means in a clock on the wall; midnight where it says none.

    A date as `parse_japanese_date` reads it, and behind it ``14:30``, ``14:30:15``, ``14時30分`` or
    ``午後2時30分``.

    Raises:
        NotADateError: as above, also where the time of day does not exist.
    """
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return datetime.combine(parse_japanese_date(text), time())
    day = parse_japanese_date(found["date"])
    hour = int(found["hour"])
    if found["half"]:
        if hour >= _NOON:
            raise NoSuchDayError(text, f"{found['half']} takes 0 to 11 as its hour")
        hour += _NOON if found["half"] == "午後" else 0
    minute, second = found["minute"] or found["minutes"], found["second"] or found["seconds"]
    try:
        return datetime.combine(day, time(hour, int(minute or 0), int(second or 0)))
    except ValueError:
        raise NoSuchDayError(text, "there is no such time of day") from None


def _day(text: str, year: str, month: str, day: str) -> date:
    try:
        western = western_year(year)
    except NotAYearError as refused:
        raise NoSuchDayError(text, str(refused)) from None
    try:
        return date(western, whole_number(month), whole_number(day))
    except ValueError:
        raise NoSuchDayError(text, f"there is no day {month}/{day} in that year") from None


def _check_era(text: str, day: date, era: _Era) -> None:
    if day < era.begins:
        raise NoSuchDayError(text, f"{era.name} began on {era.begins}")
    if day > era.ends:
        raise NoSuchDayError(text, f"{era.name} ended on {era.ends}")
    if day < _GREGORIAN:
        raise NoSuchDayError(text, f"Japan counts by this calendar since {_GREGORIAN}, 明治6年")


def _what_is_wrong(value: str) -> str:
    if not re.search(rf"\d|(?:元|[十{_KANJI}])[年月日]", value):
        return "it holds no number; a heading?"
    if re.fullmatch(rf"{_YEAR}年(?:{_NUMBER})月(?:{_NUMBER})\D", value):
        return f"it ends in {value[-1]} instead of 日"
    if "年" in value and "月" not in value:
        return "it names no month; a heading?"
    return "it is not written as year, month and day"
