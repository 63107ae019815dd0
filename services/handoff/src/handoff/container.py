"""The one place where handoff's use cases are put together."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from handoff.assignment.dry_runs import DryRuns
from handoff.assignment.queries import AssignmentQueries
from handoff.assignment.service import Assignments
from handoff.leads.service import Leads
from handoff.measures.agenda_queries import AgendaQueries
from handoff.measures.queries import MeasureQueries
from handoff.packets.service import Packets
from handoff.settings import HandoffSettings
from handoff.teams.queries import TeamQueries
from handoff.teams.service import Teams
from kakehashi_common.clock import Clock, WallClock
from kakehashi_common.db import Database

if TYPE_CHECKING:
    from kakehashi_common.auth import TokenVerifier


@dataclass(eq=False)
class Container:
    """One installation: each part is made when it is first asked for, and nothing connects then."""

    settings: HandoffSettings
    database: Database
    clock: Clock = field(default_factory=WallClock)

    @cached_property
    def verifier(self) -> "TokenVerifier":
        """Proves bearer tokens; whoever uses it closes it."""
        from kakehashi_common.auth import TokenVerifier

        return TokenVerifier(self.settings.auth)

    @cached_property
    def assignments(self) -> Assignments:
        """Assigns handoffs."""
        return Assignments()

    @cached_property
    def dry_runs(self) -> DryRuns:
        """Makes past assignments once more under other rules."""
        return DryRuns(self.database)

    @cached_property
    def assignment_queries(self) -> AssignmentQueries:
        """Answers reads of assignments and rotations."""
        return AssignmentQueries(self.database)

    @cached_property
    def leads(self) -> Leads:
        """Keeps what is known of leads."""
        return Leads(self.database, self.clock)

    @cached_property
    def packets(self) -> Packets:
        """Shows packets, and keeps what people enter and find."""
        return Packets(self.database, self.clock)

    @cached_property
    def teams(self) -> Teams:
        """Changes teams, members and territories."""
        return Teams(self.database)

    @cached_property
    def team_queries(self) -> TeamQueries:
        """Answers reads of them."""
        return TeamQueries(self.database)

    @cached_property
    def agenda_queries(self) -> AgendaQueries:
        """Prepares the weekly meeting of both sides."""
        return AgendaQueries(self.database, self.clock)

    @cached_property
    def measure_queries(self) -> MeasureQueries:
        """Measures handoffs."""
        return MeasureQueries(self.database, self.clock)
