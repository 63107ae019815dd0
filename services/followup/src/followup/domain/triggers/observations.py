"""Observations of a person and of an organisation: as much as conditions need, and bounded.

The result does not depend on the order of observations, nor on how often they come.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from followup.domain.triggers.conditions import (
    ANSWERS,
    MAX_DAYS,
    MAX_SCORE_DAYS,
    MAX_TIMES,
    OPENED_BY_PROGRAMS,
    Pattern,
)
from kakehashi_common.domain.business_time import JAPAN

MAX_ACTIVE_PEOPLE: Final = 50
"""Of more people who were active in one way, those who were so first are forgotten."""

_KEPT: Final = timedelta(days=MAX_DAYS)


@dataclass(frozen=True, slots=True)
class Activity:
    """Somebody did something, as ``lead-events-v1`` says."""

    lead_id: str
    at: datetime
    kind: str
    category: str | None = None
    text: str = ""
    """The text that they wrote. It is examined, and not kept."""


class Mark(NamedTuple):
    """An activity that a pattern means."""

    at: datetime
    """The beginning of its half hour."""
    what: str
    """Its category, or its kind where it has none."""


class DayScore(NamedTuple):
    """The engagement scores that a person had on one day in Japan."""

    day: date
    lowest: float
    last_at: datetime
    last: float


@dataclass(frozen=True, slots=True)
class Person:
    """The observations of one lead."""

    marks: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)
    """By the pattern's key, the newest ``MAX_TIMES``, in order."""
    scores: tuple[DayScore, ...] = ()
    """In order; of those before the longest window the newest."""
    active_at: datetime | None = None
    """The newest activity that is a person's."""
    mailed_at: datetime | None = None
    """The newest mail to this person."""
    answered_at: datetime | None = None

    def with_activity(self, activity: Activity, patterns: Iterable[Pattern]) -> "Person":
        """Return the observations after an activity."""
        if activity.kind in OPENED_BY_PROGRAMS:
            return self
        marks = self.marks
        meant = [
            each.key
            for each in patterns
            if each.matches(activity.kind, activity.category, activity.text)
        ]
        if meant:
            mark = Mark(_half_hour(activity.at), activity.category or activity.kind)
            marks = dict(marks) | {
                key: tuple(sorted({*marks.get(key, ()), mark}))[-MAX_TIMES:] for key in meant
            }
        answered = activity.kind in ANSWERS
        return Person(
            marks,
            self.scores,
            _later(self.active_at, activity.at),
            self.mailed_at,
            _later(self.answered_at, activity.at) if answered else self.answered_at,
        )

    def with_mail(self, at: datetime) -> "Person":
        """Return the observations after a mail to this person."""
        return replace(self, mailed_at=_later(self.mailed_at, at))

    def with_score(self, at: datetime, engagement: float) -> "Person":
        """Return the observations after a score."""
        day = at.astimezone(JAPAN).date()
        scores = {each.day: each for each in self.scores}
        if there := scores.get(day):
            last_at, last = max((there.last_at, there.last), (at, engagement))
            scores[day] = DayScore(day, min(there.lowest, engagement), last_at, last)
        else:
            scores[day] = DayScore(day, engagement, at, engagement)
        return replace(self, scores=tuple(scores[each] for each in sorted(scores)))

    def joined(self, other: "Person") -> "Person":
        """Return the observations once another lead has turned out to be the same person.

        The scores stay this lead's: the other one's are not comparable with them.
        """
        marks = {
            key: tuple(sorted({*self.marks.get(key, ()), *other.marks.get(key, ())}))[-MAX_TIMES:]
            for key in {**self.marks, **other.marks}
        }
        return Person(
            marks,
            self.scores,
            _latest(self.active_at, other.active_at),
            _latest(self.mailed_at, other.mailed_at),
            _latest(self.answered_at, other.answered_at),
        )

    def pruned(self, now: datetime, keys: Collection[str]) -> "Person":
        """Return what conditions can still ask for, from ``now`` on, of patterns by their keys."""
        since = now - _KEPT
        marks = {
            key: kept
            for key, marks in self.marks.items()
            if key in keys and (kept := tuple(each for each in marks if each.at > since))
        }
        if not self.scores:
            return Person(marks, (), self.active_at, self.mailed_at, self.answered_at)
        first = now.astimezone(JAPAN).date() - timedelta(days=MAX_SCORE_DAYS - 1)
        before = [each for each in self.scores if each.day < first][-1:]
        within = [each for each in self.scores if each.day >= first]
        return replace(self, marks=marks, scores=(*before, *within))


@dataclass(frozen=True, slots=True)
class Organisation:
    """The people of one organisation who were active."""

    active: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    """By the pattern's key, the newest activity of each lead."""

    def with_activity(self, activity: Activity, patterns: Iterable[Pattern]) -> "Organisation":
        """Return the observations after an activity."""
        if activity.kind in OPENED_BY_PROGRAMS:
            return self
        active = dict(self.active)
        for pattern in patterns:
            if pattern.matches(activity.kind, activity.category, activity.text):
                there = dict(active.get(pattern.key, {}))
                there[activity.lead_id] = _later(there.get(activity.lead_id), activity.at)
                active[pattern.key] = _newest(there)
        return Organisation(active)

    def joined(self, lead_id: str, survivor: str) -> "Organisation":
        """Return the observations once one lead has turned out to be the same person as another."""
        active = {key: _joined(each, lead_id, survivor) for key, each in self.active.items()}
        return replace(self, active=active)

    def without(self, lead_id: str) -> "Organisation":
        """Return the observations after a person's data were erased."""
        active = {
            key: {each: at for each, at in people.items() if each != lead_id}
            for key, people in self.active.items()
        }
        return replace(self, active=active)

    def pruned(self, now: datetime, keys: Collection[str]) -> "Organisation":
        """Return what conditions can still ask for, from ``now`` on, of patterns by their keys."""
        since = now - _KEPT
        active = {
            key: kept
            for key, people in self.active.items()
            if key in keys and (kept := {lead: at for lead, at in people.items() if at > since})
        }
        return Organisation(active)


def _newest(people: Mapping[str, datetime]) -> Mapping[str, datetime]:
    if len(people) <= MAX_ACTIVE_PEOPLE:
        return people
    ordered = sorted(people.items(), key=lambda each: (each[1], each[0]))
    return dict(ordered[-MAX_ACTIVE_PEOPLE:])


def _joined(people: Mapping[str, datetime], lead_id: str, survivor: str) -> Mapping[str, datetime]:
    if lead_id not in people:
        return people
    others = {each: at for each, at in people.items() if each != lead_id}
    return {**others, survivor: _later(people.get(survivor), people[lead_id])}


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return one if other is None else _later(one, other)


def _later(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else max(known, at)


def _half_hour(at: datetime) -> datetime:
    local = at.astimezone(JAPAN)
    return local.replace(minute=local.minute // 30 * 30, second=0, microsecond=0)
