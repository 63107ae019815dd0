"""Days that a text names, in Japanese and English, each by the words that name it.

A day without a year is the one nearest to the mail's, and the end of a range is not before its
start. Of a week, a month or a year as a whole it is the last day.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from followup.domain.inbox.months import (
    DAYS_OF_A_WEEK,
    MONTHS_OF_A_YEAR,
    coming_weekday,
    end_of_part,
    later_day,
    monday_of,
    months_later,
)
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.japanese_dates import NotAYearError, western_year, whole_number

_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec"
_ANY_MONTH: Final = _MONTHS.replace(" ", "|")
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KANJI_WEEKDAYS: Final = "月火水木金土日"
_YEARS_ON: Final = {"再来年": 2, "来年": 1, "翌年": 1, "明年": 1, "今年": 0, "本年": 0, "同年": 0}
_MONTHS_ON: Final = {"再来月": 2, "来月": 1, "翌月": 1, "今月": 0, "当月": 0, "同月": 0, "同": 0}
_DAYS_ON: Final = {
    **dict.fromkeys(("本日", "今日", "today"), 0),
    **dict.fromkeys(("明日", "翌日", "明朝", "tomorrow"), 1),
    "明後日": 2,
}
_WEEKS_ON: Final = {"再来週": 2, "来週": 1, "次週": 1, "翌週": 1, "今週": 0}
_FISCAL_YEAR_BEGINS: Final = 4
_SHORT_WESTERN_YEARS: Final = 20
"""Below it, a year of two digits is one of the era."""
_OPENS: Final = 4
"""The first day of January after the closure (行政機関の休日に関する法律1条1項3号)."""

_N: Final = r"(?:\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_ERA: Final = r"令和|[rR令](?=\d)"
_MONTH: Final = rf"(?:{_ANY_MONTH})[a-z]*\.?"
_ORDINAL: Final = r"(\d{1,2})(?:st|nd|rd|th)?(?![\d:/])"
WEEKDAY_BEHIND: Final = (
    r"(?:\([月火水木金土日](?:曜日?)?(?:[・/,].{1,3})?\)|[月火水木金土日]曜日?)?"
)
TIME: Final = r"(?:(?:の|\s)*(?:午前|午後|am|pm)?\s*\d{1,2}(?:時(?:\d{1,2}分)?|:\d{2}))?"
_RANGE: Final = re.compile(
    rf"{WEEKDAY_BEHIND}{TIME}\s*(?:(?:から|より)[^。]{{0,12}}|[~\-–]|(?:to|through|thru)\b)\s*"
)
_LIST: Final = re.compile(rf"{WEEKDAY_BEHIND}\s*(?:[、・,/]|と|及び|および|並びに)\s*")
_SOME: Final = re.compile(r"\d[~、・,\-–]$")
"""Before a number of days: 2、3日."""


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day, and where the words stand that name it.

    Args:
        since: of a week as a whole: its first day.
        is_return: it follows upon something: 翌営業日, 週明け, 年明け.
        ends_range: the start of its range stands right before it.
        is_counted: it is the last of a number of days, weeks or months.
        is_month: it is the first day of a month, which may be meant.
        is_nearest: its year is not named.
    """

    on: date
    start: int = 0
    end: int = 0
    since: date | None = None
    is_return: bool = False
    ends_range: bool = False
    is_counted: bool = False
    is_month: bool = False
    is_nearest: bool = False


@dataclass(frozen=True, slots=True)
class _Beside:
    """The context in which a day is read.

    Args:
        previous: the day that was named last.
        ends_range: that day is the start of a range of which this one is the end.
        continues: that day is the start of a range or a list.
        is_some: the words before it are a number, too.
    """

    sent_on: date
    business_days: BusinessDays
    previous: date | None
    ends_range: bool
    continues: bool
    is_some: bool

    @property
    def base(self) -> date:
        """The day by which a day is read that has no month."""
        return self.sent_on if self.previous is None else self.previous


