"""The context of every step of a journey."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from examples.journey.cast import Cast
from examples.journey.services import Services, StackSettings, post
from examples.journey.steps import Steps
from kakehashi_common.clock import japan_day
from kakehashi_common.http.client import Api


@dataclass(frozen=True, slots=True)
class Journey:
    """One run: whom it follows, where, and how it is shown."""

    steps: Steps
    services: Services
    stack: StackSettings
    cast: Cast
    now: datetime
    """When it began."""

    def ask(self, what: str, api: Api, path: str, body: dict[str, Any]) -> None:
        """Send a request, again while the service is busy, until it is answered.

        Raises:
            StepError: it was not in time.
        """
        key = f"{self.cast.run}{path}".replace("/", "-")
        self.steps.wait(what, lambda: bool(post(api, path, body, key)))

    @property
    def today(self) -> date:
        """The day in Japan."""
        return japan_day(self.now)
