"""The one place where budget-calendar's use cases are put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from temporalio.client import Client

from budget_calendar.calendars.calculator import CalendarCalculator
from budget_calendar.calendars.queries import CalendarQueries
from budget_calendar.calendars.service import Calendars
from budget_calendar.contract_rules.service import ContractRules
from budget_calendar.cycles.activities import BudgetCycleActivities
from budget_calendar.feeds.service import Subscriptions
from budget_calendar.follows.queries import FollowQueries
from budget_calendar.follows.service import Follows
from budget_calendar.maintenance.activities import MaintenanceActivities, RetentionPolicy
from budget_calendar.notifications.client import NotificationClient
from budget_calendar.notifications.service import Notifier
from budget_calendar.overview.queries import OverviewQueries
from budget_calendar.pursuits.activities import PursuitActivities
from budget_calendar.pursuits.client import PursuitWorkflows
from budget_calendar.pursuits.service import PursuitRequests
from budget_calendar.registry.queries import RegistryQueries
from budget_calendar.settings import BudgetCalendarSettings
from budget_calendar.subsidies.service import Subsidies
from kakehashi_common.clock import Clock, WallClock
from kakehashi_common.db import Database
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from kakehashi_common.temporal.client import lazy_client

if TYPE_CHECKING:
    from kakehashi_common.auth import TokenVerifier


@dataclass(eq=False)
class Container:
    """One installation: each part is made when it is first asked for, and nothing connects then.

    What loads FastAPI is imported where it is made: a worker doesn't need it. A test assigns what
    stands in for a part, before another part asks for that.
    """

    settings: BudgetCalendarSettings
    database: Database
    clock: Clock = field(default_factory=WallClock)

    @cached_property
    def temporal(self) -> Client:
        """Its client; the first call connects, and fails while Temporal is unavailable."""
        return lazy_client(self.settings.temporal)

    @cached_property
    def verifier(self) -> "TokenVerifier":
        """Verifies bearer tokens; whoever uses it closes it."""
        from kakehashi_common.auth import TokenVerifier

        return TokenVerifier(self.settings.auth)

    @cached_property
    def notification_client(self) -> NotificationClient:
        """Calls the workflows that are notified."""
        settings = self.settings
        return NotificationClient(
            self.temporal, settings.temporal.task_queue, settings.workflow_id_prefix
        )

    @cached_property
    def notifier(self) -> Notifier:
        """Notifies workflows of revisions."""
        return Notifier(self.database, self.notification_client)

    @cached_property
    def registry(self) -> RegistryQueries:
        """Answers reads of municipalities."""
        return RegistryQueries(self.database, self.clock)

    @cached_property
    def follows(self) -> Follows:
        """Follows municipalities."""
        return Follows(self.database, self.clock, self.notifier)

    @cached_property
    def follow_queries(self) -> FollowQueries:
        """Answers reads of follows."""
        return FollowQueries(self.database, self.registry)

    @cached_property
    def calculator(self) -> CalendarCalculator:
        """Computes calendars."""
        return CalendarCalculator(self.settings.template)

    @cached_property
    def calendars(self) -> Calendars:
        """Opens, corrects and computes calendars."""
        return Calendars(
            self.database,
            self.clock,
            self.calculator,
            self.notifier,
            topic_prefix=self.settings.topic_prefix,
        )

    @cached_property
    def calendar_queries(self) -> CalendarQueries:
        """Answers reads of calendars."""
        return CalendarQueries(self.database, self.clock, self.calendars)

    @cached_property
    def contract_rules(self) -> ContractRules:
        """Keeps municipalities' own contract rules."""
        return ContractRules(self.database, self.notifier)

    @cached_property
    def subsidies(self) -> Subsidies:
        """Keeps and matches subsidies."""
        return Subsidies(self.database, self.notifier)

    @cached_property
    def overview(self) -> OverviewQueries:
        """Answers reads over many municipalities."""
        return OverviewQueries(self.database, self.clock, self.registry)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """Makes feeds and serves them."""
        return Subscriptions(
            self.database, self.clock, self.registry, self.calendar_queries, self.overview
        )

    @cached_property
    def pursuit_workflows(self) -> PursuitWorkflows:
        """Opens pursuits' workflows and sends them updates."""
        settings = self.settings
        return PursuitWorkflows(
            self.temporal, settings.temporal.task_queue, settings.workflow_id_prefix
        )

    @cached_property
    def pursuits(self) -> PursuitRequests:
        """Opens, reads, plans and changes pursuits."""
        return PursuitRequests(self.database, self.calendars, self.pursuit_workflows)

    @cached_property
    def cycle_activities(self) -> BudgetCycleActivities:
        """The activities of budget cycles."""
        return BudgetCycleActivities(
            self.database,
            self.calendars,
            self.clock,
            business_days=BUSINESS_DAYS,
            lead_business_days=self.settings.lead_business_days,
            topic_prefix=self.settings.topic_prefix,
        )

    @cached_property
    def pursuit_activities(self) -> PursuitActivities:
        """The activities of pursuits."""
        return PursuitActivities(
            self.database,
            self.calendars,
            business_days=BUSINESS_DAYS,
            topic_prefix=self.settings.topic_prefix,
        )

    @cached_property
    def maintenance_activities(self) -> MaintenanceActivities:
        """The activities that schedules start."""
        return MaintenanceActivities(
            self.database,
            self.calendars,
            self.notifier,
            RetentionPolicy(
                announced=self.settings.announced_retention,
                replaced_calendars=self.settings.replaced_calendar_retention,
                audit=self.settings.audit_retention,
            ),
        )

    @property
    def activities(self) -> Sequence[Callable[..., Any]]:
        """The activities of every workflow."""
        return (
            *self.cycle_activities.all(),
            *self.pursuit_activities.all(),
            *self.maintenance_activities.all(),
        )
