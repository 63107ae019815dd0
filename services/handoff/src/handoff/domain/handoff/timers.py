"""The next instant at which the clock has a command for a handoff, so that none falls silent."""

from datetime import datetime, timedelta
from typing import NamedTuple

from handoff.domain.handoff import clocks
from handoff.domain.handoff.commands import (
    CLOCK,
    Escalate,
    FromClock,
    Reassign,
    Remind,
    Resume,
    TryAssignment,
    Wake,
)
from handoff.domain.handoff.policy import Overdue, Sla
from handoff.domain.handoff.resting import wakes_at
from handoff.domain.handoff.state import Clock, HandoffState
from handoff.domain.handoff.terms import WAITING, ClockName, Level, ReassignReason, Status
from kakehashi_common.domain.business_time import BusinessTime, NoWorkingHoursError


class Timer(NamedTuple):
    """A command that the clock gives from an instant on."""

    at: datetime
    command: FromClock


def due(state: HandoffState, now: datetime, sla: Sla) -> tuple[FromClock, ...]:
    """Return the commands that are due, the oldest first.

    Carrying out one may change the others: decide the first, then ask again.
    """
    return tuple(each.command for each in timers(state, now, sla) if each.at <= now)


def next_wakeup(state: HandoffState, now: datetime, sla: Sla) -> datetime | None:
    """Return the next instant at which something is due, ``now`` if it is already.

    ``None`` when only a person or an event moves it on: after the meeting the deal's outcome does,
    and after the end nothing.
    """
    first = min((each.at for each in timers(state, now, sla)), default=None)
    return None if first is None else max(first, now)


def timers(state: HandoffState, now: datetime, sla: Sla) -> list[Timer]:
    """Return all that the clock has for a handoff as it stands, in order of time.

    ``now`` leaves out a reminder of what is overdue already.
    """
    if state.ended:
        return []
    if state.pause:
        return [Timer(state.pause.until, Resume(CLOCK))]
    if state.recycle:
        return [Timer(wakes_at(state, sla), Wake(CLOCK))]
    found = [_next(state, clock, now, sla) for clock in state.running]
    if state.status in WAITING and state.assignment_wanted_at:
        again = sla.team.add(state.assignment_wanted_at, sla.policy.assign_again_after)
        found.append(Timer(again, TryAssignment()))
    if state.status in {Status.ASSIGNED, Status.ACCEPTED}:
        found += _absences(state, sla)
    return sorted(found, key=lambda timer: timer.at)


def _next(state: HandoffState, clock: Clock, now: datetime, sla: Sla) -> Timer:
    """Return what a running clock brings next: there is always something."""
    due_at = clocks.due_at(state, clock, sla)
    lead, manager = clock.notice(Level.LEAD), clock.notice(Level.MANAGER)
    policy = sla.policy
    if manager:
        again = clocks.after(manager.at, policy.repeat_after, state.pauses, sla.team)
        return Timer(again, Escalate(clock.name, Level.MANAGER))
    if lead:
        told = max(lead.at, due_at)
        then = clocks.after(told, policy.manager_after, state.pauses, sla.team)
        return Timer(then, Escalate(clock.name, Level.MANAGER))
    reminder = clocks.reminder_at(state, clock, sla)
    if reminder and now < due_at and not clock.notice(Level.REMINDER):
        return Timer(reminder, Remind(clock.name))
    if clock.name is ClockName.ACCEPT and _goes_on(state, sla):
        return Timer(due_at, _taken(state, ReassignReason.NOT_ACCEPTED))
    return Timer(due_at, Escalate(clock.name, Level.LEAD))


def _goes_on(state: HandoffState, sla: Sla) -> bool:
    return (
        sla.policy.not_accepted is Overdue.REASSIGN
        and state.reassignments < sla.policy.reassignments
    )


def _absences(state: HandoffState, sla: Sla) -> list[Timer]:
    """Return the beginnings of the owner's absences that the first contact doesn't wait for.

    Days off in a row count as one absence. Whoever was absent already when it was assigned was
    chosen by a person, who knows.
    """
    owner, assigned_at = sla.owner or sla.team, state.assigned_at
    if assigned_at is None:
        return []
    return [
        Timer(sla.team.next_open(absence.starts), _taken(state, ReassignReason.MEMBER_ABSENT))
        for absence in sla.owner_absences
        if absence.starts > assigned_at
        and _works_before(owner, assigned_at, absence.starts)
        and _away(owner, sla.team, absence.starts) > sla.policy.absence_tolerated
    ]


def _works_before(owner: BusinessTime, since: datetime, until: datetime) -> bool:
    return owner.between(since, until) > timedelta(0)


def _away(owner: BusinessTime, team: BusinessTime, since: datetime) -> timedelta:
    """Return how much of the team's time passes until somebody works again."""
    try:
        back = owner.next_open(since)
    except NoWorkingHoursError:
        return timedelta.max
    return team.between(since, back)


def _taken(state: HandoffState, reason: ReassignReason) -> Reassign:
    return Reassign(CLOCK, reason, state.owner)
