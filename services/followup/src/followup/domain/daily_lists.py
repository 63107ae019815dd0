"""A seller's daily list: approvals and tasks, in the order in which they are due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from kakehashi_common.domain.business_time import JAPAN, BusinessTime

A_WORKING_DAY: Final = timedelta(hours=7, minutes=45)
"""Of a municipality's office."""


class ItemKind(StrEnum):
    """The kind of an item."""

    APPROVAL = "approval"
    TASK = "task"
    QUESTION = "question"
    """A question for a person to answer: due as a task is."""
    ANSWER = "answer"
    """To a mail: to be read."""


@dataclass(frozen=True, slots=True)
class Item:
    """An approval, a task, or an answer to a mail."""

    kind: ItemKind
    item_id: str
    title: str
    """Of the task, or the subject of the mail."""
    lead_id: str
    municipality_code: str | None
    opened_at: datetime
    due_at: datetime
    """When the task is due, or the approval expires; of an answer when it came."""
    step_kind: str = ""
    """Of a task, such as ``call_task``."""
    holder: str | None = None
    """The seller who has it; ``None``: nobody in particular."""
    moved_from: str | None = None
    """The seller who is away and had it before."""
    returns_at: datetime | None = None
    """The time until which it was put off."""
    to_write: tuple[str, ...] = ()
    """Passages that a person still has to write into a mail."""
    best_hours: str = ""
    """In Japanese: when to call, and why; empty: no hour is known to be better."""

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has put it off."""
        return self.returns_at is None


@dataclass(frozen=True, slots=True)
class DailyList:
    """One seller's list of one day in Japan."""

    seller_id: str
    seller_name: str
    at: datetime
    answers: tuple[Item, ...]
    """Those that came lately."""
    overdue: tuple[Item, ...]
    """Tasks."""
    approvals: tuple[Item, ...]
    """Theirs, and those that anybody may take."""
    today: tuple[Item, ...]
    """Tasks."""
    later: tuple[Item, ...]
    """Tasks that are due on a later day, or were put off until then."""

    @property
    def day(self) -> date:
        """Of the list, in Japan."""
        return self.at.astimezone(JAPAN).date()

    @property
    def to_do(self) -> tuple[Item, ...]:
        """The items that are not for a later day."""
        return (*self.overdue, *self.approvals, *self.today)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do or to read on this day."""
        return not self.answers and not self.to_do


def daily_list(seller_id: str, seller_name: str, items: Iterable[Item], at: datetime) -> DailyList:
    """Return the list of a seller, of the items that are theirs or nobody's."""
    day = at.astimezone(JAPAN).date()
    ordered = sorted(items, key=lambda each: (each.due_at, each.item_id))
    approvals = [each for each in ordered if each.kind is ItemKind.APPROVAL]
    tasks = [each for each in ordered if each.kind in {ItemKind.TASK, ItemKind.QUESTION}]

    def is_later(item: Item) -> bool:
        shown_at = item.returns_at or item.due_at
        return shown_at.astimezone(JAPAN).date() > day

    now = [each for each in tasks if not is_later(each)]
    return DailyList(
        seller_id,
        seller_name,
        at,
        answers=tuple(each for each in ordered if each.kind is ItemKind.ANSWER),
        overdue=tuple(each for each in now if each.due_at <= at),
        approvals=tuple(approvals),
        today=tuple(each for each in now if each.due_at > at),
        later=tuple(each for each in tasks if is_later(each)),
    )


def is_time_to_remind(item: Item, now: datetime, hours: BusinessTime) -> bool:
    """Whether somebody is to be reminded of an item that nobody has taken.

    In working hours, once a working day is left until it is due; of what was given less than two
    working days, once half of that is left.
    """
    if not item.is_untouched or now >= item.due_at or not hours.is_open(now):
        return False
    given = hours.between(item.opened_at, item.due_at)
    return hours.between(now, item.due_at) <= min(A_WORKING_DAY, given / 2)
