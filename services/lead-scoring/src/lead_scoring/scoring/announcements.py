"""From the domain's decisions to messages on ``lead-scores-v1`` and ``lead-qualified-v1``.

The JSON is put together from prepared pieces: a model with a dozen lines of explanation would
cost as much as scoring the lead. ``tests/unit`` holds that the models read it back.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b

import msgspec

from kakehashi_common.cloudevents.codec import binary_headers, event_key
from kakehashi_common.cloudevents.times import utc_time
from kakehashi_common.contracts.lead_scores import LeadQualified, ScoreChanged
from kakehashi_common.contracts.topics import LEAD_QUALIFIED, LEAD_SCORES
from kakehashi_common.outbox.store import Message
from lead_scoring.domain.decision import Decision
from lead_scoring.domain.decision import LeadQualified as Qualified
from lead_scoring.domain.explanation import Contribution, Line
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.scoring.repository.leads import StoredLead

SOURCE = "//kakehashi/lead-scoring"

_json = msgspec.json.Encoder().encode


def qualification_id(stored: StoredLead, qualified: Qualified) -> str:
    """Return the id by which handoff knows a qualification: the key of its event."""
    event_id = _event_id(LeadQualified.TYPE, stored, qualified.qualified_at)
    return event_key(SOURCE, event_id).hex


@dataclass(frozen=True, slots=True)
class Announcer:
    """Writes the messages that announce a decision."""

    rules: CompiledRules
    topic_prefix: str
    traceparent: str | None
    """The span in which the decision was taken."""

    def announce(self, stored: StoredLead, decision: Decision) -> list[Message]:
        """The messages of one decision, with ids that no other decision has."""
        messages = []
        if (changed := decision.score_changed) is not None:
            messages.append(
                self._message(
                    LEAD_SCORES.name,
                    ScoreChanged.TYPE,
                    stored,
                    changed.scored_at,
                    b'%b,"previous_grade":%b,"scored_at":"%b","cause":"%b",%b}'
                    % (
                        self._score(stored, changed.fit, changed.engagement, changed.grade),
                        _json(changed.previous_grade),
                        utc_time(changed.scored_at),
                        changed.cause.encode(),
                        _contributions(changed.contributions),
                    ),
                )
            )
        if (qualified := decision.lead_qualified) is not None:
            messages.append(
                self._message(
                    LEAD_QUALIFIED.name,
                    LeadQualified.TYPE,
                    stored,
                    qualified.qualified_at,
                    b'%b,"qualified_at":"%b","qualification":%d,%b}'
                    % (
                        self._score(stored, qualified.fit, qualified.engagement, qualified.grade),
                        utc_time(qualified.qualified_at),
                        qualified.number,
                        _contributions(qualified.contributions),
                    ),
                )
            )
        return messages

    def _score(self, stored: StoredLead, fit: int, engagement: int, grade: str) -> bytes:
        return (
            b'{"lead_id":%b,"municipality_code":%b,"fit":%b,"engagement":%b,"grade":"%b",'
            b'"rule_set":%b,"rule_version":%d'
            % (
                _json(stored.lead.lead_id),
                _json(stored.lead.profile.get("municipality_code")),
                _points(fit),
                _points(engagement),
                grade.encode(),
                _json(self.rules.rules.name),
                self.rules.version,
            )
        )

    def _message(
        self, topic: str, event_type: str, stored: StoredLead, at: datetime, value: bytes
    ) -> Message:
        key = stored.lead.lead_id.encode()
        headers = binary_headers(
            _event_id(event_type, stored, at).encode(),
            SOURCE.encode(),
            event_type.encode(),
            utc_time(at),
            key=key,
            traceparent=self.traceparent,
        )
        return Message(self.topic_prefix + topic, key, value, headers)


def _event_id(event_type: str, stored: StoredLead, at: datetime) -> str:
    # The version counts the lead's writes; a lead that was erased and came back starts again, and
    # only the instant distinguishes its messages from the first ones.
    identity = b"%b\0%b\0%d\0%b" % (
        event_type.encode(),
        stored.lead.lead_id.encode(),
        stored.version + 1,
        utc_time(at),
    )
    return blake2b(identity, digest_size=16).hexdigest()


def _contributions(contributions: tuple[Contribution, ...]) -> bytes:
    return b'"contributions":[%b]' % b",".join(map(_contribution, contributions))


def _contribution(contribution: Contribution) -> bytes:
    line, points, count, last_on = contribution
    if count is None:
        return b"%b%b}" % (_opening(line), _points(points))
    return b'%b%b,"count":%d,"last_on":%b}' % (
        _opening(line),
        _points(points),
        count,
        b"null" if last_on is None else _day(last_on),
    )


@lru_cache(maxsize=4096)
def _opening(line: Line) -> bytes:
    opening = _json(
        {
            "dimension": line.dimension,
            "rule": line.rule,
            "kind": line.kind,
            "label": {"ja": line.label.ja, "en": line.label.en},
        }
    )
    return opening[:-1] + b',"points":'


@lru_cache(maxsize=4096)
def _points(tenths: int) -> bytes:
    sign = "-" if tenths < 0 else ""
    return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}".encode()


@lru_cache(maxsize=2048)
def _day(day: int) -> bytes:
    return f'"{date.fromordinal(day).isoformat()}"'.encode()
