"""Messages of a decision: the published models read them, and their ids are unique."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from kakehashi_common.contracts.lead_scores import Cause, LeadQualified, ScoreChanged
from kakehashi_common.outbox.store import Message
from lead_scoring.domain.decision import Decision, record
from lead_scoring.domain.decision import ScoreChanged as Change
from lead_scoring.domain.lead import ActivityRecorded, Fact, Lead, ProfileChanged
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.scoring.announcements import Announcer
from lead_scoring.scoring.repository.leads import StoredLead
from tests.support.lead_histories import NOW, SMALL_RULES, municipality_fields

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
MET = ActivityRecorded(NOW, "meeting_held")
VIEWED = ActivityRecorded(NOW, "page_viewed")
IN_KIRYU = ProfileChanged(NOW, b"1", {"municipality_code": "102032", "role": "manager"})
NOTHING = Decision(None, None)


def rules(version: int = 3) -> CompiledRules:
    return CompiledRules(SMALL_RULES, version, municipality_fields)


def stored(lead_id: str = "crm-1", version: int = 7) -> StoredLead:
    return StoredLead(Lead(lead_id), version=version)


def announced(
    *facts: Fact,
    at: datetime = NOW,
    about: StoredLead | None = None,
    prefix: str = "",
    traceparent: str | None = None,
) -> list[Message]:
    about = about or stored()
    decision = record(about.lead, facts, rules(), at)
    return Announcer(rules(), prefix, traceparent).announce(about, decision)


def read(message: Message) -> ScoreChanged | LeadQualified:
    models: dict[bytes, Any] = {
        model.TYPE.encode(): model for model in (ScoreChanged, LeadQualified)
    }
    model: type[ScoreChanged | LeadQualified] = models[header(message, "ce_type")]
    assert message.value is not None
    return model.model_validate_json(message.value, extra="forbid")


def header(message: Message, name: str) -> bytes:
    return dict(message.headers)[name] or b""


def ids(messages: list[Message]) -> list[bytes]:
    return [header(message, "ce_id") for message in messages]


@pytest.mark.parametrize(
    ("facts", "topics"),
    [
        ((VIEWED,), ["lead-scores-v1"]),
        ((MET,), ["lead-scores-v1", "lead-qualified-v1"]),
    ],
    ids=["a score", "a qualification"],
)
def test_each_part_of_a_decision_is_a_message_of_its_topic(
    facts: tuple[Fact, ...], topics: list[str]
) -> None:
    assert [message.topic for message in announced(*facts)] == topics
    prefixed = announced(*facts, prefix="test-")
    assert [message.topic for message in prefixed] == [f"test-{topic}" for topic in topics]
    assert {message.key for message in prefixed} == {b"crm-1"}


def test_a_decision_of_nothing_announces_nothing() -> None:
    assert Announcer(rules(), "", None).announce(stored(), NOTHING) == []


def test_the_models_read_what_the_domain_has_decided() -> None:
    score, qualification = (read(each) for each in announced(IN_KIRYU, MET))

    assert isinstance(score, ScoreChanged)
    assert isinstance(qualification, LeadQualified)
    assert (score.lead_id, score.municipality_code) == ("crm-1", "102032")
    assert (score.fit, score.engagement, score.grade) == (0.9, 40.0, "C1")
    assert (score.previous_grade, score.cause, score.scored_at) == (None, Cause.EVENTS, NOW)
    assert (score.rule_set, score.rule_version) == ("small", 3)
    [manager, met] = score.contributions
    assert (met.dimension, met.rule, met.points) == ("engagement", "met", 40.0)
    assert (met.label.ja, met.count, met.last_on) == ("metの説明", 1, date(2026, 9, 1))
    assert (manager.dimension, manager.rule, manager.points) == ("fit", "manager", 0.9)
    assert (manager.count, manager.last_on) == (None, None)
    assert (qualification.qualified_at, qualification.qualification) == (NOW, 1)
    assert qualification.contributions == score.contributions


@pytest.mark.parametrize(
    ("tenths", "points"), [(0, 0.0), (5, 0.5), (100, 10.0), (1000, 100.0)], ids=str
)
def test_tenths_are_published_as_points(tenths: int, points: float) -> None:
    change = Change(tenths, tenths, "B2", "C3", NOW, "decay", ())
    [message] = Announcer(rules(), "", None).announce(stored(), Decision(change, None))
    published = read(message)
    assert (published.fit, published.engagement) == (points, points)


def test_the_same_decision_has_the_same_ids_whenever_it_is_announced() -> None:
    assert ids(announced(MET)) == ids(announced(MET, prefix="test-", traceparent=TRACEPARENT))


@pytest.mark.parametrize(
    "other",
    [
        {"about": stored(version=8)},
        {"about": stored("crm-2")},
        {"at": NOW + timedelta(seconds=1)},
    ],
    ids=["a later version", "another lead", "a lead that came back"],
)
def test_every_other_decision_has_other_ids(other: dict[str, Any]) -> None:
    both = [*ids(announced(MET)), *ids(announced(MET, **other))]
    assert len(set(both)) == len(both) == 4


def test_the_trace_goes_on_with_the_message() -> None:
    [traced] = announced(VIEWED, traceparent=TRACEPARENT)
    assert header(traced, "traceparent") == header(traced, "ce_traceparent") == TRACEPARENT.encode()
    [untraced] = announced(VIEWED)
    assert {name for name, _ in untraced.headers}.isdisjoint({"traceparent", "ce_traceparent"})
