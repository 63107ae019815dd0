"""(d) The same scoring job on Quix Streams 3, in its recommended way.

What Quix's documentation recommends, and what this does: ``dataframe.apply(stateful=True)`` with
the state in RocksDB, a changelog topic that can restore it, at-least-once, the default commit
interval of 5 seconds. What is chosen in the peer's favour:

* the scoring is our own pure domain code, and the output's JSON is put together by our own code;
* the state is one compact value per lead (``set_bytes`` and msgpack instead of Quix's JSON);
* leads stay at hand as objects: their state is unpacked only if it is not what was put there;
* the data is decoded by msgspec, without the validation that our consumer does;
* it need not know a repeated event again: after a crash it counts some events twice;
* it keeps no event log, no history of scores, and nothing that can be listed or searched.

What is not in its favour is how Quix works: it takes one event at a time, so it loads, scores and
announces per event, where our consumer does so once per lead and batch. It therefore announces
more often: every event that moves a score by a point, where several in one batch make one.

Run by the harness as a process of its own: ``python -m benchmarks.peers.quix``.
"""

import argparse
from datetime import UTC, datetime
from typing import Any

import msgspec
from quixstreams import Application, State
from quixstreams.models import Topic

from kakehashi_common.cloudevents.codec import event_key
from kakehashi_common.contracts import lead_events
from kakehashi_common.contracts.topics import LEAD_EVENTS, LEAD_QUALIFIED, LEAD_SCORES
from kakehashi_common.outbox.store import Message
from lead_scoring.domain.activity import ActivityCounts, signal
from lead_scoring.domain.decision import record
from lead_scoring.domain.lead import (
    ActivityRecorded,
    Fact,
    Lead,
    OutcomeRecorded,
    ProfileChanged,
    Published,
    Qualification,
    Score,
)
from lead_scoring.domain.profile import Profile, Scalar, Statement
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.rules import file as rules_file
from lead_scoring.rules.municipality_fields import municipality_fields
from lead_scoring.scoring.announcements import Announcer
from lead_scoring.scoring.repository.leads import StoredLead

_LEAD = "lead"
"""The key of the one value per lead; Quix puts the message's key, the lead id, before it."""


class Activity(msgspec.Struct):
    """The data of an activity."""

    lead_id: str
    kind: str
    category: str | None = None


class Outcome(msgspec.Struct):
    """The data of an outcome."""

    lead_id: str
    outcome: str
    amount_yen: int | None = None


class Kept(msgspec.Struct, array_like=True):
    """A lead's state, with the columns of our table."""

    version: int
    activity: bytes
    profile: tuple[Statement, ...]
    outcome: OutcomeRecorded | None
    last_activity_at: datetime | None
    last_event_at: datetime | None
    score: Score | None
    published: Published | None
    qualification: Qualification

    @classmethod
    def of(cls, lead: Lead, version: int) -> "Kept":
        """The lead as it is stored."""
        return cls(
            version,
            lead.activity.to_bytes(),
            lead.profile,
            lead.outcome,
            lead.last_activity_at,
            lead.last_event_at,
            lead.score,
            lead.published,
            lead.qualification,
        )

    def lead(self, lead_id: str) -> Lead:
        """The lead as the domain knows it."""
        return Lead(
            lead_id,
            ActivityCounts.from_bytes(self.activity),
            Profile(self.profile),
            self.outcome,
            self.last_activity_at,
            self.last_event_at,
            self.score,
            self.published,
            self.qualification,
        )


_activity = msgspec.json.Decoder(Activity).decode
_outcome = msgspec.json.Decoder(Outcome).decode
_profile = msgspec.json.Decoder(dict[str, Scalar]).decode
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Kept).decode


def fact_of(value: bytes, headers: dict[str, bytes]) -> Fact:
    """The fact that an event states."""
    at = datetime.fromisoformat(headers["ce_time"].decode())
    kind = headers["ce_type"].decode()
    if kind == lead_events.ActivityRecorded.TYPE:
        data = _activity(value)
        return ActivityRecorded(at, signal(data.kind, data.category))
    key = event_key(headers["ce_source"].decode(), headers["ce_id"].decode()).bytes
    if kind == lead_events.ProfileChanged.TYPE:
        fields = _profile(value)
        del fields["lead_id"]
        return ProfileChanged(at, key, fields)
    outcome = _outcome(value)
    return OutcomeRecorded(at, key, outcome.outcome, outcome.amount_yen)


class Scorer:
    """Scores one event after the other."""

    def __init__(self, output_prefix: str) -> None:
        document = rules_file.shipped()
        self._rules = CompiledRules(rules_file.check(document), 1, municipality_fields)
        self._announcer = Announcer(self._rules, output_prefix, traceparent=None)
        self._at_hand: dict[str, tuple[bytes, StoredLead]] = {}

    def score(
        self,
        value: bytes,
        key: bytes,
        _time: int,
        headers: list[tuple[str, bytes]],
        state: State[str, Any],
    ) -> list[Message]:
        """Fold the event into its lead; return what is to be announced."""
        stored = self._lead(key.decode(), state.get_bytes(_LEAD))
        fact = fact_of(value, dict(headers))
        decision = record(stored.lead, (fact,), self._rules, datetime.now(UTC))
        messages = self._announcer.announce(stored, decision)
        stored.version += 1
        packed = _pack(Kept.of(stored.lead, stored.version))
        state.set_bytes(_LEAD, packed)
        self._at_hand[stored.lead.lead_id] = packed, stored
        return messages

    def _lead(self, lead_id: str, kept: bytes | None) -> StoredLead:
        """The lead of this state; the state decides, what is at hand only saves unpacking it."""
        if kept is None:
            return StoredLead(Lead(lead_id))
        at_hand = self._at_hand.get(lead_id)
        if at_hand is not None and at_hand[0] == kept:
            return at_hand[1]
        unpacked = _unpack(kept)
        return StoredLead(unpacked.lead(lead_id), unpacked.version)


def run(servers: str, group: str, prefix: str, output_prefix: str, state: str) -> None:
    """Consume ``<prefix>lead-events-v1`` until SIGTERM."""
    app = Application(
        broker_address=servers,
        consumer_group=group,
        auto_offset_reset="earliest",
        processing_guarantee="at-least-once",
        state_dir=state,
        loglevel="WARNING",
    )

    def topic(name: str) -> Topic:
        return app.topic(
            name,
            key_deserializer="bytes",
            value_deserializer="bytes",
            key_serializer="bytes",
            value_serializer="bytes",
        )

    events = app.dataframe(topic(prefix + LEAD_EVENTS.name))
    announced = events.apply(
        Scorer(output_prefix).score, stateful=True, metadata=True, expand=True
    ).set_headers(_headers)
    for name in (LEAD_SCORES.name, LEAD_QUALIFIED.name):
        output = topic(output_prefix + name)
        announced.filter(_goes_to(output.name)).apply(_value).to_topic(output)
    app.run()


def _headers(message: Message, *_: Any) -> Any:
    return message.headers


def _goes_to(topic: str) -> Any:
    def goes_there(message: Message) -> bool:
        return message.topic == topic

    return goes_there


def _value(message: Message) -> bytes | None:
    return message.value


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for argument in ("servers", "group", "prefix", "output-prefix", "state"):
        parser.add_argument(f"--{argument}", required=True)
    run(**vars(parser.parse_args()))
