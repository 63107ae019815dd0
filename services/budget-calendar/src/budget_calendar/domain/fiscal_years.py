"""Fiscal years (会計年度): year N runs from 1 April N to 31 March N+1 (地方自治法208条)."""

from datetime import date

_FIRST_MONTH = 4
_REIWA_BEFORE_ITS_FIRST_YEAR = 2018
_HEISEI_BEFORE_ITS_FIRST_YEAR = 1988
_REIWA_FROM_FISCAL_YEAR = 2019


def fiscal_year_of(day: date) -> int:
    """The fiscal year that ``day`` is in."""
    return day.year if day.month >= _FIRST_MONTH else day.year - 1


def first_day(fiscal_year: int) -> date:
    """1 April of the year."""
    return date(fiscal_year, _FIRST_MONTH, 1)


def last_day(fiscal_year: int) -> date:
    """31 March of the year after."""
    return date(fiscal_year + 1, 3, 31)


def japanese_name(fiscal_year: int) -> str:
    """The year as Japanese documents name it: ``令和8年度``, its first year ``令和元年度``.

    A fiscal year goes by the era in which most of it lies: 2019 is 令和元年度.
    """
    if fiscal_year >= _REIWA_FROM_FISCAL_YEAR:
        era, year = "令和", fiscal_year - _REIWA_BEFORE_ITS_FIRST_YEAR
    else:
        era, year = "平成", fiscal_year - _HEISEI_BEFORE_ITS_FIRST_YEAR
    return f"{era}{'元' if year == 1 else year}年度"
