"""From the domain's values to events on ``budget-phases-v1`` and ``followup-triggers-v1``."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from budget_calendar.domain.texts import Text
from budget_calendar.domain.windows import Estimate
from kakehashi_common.cloudevents.codec import encode
from kakehashi_common.contracts.budget_phases import (
    DateBasis,
    DateWindow,
    MilestoneNear,
    PhaseEntered,
    PursuitBudgeted,
    PursuitCut,
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


@dataclass(frozen=True, slots=True)
class EventToPublish:
    """One event to publish now."""

    key: str
    """For people: what it is about."""
    event_id: str
    occurred_at: datetime
    type: str
    data: dict[str, Any]


def event_data(one: EventToPublish) -> EventData:
    """The data of what is due."""
    return _EVENTS[one.type].model_validate(one.data)


_EVENTS: Final[dict[str, type[EventData]]] = {
    model.TYPE: model
    for model in (PhaseEntered, MilestoneNear, PursuitBudgeted, PursuitCut, ReasonArisen)
}


def announcement(code: str, one: EventToPublish) -> Announcement:
    """What is due, as an event to publish."""
    return Announcement(UUID(one.event_id), one.occurred_at, code, event_data(one))
