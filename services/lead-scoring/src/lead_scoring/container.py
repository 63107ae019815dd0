"""The one place where lead-scoring's use cases are put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kakehashi_common.clock import Clock, WallClock
from kakehashi_common.collector.service import Collector
from kakehashi_common.db import Database
from lead_scoring.collector.service import LeadEventPublisher, lead_event_collector
from lead_scoring.feedback.queries import FeedbackQueries
from lead_scoring.leads.queries import LeadQueries
from lead_scoring.maintenance.retention import Retention, RetentionPolicy
from lead_scoring.personal_data.service import PersonalData
from lead_scoring.rule_publishing.queries import RuleQueries
from lead_scoring.rule_publishing.service import RulePublishing, StartRescore
from lead_scoring.rules.rule_cache import RuleCache
from lead_scoring.scoring.service import Scoring
from lead_scoring.settings import LeadScoringSettings
from lead_scoring.suppression.suppression_list import SuppressionList

if TYPE_CHECKING:
    from temporalio.client import Client

    from kakehashi_common.auth import TokenVerifier
    from lead_scoring.maintenance.schedules import Rescores


@dataclass(eq=False)
class Container:
    """One installation: each part is made when it is first asked for, and nothing connects then.

    What loads FastAPI or Temporal is imported where it is made: not every process needs it. A test
    assigns what stands in for a part, before another part asks for that.
    """

    settings: LeadScoringSettings
    database: Database
    clock: Clock = field(default_factory=WallClock)

    @cached_property
    def temporal(self) -> "Client":
        """Its client; the first call connects, and fails while Temporal is unavailable."""
        from kakehashi_common.temporal.client import lazy_client

        return lazy_client(self.settings.temporal)

    @cached_property
    def verifier(self) -> "TokenVerifier":
        """Verifies bearer tokens; whoever uses it closes it."""
        from kakehashi_common.auth import TokenVerifier

        return TokenVerifier(self.settings.auth)

    @cached_property
    def publisher(self) -> LeadEventPublisher:
        """Publishes lead events; whoever uses it closes it."""
        return LeadEventPublisher(self.settings.kafka, topic_prefix=self.settings.topic_prefix)

    @cached_property
    def collector(self) -> Collector:
        """Accepts events over HTTP."""
        return lead_event_collector(self.publisher, self.clock, self.database)

    @cached_property
    def suppression(self) -> SuppressionList | None:
        """Keeps erased people out, where there is a key for it."""
        key = self.settings.suppression_key
        return None if key is None else SuppressionList(key.get_secret_value().encode())

    @cached_property
    def scoring(self) -> Scoring:
        """Scores leads."""
        return Scoring(
            self.database,
            self.clock,
            self.rule_cache,
            cached_leads=self.settings.cached_leads,
            as_of_events=self.settings.clock == "events",
            topic_prefix=self.settings.topic_prefix,
            suppression=self.suppression,
        )

    @cached_property
    def rule_cache(self) -> RuleCache:
        """Rules that were compiled to answer queries."""
        return RuleCache()

    @cached_property
    def lead_queries(self) -> LeadQueries:
        """Answers reads of leads."""
        return LeadQueries(self.database, self.clock, self.rule_cache)

    @cached_property
    def rule_queries(self) -> RuleQueries:
        """Answers reads of rules."""
        return RuleQueries(self.database, self.clock, self.rule_cache)

    @cached_property
    def feedback_queries(self) -> FeedbackQueries:
        """Answers reads of labels, and judges rules by them."""
        return FeedbackQueries(self.database, self.rule_cache)

    @cached_property
    def rescores(self) -> "Rescores":
        """Starts workflows that score every lead again."""
        from lead_scoring.maintenance.schedules import Rescores

        settings = self.settings
        return Rescores(self.temporal, settings.temporal.task_queue, settings.workflow_id_prefix)

    @cached_property
    def start_rescore(self) -> StartRescore:
        """Starts scoring every lead by newly published rules."""
        return self.rescores.start

    @cached_property
    def rule_publishing(self) -> RulePublishing:
        """Puts rules in force."""
        return RulePublishing(self.database, self.start_rescore)

    @cached_property
    def personal_data(self) -> PersonalData:
        """Exports and erases."""
        return PersonalData(
            self.database, topic_prefix=self.settings.topic_prefix, suppression=self.suppression
        )

    @cached_property
    def retention(self) -> Retention:
        """Purges what is older than it has to be kept."""
        return Retention(
            self.database,
            self.clock,
            RetentionPolicy(
                event_log=self.settings.event_log_retention,
                inbox=self.settings.inbox_retention,
                score_history=self.settings.score_history_retention,
                labels=self.settings.label_retention,
                audit=self.settings.audit_retention,
            ),
        )

    @property
    def activities(self) -> Sequence[Callable[..., Any]]:
        """The activities of every workflow."""
        from lead_scoring.maintenance.activities import LeadScoringActivities

        return LeadScoringActivities(
            self.database, self.scoring, self.retention, self.start_rescore
        ).all()
