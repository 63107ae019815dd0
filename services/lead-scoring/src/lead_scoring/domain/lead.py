"""A lead: one person at one organisation, as one seller sees it, and the facts that shape it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from lead_scoring.domain.activity import ActivityCounts
from lead_scoring.domain.days import japan_day
from lead_scoring.domain.engagement import Tally
from lead_scoring.domain.explanation import Fit
from lead_scoring.domain.profile import Profile, Scalar

# Facts and scores are named tuples: thousands are made each second, and a frozen dataclass takes
# three times as long to make.


class ActivityRecorded(NamedTuple):
    """The contact did something."""

    occurred_at: datetime
    signal: str
    """See :func:`lead_scoring.domain.activity.signal`."""


class ProfileChanged(NamedTuple):
    """Something was learnt about the lead."""

    occurred_at: datetime
    event_key: bytes
    fields: Mapping[str, Scalar]
    """Only the fields that were stated: ``municipality_code``, ``department``, ``role``,
    ``organisation_size``, ``person_name``, ``email``, ``phone``, ``attributes.<name>``. ``None``
    clears a field."""


class OutcomeRecorded(NamedTuple):
    """An opportunity with the lead ended."""

    occurred_at: datetime
    event_key: bytes
    outcome: str
    """``won``, ``lost`` or ``cancelled``."""
    amount_yen: int | None = None


Fact = ActivityRecorded | ProfileChanged | OutcomeRecorded


class Score(NamedTuple):
    """The score that is stored: tenths of a point, 0..1000."""

    fit: int
    engagement: int
    grade: str
    """``A1`` … ``C3``."""
    scored_at: datetime
    rule_version: int
    next_grade_change_at: datetime | None
    """When the grade will change if nothing happens: the start of a Japan day, in UTC."""


class Published(NamedTuple):
    """The score that was last announced, in tenths of a point."""

    fit: int
    engagement: int
    grade: str


class Qualification(NamedTuple):
    """Whether a lead is in a qualifying grade, and how often it came into one."""

    inside: bool = False
    number: int = 0
    """1 for the first time, 2 after it left, a cool-down passed and it returned."""
    last_qualified_at: datetime | None = None
    left_at: datetime | None = None
    """When it last left; kept while it is inside again."""

    def joined(self, other: "Qualification") -> "Qualification":
        """Return the later of two qualifications of one person, numbered behind both."""
        if other.last_qualified_at is None:
            return self
        if self.last_qualified_at is None:
            return other
        later = self if self.last_qualified_at >= other.last_qualified_at else other
        return later._replace(number=max(self.number, other.number))


NEVER_QUALIFIED = Qualification()


@dataclass(slots=True)
class Lead:
    """The state of one lead.

    Facts are folded with :meth:`apply`. Any order and any batches of the same distinct facts give
    the same lead; duplicates are the inbox's to remove. ``score``, ``published`` and
    ``qualification`` change by :func:`lead_scoring.domain.decision.decide` only.
    """

    lead_id: str
    activity: ActivityCounts = field(default_factory=ActivityCounts)
    profile: Profile = field(default_factory=Profile)
    outcome: OutcomeRecorded | None = None
    """The latest; of two at the same instant the one with the larger key."""
    last_activity_at: datetime | None = None
    last_event_at: datetime | None = None
    """Of any fact: the instant a replay scores the lead as of."""
    score: Score | None = None
    published: Published | None = None
    qualification: Qualification = NEVER_QUALIFIED
    fit: Fit | None = field(default=None, repr=False, compare=False)
    """The last computed fit, dropped when the profile changes. Never stored."""
    tally: Tally | None = field(default=None, repr=False, compare=False)
    """The rules' counts on the day of the last evaluation, kept up to date. Never stored."""

    def apply(self, fact: Fact) -> None:
        """Fold one fact, in whatever order facts arrive."""
        occurred_at = fact.occurred_at
        if self.last_event_at is None or occurred_at > self.last_event_at:
            self.last_event_at = occurred_at
        if type(fact) is ActivityRecorded:
            signal = fact.signal
            day = japan_day(occurred_at)
            tally = self.tally
            counts = self.activity.add(signal, day)
            if (
                counts
                and tally is not None
                # A signal that took another's place took what the tally counted with it.
                and (self.activity.full or not tally.add(signal, day))
            ):
                self.tally = None
            if self.last_activity_at is None or occurred_at > self.last_activity_at:
                self.last_activity_at = occurred_at
        elif type(fact) is ProfileChanged:
            self.profile = self.profile.merged(occurred_at, fact.event_key, fact.fields)
            self.fit = None
        elif type(fact) is OutcomeRecorded:
            held = self.outcome
            if held is None or (held.occurred_at, held.event_key) < (occurred_at, fact.event_key):
                self.outcome = fact

    def join(self, other: "Lead") -> None:
        """Fold all that is known of another lead, who is the same person.

        What was announced of this lead stays. The latest qualification of the two counts, so that
        a person who has qualified under one id doesn't qualify again by having two.
        """
        self.activity.join(other.activity)
        for at, key, names, values in other.profile:
            self.profile = self.profile.merged(at, key, dict(zip(names, values, strict=True)))
        if other.outcome is not None:
            self.apply(other.outcome)
        self.last_activity_at = _later(self.last_activity_at, other.last_activity_at)
        self.last_event_at = _later(self.last_event_at, other.last_event_at)
        self.qualification = self.qualification.joined(other.qualification)
        self.fit = self.tally = None


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(filter(None, (one, other)), default=None)