def named_days(text: str, sent_on: date, business_days: BusinessDays) -> Iterator[NamedDay]:
    """Return the days that a text names, in their order.

    Args:
        text: in half width, without spaces beside Japanese signs.
        sent_on: when it was written.
        business_days: for 翌営業日.
    """
    found = sorted(
        ((each, read) for form, read in _FORMS for each in form.finditer(text)),
        key=lambda each: (each[0].start(), -each[0].end()),
    )
    previous: NamedDay | None = None
    position = 0
    for match, read in found:
        if match.start() < position:
            continue
        between = None if previous is None else text[previous.end : match.start()]
        ends_range = between is not None and _RANGE.fullmatch(between) is not None
        beside = _Beside(
            sent_on,
            business_days,
            None if previous is None else previous.on,
            ends_range,
            ends_range or (between is not None and _LIST.fullmatch(between) is not None),
            _SOME.search(text[max(0, match.start() - 3) : match.start()]) is not None,
        )
        try:
            named = read(match, beside)
        except (ValueError, OverflowError, NotAYearError):  # 12/45: no day, and no part of it is
            position = match.end()
            continue
        if named is None:
            continue
        position = match.end()
        day = named if isinstance(named, NamedDay) else NamedDay(named)
        previous = replace(day, start=match.start(), end=match.end(), ends_range=ends_range)
        yield previous


def _full(found: re.Match[str], _: _Beside) -> date:
    year = _year(found["year"], found["era"])
    return date(year, whole_number(found["month"]), whole_number(found["day"]))


def _month_day(found: re.Match[str], beside: _Beside) -> NamedDay | date:
    month, day = whole_number(found["month"]), whole_number(found["day"])
    year = _year_named(found["on"], beside)
    if year is None:
        return NamedDay(_nearest(month, day, beside), is_nearest=True)
    return date(year, month, day)


def _month(found: re.Match[str], beside: _Beside) -> NamedDay | date:
    """Read 3月末, 12月中, 3月まで, and the month in which something begins: 4月から."""
    month = whole_number(found["month"])
    year = _year_named(found["on"], beside)
    if found["year"]:
        year = _year(found["year"], found["era"])
    part = found["part"]
    if year is None:
        year = _nearest(month, 1, replace(beside, previous=beside.base.replace(day=1))).year
    if part is None:
        return NamedDay(date(year, month, 1), is_month=True)
    return end_of_part(date(year, month, 1), part)


def _month_on(found: re.Match[str], beside: _Beside) -> date:
    """Read 来月5日, 同月4日, 今月末, 来月中."""
    word = found["on"]
    base = beside.base if word[0] in "同翌" else beside.sent_on
    first = months_later(base, _MONTHS_ON[word])
    on = _in_month(first, found)
    if beside.ends_range and on < beside.base:
        return _in_month(months_later(first, 1), found)
    return on


def _in_month(first: date, found: re.Match[str]) -> date:
    if found["day"] is None:
        return end_of_part(first, found["part"])
    return first.replace(day=whole_number(found["day"]))


def _month_end(_: re.Match[str], beside: _Beside) -> date:
    return end_of_part(beside.sent_on.replace(day=1), "末")


def _fiscal_year_end(found: re.Match[str], beside: _Beside) -> date:
    word = found["on"] or "今"
    if word in "今本当来翌":
        begun = beside.sent_on.year - (beside.sent_on.month < _FISCAL_YEAR_BEGINS)
        year = begun + (word in "来翌")
    else:
        year = western_year(f"令和{word.lstrip('令和rR')}")
    return date(year + 1, _FISCAL_YEAR_BEGINS, 1) - timedelta(days=1)


def _year_end(_: re.Match[str], beside: _Beside) -> date:
    return date(beside.sent_on.year, MONTHS_OF_A_YEAR, 31)


def _new_year(_: re.Match[str], beside: _Beside) -> NamedDay:
    year = beside.sent_on.year + (beside.sent_on.month > 1)
    return NamedDay(date(year, 1, _OPENS), is_return=True)


def _length(found: re.Match[str], beside: _Beside) -> NamedDay:
    """Read 3日間, 一週間, 半年: from the day before it, else in doubt from tomorrow."""
    number = 6 if found["half"] else whole_number(found["number"])
    since = beside.base - timedelta(days=1) if beside.ends_range else beside.sent_on
    if found["half"] or found["months"]:
        on = months_later(since, number, keeps_day=True)
    elif found["years"]:
        on = months_later(since, number * MONTHS_OF_A_YEAR, keeps_day=True)
    else:
        on = since + timedelta(days=number * (DAYS_OF_A_WEEK if found["weeks"] else 1))
    return NamedDay(on, is_counted=True)


