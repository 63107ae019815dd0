"""The parts of the container about what sellers have to do, and when they are free."""

from dataclasses import dataclass
from functools import cached_property

from followup.daily_lists.calendars import Calendars
from followup.daily_lists.queries import DailyLists
from followup.sellers.free_slots import OwnCalendars
from followup.settings import FollowupSettings
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database
from kakehashi_common.webhooks.posting import WebhookClient


@dataclass(eq=False)
class SellerContainer:
    """The parts of one installation."""

    settings: FollowupSettings
    database: Database
    clock: Clock
    client: WebhookClient

    @cached_property
    def daily_lists(self) -> DailyLists:
        """Shows what each seller has to do."""
        return DailyLists(self.database, self.clock)

    @cached_property
    def calendars(self) -> Calendars:
        """Opens calendar feeds of daily lists."""
        return Calendars(self.database, self.clock)

    @cached_property
    def own_calendars(self) -> OwnCalendars:
        """Reads sellers' own calendars."""
        return OwnCalendars(self.database, self.client, self.settings.webhooks, self.clock)
