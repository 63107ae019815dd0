"""Japan's public holidays (国民の祝日に関する法律), from jpholiday."""

from datetime import date
from functools import lru_cache

import jpholiday

from kakehashi_common.domain.business_days import BusinessDays


@lru_cache(maxsize=64)
def _of_year(year: int) -> frozenset[date]:
    return frozenset(day for day, _ in jpholiday.year_holidays(year))


def is_holiday(day: date) -> bool:
    """Whether ``day`` is a public holiday; asked often, so each year is looked up once."""
    return day in _of_year(day.year)


BUSINESS_DAYS = BusinessDays(is_holiday)
"""The days on which local governments are open."""
