"""How often contacts were answered, by whom, on what, by channel, weekday and hour.

Learnt from answers only: mails are opened, and their links followed, by programs that scan them.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from kakehashi_common.domain.business_time import JAPAN

ANSWERED_WITHIN: Final = timedelta(days=14)
"""What is not answered by then counts as unanswered; younger contacts don't count yet."""

PRIOR: Final = 20
"""A rate weighs as much as so many contacts at the rate of all (Beta prior), so that few contacts
say little."""


class Channel(StrEnum):
    """How somebody was contacted."""

    MAIL = "mail"
    CALL = "call"
    LETTER = "letter"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Contacted:
    """One contact that could be answered."""

    role: str
    """The person's part in decisions."""
    kind: str
    """What it was about: the reason or behaviour that set it off."""
    channel: Channel
    at: datetime
    answered_at: datetime | None = None
    """The first answer by a person; out-of-office replies are none."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The contacts of one role, kind, channel, weekday and hour in Japan."""

    role: str
    kind: str
    channel: Channel
    weekday: int
    """0 is Monday."""
    hour: int
    contacts: int
    answered: int


def tally(contacts: Iterable[Contacted], now: datetime) -> tuple[Tally, ...]:
    """Count the contacts that are old enough, however often they are given in whatever order."""
    counts: Counter[tuple[str, str, Channel, int, int]] = Counter()
    answers: Counter[tuple[str, str, Channel, int, int]] = Counter()
    for each in contacts:
        if each.at > now - ANSWERED_WITHIN:
            continue
        local = each.at.astimezone(JAPAN)
        cell = (each.role, each.kind, each.channel, local.weekday(), local.hour)
        counts[cell] += 1
        if each.answered_at is not None:
            answers[cell] += each.answered_at <= each.at + ANSWERED_WITHIN
    return tuple(Tally(*cell, counts[cell], answers[cell]) for cell in sorted(counts))


@dataclass(frozen=True, slots=True)
class Rate:
    """How often contacts were answered, shrunk towards the rate of all."""

    contacts: int
    answered: int
    expected: float
    """The posterior mean, never 0 or 1."""


def rate_of(tallies: Iterable[Tally], prior: float) -> Rate:
    """Return the rate of ``tallies``, with the rate of all as its prior."""
    those = tuple(tallies)
    contacts = sum(each.contacts for each in those)
    answered = sum(each.answered for each in those)
    return Rate(contacts, answered, (answered + PRIOR * prior) / (contacts + PRIOR))


def overall(tallies: Iterable[Tally]) -> float:
    """Return the rate of all, itself shrunk towards one half by one contact (Krichevsky–Trofimov).

    So it is never 0 or 1 either.
    """
    those = tuple(tallies)
    answered = sum(each.answered for each in those)
    return (answered + 0.5) / (sum(each.contacts for each in those) + 1)
