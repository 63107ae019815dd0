"""Map the domain's values to events on ``budget-phases-v1`` and ``followup-triggers-v1``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from budget_calendar.domain.windows import Estimate
from kakehashi_common.contracts.budget_phases import DateBasis, DateWindow
from kakehashi_common.contracts.events import Event, EventData, Label
from kakehashi_common.contracts.topics import EVENT_MODELS
from kakehashi_common.domain.texts import Text
from kakehashi_common.outbox.messages import event_message
from kakehashi_common.outbox.store import Message

SOURCE = "//kakehashi/budget-calendar"

_NAMED: Final = 3
"""Events that a summary names."""
_LONGEST_LABEL: Final = 20
"""Characters of an event's name in a summary, for which Temporal takes 400 bytes."""


@dataclass(frozen=True, slots=True)
class EventToPublish:
    """One event to publish once."""

    key: str
    """For people: what it is about."""
    event_id: str
    """Equal for the same fact, however often it is computed."""
    occurred_at: datetime
    type: str
    data: dict[str, Any]

    @classmethod
    def of(
        cls, key: str, data: EventData, occurred_at: datetime, *identity: object
    ) -> "EventToPublish":
        """Return the event whose id is made of its type and ``identity``.

        Args:
            key: for people: what it is about.
            data: of the event.
            occurred_at: timezone-aware.
            identity: values that no other fact of that type has.
        """
        text = "\0".join((data.TYPE, *map(str, identity)))
        return cls(
            key,
            blake2b(text.encode(), digest_size=16).hexdigest(),
            occurred_at,
            data.TYPE,
            data.model_dump(mode="json", exclude_unset=True),
        )

    def event(self) -> Event[EventData]:
        """Return the event as its consumers read it."""
        data = EVENT_MODELS[self.type].model_validate(self.data)
        return Event(self.event_id, SOURCE, self.occurred_at, data)

    def message(self, partition_key: str, topic_prefix: str) -> Message:
        """Return the Kafka message; its partition key is a municipality's code or a lead's id."""
        return event_message(self.event(), key=partition_key, topic_prefix=topic_prefix)


def label(text: Text) -> Label:
    """Return a text of the domain as events carry it."""
    return Label(ja=text.ja, en=text.en)


def date_window(estimate: Estimate) -> DateWindow:
    """Return an estimate of the domain as events carry it."""
    return DateWindow(
        earliest=estimate.window.earliest,
        likely=estimate.window.likely,
        latest=estimate.window.latest,
        basis=DateBasis(estimate.basis.value),
        source=estimate.source,
        confidence=estimate.confidence,
    )


def shortened(text: str, longest: int) -> str:
    """Return free text on one line, cut: the history keeps each plan."""
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def line(keys: Sequence[str]) -> str:
    """Return a line that names the first keys: Temporal takes no summary over 400 bytes."""
    more = f" ほか{len(keys) - _NAMED}件" if len(keys) > _NAMED else ""
    return "、".join(keys[:_NAMED]) + more


def labels(events: Sequence[EventToPublish]) -> list[str]:
    """Return the labels of events in Japanese, or their keys where they have none."""
    said = [(event, event.data.get("label")) for event in events]
    return [
        shortened(str(each["ja"]), _LONGEST_LABEL) if each else event.key for event, each in said
    ]
