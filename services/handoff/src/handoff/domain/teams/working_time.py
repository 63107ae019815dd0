"""When a member works: the own hours or the team's, on business days, less absences."""

from collections.abc import Callable
from datetime import date

from handoff.domain.teams.members import Member, Team, WeeklyHours
from kakehashi_common.domain.business_time import BusinessTime
from kakehashi_common.domain.errors import DomainError


def working_time(
    member: Member, team: Team, is_business_day: Callable[[date], bool]
) -> BusinessTime:
    """Return when a member of ``team`` works."""
    hours = team.hours if member.hours is None else member.hours
    return BusinessTime(is_business_day, hours, member.absences)


def checked_hours(hours: WeeklyHours) -> WeeklyHours:
    """Return ``hours`` if somebody can work in them.

    Raises:
        DomainError: there are none (``no_working_hours``), or some overlap (``hours_overlap``).
    """
    if not any(hours.values()):
        raise DomainError(
            "give working hours for at least one weekday", field="hours", code="no_working_hours"
        )
    try:
        BusinessTime(lambda _: True, hours)
    except ValueError as error:
        raise DomainError(str(error), field="hours", code="hours_overlap") from error
    return hours
