"""The opening hours of municipalities' offices."""

from datetime import time
from typing import Final

from kakehashi_common.domain.business_time import WEEKDAYS, Hours

OFFICE_HOURS: Final = dict.fromkeys(
    WEEKDAYS, (Hours(time(8, 30), time(12)), Hours(time(13), time(17, 15)))
)
"""Common practice (地方公務員's 7 hours 45 minutes)."""
