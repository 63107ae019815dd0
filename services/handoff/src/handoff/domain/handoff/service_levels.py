"""The service levels of one handoff, as a value that can be stored and sent."""

from dataclasses import dataclass
from datetime import date

from handoff.domain.handoff.policy import ClockPolicy, Sla
from handoff.domain.teams.working_time import WorkingHours
from kakehashi_common.domain.business_days import BusinessDays


@dataclass(frozen=True, slots=True)
class ServiceLevels:
    """The policy in force and the working hours, as they were when they were read."""

    policy: ClockPolicy
    team: WorkingHours
    """The receiving team's."""
    holidays: tuple[date, ...]
    """Public holidays of the coming years: the government may still move one."""
    owner: WorkingHours | None = None
    sender: WorkingHours | None = None

    def sla(self) -> Sla:
        """Return them in the form that decisions take."""
        is_business_day = BusinessDays(frozenset(self.holidays).__contains__).__contains__
        return Sla(
            self.policy,
            self.team.business_time(is_business_day),
            self.owner.business_time(is_business_day) if self.owner else None,
            self.owner.absences if self.owner else (),
            self.sender.business_time(is_business_day) if self.sender else None,
        )
