"""A member's working time: their own hours or the team's, on business days, less absences."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Final

from handoff.domain.teams.members import Member, Team, WeeklyHours
from kakehashi_common.domain.business_time import WEEKDAYS, Absence, BusinessTime, Hours
from kakehashi_common.domain.errors import DomainError

OFFICE_HOURS: Final[WeeklyHours] = dict.fromkeys(
    WEEKDAYS, (Hours(time(9), time(12)), Hours(time(13), time(18)))
)
"""The hours in which clocks run where no team is responsible. Common practice."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The working hours of a member or a team, as a value that can be stored."""

    hours: WeeklyHours
    absences: tuple[Absence, ...] = ()

    @classmethod
    def of(cls, member: Member, team: Team) -> "WorkingHours":
        """Return those of a member of ``team``."""
        hours = team.hours if member.hours is None else member.hours
        return cls(hours, tuple(member.absences))

    def business_time(self, is_business_day: Callable[[date], bool]) -> BusinessTime:
        """Return the time that passes in them."""
        return BusinessTime(is_business_day, self.hours, self.absences)


def working_time(
    member: Member, team: Team, is_business_day: Callable[[date], bool]
) -> BusinessTime:
    """Return when a member of ``team`` works."""
    return WorkingHours.of(member, team).business_time(is_business_day)


def working_times(
    members: Iterable[Member],
    teams: Iterable[Team],
    is_business_day: Callable[[date], bool],
    *,
    since: datetime,
) -> dict[str, BusinessTime]:
    """Return when each member works from an instant on, by id.

    Those who work in their team's hours and aren't going to be absent share one.
    """
    by_id = {each.team_id: each for each in teams}
    of_team = {each.team_id: BusinessTime(is_business_day, each.hours) for each in by_id.values()}
    found: dict[str, BusinessTime] = {}
    for member in members:
        absences = tuple(each for each in member.absences if each.ends > since)
        if member.hours is None and not absences:
            found[member.member_id] = of_team[member.team_id]
        else:
            present = replace(member, absences=absences)
            found[member.member_id] = working_time(present, by_id[member.team_id], is_business_day)
    return found


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
