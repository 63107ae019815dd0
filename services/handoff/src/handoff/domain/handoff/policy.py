"""The time allowed for each step (HO9), and the working hours in which it is counted.

A handoff keeps when its clocks began, not when they are due. What is due follows from the policy
that is in force when it is asked for:

- A changed limit applies to running clocks, counted from their beginning. A longer one takes back
  nothing that was sent; a shorter one may make a clock overdue at once, and then the team's lead is
  told and the reminder is left out.
- A clock doesn't repeat itself: it sends one reminder, and one notice to the lead. The manager is
  notified ``manager_after`` business hours after the lead, so never at the same time, and again
  every ``repeat_after``.
- The same holds for working hours, absences and holidays that change while a clock runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from handoff.domain.handoff.terms import ClockName, Kind, PauseReason
from kakehashi_common.domain.business_time import Absence, BusinessTime
from kakehashi_common.domain.errors import DomainError

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


class Overdue(StrEnum):
    """The consequence when a handoff isn't accepted in time."""

    REASSIGN = "reassign"
    """Somebody else is asked, at most ``reassignments`` times; then the lead is told."""
    ESCALATE = "escalate"
    """The team's lead is told."""


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """The time allowed for one step.

    Raises:
        DomainError: the limit isn't positive (``limit_not_positive``), or the reminder isn't 1–99
            percent (``reminder_out_of_range``).
    """

    limit: timedelta
    """Business time."""
    reminder: int | None = 50
    """The percentage of the limit at which to remind; ``None``: no reminder."""

    def __post_init__(self) -> None:
        if self.limit <= timedelta(0):
            raise DomainError(
                "limit must be more than 0 business hours", field="limit", code="limit_not_positive"
            )
        if self.reminder is not None and not 1 <= self.reminder <= 99:  # noqa: PLR2004 - percent
            raise DomainError(
                f"reminder must be 1–99 percent of the limit, not {self.reminder}; null for none",
                field="reminder",
                code="reminder_out_of_range",
            )


PAUSE_LIMITS: Final[Mapping[PauseReason, timedelta]] = {
    PauseReason.CUSTOMER_ASKED: 30 * _DAY,
    PauseReason.COUNCIL_SESSION: 45 * _DAY,
    PauseReason.PERSONNEL_CHANGE: 30 * _DAY,
    PauseReason.DISASTER: 90 * _DAY,
    PauseReason.INTERNAL: 5 * _DAY,
}
"""Calendar days for which a round may be paused for each reason, altogether. Common practice."""


@dataclass(frozen=True, slots=True)
class ClockPolicy:
    """The promises of one kind of handoff. The defaults are common practice, in business hours.

    Published practice: an answer within 4–24 business hours, a first contact within 24 hours of
    it. A business day has eight hours here.

    Raises:
        DomainError: a number is out of range; ``field`` names it.
    """

    respond: ClockSetting = ClockSetting(4 * _HOUR)
    assign: ClockSetting = ClockSetting(_HOUR, reminder=None)
    accept: ClockSetting = ClockSetting(8 * _HOUR)
    contact: ClockSetting = ClockSetting(8 * _HOUR)
    meet: ClockSetting = ClockSetting(80 * _HOUR)
    supplement: ClockSetting = ClockSetting(16 * _HOUR)
    not_accepted: Overdue = Overdue.REASSIGN
    reassignments: int = 2
    """The most times per round that a handoff not accepted in time goes on to somebody else."""
    manager_after: timedelta = 8 * _HOUR
    """Business time between the notice to the lead and the one to the manager."""
    repeat_after: timedelta = 40 * _HOUR
    """Business time between two notices to the manager."""
    assign_again_after: timedelta = 4 * _HOUR
    """Business time between two tries to assign it."""
    absence_tolerated: timedelta = 8 * _HOUR
    """The longest absence of an owner, in the team's business time, that the first contact waits
    for; on a longer one it goes to somebody else on the first working day of the absence."""
    pause_limits: Mapping[PauseReason, timedelta] = field(default_factory=lambda: PAUSE_LIMITS)
    """Calendar time per round; a reason that is left out can't be used."""

    def __post_init__(self) -> None:
        for name in ("manager_after", "repeat_after", "assign_again_after"):
            if getattr(self, name) <= timedelta(0):
                raise DomainError(
                    f"{name} must be more than 0 business hours",
                    field=name,
                    code="limit_not_positive",
                )
        if self.reassignments < 0:
            raise DomainError(
                f"reassignments must be 0 or more, not {self.reassignments}",
                field="reassignments",
                code="negative",
            )
        if self.absence_tolerated < timedelta(0):
            raise DomainError(
                "absence_tolerated must be 0 business hours or more",
                field="absence_tolerated",
                code="negative",
            )
        for reason, limit in self.pause_limits.items():
            if limit <= timedelta(0):
                raise DomainError(
                    f"the limit of a pause for {reason} must be more than 0: leave the reason out "
                    "if nobody may pause for it",
                    field=f"pause_limits/{reason}",
                    code="limit_not_positive",
                )

    def setting(self, name: ClockName) -> ClockSetting:
        """Return the setting of that clock."""
        settings = {
            ClockName.RESPOND: self.respond,
            ClockName.ASSIGN: self.assign,
            ClockName.ACCEPT: self.accept,
            ClockName.CONTACT: self.contact,
            ClockName.MEET: self.meet,
            ClockName.SUPPLEMENT: self.supplement,
        }
        return settings[name]


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """The policy of a kind, a grade, or both; ``None``: of every one."""

    policy: ClockPolicy
    kind: Kind | None = None
    grade: str | None = None


def policy_for(rules: Sequence[PolicyRule], kind: Kind, grade: str | None) -> ClockPolicy:
    """Return the policy of the most special rule that fits; the default where none does.

    A rule for kind and grade goes before one for the kind, then the grade, then neither; of equals
    the first.
    """
    fitting = [rule for rule in rules if rule.kind in (None, kind) and rule.grade in (None, grade)]
    best = max(
        fitting, key=lambda rule: (rule.kind is not None, rule.grade is not None), default=None
    )
    return best.policy if best else ClockPolicy()


@dataclass(frozen=True, slots=True)
class Sla:
    """The policy, and the working hours in which its times are counted."""

    policy: ClockPolicy
    team: BusinessTime
    """The receiving team's: for the assignment, and for what follows after a clock has run out."""
    owner: BusinessTime | None = None
    """Of the owner, or whoever becomes it by the command, less absences; ``None``: the team's."""
    owner_absences: tuple[Absence, ...] = ()
    sender: BusinessTime | None = None
    """Of whoever answers the lead and supplies facts; ``None``: the receiving team's."""
