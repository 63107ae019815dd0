"""Rates of answers: by person, occasion, channel, weekday and hour.

Only answers count: mails are also opened, and their links followed, by programs that scan them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from followup.domain.playbooks.steps import Channel
from kakehashi_common.domain.texts import Text

ANSWERED_WITHIN: Final = timedelta(days=14)
"""Contacts without an answer by then are unanswered; younger ones don't count yet."""

PRIOR: Final = 20
"""A rate weighs as much as so many contacts at the rate of all (Beta prior), so that few contacts
say little."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The contacts of one channel, role, kind, weekday and hour in Japan."""

    channel: Channel
    role: str
    kind: str
    weekday: int
    """0 is Monday."""
    hour: int
    contacts: int
    answered: int


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate of answers of some contacts, shrunk towards the rate of all."""

    contacts: int
    answered: int
    expected: float
    """The posterior mean, never 0 or 1."""

    @property
    def text(self) -> Text:
        """The rate, with the numbers behind it."""
        return Text(
            ja=f"{self.contacts}件中{self.answered}件に回答（補正後{self.expected:.1%}）",
            en=f"{self.answered} of {self.contacts} were answered "
            f"({self.expected:.1%} after shrinkage)",
        )


def rate_of(tallies: Iterable[Tally], prior: float) -> Rate:
    """Return the rate of ``tallies``, with the rate of all as its prior."""
    those = tuple(tallies)
    contacts = sum(each.contacts for each in those)
    answered = sum(each.answered for each in those)
    return Rate(contacts, answered, (answered + PRIOR * prior) / (contacts + PRIOR))


def by_hour_and_weekday(
    tallies: Iterable[Tally], prior: float
) -> tuple[Mapping[int, Rate], Mapping[int, Rate]]:
    """Return the rates of each hour and of each weekday, with the rate of all as their prior."""
    those = tuple(tallies)
    by_hour = {
        hour: rate_of((each for each in those if each.hour == hour), prior) for hour in range(24)
    }
    by_weekday = {
        day: rate_of((each for each in those if each.weekday == day), prior) for day in range(7)
    }
    return by_hour, by_weekday


def overall(tallies: Iterable[Tally]) -> float:
    """Return the rate of all, itself shrunk towards one half by one contact (Krichevsky–Trofimov).

    So it is never 0 or 1 either.
    """
    those = tuple(tallies)
    answered = sum(each.answered for each in those)
    return (answered + 0.5) / (sum(each.contacts for each in those) + 1)
