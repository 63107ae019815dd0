"""Caps on mails in some days: per person, organisation and seller, and in all."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class CapSubject(StrEnum):
    """The subject by which mails are counted."""

    CONTACT = "contact"
    ORGANISATION = "organisation"
    SELLER = "seller"
    EVERYBODY = "everybody"


Sent = Mapping[CapSubject, Mapping[date, int]]
"""The number of mails sent on each day in Japan, by the subject of the mail in question, including
those on their way."""


def together(sent: Sent, planned: Sent) -> Sent:
    """Return what was sent and what is planned, as one."""
    if not planned:
        return sent
    return {
        subject: Counter(sent.get(subject, {})) + Counter(planned.get(subject, {}))
        for subject in {*sent, *planned}
    }


@dataclass(frozen=True, slots=True)
class Cap:
    """At most ``limit`` mails in any ``days`` consecutive days in Japan.

    Raises:
        ValueError: a number is below 1.
    """

    subject: CapSubject
    limit: int
    days: int = 1

    def __post_init__(self) -> None:
        if self.limit < 1 or self.days < 1:
            raise ValueError("a cap allows at least one mail, in at least one day")

    def used_on(self, day: date, sent: Sent) -> int:
        """Return how many mails a further one on ``day`` would share its fullest window with."""
        counts = sent.get(self.subject, {})
        around = [
            counts.get(day + timedelta(days=distance), 0)
            for distance in range(1 - self.days, self.days)
        ]
        return max(sum(around[start : start + self.days]) for start in range(self.days))

    def has_room_on(self, day: date, sent: Sent) -> bool:
        """Whether a further mail on ``day`` stays within the limit."""
        return self.used_on(day, sent) < self.limit

    def next_day_with_room(self, day: date, sent: Sent) -> date:
        """Return the first day from ``day`` on, on which a further mail stays within the limit."""
        while not self.has_room_on(day, sent):
            day += timedelta(days=1)
        return day


CAPS: Final = (
    Cap(CapSubject.CONTACT, limit=1),
    Cap(CapSubject.CONTACT, limit=2, days=7),
    Cap(CapSubject.ORGANISATION, limit=5, days=7),
    Cap(CapSubject.SELLER, limit=50),
    Cap(CapSubject.EVERYBODY, limit=500),
)
"""Common practice; settings override them."""
