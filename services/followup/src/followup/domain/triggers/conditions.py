"""Conditions on behaviour, as playbooks declare them."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text

MAX_DAYS: Final = 90
"""The longest time that a condition may look back."""
MAX_TIMES: Final = 5
"""The most repetitions that a condition may require."""
MAX_PEOPLE: Final = 10
"""The most active people that a condition may require."""
MAX_SCORE_DAYS: Final = 31
MAX_CONDITIONS: Final = 8
MAX_WORDS: Final = 50

OPENED_BY_PROGRAMS: Final = frozenset({"mail_opened", "mail_clicked"})
"""Programs open mails and follow their links to scan them: neither is anybody's activity."""

ANSWERS: Final = frozenset(
    {
        "mail_answered",
        "form_submitted",
        "call_answered",
        "meeting_held",
        "reference_quote_requested",
        "rfi_received",
        "rfp_received",
    }
)
"""Activities that end a silence after a mail: both sides spend time, or procurement moves."""

DECIDING_ROLES: Final = frozenset({"manager", "finance", "head"})
"""Roles that decide, or grant the money."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of activities; the kinds and categories are those of ``lead-events-v1``."""

    kinds: frozenset[str]
    categories: frozenset[str] = frozenset()
    """Empty: any, and none too."""
    words: frozenset[str] = frozenset()
    """One of them occurs in the activity's text, in any width and case; empty: any text."""
    key: str = field(init=False, compare=False)
    """The same for equal patterns: what their observations are stored under."""

    def __post_init__(self) -> None:
        parts = (sorted(each) for each in (self.kinds, self.categories, self.words))
        named = "\0\0".join("\0".join(part) for part in parts)
        object.__setattr__(self, "key", blake2b(named.encode(), digest_size=8).hexdigest())

    def matches(self, kind: str, category: str | None, text: str) -> bool:
        """Whether an activity is meant."""
        return (
            kind in self.kinds
            and (not self.categories or category in self.categories)
            and (not self.words or _holds_one_of(text, self.words))
        )


@dataclass(frozen=True, slots=True)
class Happened:
    """One person did it ``times`` times within ``days`` days.

    What one person does in one category within a half hour of the clock counts once.
    """

    pattern: Pattern
    times: int = 1
    days: int = 7


@dataclass(frozen=True, slots=True)
class SeveralPeople:
    """So many people of one organisation did it within ``days`` days."""

    pattern: Pattern
    people: int = 2
    days: int = 7
    one_decides: bool = True
    """One of them is a manager, in the finance section, or the head."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing came back in so many business days after the newest mail to this person."""

    business_days: int


@dataclass(frozen=True, slots=True)
class Silent:
    """The person did nothing for so many days, and had done something before."""

    days: int = 60


@dataclass(frozen=True, slots=True)
class ScoreJumped:
    """The person's engagement score rose by so many points within so many days in Japan."""

    points: float
    days: int = 7


Condition = Happened | SeveralPeople | NoAnswer | Silent | ScoreJumped


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A named behaviour: it is seen while all of its conditions hold."""

    name: str
    label: Text
    conditions: tuple[Condition, ...]
    importance: int = 2
    """From 1 to 3, the most important."""
    urgent: bool = False
    marked_by: frozenset[str] = field(init=False, compare=False)
    """Keys of patterns: who has no mark of each of them does not show it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "marked_by", frozenset(each.key for each in self.patterns))

    @property
    def of_organisation(self) -> bool:
        """Whether it is about an organisation as a whole, and no person in particular."""
        return all(isinstance(each, SeveralPeople) for each in self.conditions)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The activities that it watches for in each person."""
        return tuple(each.pattern for each in self.conditions if isinstance(each, Happened))


def check_behaviour(behaviour: Behaviour) -> Behaviour:
    """Return ``behaviour`` if it can be watched for.

    Raises:
        DomainError: it has no condition or too many (``conditions``), a number is out of its range
            (``out_of_range``), a pattern names no kind (``kind_missing``), has too many words
            (``too_many_words``), or names only what programs do (``only_programs``).
    """
    if not 1 <= len(behaviour.conditions) <= MAX_CONDITIONS:
        raise DomainError(
            f"give 1 to {MAX_CONDITIONS} conditions", field="conditions", code="conditions"
        )
    _in_range("importance", behaviour.importance, 3)
    for place, condition in enumerate(behaviour.conditions):
        where = f"conditions/{place}"
        for name, most in _LARGEST[type(condition)].items():
            _in_range(f"{where}/{name}", getattr(condition, name), most)
        if isinstance(condition, Happened | SeveralPeople):
            _check_pattern(condition.pattern, where)
    return behaviour


_LARGEST: Final[Mapping[type[Condition], Mapping[str, int]]] = {
    Happened: {"times": MAX_TIMES, "days": MAX_DAYS},
    SeveralPeople: {"people": MAX_PEOPLE, "days": MAX_DAYS},
    NoAnswer: {"business_days": MAX_DAYS},
    Silent: {"days": 800},
    ScoreJumped: {"points": 100, "days": MAX_SCORE_DAYS},
}


def _in_range(field: str, value: float, most: int) -> None:
    if not 1 <= value <= most:
        raise DomainError(
            f"{field} is {value:g}: give 1 to {most}", field=field, code="out_of_range"
        )


def _check_pattern(pattern: Pattern, where: str) -> None:
    if not pattern.kinds:
        raise DomainError(
            "name the kinds of activity that are meant, such as page_viewed",
            field=f"{where}/kinds",
            code="kind_missing",
        )
    if pattern.kinds <= OPENED_BY_PROGRAMS:
        raise DomainError(
            "programs open mails and follow links too: name another kind beside them",
            field=f"{where}/kinds",
            code="only_programs",
        )
    if len(pattern.words) > MAX_WORDS or not all(map(comparable_text, pattern.words)):
        raise DomainError(
            f"give at most {MAX_WORDS} words, none of them blank",
            field=f"{where}/words",
            code="too_many_words",
        )


def comparable_text(text: str) -> str:
    """Return ``text`` in its usual width, without spaces and regard to case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _holds_one_of(text: str, words: Collection[str]) -> bool:
    compared = comparable_text(text)
    return any(_comparable_word(word) in compared for word in words)


_comparable_word: Final = lru_cache(maxsize=1024)(comparable_text)
