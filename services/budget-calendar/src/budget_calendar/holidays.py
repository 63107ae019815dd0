"""Japan's public holidays (国民の祝日に関する法律), from jpholiday."""

from datetime import date
from functools import lru_cache

import jpholiday

from budget_calendar.domain.business_days import BusinessDays


@lru_cache(maxsize=100_000)
def is_holiday(day: date) -> bool:
    """Whether ``day`` is a public holiday; asked often, so answers are kept."""
    return jpholiday.is_holiday(day)


BUSINESS_DAYS = BusinessDays(is_holiday)
"""The days on which local governments are open."""