def _day_alone(found: re.Match[str], beside: _Beside) -> date | None:
    """Read 5日: of the month of the day before it in a range or list, else of the mail's."""
    if beside.is_some and not beside.continues:
        return None
    base = beside.base if beside.continues else beside.sent_on
    return later_day(base, int(found["day"]))


def _listed(found: re.Match[str], beside: _Beside) -> date | None:
    """Read the 2 of 12/1・2."""
    return later_day(beside.base, int(found["day"])) if beside.continues else None


def _english(found: re.Match[str], beside: _Beside) -> date:
    text = found[0].lower()
    numbers = [int(each) for each in re.findall(r"\d+", text)]
    name = re.search(rf"\b(?:{_ANY_MONTH})", text)
    month = _MONTHS.index(name[0] if name else "?") // len("jan ") + 1
    if len(numbers) > 1:
        return date(numbers[1], month, numbers[0])
    return _nearest(month, numbers[0], beside)


def _american(found: re.Match[str], _: _Beside) -> date:
    first, second, year = (int(each) for each in found[0].split("/"))
    month, day = (first, second) if first <= MONTHS_OF_A_YEAR else (second, first)
    return date(year, month, day)


def _day_on(found: re.Match[str], beside: _Beside) -> date:
    return beside.sent_on + timedelta(days=_DAYS_ON[found[0].lower()])


def _next_open(_: re.Match[str], beside: _Beside) -> NamedDay:
    return NamedDay(beside.business_days.shift(beside.sent_on, 1), is_return=True)


def _after_weekend(_: re.Match[str], beside: _Beside) -> NamedDay:
    return NamedDay(monday_of(beside.sent_on, 1), is_return=True)


def _week(found: re.Match[str], beside: _Beside) -> NamedDay:
    monday = monday_of(beside.sent_on, _WEEKS_ON.get(found["on"], 1))
    since = None if found["whole"] else max(monday, beside.sent_on)
    return NamedDay(monday + timedelta(days=DAYS_OF_A_WEEK - 1), since=since)


def _weekday(found: re.Match[str], beside: _Beside) -> date:
    weekday = _KANJI_WEEKDAYS.index(found["weekday"])
    if found["on"] in ("来週", "次週", "再来週"):
        return monday_of(beside.sent_on, _WEEKS_ON[found["on"]]) + timedelta(days=weekday)
    return coming_weekday(weekday, beside.sent_on)


def _english_weekday(found: re.Match[str], beside: _Beside) -> date:
    return coming_weekday(_WEEKDAYS.index(found["weekday"].lower()), beside.sent_on)


_Read = Callable[[re.Match[str], _Beside], NamedDay | date | None]
_YEAR_ON: Final = rf"(?:(?P<on>{'|'.join(_YEARS_ON)})の?)"
_WHOLE: Final = r"中(?!旬)|いっぱい|一杯"
_PART: Final = rf"(?P<part>末日?|中旬|[上初下]旬|半ば|{_WHOLE}|(?=まで|迄))"
_ABOUT: Final = r"ほど|程|くらい|ぐらい|後"

