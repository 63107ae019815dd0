"""The next time at which a behaviour may come to be seen only because time passes."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

from followup.domain.triggers.conditions import Behaviour, NoAnswer, Silent
from followup.domain.triggers.observations import Person
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.business_time import JAPAN


def next_look(
    behaviours: Iterable[Behaviour], person: Person, now: datetime, business_days: BusinessDays
) -> datetime | None:
    """Return when a condition on absence begins to hold next, unless something is observed.

    ``None``: no such condition is left to begin to hold.
    """
    moments = {
        at
        for behaviour in behaviours
        for at in _begins_to_hold(behaviour, person, business_days)
        if at > now
    }
    return min(moments, default=None)


def _begins_to_hold(
    behaviour: Behaviour, person: Person, business_days: BusinessDays
) -> Iterator[datetime]:
    mailed, answered = person.mailed_at, person.answered_at
    for condition in behaviour.conditions:
        match condition:
            case NoAnswer() if mailed is not None and (answered is None or answered < mailed):
                sent = mailed.astimezone(JAPAN).date()
                day = business_days.shift(sent, condition.business_days + 1)
                yield datetime.combine(day, time(), JAPAN)
            case Silent() if person.active_at is not None:
                yield person.active_at + timedelta(days=condition.days)
            case _:
                pass
