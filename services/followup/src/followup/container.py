"""The one place where followup's use cases are put together; some have one of their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from temporalio.client import Client

from followup.answer_rates import AnswerRates
from followup.approvals.service import Approvals
from followup.calls.service import Calls
from followup.consents.service import Consents
from followup.contacts.service import Contacts
from followup.content_container import ContentContainer
from followup.council_sessions.service import CouncilSessions
from followup.customer_container import CustomerContainer
from followup.domain.office_hours import OFFICE_HOURS
from followup.domain.playbooks.checks import Limits
from followup.domain.playbooks.walk import Office
from followup.domain.send_policy.policy import SendPolicy
from followup.entries.service import Entries
from followup.mail_container import MailContainer
from followup.maintenance.activities import MaintenanceActivities
from followup.maintenance.retention import Retention, RetentionPolicy
from followup.measures.queries import MeasureQueries
from followup.merges.service import Merges
from followup.notices.planner import NoticePlanner
from followup.notices.sender import Notices
from followup.occurrences.service import Occurrences
from followup.occurrences.suppressing import suppress
from followup.personal_data.service import PersonalData
from followup.playbooks.fact_sheets import FactSheets
from followup.playbooks.previewing import Previews
from followup.playbooks.service import Playbooks
from followup.precedences.service import Precedences
from followup.reassignments.service import Reassignments
from followup.seller_container import SellerContainer
from followup.sellers.service import Sellers
from followup.send_decisions.service import SendDecisions
from followup.sequences.client import SequenceWorkflows
from followup.sequences.service import Sequences
from followup.sequences.timelines import Timelines
from followup.settings import FollowupSettings
from followup.steps.call_advice import CallAdvice
from followup.steps.choosing import ChannelChooser
from followup.steps.fresh_calendars import WithFreshCalendar
from followup.steps.planning import StepPlanner
from followup.steps.preparing import StepPreparer
from followup.steps.webhooks import WebhookCaller
from followup.tasks.service import Tasks
from followup.triggers.behaviours import Behaviours
from followup.triggers.found_reasons import FoundReasons
from followup.triggers.reasons import Reasons
from kakehashi_common.clock import Clock, WallClock
from kakehashi_common.db import Database
from kakehashi_common.domain.business_time import BusinessTime
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from kakehashi_common.lead_profiles.erasures import Erasures
from kakehashi_common.temporal.client import lazy_client
from kakehashi_common.webhooks.posting import WebhookClient

if TYPE_CHECKING:
    from followup.steps.sending import StepSender
    from followup.workflow.activities import SequenceActivities
    from kakehashi_common.auth import TokenVerifier


@dataclass(eq=False)
class Container:
    """One installation: each part is made when it is first asked for, and nothing connects then.

    What loads FastAPI or much else that not every process needs is imported where it is made. A
    test assigns what stands in for a part, before another part asks for that.
    """

    settings: FollowupSettings
    database: Database
    clock: Clock = field(default_factory=WallClock)

    @cached_property
    def temporal(self) -> Client:
        """The Temporal client; the first call connects, and fails while Temporal is unavailable."""
        return lazy_client(self.settings.temporal)

    @cached_property
    def verifier(self) -> "TokenVerifier":
        """Verifies bearer tokens; its user closes it."""
        from kakehashi_common.auth import TokenVerifier

        return TokenVerifier(self.settings.auth)

    @cached_property
    def contacts(self) -> Contacts:
        """Keeps contacts."""
        return Contacts(self.database)

    @cached_property
    def sellers(self) -> Sellers:
        """Keeps sellers."""
        return Sellers(self.database)

    @cached_property
    def playbooks(self) -> Playbooks:
        """Keeps playbooks and their versions."""
        return Playbooks(self.database, self._limits)

    @property
    def _limits(self) -> Limits:
        """The limits of playbooks."""
        return Limits(hooks=frozenset(self.settings.webhooks.endpoints))

    @cached_property
    def office(self) -> Office:
        """The opening hours of municipalities' offices."""
        return Office(BUSINESS_DAYS, BusinessTime(BUSINESS_DAYS.__contains__, OFFICE_HOURS))

    @cached_property
    def previews(self) -> Previews:
        """Previews playbooks."""
        return Previews(
            self.database,
            self.playbooks,
            self.answer_rates,
            self.content.previews,
            self.office,
            self.clock,
            default_owner=self.settings.default_owner,
        )

    @cached_property
    def fact_sheets(self) -> FactSheets:
        """Keeps the figures that texts state."""
        return FactSheets(self.database)

    @cached_property
    def reasons(self) -> Reasons:
        """Keeps the reasons to contact somebody."""
        return Reasons(self.database, self.clock, self.settings.reason_limit)

    @cached_property
    def customers(self) -> CustomerContainer:
        """The parts that keep customers' survey answers, usage and agreements."""
        return CustomerContainer(
            self.settings, self.database, self.clock, self.reasons, self.playbooks
        )

    @cached_property
    def found_reasons(self) -> FoundReasons:
        """Finds reasons that nobody reports."""
        return FoundReasons(
            self.database,
            self.reasons,
            self.clock,
            first_contact_days=self.settings.first_contact_days,
            regular_value=self.settings.regular_value,
        )

    @cached_property
    def send_policy(self) -> SendPolicy:
        """The rules of sending."""
        return SendPolicy(
            BUSINESS_DAYS,
            caps=self.settings.caps,
            at_any_time=self.settings.delivery.at_any_time,
        )

    @cached_property
    def consents(self) -> Consents:
        """Keeps consents and suppressions."""
        return Consents(self.database, self.clock, suppress)

    @cached_property
    def send_decisions(self) -> SendDecisions:
        """Explains why mails were sent or refused."""
        return SendDecisions(self.database, self.send_policy, self.clock)

    @cached_property
    def behaviours(self) -> Behaviours:
        """Watches contacts' behaviour."""
        return Behaviours(self.database, self.clock, self.playbooks, BUSINESS_DAYS)

    @cached_property
    def entries(self) -> Entries:
        """Enters contacts into playbooks for reasons and behaviours."""
        return Entries(
            self.database,
            self.playbooks,
            self.sequences,
            self.clock,
            default_owner=self.settings.default_owner,
        )

    @cached_property
    def measures(self) -> MeasureQueries:
        """Measures contacts and experiments."""
        return MeasureQueries(self.database, self.playbooks, self.clock)

    @cached_property
    def sequences(self) -> Sequences:
        """Enters playbooks, sends sequences messages, reads them."""
        settings = self.settings
        workflows = SequenceWorkflows(
            self.temporal, settings.temporal.task_queue, settings.workflow_id_prefix
        )
        return Sequences(self.database, workflows, self.playbooks)

    @cached_property
    def timelines(self) -> Timelines:
        """Forecasts the remaining steps of sequences."""
        return Timelines(self.database, self.playbooks, self.answer_rates, self.office, self.clock)

    @cached_property
    def occurrences(self) -> Occurrences:
        """Notifies sequences of what happened to their contacts and municipalities."""
        return Occurrences(self.database, self.playbooks, self.sequences, self.clock)

    @cached_property
    def calls(self) -> Calls:
        """Keeps the times of calls to contacts."""
        return Calls(self.database)

    @cached_property
    def council_sessions(self) -> CouncilSessions:
        """Keeps the sessions of councils."""
        return CouncilSessions(self.database)

    @cached_property
    def approvals(self) -> Approvals:
        """Shows approvals, and sends decisions on them to sequences."""
        return Approvals(self.database, self.sequences, self.clock)

    @cached_property
    def content(self) -> ContentContainer:
        """The parts that keep the catalogue of content, and answer from it."""
        hours = self.office.hours
        return ContentContainer(self.settings, self.database, self.playbooks, hours, self.clock)

    @cached_property
    def tasks(self) -> Tasks:
        """Shows tasks, and sends their outcomes to sequences."""
        return Tasks(self.database, self.sequences, self.clock)

    @cached_property
    def personal_data(self) -> PersonalData:
        """Exports and erases the data held about a person."""
        return PersonalData(self.database, self.sequences, self.clock)

    @cached_property
    def merges(self) -> Merges:
        """Makes one person of two leads."""
        return Merges(self.database, self.behaviours, self.personal_data, self.clock)

    @cached_property
    def erasures(self) -> Erasures:
        """Finishes erasures in Temporal."""
        return Erasures(self.database, self.personal_data.settle)

    @cached_property
    def reassignments(self) -> Reassignments:
        """Reassigns approvals, tasks and sequences of sellers who are away or have left."""
        return Reassignments(
            self.database, self.sequences, self.clock, default_owner=self.settings.default_owner
        )

    @cached_property
    def precedences(self) -> Precedences:
        """Has sequences stand still for those of higher playbooks."""
        return Precedences(self.database, self.sequences)

    @cached_property
    def mails(self) -> MailContainer:
        """The parts that send and receive mails."""
        return MailContainer(
            self.settings,
            self.database,
            self.clock,
            self.behaviours,
            self.consents,
            self.sequences,
            self.playbooks,
            self.found_reasons,
        )

    @cached_property
    def webhook_client(self) -> WebhookClient:
        """Posts webhooks; its user closes it."""
        return WebhookClient(self.settings.webhooks)

    @cached_property
    def for_sellers(self) -> SellerContainer:
        """The parts for sellers: daily lists, their calendar feeds, and free times."""
        return SellerContainer(self.settings, self.database, self.clock, self.webhook_client)

    @cached_property
    def notices(self) -> Notices:
        """Sends sellers daily lists and reminders."""
        settings = self.settings
        webhook = settings.reminder_webhook
        planner = NoticePlanner(
            self.database,
            self.office.hours,
            self.clock,
            default_owner=settings.default_owner,
            sends_mail=settings.mail.host is not None,
            webhook=webhook,
        )
        return Notices(
            self.database,
            planner,
            self.mails.mailer,
            self.webhook_client,
            self.clock,
            sender=settings.mail.sender or "",
            endpoint=None if webhook is None else settings.webhooks.endpoints[webhook],
        )

    @cached_property
    def step_sender(self) -> "StepSender":
        """Sends the mails of steps."""
        from followup.steps.sending import StepSender

        settings = self.settings
        return StepSender(
            self.database,
            self.step_preparer,
            self.mails.deliveries,
            self.mails.unsubscribe_tokens,
            self.send_policy,
            settings.sender,
            address=settings.mail.sender or "",
            unsubscribe_url=f"{settings.http.url}/v1/unsubscribe",
            clock=self.clock,
        )

    @cached_property
    def step_preparer(self) -> StepPreparer:
        """Opens approvals and tasks."""
        advise = CallAdvice(self.database, self.answer_rates)
        return StepPreparer(self.database, self.settings.sender, self.office, advise, self.clock)

    @cached_property
    def answer_rates(self) -> AnswerRates:
        """Counts how often contacts were answered."""
        return AnswerRates(self.database, self.clock)

    @cached_property
    def channel_chooser(self) -> ChannelChooser:
        """Chooses the channel of a step."""
        return ChannelChooser(self.database, self.send_policy, self.answer_rates, self.clock)

    @cached_property
    def step_planner(self) -> StepPlanner:
        """Finds the times at which mails may go."""
        return StepPlanner(self.database, self.send_policy, self.answer_rates, self.clock)

    @cached_property
    def sequence_activities(self) -> "SequenceActivities":
        """The activities of sequences."""
        from followup.workflow.activities import SequenceActivities

        calendars = self.for_sellers.own_calendars
        return SequenceActivities(
            self.database,
            self.playbooks.find,
            choose=self.channel_chooser,
            prepare=WithFreshCalendar(calendars, self.step_preparer),
            plan=self.step_planner,
            send=WithFreshCalendar(calendars, self.step_sender),
            call=WebhookCaller(
                self.database,
                self.webhook_client,
                self.settings.webhooks.endpoints,
                self.clock,
            ),
            default_owner=self.settings.default_owner,
            topic_prefix=self.settings.topic_prefix,
        )

    @cached_property
    def retention(self) -> Retention:
        """Purges data whose retention has ended."""
        settings = self.settings
        return Retention(
            self.database,
            self.clock,
            RetentionPolicy(
                sequences=settings.sequence_retention,
                incoming_mails=settings.incoming_mail_retention,
                triggers=settings.trigger_retention,
                inbox=settings.inbox_retention,
                audit=settings.audit_retention,
            ),
        )

    @property
    def activities(self) -> Sequence[Callable[..., Any]]:
        """The activities of every workflow."""
        return (*self.sequence_activities.all(), *MaintenanceActivities(self.retention).all())
