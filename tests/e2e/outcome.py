"""The outcome of a stream in lead-scoring, read from its database and topics, and its checks.

Every fault test ends with :func:`assert_nothing_lost_or_doubled`.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar
from uuid import UUID

from kakehashi_common.contracts.lead_scores import LeadQualified, ScoreChanged
from kakehashi_common.contracts.topics import LEAD_EVENTS, LEAD_QUALIFIED, LEAD_SCORES
from lead_scoring.domain.scoring import Evaluation
from lead_scoring.rules import file as rules_file
from tests.e2e.stream import Stream
from tests.support.installations import Installation
from tests.support.kafka import Record
from tests.support.lead_scoring import LEAD_STATE

_K = TypeVar("_K")
_V = TypeVar("_V")
_SHOWN = 5

Told = tuple[str, float, float, str, str | None]
"""A score as it was announced: scored at, fit, engagement, grade, previous grade."""


@dataclass(frozen=True, slots=True)
class Announced:
    """One topic's records by lead, in the order of the partition; repeats by id taken out."""

    first: dict[str, list[Any]]
    """The models, each at its first delivery."""
    last: dict[str, Any]
    """The model that came last of all: what compaction leaves."""
    repeats: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The stored and published results."""

    state: dict[str, tuple[Any, ...]]
    """Per lead, the columns of :data:`LEAD_STATE` after its id."""
    logged: Counter[UUID]
    """The number of times that each event is in the event log."""
    admitted: set[UUID]
    """The events in the inbox."""
    history: dict[str, list[Told]]
    """Per lead, its announced scores in the order of the database."""
    published: dict[str, tuple[int, int, str]]
    """Per lead, the score that the database says others were last told."""
    qualifications: dict[str, int]
    """Per lead, the number of its qualifications."""
    scores: Announced
    qualified: Announced
    dead_letters: set[tuple[int, int]]
    """Partition and offset of the records in the dead-letter topic."""
    left_in_outbox: int

    @property
    def redelivered(self) -> int:
        """The number of records that were published more than once."""
        return self.scores.repeats + self.qualified.repeats


async def outcome_of(installed: Installation) -> Outcome:
    """Read everything that an installation has stored and published."""
    state = await installed.fetch(LEAD_STATE)
    history: defaultdict[str, list[Told]] = defaultdict(list)
    for row in await installed.fetch("select * from score_history order by id"):
        history[row["lead_id"]].append(
            (
                row["scored_at"].isoformat(),
                row["fit"] / 10,
                row["engagement"] / 10,
                row["grade"],
                row["previous_grade"],
            )
        )
    leads = await installed.fetch("select * from lead")
    counted = await installed.fetch("select count(*) from outbox")
    dead = await installed.broker.read(installed.topic(LEAD_EVENTS).dead_letter_topic)
    return Outcome(
        state={row[0]: tuple(row)[1:] for row in state},
        logged=Counter(r[0] for r in await installed.fetch("select event_key from event_log")),
        admitted={r[0] for r in await installed.fetch("select event_key from inbox")},
        history=dict(history),
        published={
            r["lead_id"]: (r["published_fit"], r["published_engagement"], r["published_grade"])
            for r in leads
        },
        qualifications={r["lead_id"]: r["qualifications"] for r in leads if r["qualifications"]},
        scores=announced(
            await installed.broker.read(installed.topic(LEAD_SCORES).name), ScoreChanged
        ),
        qualified=announced(
            await installed.broker.read(installed.topic(LEAD_QUALIFIED).name), LeadQualified
        ),
        dead_letters={
            (int(headers["dlq-partition"]), int(headers["dlq-offset"]))
            for headers in map(text_headers, dead)
        },
        left_in_outbox=counted[0][0],
    )


def announced(
    records: Sequence[Record], model: type[ScoreChanged] | type[LeadQualified]
) -> Announced:
    """Read one topic by the published models."""
    first: defaultdict[str, list[Any]] = defaultdict(list)
    last: dict[str, Any] = {}
    partition_of: dict[bytes, int] = {}
    seen: set[str] = set()
    for record in records:
        assert record.key is not None
        assert record.value is not None
        assert partition_of.setdefault(record.key, record.partition) == record.partition
        headers = text_headers(record)
        assert headers["ce_type"] == model.TYPE
        data = model.model_validate_json(record.value)
        assert data.lead_id.encode() == record.key
        last[data.lead_id] = data
        if headers["ce_id"] not in seen:
            seen.add(headers["ce_id"])
            first[data.lead_id].append(data)
    return Announced(dict(first), last, len(records) - len(seen))


def text_headers(record: Record) -> dict[str, str]:
    """The headers that are text."""
    found = {}
    for name, raw in record.headers:
        if raw is not None:
            found[name] = raw.decode(errors="replace")
    return found


def assert_nothing_lost_or_doubled(
    outcome: Outcome, stream: Stream, undisturbed: Outcome | None = None
) -> None:
    """Every event counted once, every score the right one and told in order, all dead letters."""
    counts = {event: (times, event in outcome.admitted) for event, times in outcome.logged.items()}
    assert differing(counts, dict.fromkeys(stream.events, (1, True))) == {}
    assert outcome.admitted == outcome.logged.keys()
    scores = {lead: Evaluation(*row[3:6]) for lead, row in outcome.state.items()}
    assert differing(scores, stream.scores(rules_file.shipped())) == {}
    if undisturbed is not None:
        assert differing(outcome.state, undisturbed.state) == {}
    assert outcome.left_in_outbox == 0
    _assert_scores_told_in_order(outcome)
    _assert_qualified_once_each(outcome)
    poison = {sent.at for sent in stream.records if sent.event is None}
    assert outcome.dead_letters == poison


def differing(found: Mapping[_K, _V], expected: Mapping[_K, _V]) -> dict[_K, object]:
    """Where two mappings differ, as ``{key: (found, expected)}``; the first few."""
    wrong = (
        (key, (found.get(key), expected.get(key)))
        for key in found.keys() | expected.keys()
        if found.get(key) != expected.get(key)
    )
    return dict(islice(wrong, _SHOWN))


def _assert_scores_told_in_order(outcome: Outcome) -> None:
    told = {
        lead: [_told(model) for model in models] for lead, models in outcome.scores.first.items()
    }
    # The history is written in the transaction that announces: it says what was to be told.
    assert differing(told, outcome.history) == {}
    back = [lead for lead, scores in told.items() if scores != sorted(scores, key=itemgetter(0))]
    assert back == []
    newest = {
        lead: (round(model.fit * 10), round(model.engagement * 10), model.grade)
        for lead, model in outcome.scores.last.items()
    }
    assert differing(newest, outcome.published) == {}


def _assert_qualified_once_each(outcome: Outcome) -> None:
    numbers = {
        lead: [model.qualification for model in models]
        for lead, models in outcome.qualified.first.items()
    }
    expected = {lead: list(range(1, times + 1)) for lead, times in outcome.qualifications.items()}
    assert differing(numbers, expected) == {}


def _told(model: ScoreChanged) -> Told:
    return (
        model.scored_at.isoformat(),
        model.fit,
        model.engagement,
        model.grade,
        model.previous_grade,
    )
