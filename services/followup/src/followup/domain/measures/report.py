"""The outcomes of the contacts in one row of a report, and whether they annoy people."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kakehashi_common.domain.proportions import Proportion


class Cut(StrEnum):
    """The attribute by which the rows of a report differ."""

    ALL = "all"
    """One row."""
    PLAYBOOK = "playbook"
    STEP = "step"
    """Playbook and step, as ``welcome/introduction``."""
    VARIANT = "variant"
    """Playbook, step and side of the experiment, as ``welcome/introduction/b``."""
    ROLE = "role"
    """Of the person who was contacted."""
    WEEKDAY = "weekday"
    """In Japan, from 1 for Monday to 7."""
    HOUR = "hour"
    """In Japan, from 00 to 23."""
    WEEKDAY_HOUR = "weekday_hour"
    """Such as ``2-09``."""


class ContactChannel(StrEnum):
    """The way in which somebody is contacted."""

    MAIL = "mail"
    TASK = "task"
    """By a person: a call, a letter, a study session, a hearing, a weekly check."""


class Guard(StrEnum):
    """The judgement of opt-outs and complaints."""

    WITHIN = "within"
    EXCEEDED = "exceeded"
    """The whole interval of a rate lies above its limit: stop and see why."""
    TOO_FEW = "too_few"


MOST_OPT_OUTS: Final = 0.02
"""Of the mails that went; more say that they go to the wrong people, or too often. Common
practice."""
MOST_COMPLAINTS: Final = 0.003
"""Of the mails that went: the rate at which large receivers begin to refuse a sender (Google,
Email sender guidelines)."""


@dataclass(frozen=True, slots=True)
class Row:
    """The outcomes of the contacts in one row."""

    key: str | None
    """Of the cut; ``None``: of what has none of it."""
    planned: int
    """Times that a playbook came to such a step."""
    sent: int
    """Mails that went; of tasks those that were done."""
    failed: int
    """Mails that no server took."""
    refused: Mapping[str, int]
    """Those that will not go, by reason, the most frequent first."""
    awaited: int
    """Of those that went: too young to count in the rates of answers."""
    answered: Proportion
    declined: Proportion
    booked: Proportion
    opted_out: Proportion
    complained: Proportion
    bounced: Proportion

    @property
    def open(self) -> int:
        """Those that wait for their time, an approval or a person, or were overtaken by the end."""
        return self.planned - self.sent - self.failed - sum(self.refused.values())

    @property
    def guard(self) -> Guard:
        """The judgement of its opt-outs and complaints."""
        return guard(self.opted_out, self.complained)


def guard(opted_out: Proportion, complained: Proportion) -> Guard:
    """Judge the rates that say how welcome mails are."""
    for found, most in ((opted_out, MOST_OPT_OUTS), (complained, MOST_COMPLAINTS)):
        if found.interval is not None and found.interval.low > most:
            return Guard.EXCEEDED
    return Guard.TOO_FEW if opted_out.too_few else Guard.WITHIN


def rank(key: str | None) -> tuple[bool, str]:
    """Return the sort key of rows: those without a key come last."""
    return key is None, key or ""
