"""A send policy for tests, which run at any hour of any day."""

from datetime import time
from functools import cached_property

from followup.domain.send_policy.policy import SendPolicy
from kakehashi_common.domain.business_time import BusinessTime, Hours


class AlwaysOpen(SendPolicy):
    """Lets mail go whenever the test runs."""

    @cached_property
    def business_time(self) -> BusinessTime:
        return BusinessTime(lambda _: True, dict.fromkeys(range(7), (Hours(time(), time()),)))
