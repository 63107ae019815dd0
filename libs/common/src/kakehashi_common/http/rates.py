"""Proportions in the APIs' answers."""

from pydantic import Field

from kakehashi_common.domain.proportions import Proportion
from kakehashi_common.http.requests import ResponseBody


class RateOut(ResponseBody):
    """A count out of ``n`` cases. The rate is null when there are fewer than 10 cases."""

    count: int
    n: int
    rate: float | None = Field(ge=0, le=1)
    low: float | None = Field(ge=0, le=1, description="Wilson's interval, 95 %")
    high: float | None = Field(ge=0, le=1)
    too_few: bool

    @classmethod
    def of(cls, found: Proportion) -> "RateOut":
        """Show a proportion."""
        interval = found.interval
        return cls(
            count=found.count,
            n=found.n,
            rate=found.rate,
            low=interval and interval.low,
            high=interval and interval.high,
            too_few=found.too_few,
        )
