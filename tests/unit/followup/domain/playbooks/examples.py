"""Examples for tests of playbooks: an office, and a playbook of given steps."""

from datetime import date, datetime, time

from followup.domain.playbooks.audience import Audience, Role
from followup.domain.playbooks.playbook import Entry, Goal, Playbook
from followup.domain.playbooks.steps import OccurrenceKind, Step
from followup.domain.playbooks.walk import Office
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.business_time import JAPAN, WEEKDAYS, BusinessTime, Hours

DAYS = BusinessDays(lambda day: day in {date(2026, 9, 21), date(2026, 9, 22), date(2026, 9, 23)})
OFFICE = Office(
    DAYS, BusinessTime(DAYS.__contains__, {day: [Hours(time(9), time(17))] for day in WEEKDAYS})
)
NO_GOAL = Goal()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAPAN)


def playbook(
    *steps: Step,
    goal: Goal = NO_GOAL,
    exits: frozenset[OccurrenceKind] = frozenset({OccurrenceKind.ANSWERED}),
    again_after_days: int | None = None,
) -> Playbook:
    return Playbook(
        id="example",
        version=1,
        name="例",
        description="例",
        audience=Audience(frozenset({Role.OFFICER})),
        entry=Entry(frozenset({"first_contact"}), frozenset({"price_interest"}), again_after_days),
        priority=50,
        steps=steps,
        goal=goal,
        exits=exits,
    )
