"""The events of a run: seeded, so that every contestant and every repetition reads the same ones.

What leads do is drawn from the kinds that the shipped rules name; who does it is drawn uniformly,
which is the hardest case for a consumer that works per batch (fewest events per lead and batch).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

import msgspec

from kakehashi_common.cloudevents.codec import binary_headers
from kakehashi_common.cloudevents.times import utc_time
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.lead_events import (
    ActivityRecorded,
    DecisionRole,
    Outcome,
    OutcomeRecorded,
    ProfileChanged,
)
from kakehashi_common.contracts.municipalities import municipalities

SPAN: Final = timedelta(days=60)
"""The events of a run are spread over this long before its start, in order of time."""

_PROFILE, _OUTCOME = 0.03, 0.002
"""Shares of events that say who a lead is, and how an opportunity ended; the rest is activity."""

_SIGNALS: Final = (
    ("page_viewed", ("top", "product", "case_study", "pricing", "subsidy", "security"), 560),
    ("mail_opened", ("newsletter",), 180),
    ("mail_clicked", ("newsletter",), 90),
    ("document_downloaded", ("case_study", "price_list", "specification", "leaflet"), 70),
    ("seminar_registered", ("online",), 25),
    ("seminar_attended", ("online",), 20),
    ("form_submitted", ("contact",), 15),
    ("call_answered", (None,), 15),
    ("mail_answered", (None,), 10),
    ("meeting_held", (None,), 8),
    ("reference_quote_requested", (None,), 5),
    ("rfi_received", (None,), 1),
    ("rfp_received", (None,), 1),
)
"""Kinds of activity, what they are done to, and how often (of 1,000)."""

_DEPARTMENTS: Final = ("情報政策課", "デジタル推進課", "総務課", "財政課", "企画課", "福祉課")
_ROLES: Final = tuple(role.value for role in DecisionRole)
_AGENT: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
    "Chrome/126.0 Safari/537.36 Edg/126.0"
)
"""Fills an activity to about 330 bytes, as a web tracker would."""

_json = msgspec.json.Encoder().encode

Headers = list[tuple[str, bytes]]
Record = tuple[bytes, bytes, Headers]
"""Key, value, headers."""


@dataclass(frozen=True, slots=True)
class Load:
    """``events`` events of ``leads`` leads, the newest at ``until``."""

    events: int
    leads: int
    until: datetime
    seed: int = 1
    visit: int = 1
    """Events in a row of one lead."""
    run: str = "load"
    """Part of every event id: another run's events are other events."""

    def records(self) -> Iterator[Record]:
        """The Kafka records, in order of time."""
        rng = Random(self.seed)  # noqa: S311 - has to be repeatable, guards nothing
        kinds = [(kind, category) for kind, categories, _ in _SIGNALS for category in categories]
        weights = [
            weight / len(categories) for _, categories, weight in _SIGNALS for _ in categories
        ]
        codes = sorted(municipalities())
        start = self.until - SPAN
        lead_id = ""
        for number in range(self.events):
            if number % self.visit == 0:
                lead_id = f"lead-{rng.randrange(self.leads):07d}"
            at = start + SPAN * (number / self.events)
            chance = rng.random()
            if chance < _PROFILE:
                yield self._record(number, at, ProfileChanged, _profile(rng, lead_id, codes))
            elif chance < _PROFILE + _OUTCOME:
                outcome = {"lead_id": lead_id, "outcome": rng.choice(list(Outcome)).value}
                yield self._record(number, at, OutcomeRecorded, outcome)
            else:
                kind, category = rng.choices(kinds, weights)[0]
                yield self._record(
                    number, at, ActivityRecorded, _activity(rng, lead_id, kind, category)
                )

    def _record(
        self, number: int, at: datetime, model: type[EventData], data: dict[str, Any]
    ) -> Record:
        value = _json(data)
        return data["lead_id"].encode(), value, headers(f"{self.run}-{number}", model, at)


def first_event_of(lead_id: str, event_id: str, at: datetime) -> Record:
    """An activity of a new lead: its score is always announced."""
    data = _activity(Random(event_id), lead_id, "page_viewed", "product")  # noqa: S311
    return lead_id.encode(), _json(data), headers(event_id, ActivityRecorded, at)


def headers(event_id: str, model: type[EventData], at: datetime) -> Headers:
    """The CloudEvents attributes of one event, in binary mode."""
    source = b"https://www.seller.example"
    return binary_headers(event_id.encode(), source, model.TYPE.encode(), utc_time(at))


def _activity(rng: Random, lead_id: str, kind: str, category: str | None) -> dict[str, Any]:
    visit = UUID(int=rng.getrandbits(128), version=4)
    data: dict[str, Any] = {"lead_id": lead_id, "kind": kind}
    if category is not None:
        data["category"] = category
    data["details"] = {
        "url": f"https://www.seller.example/{kind}/{rng.randrange(1000):03d}",
        "visit": str(visit),
        "seconds": rng.randrange(1, 600),
        "campaign": f"2026-{rng.randrange(1, 13):02d}",
        "agent": _AGENT,
    }
    return data


def _profile(rng: Random, lead_id: str, codes: list[str]) -> dict[str, Any]:
    number = rng.randrange(10_000)
    return {
        "lead_id": lead_id,
        "municipality_code": rng.choice(codes),
        "department": rng.choice(_DEPARTMENTS),
        "role": rng.choice(_ROLES),
        "organisation_size": rng.randrange(50, 5000),
        "person_name": f"職員 {number}",
        "email": f"person{number}@city.example.jp",
    }
