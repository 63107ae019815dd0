"""The one place where followup's use cases are put together."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from followup.contacts.service import Contacts
from followup.domain.playbooks.checks import Limits
from followup.playbooks.fact_sheets import FactSheets
from followup.playbooks.service import Playbooks
from followup.settings import FollowupSettings
from kakehashi_common.clock import Clock, WallClock
from kakehashi_common.db import Database

if TYPE_CHECKING:
    from kakehashi_common.auth import TokenVerifier


@dataclass(eq=False)
class Container:
    """One installation: each part is made when it is first asked for, and nothing connects then."""

    settings: FollowupSettings
    database: Database
    clock: Clock = field(default_factory=WallClock)

    @cached_property
    def verifier(self) -> "TokenVerifier":
        """Proves bearer tokens; whoever uses it closes it."""
        from kakehashi_common.auth import TokenVerifier

        return TokenVerifier(self.settings.auth)

    @cached_property
    def contacts(self) -> Contacts:
        """Keeps who the contacts are."""
        return Contacts(self.database)

    @cached_property
    def playbooks(self) -> Playbooks:
        """Keeps playbooks and their versions."""
        return Playbooks(self.database, Limits())

    @cached_property
    def fact_sheets(self) -> FactSheets:
        """Keeps the figures that texts state."""
        return FactSheets(self.database)
