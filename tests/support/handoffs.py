"""A handoff lived through in pure form: what a workflow does with the decider, without Temporal."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from handoff.domain.assignment.choice import Basis
from handoff.domain.assignment.eligibility import Exclusion
from handoff.domain.handoff import ClockPolicy, Decision, Sla, decide, due, next_wakeup, request
from handoff.domain.handoff.commands import Assign, Command, LeaveUnassigned, Request
from handoff.domain.handoff.effects import AssignmentWanted, Effect, Notify
from handoff.domain.handoff.facts import Fact, UnassignedReason
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import Kind
from handoff.domain.teams.members import Role
from kakehashi_common.clock import TOKYO
from kakehashi_common.domain.business_time import WEEKDAYS, Absence, BusinessTime, Hours
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

IS_TO_FS = Kind(Role.INSIDE_SALES, Role.FIELD_SALES)
OFFICE = dict.fromkeys(WEEKDAYS, (Hours(time(9), time(12)), Hours(time(13), time(18))))
NOBODY = (UnassignedReason(Exclusion.AT_CAPACITY, 2),)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

_AT_ONCE = 50
"""Commands of the clock at one instant: more means that one of them never goes away."""


def at(text: str) -> datetime:
    """Return an instant in Japan from ``2026-11-30 10:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def is_business_day(day: date) -> bool:
    return day in BUSINESS_DAYS


TEAM = BusinessTime(is_business_day, OFFICE)


def a_request(**differences: Any) -> Request:
    """Return the request of a handoff from ``is-1``."""
    request_ = Request(
        "h-1",
        "lead-1",
        IS_TO_FS,
        "lead-scoring",
        municipality_code="102032",
        grade="A1",
        sender="is-1",
        qualification_id="q-1",
    )
    return replace(request_, **differences)


class Life:
    """One handoff, its time passing as it is asked to."""

    def __init__(
        self,
        now: str,
        *,
        members: Sequence[str] = ("fs-1", "fs-2", "fs-3", "fs-4"),
        policy: ClockPolicy | None = None,
        absences: Mapping[str, tuple[Absence, ...]] | None = None,
        assigned: bool = True,
        **differences: Any,
    ) -> None:
        self.now = at(now)
        self.members = list(members)
        """Who can be assigned, in turn, unless the handoff excludes them."""
        self.policy = policy or ClockPolicy()
        self.absences = absences or {}
        self.assigning = assigned
        """Whether an assignment that is wanted is answered at once."""
        self.decisions: list[tuple[datetime, Decision]] = []
        self.state: HandoffState
        self._follow(request(a_request(**differences), self.now, self.sla()))

    def sla(self, owner: str | None = None) -> Sla:
        """Return what is promised, in the hours of that owner."""
        absences = self.absences.get(owner or "", ())
        works = BusinessTime(is_business_day, OFFICE, absences)
        return Sla(self.policy, TEAM, owner=works, owner_absences=absences, sender=TEAM)

    def do(self, command: Command) -> tuple[Fact, ...]:
        """Carry out a command now; what happened by it, and by the assignment that it wants."""
        before = len(self.decisions)
        self._follow(self.decide(command))
        return tuple(fact for _, each in self.decisions[before:] for fact in each.facts)

    def decide(self, command: Command) -> Decision:
        """Decide a command now, without following it."""
        owner = command.member_id if isinstance(command, Assign) else self.state.owner
        return decide(self.state, command, self.now, self.sla(owner))

    def then(self, text: str) -> "Life":
        """Let time pass until an instant; the clock's commands are carried out when due."""
        return self.until(at(text))

    def until(self, end: datetime) -> "Life":
        """Let time pass until an instant, as :meth:`then`."""
        while (wakeup := self.wakeup()) and wakeup <= end:
            self.now = max(self.now, wakeup)
            for _ in range(_AT_ONCE):
                commands = due(self.state, self.now, self.sla(self.state.owner))
                if not commands:
                    break
                self.do(commands[0])
            else:
                raise AssertionError(f"never goes away: {commands}")
        self.now = end
        return self

    def wakeup(self) -> datetime | None:
        """Return when the clock has something next."""
        return next_wakeup(self.state, self.now, self.sla(self.state.owner))

    def facts(self, kind: type[Any] | None = None) -> list[Any]:
        """Return what has happened, of one kind or all."""
        found = (fact for _, each in self.decisions for fact in each.facts)
        return [fact for fact in found if kind is None or isinstance(fact, kind)]

    def notified(self) -> list[Notify]:
        """Return who has been notified, in order."""
        return [each for each in self.effects() if isinstance(each, Notify)]

    def effects(self) -> list[Effect]:
        """Return all that has followed."""
        return [effect for _, each in self.decisions for effect in each.effects]

    def _follow(self, decision: Decision) -> None:
        self.decisions.append((self.now, decision))
        self.state = decision.state
        for effect in decision.effects:
            if isinstance(effect, AssignmentWanted) and self.assigning:
                self._follow(self.decide(self.assignment(effect)))

    def assignment(self, want: AssignmentWanted) -> Assign | LeaveUnassigned:
        """Return the result of an assignment: whoever is preferred, or the first eligible one."""
        eligible = [
            each for each in self.members if each not in want.excluded and not self._absent(each)
        ]
        if want.preferred in eligible:
            return Assign(want.attempt, want.preferred, Basis.RELATION)
        if eligible:
            return Assign(want.attempt, eligible[0], Basis.ROTATION)
        return LeaveUnassigned(want.attempt, NOBODY)

    def _absent(self, member: str) -> bool:
        return any(each.starts <= self.now < each.ends for each in self.absences.get(member, ()))
