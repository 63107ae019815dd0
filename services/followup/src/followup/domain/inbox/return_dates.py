"""When somebody is back, as automatic replies say it in Japanese and English.

A reply names days in many roles: the first and the last of an absence, the day of the return, a
telephone number that looks like a day. What stands next to a day decides. A day without a year is
the one nearest to the mail's.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Final

from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.japanese_dates import NotAYearError, western_year, whole_number

_LONGEST_ABSENCE: Final = timedelta(days=1_100)
"""Three years: the longest leave for a child of a local official (地方公務員育児休業法2条)."""
_DAYS_OF_A_WEEK: Final = 7
_DAYS_AHEAD: Final = {"today": 0, "tomorrow": 1, "after": 2}
_LONGEST_TEXT: Final = 4_000

_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KANJI_WEEKDAYS: Final = "月火水木金土日"

_N: Final = r"(?:\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_MONTH: Final = rf"(?:{'|'.join(_MONTHS)})[a-z]*\.?"
_ORDINAL: Final = r"(\d{1,2})(?:st|nd|rd|th)?(?![\d:/])"
_WEEKDAY_BEHIND: Final = (
    r"(?:\([月火水木金土日](?:曜日?)?(?:[・/,].{1,3})?\)|[月火水木金土日]曜日?)?"
)

_DAY: Final = re.compile(
    rf"(?P<era>令和|[rR令](?=\d))?(?P<y>元|\d{{1,4}}|[一二三四五六七八九十]{{1,3}})年(?P<m>{_N})月(?P<d>{_N})日"
    rf"|(?P<era2>[rR令])?(?P<y2>(?:20)?\d{{1,2}})(?P<sign>[/.-])(?P<m2>\d{{1,2}}"
    rf")(?P=sign)(?P<d2>\d{{1,2}})(?!\d)"
    rf"|(?P<m3>{_N})月(?P<d3>{_N})日"
    r"|(?<![\d/.-])(?P<m4>\d{1,2})/(?P<d4>\d{1,2})(?![\d/])"
    rf"|(?P<only>(?<=[~\-–])\d{{1,2}})(?=日)日"
    rf"|(?P<en>(?:{_MONTH})\s+{_ORDINAL}(?:,?\s+(?:20\d\d))?"
    rf"|{_ORDINAL}\s+(?:of\s+)?(?:{_MONTH})(?:,?\s+20\d\d)?)"
    r"|(?P<us>\d{1,2}/\d{1,2}/20\d\d)"
    r"|(?P<today>本日|今日|\btoday\b)|(?P<tomorrow>明日|翌日|明朝|\btomorrow\b)|(?P<after>明後日)"
    r"|(?P<nextopen>翌営業日|翌開庁日|次の営業日|\bnext (?:business|working) day\b)"
    r"|(?P<week>来週|週明け|\bnext week\b(?!\s*on))(?!の?[月火水木金土日]曜)"
    r"|(?P<weekday>(?P<of>来週|今週|次)?の?(?<![・(月火水木金土日\d])(?P<wd>[月火水木金土日])曜日?)"
    rf"|\b(?P<next>next\s+)?(?P<enwd>{'|'.join(_WEEKDAYS)})\b",
    re.IGNORECASE,
)
_TIME: Final = r"(?:(?:の|\s)*(?:午前|午後|am|pm)?\s*\d{1,2}(?:時(?:\d{1,2}分)?|:\d{2}))?"
_BEHIND_UNTIL: Final = re.compile(rf"{_WEEKDAY_BEHIND}{_TIME}\s*(?:いっぱい|中)?(?:まで|迄)(?!に)")
_BEHIND_BACK: Final = re.compile(
    rf"{_WEEKDAY_BEHIND}{_TIME}\s*(?:の?(?:朝|午前|午後))?(?:に|より|から|以降|以後|付で)(?:に|は|の|、|順次|改めて"
    rf"|通常(?:通り|どおり)?)*"
    r".{0,14}?(?:出社|出勤|出庁|登庁|戻|復帰|対応|返信|連絡|ご?返答|回答|再開|業務|確認|開庁)"
)
_BEHIND_AFTER: Final = re.compile(rf"{_WEEKDAY_BEHIND}{_TIME}\s*(?:以降|以後)")
_BEHIND_START: Final = re.compile(rf"{_WEEKDAY_BEHIND}{_TIME}\s*(?:から|より|[~\-–])")
_BEHIND_AWAY: Final = re.compile(
    rf"{_WEEKDAY_BEHIND}\s*(?:は|に|の|、|,)?(?:終日)?.{{0,12}}?(?:不在|休み|お休み|休暇|休業|出張|閉庁)"
)
_BEHIND_ENGLISH_START: Final = re.compile(
    r"(?:,?\s*20\d\d)?\s*(?:to|through|thru|until|till|-|–|~)\s"
)
_BEFORE_UNTIL: Final = re.compile(
    r"(?:until|till|through|thru|\bto|[-–~])\s*(?:and including\s*)?(?:(?:on"
    r"|the)\s+)?(?:\w+day,?\s*)?$",
    re.IGNORECASE,
)
_BEFORE_BACK: Final = re.compile(
    r"(?:\bback|return(?:ing)?|resum(?:e|ing)|available(?: again)?|in the office|reply"
    r"|respond|answer)\b"
    r"[^.;\n]{0,40}?(?:\bon|\bfrom|\bby|\bas of|\bafter"
    r"|\bstarting)?\s*(?:the\s+)?(?:\w+day,?\s*)?(?:the\s+)?$",
    re.IGNORECASE,
)
_BEFORE_AWAY: Final = re.compile(
    r"\b(?:out of (?:the )?office|away|on (?:leave|vacation|holiday)|closed)\b[^.;\n]{0,20}$",
    re.IGNORECASE,
)
_RANGE_BEFORE: Final = re.compile(r"(?:から|より|[~\-–])\s*$")
_BEHIND: Final = 60
_BEFORE: Final = 70


class _Role(IntEnum):
    """What a named day is in an absence, by how much it says."""

    BACK = 3
    LAST = 2
    AWAY = 1
    NONE = 0


@dataclass(frozen=True, slots=True)
class Return:
    """The first day on which somebody is back, and the words that say so."""

    on: date
    words: str


@dataclass(frozen=True, slots=True)
class _Named:
    on: date
    role: _Role
    words: str


def return_in(text: str, sent_on: date, business_days: BusinessDays) -> Return | None:
    """Return when the person is back, by a text that was written on ``sent_on``.

    A day of return counts before the last day of an absence, and that before a day on which the
    person is away; of several of a kind the latest. The day after an absence is the next business
    day. ``None`` if no day is stated, or one that has passed or is years away.
    """
    plain = unicodedata.normalize("NFKC", text[:_LONGEST_TEXT]).replace("〜", "~").replace("−", "-")
    plain = re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", plain)
    plain = re.sub(r"\s+", " ", plain)
    named = [
        each
        for each in _named(plain, sent_on, business_days)
        if each.role and sent_on <= each.on <= sent_on + _LONGEST_ABSENCE
    ]
    if not named:
        return None
    best = max(named, key=lambda each: (each.role, each.on))
    if best.role is _Role.BACK:
        return Return(business_days.on_or_after(best.on), best.words)
    return Return(business_days.shift(best.on, 1), best.words)


def _named(text: str, sent_on: date, business_days: BusinessDays) -> Iterator[_Named]:
    previous: date | None = None
    for found in _DAY.finditer(text):
        on = _day(found, sent_on, previous, business_days)
        if on is None:
            continue
        before = text[max(0, found.start() - _BEFORE) : found.start()]
        behind = text[found.end() : found.end() + _BEHIND]
        role = _role(found, before, behind)
        previous = on
        yield _Named(on, role, text[found.start() : found.end() + 12].strip())


def _role(found: re.Match[str], before: str, behind: str) -> _Role:
    if _BEHIND_UNTIL.match(behind):
        # Away until the next business day: back on it.
        return _Role.BACK if found["nextopen"] else _Role.LAST
    if _BEHIND_BACK.match(behind) or _BEFORE_BACK.search(before):
        return _Role.BACK
    begins = _BEHIND_START.match(behind) or _BEHIND_ENGLISH_START.match(behind)
    if not begins and (_RANGE_BEFORE.search(before) or _BEFORE_UNTIL.search(before)):
        return _Role.LAST
    if not begins and (found["nextopen"] or found["week"] or _BEHIND_AFTER.match(behind)):
        return _Role.BACK
    away = begins or _BEHIND_AWAY.match(behind) or _BEFORE_AWAY.search(before)
    return _Role.AWAY if away else _Role.NONE


def _day(
    found: re.Match[str], sent_on: date, previous: date | None, business_days: BusinessDays
) -> date | None:
    try:
        return _relative(found, sent_on, business_days) or _written(found, sent_on, previous)
    except (ValueError, OverflowError, NotAYearError):
        return None  # 12/45: no day


def _relative(found: re.Match[str], sent_on: date, business_days: BusinessDays) -> date | None:
    for name, days in _DAYS_AHEAD.items():
        if found[name]:
            return sent_on + timedelta(days=days)
    if found["nextopen"]:
        return business_days.shift(sent_on, 1)
    next_monday = sent_on + timedelta(days=_DAYS_OF_A_WEEK - sent_on.weekday())
    if found["week"]:
        return next_monday
    if found["wd"]:
        weekday = _KANJI_WEEKDAYS.index(found["wd"])
    elif found["enwd"]:
        weekday = _WEEKDAYS.index(found["enwd"].lower())
    else:
        return None
    if found["of"] == "来週":
        return next_monday + timedelta(days=weekday)
    ahead = (weekday - sent_on.weekday()) % _DAYS_OF_A_WEEK or _DAYS_OF_A_WEEK
    return sent_on + timedelta(days=ahead)


def _written(found: re.Match[str], sent_on: date, previous: date | None) -> date | None:
    if found["only"]:
        return None if previous is None else _later_day(previous, int(found["only"]))
    if found["en"]:
        return _english(found["en"].lower(), sent_on)
    if found["us"]:
        first, second, year = (int(each) for each in found["us"].split("/"))
        month, day = (first, second) if first <= 12 else (second, first)  # noqa: PLR2004 - months
        return date(year, month, day)
    year_named = found["y"] or found["y2"]
    month = whole_number(found["m"] or found["m2"] or found["m3"] or found["m4"])
    day = whole_number(found["d"] or found["d2"] or found["d3"] or found["d4"])
    if year_named is None:
        return _nearest(month, day, sent_on)
    return date(_year(year_named, found["era"] or found["era2"]), month, day)


def _year(named: str, era: str | None) -> int:
    if era is not None:
        return western_year(f"令和{named}")
    year = whole_number(named) if len(named) < 4 else int(named)  # noqa: PLR2004 - 2026
    return year if year > 99 else 2000 + year  # noqa: PLR2004 - 26/12/4


def _english(text: str, sent_on: date) -> date:
    numbers = [int(each) for each in re.findall(r"\d+", text)]
    name = re.search(rf"\b(?:{'|'.join(_MONTHS)})", text)
    month = _MONTHS.index(name[0] if name else "") + 1
    if len(numbers) > 1:
        return date(numbers[1], month, numbers[0])
    return _nearest(month, numbers[0], sent_on)


def _nearest(month: int, day: int, sent_on: date) -> date:
    """Return the day of the year before, the same or the next that is nearest to the mail's."""
    candidates = []
    for year in (sent_on.year - 1, sent_on.year, sent_on.year + 1):
        try:
            candidates.append(date(year, month, day))
        except ValueError:  # 29 February
            continue
    return min(candidates, key=lambda each: abs(each - sent_on))


def _later_day(previous: date, day: int) -> date:
    """Return the day of a range's end that names no month: ``12月1日~5日``, ``12/29~3日``."""
    if day >= previous.day:
        return previous.replace(day=day)
    first_of_next = (previous.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first_of_next.replace(day=day)
