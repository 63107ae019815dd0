"""The rules of sending, as the settings give them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from functools import cached_property
from typing import Final

from followup.domain.send_policy.caps import CAPS, Cap
from followup.domain.send_policy.quiet_periods import TRANSFERS, YearlyPeriod
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.business_time import WEEKDAYS, BusinessTime, Hours

HOURS: Final = (Hours(time(9), time(12)), Hours(time(13), time(17)))
"""Within the hours in which local governments are open, less the lunch break (common practice)."""


@dataclass(frozen=True)
class SendPolicy:
    """The rules for the time and the number of mails."""

    business_days: BusinessDays
    hours: tuple[Hours, ...] = HOURS
    """On business days; in Japan's time."""
    quiet: tuple[YearlyPeriod, ...] = (TRANSFERS,)
    caps: tuple[Cap, ...] = field(default=CAPS)
    at_any_time: bool = False
    """Whether neither hours nor holidays nor quiet periods hold mail up."""

    @cached_property
    def business_time(self) -> BusinessTime:
        """The hours in which mail may go."""
        hours: Mapping[int, tuple[Hours, ...]] = dict.fromkeys(WEEKDAYS, self.hours)
        return BusinessTime(self.business_days.__contains__, hours)