_FORMS: Final[tuple[tuple[re.Pattern[str], _Read], ...]] = tuple(
    (re.compile(form, re.IGNORECASE), read)
    for form, read in (
        (
            (
                rf"(?P<era>{_ERA})?(?P<year>元|\d{{1,4}}|[一二三四五六七八九十]{{1,3}})年"
                rf"(?P<month>{_N})月(?P<day>{_N})日"
            ),
            _full,
        ),
        (
            (
                r"(?P<era>[rR令])?(?P<year>(?:20)?\d{1,2})(?P<sign>[/.-])(?P<month>\d{1,2})(?P=sign)"
                r"(?P<day>\d{1,2})(?!\d)"
            ),
            _full,
        ),
        (rf"{_YEAR_ON}?(?P<month>{_N})月(?P<day>{_N})日", _month_day),
        (rf"{_YEAR_ON}?(?<![\d/.-])(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})(?![\d/])", _month_day),
        (
            (
                rf"(?:{_YEAR_ON}|(?P<era>{_ERA})?(?P<year>元|\d{{1,4}})年)?(?<!\d)(?P<month>{_N})月"
                rf"(?:{_PART}|(?=から|より|に))"
            ),
            _month,
        ),
        (rf"(?P<on>{'|'.join(_MONTHS_ON)})の?(?:(?P<day>{_N})日|{_PART})", _month_on),
        (r"月末", _month_end),
        (
            rf"(?P<on>[今本当来翌]|(?:令和|[rR])(?:元|\d{{1,2}}))?年度(?:末|内|{_WHOLE})",
            _fiscal_year_end,
        ),
        (rf"年内|[今本]?年(?:末(?!年始|調整)|{_WHOLE})", _year_end),
        (r"年明け", _new_year),
        (
            (
                rf"(?P<half>半年)間?|(?<!\d)(?P<number>\d{{1,3}}|{_N})(?:日間|日(?={_ABOUT})"
                rf"|(?P<weeks>週間|週(?={_ABOUT}))|(?P<months>[かヶカケヵ箇個]月間?)"
                rf"|(?P<years>年間|年(?={_ABOUT})))"
            ),
            _length,
        ),
        (
            r"(?<![\d月第/.:])(?P<day>\d{1,2})日(?!間|以内|前|目|付|本|中|に(?:\d|数|一))",
            _day_alone,
        ),
        (r"(?<=[・,、~\-–])(?P<day>\d{1,2})(?![\d/:.日月年時件名回])", _listed),
        (
            (
                rf"(?:{_MONTH})\s+{_ORDINAL}(?:,?\s+(?:20\d\d))?"
                rf"|{_ORDINAL}\s+(?:of\s+)?(?:{_MONTH})(?:,?\s+20\d\d)?"
            ),
            _english,
        ),
        (r"\d{1,2}/\d{1,2}/20\d\d", _american),
        (rf"(?<![a-z])(?:{'|'.join(_DAYS_ON)})(?![a-z])", _day_on),
        (r"翌営業日|翌開庁日|次の営業日|\bnext (?:business|working) day\b", _next_open),
        (r"週明け", _after_weekend),
        (
            (
                rf"(?:(?P<on>{'|'.join(_WEEKS_ON)})(?!の?[月火水木金土日]曜)"
                rf"|\bnext week\b(?!\s*on))(?P<whole>末|{_WHOLE})?"
            ),
            _week,
        ),
        (
            (
                rf"(?:(?P<on>{'|'.join(_WEEKS_ON)}|次)の?)?"
                r"(?<![・(月火水木金土日\d])(?P<weekday>[月火水木金土日])曜日?"
            ),
            _weekday,
        ),
        (rf"\b(?:next\s+)?(?P<weekday>{'|'.join(_WEEKDAYS)})\b", _english_weekday),
    )
)


def _year(named: str, era: str | None) -> int:
    if era is not None:
        return western_year(f"令和{named}")
    year = whole_number(named)
    if year < _SHORT_WESTERN_YEARS:  # 8.12.1
        return western_year(f"令和{named}")
    return year if year > 99 else 2000 + year  # noqa: PLR2004 - 26/12/4


def _year_named(word: str | None, beside: _Beside) -> int | None:
    if word is None:
        return None
    base = beside.base if word in ("翌年", "同年") else beside.sent_on
    return base.year + _YEARS_ON[word]


def _nearest(month: int, day: int, beside: _Beside) -> date:
    """Return the day of the year before, the same or the next that is nearest to the mail's.

    The end of a range is the first one behind its start.
    """
    days = []
    for year in range(beside.sent_on.year - 1, beside.sent_on.year + 3):
        try:
            days.append(date(year, month, day))
        except ValueError:  # 29 February
            continue
    if beside.ends_range:
        days = [min(each for each in days if each >= beside.base)]  # ValueError: none is
    return min(days, key=lambda each: abs(each - beside.sent_on))
