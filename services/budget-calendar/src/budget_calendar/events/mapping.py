"""From the domain's values to events on ``budget-phases-v1`` and ``followup-triggers-v1``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from budget_calendar.calendars.repository import Version
from budget_calendar.domain.budget_year.labels import label_of_key
from budget_calendar.domain.budget_year.revision import Moved
from budget_calendar.domain.texts import Text
from budget_calendar.domain.windows import Estimate
from kakehashi_common.cloudevents.codec import encode
from kakehashi_common.contracts.budget_phases import (
    CalendarRevised,
    DateBasis,
    DateWindow,
    MovedMilestone,
    RevisionCause,
)
from kakehashi_common.contracts.events import Event, EventData, Label
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.contracts.topics import BUDGET_PHASES, FOLLOWUP_TRIGGERS
from kakehashi_common.outbox.store import Message
from kakehashi_common.telemetry import traceparent

SOURCE = "//kakehashi/budget-calendar"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event to publish once."""

    event_id: UUID
    """The same for the same fact, however often it is computed."""
    occurred_at: datetime
    key: str
    """The municipality's code, or the lead's id."""
    data: EventData

    @property
    def topic(self) -> str:
        """Where it belongs."""
        triggers = isinstance(self.data, ReasonArisen)
        return (FOLLOWUP_TRIGGERS if triggers else BUDGET_PHASES).name

    def message(self, topic_prefix: str) -> Message:
        """The Kafka message that says it."""
        event = Event(self.event_id.hex, SOURCE, self.occurred_at, self.data)
        outgoing = encode(event, key=self.key, traceparent=traceparent())
        return Message(topic_prefix + self.topic, outgoing.key, outgoing.value, outgoing.headers)


def event_id(data: EventData, *identity: object) -> UUID:
    """The id of what ``data`` says, made of its type and what tells the fact from all others."""
    text = "\0".join((data.TYPE, *map(str, identity)))
    return UUID(bytes=blake2b(text.encode(), digest_size=16).digest())


def label(text: Text) -> Label:
    """A text of the domain as events carry it."""
    return Label(ja=text.ja, en=text.en)


def date_window(estimate: Estimate) -> DateWindow:
    """An estimate of the domain as events carry it."""
    return DateWindow(
        earliest=estimate.window.earliest,
        likely=estimate.window.likely,
        latest=estimate.window.latest,
        basis=DateBasis(estimate.basis.value),
        source=estimate.source,
        confidence=estimate.confidence,
    )


def calendar_revised(
    version: Version, cause: RevisionCause, what_moved: Iterable[Moved]
) -> Announcement:
    """The announcement that a calendar has a new version."""
    data = CalendarRevised(
        municipality_code=version.code,
        fiscal_year=version.fiscal_year,
        version=version.version,
        cause=cause,
        moved=tuple(
            MovedMilestone(
                milestone=each.key,
                label=label(label_of_key(each.key)),
                before=None if each.before is None else date_window(each.before),
                after=None if each.after is None else date_window(each.after),
            )
            for each in what_moved
        ),
    )
    identity = event_id(data, version.code, version.fiscal_year, version.version)
    return Announcement(identity, version.computed_at, version.code, data)
