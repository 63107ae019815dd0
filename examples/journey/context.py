"""What every step of a journey needs."""

from dataclasses import dataclass
from datetime import date, datetime

from examples.journey.cast import Cast
from examples.journey.services import Services, StackSettings
from examples.journey.steps import Steps
from kakehashi_common.clock import japan_day


@dataclass(frozen=True, slots=True)
class Journey:
    """One run: whom it follows, where, and how it is shown."""

    steps: Steps
    services: Services
    stack: StackSettings
    cast: Cast
    now: datetime
    """When it began."""

    @property
    def today(self) -> date:
        """The day in Japan."""
        return japan_day(self.now)
