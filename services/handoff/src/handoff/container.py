"""The one place where handoff's use cases are put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from temporalio.client import Client

from handoff import tables
from handoff.assignment.dry_runs import DryRuns
from handoff.assignment.queries import AssignmentQueries
from handoff.assignment.service import Assignments
from handoff.deals.service import Deals
from handoff.deals.statements import DealStatements
from handoff.domain.handoff.policy import PolicyRule
from handoff.domain.readiness import ReadinessPolicy
from handoff.handoffs.client import HandoffWorkflows
from handoff.handoffs.merging import DoubledHandoffs
from handoff.handoffs.service import Handoffs
from handoff.handoffs.waking import Waking
from handoff.leads.service import Leads
from handoff.maintenance.activities import MaintenanceActivities
from handoff.maintenance.retention import Retention, RetentionPolicy
from handoff.measures.agenda_queries import AgendaQueries
from handoff.measures.queries import MeasureQueries
from handoff.notifications.queries import NotificationQueries
from handoff.notifications.service import Notifications
from handoff.packets.policies import PACKET, READINESS, RequiredFields
from handoff.packets.reports import PacketReports
from handoff.packets.service import Packets
from handoff.policies.clocks import CLOCKS
from handoff.policies.service import Policies
from handoff.reassignments.service import Reassignments
from handoff.seller_activities.queries import SellerActivityQueries
from handoff.seller_activities.service import SellerActivities
from handoff.settings import HandoffSettings
from handoff.teams.queries import TeamQueries
from handoff.workflow.activities import HandoffActivities
from handoff.workflow.settings_changed import SettingsActivities
from kakehashi_common.clock import Clock, WallClock
from kakehashi_common.collector.publisher import EventPublisher
from kakehashi_common.collector.service import Collector
from kakehashi_common.contracts.topics import DEAL_EVENTS, SELLER_ACTIVITIES
from kakehashi_common.db import Database
from kakehashi_common.lead_profiles.erasures import Erasures
from kakehashi_common.temporal.client import lazy_client

if TYPE_CHECKING:
    from handoff.notifications.notifier import Notifier
    from handoff.notifications.posting import WebhookPoster
    from handoff.teams.service import Teams
    from kakehashi_common.auth import TokenVerifier


@dataclass(eq=False)
class Container:
    """One installation: each part is made when it is first asked for, and nothing connects then.

    What loads FastAPI is imported where it is made: a worker doesn't need it. A test assigns what
    stands in for a part, before another part asks for that.
    """

    settings: HandoffSettings
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
    def erasures(self) -> Erasures:
        """Finishes erasures in handoffs and in Temporal."""
        return Erasures(self.database, self.handoffs.settle_erasure)

    @cached_property
    def notifications(self) -> Notifications:
        """Sets up webhooks, and retries."""
        return Notifications(self.database, self.settings.webhooks, self.clock)

    @cached_property
    def notification_queries(self) -> NotificationQueries:
        """Answers reads of them."""
        return NotificationQueries(self.database)

    @cached_property
    def webhook_poster(self) -> "WebhookPoster":
        """Posts notifications; whoever uses it closes it."""
        from handoff.notifications.posting import WebhookPoster

        return WebhookPoster(self.database, self.settings.webhooks, self._handoff_url, self.clock)

    @cached_property
    def notifier(self) -> "Notifier":
        """Delivers notifications."""
        from handoff.notifications.mail import Mailer
        from handoff.notifications.notifier import Notifier
        from handoff.notifications.planner import MailPlanner

        settings = self.settings
        planner = MailPlanner(
            self.database,
            settings.notifications,
            self.clock,
            sends_mail=settings.mail.host is not None,
        )
        mailer = Mailer(self.database, settings.mail, self._handoff_url, self.clock)
        return Notifier(
            self.database, planner, mailer.deliver, self.webhook_poster.deliver, self.clock
        )

    @property
    def _handoff_url(self) -> str:
        """A link to a handoff, without its id."""
        return self.settings.notifications.handoff_url or f"{self.settings.http.url}/v1/handoffs"

    @cached_property
    def packet_policies(self) -> Policies[RequiredFields]:
        """Keeps which fields a packet needs."""
        return Policies(self.database, self.clock, PACKET)

    @cached_property
    def packet_reports(self) -> PacketReports:
        """Reports over many packets."""
        return PacketReports(self.database, self.clock)

    @cached_property
    def readiness_policies(self) -> Policies[ReadinessPolicy]:
        """Keeps when each criterion of readiness is met."""
        return Policies(self.database, self.clock, READINESS)

    @cached_property
    def packets(self) -> Packets:
        """Shows packets, and keeps what people enter and find."""
        return Packets(self.database, self.clock)

    @cached_property
    def reassignments(self) -> Reassignments:
        """Takes handoffs from who leaves."""
        return Reassignments(self.database, self.handoffs)

    @cached_property
    def teams(self) -> "Teams":
        """Changes teams, members and territories."""
        from handoff.teams.service import Teams

        return Teams(self.database, self.handoffs.settings_changed)

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

    @cached_property
    def deals(self) -> Deals:
        """States deals, and reads them."""
        return Deals(self.database, self.clock, self.settings.topic_prefix)

    @cached_property
    def deal_statements(self) -> DealStatements:
        """Takes in what is said of deals."""
        return DealStatements(self.database, self.handoffs.send, self.settings.topic_prefix)

    @cached_property
    def deal_publisher(self) -> EventPublisher:
        """Publishes what others say of deals; whoever uses it closes it."""
        settings = self.settings
        return EventPublisher(settings.kafka, DEAL_EVENTS, topic_prefix=settings.topic_prefix)

    @cached_property
    def deal_collector(self) -> Collector:
        """Accepts what others say of deals over HTTP."""
        return Collector(
            DEAL_EVENTS,
            self.deal_publisher,
            self.clock,
            self.database,
            tables.idempotency_table,
            lambda data: str(data.deal_id),
        )

    @cached_property
    def activity_publisher(self) -> EventPublisher:
        """Publishes what sellers did; whoever uses it closes it."""
        settings = self.settings
        return EventPublisher(settings.kafka, SELLER_ACTIVITIES, topic_prefix=settings.topic_prefix)

    @cached_property
    def activity_collector(self) -> Collector:
        """Accepts what sellers did over HTTP."""
        return Collector(
            SELLER_ACTIVITIES,
            self.activity_publisher,
            self.clock,
            self.database,
            tables.idempotency_table,
            lambda data: str(data.subject),
        )

    @cached_property
    def seller_activities(self) -> SellerActivities:
        """Takes in what sellers did."""
        return SellerActivities(self.database, self.handoffs.send)

    @cached_property
    def seller_activity_queries(self) -> SellerActivityQueries:
        """Answers reads of what sellers did."""
        return SellerActivityQueries(self.database)

    @cached_property
    def handoff_workflows(self) -> HandoffWorkflows:
        """Begins handoffs' workflows and sends them updates."""
        settings = self.settings
        return HandoffWorkflows(
            self.temporal, settings.temporal.task_queue, settings.workflow_id_prefix
        )

    @cached_property
    def waking(self) -> Waking:
        """Wakes recycled handoffs."""
        return Waking(self.database, self.handoff_workflows)

    @cached_property
    def doubled_handoffs(self) -> DoubledHandoffs:
        """Leaves a merged person one open handoff of a kind."""
        return DoubledHandoffs(self.database, self.handoff_workflows)

    @cached_property
    def handoffs(self) -> Handoffs:
        """Requests, reads and changes handoffs."""
        return Handoffs(self.database, self.handoff_workflows)

    @cached_property
    def handoff_activities(self) -> HandoffActivities:
        """The activities of handoffs."""
        return HandoffActivities(
            self.database, self.assignments, topic_prefix=self.settings.topic_prefix
        )

    @cached_property
    def clock_policies(self) -> Policies[tuple[PolicyRule, ...]]:
        """Keeps how fast each step is expected; running handoffs are notified of a change."""
        return Policies(self.database, self.clock, CLOCKS, self.handoffs.settings_changed)

    @cached_property
    def retention(self) -> Retention:
        """Purges what is older than it has to be kept."""
        return Retention(
            self.database,
            self.clock,
            RetentionPolicy(
                handoffs=self.settings.handoff_retention,
                leads=self.settings.lead_retention,
                deals=self.settings.deal_retention,
                notifications=self.settings.notification_retention,
                audit=self.settings.audit_retention,
            ),
        )

    @property
    def activities(self) -> Sequence[Callable[..., Any]]:
        """The activities of every workflow."""
        return (
            *self.handoff_activities.all(),
            *SettingsActivities(self.handoffs).all(),
            *MaintenanceActivities(self.retention).all(),
        )
