"""Decide what the people of a scenario do, and when: at random, the same for the same seed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from handoff.domain.handoff.commands import (
    Accept,
    AnswerLead,
    Close,
    Message,
    Reassign,
    RecordContact,
    RecordMeeting,
    Reject,
    Request,
    Resubmit,
)
from handoff.domain.handoff.facts import (
    Accepted,
    Assigned,
    Escalated,
    Fact,
    FirstContactMade,
    MeetingHeld,
    Requested,
    Returned,
)
from handoff.domain.handoff.rejections import Consequence, RejectionReason, consequence_of
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import ClockName, Kind, Level, Outcome, ReassignReason
from handoff.domain.teams.members import Role
from handoff.domain.teams.working_time import OFFICE_HOURS, working_time
from handoff.simulation.scenario import Habits, Scenario
from kakehashi_common.domain.business_time import JAPAN, BusinessTime
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

ORIGIN: Final = "simulation"

OFF_THE_MINUTE: Final = timedelta(seconds=20)
"""A person acts so long after a full minute since what they react to: clocks are due at full ones,
and never at the same instant."""

TICK: Final = 20
"""Everything happens at multiples of so many seconds, and some milliseconds later: a workflow takes
them to wake."""

LEAD_TAKES: Final = (60, 240)
"""Minutes within which a team's lead gives an unanswered handoff to somebody else."""

_WEEK_OF_WORK: Final = 40 * 60
"""In minutes."""

_ASKED_BACK: Final = ("need", "people", "budget_ceiling")
"""Fields of the packet that a return names as missing."""

_WHY: Final[Mapping[Outcome, str]] = {
    Outcome.WON: "",
    Outcome.LOST: "他社を採用",
    Outcome.NO_DECISION: "予算化の見送り",
}


@dataclass(frozen=True, slots=True, order=True)
class Planned:
    """A message that a person is going to send to a handoff."""

    at: datetime
    handoff_id: str
    message: Message = field(compare=False)


def settled(at: datetime) -> datetime:
    """Return an instant without the milliseconds that a workflow took to wake."""
    return datetime.fromtimestamp((at.timestamp() + 1) // TICK * TICK, JAPAN)


def arrivals(scenario: Scenario) -> Iterator[Planned]:
    """Yield the leads that qualify, in order, each at a minute of its own."""
    chance = Random(f"{scenario.seed}/leads")  # noqa: S311 - a simulation
    office = BusinessTime(BUSINESS_DAYS.__contains__, OFFICE_HOURS)
    span = scenario.span
    begins, ends = span.first.begins, span.last.ends
    minutes = int(office.between(begins, ends) / timedelta(minutes=1))
    count = min(scenario.leads.per_week * scenario.weeks, minutes)
    leads = scenario.leads
    for number, minute in enumerate(sorted(chance.sample(range(minutes), count)), start=1):
        at = office.add(begins, timedelta(minutes=minute + 1))
        handoff_id = f"h-{number:04}"
        request = Request(
            handoff_id,
            f"lead-{number:04}",
            Kind(Role.INSIDE_SALES, Role.FIELD_SALES),
            by="lead-scoring",
            municipality_code=chance.choice(leads.municipalities),
            grade=chance.choice(leads.grades),
            policy_area=chance.choice(leads.policy_areas),
            sender=chance.choice(scenario.senders),
            qualification_id=f"q-{number:04}",
            lead_created_at=at,
            origin=ORIGIN,
        )
        yield Planned(at, handoff_id, request)


class People:
    """The members of a scenario, by their habits."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._teams = scenario.domain_teams()
        self._works = {
            member_id: working_time(member, self._teams[member.team_id], BUSINESS_DAYS.__contains__)
            for member_id, member in scenario.domain_members().items()
        }

    def at_work(self, at: datetime) -> datetime:
        """Return ``at`` if somebody works then, or when somebody works again."""
        return min(each.next_open(at) for each in self._works.values())

    def lead_of(self, member_id: str) -> str:
        """Return the member who decides for a member's team."""
        team_id = self._scenario.members[member_id].team_id
        return self._teams[team_id].lead or "manager"

    def reactions(self, state: HandoffState, fact: Fact) -> Iterator[Planned]:
        """Yield the reactions of people to a fact, after which the handoff is in ``state``."""
        key = f"{self._scenario.seed}/{state.handoff_id}/{state.version}/{fact.kind}"
        chance = Random(key)  # noqa: S311 - a simulation
        answer = self._reaction(state, fact, chance)
        if answer is not None:
            yield answer

    def _reaction(self, state: HandoffState, fact: Fact, chance: Random) -> Planned | None:
        match fact:
            case Requested() if state.sender and state.lead_created_at:
                at = self._later(state.sender, fact.at, "answer_hours", chance)
                message: Message | None = AnswerLead(at, state.sender, origin=ORIGIN)
            case Assigned(member_id=member):
                at = self._later(member, fact.at, "answer_hours", chance)
                message = self._answer(member, at, chance)
            case Accepted(member_id=member):
                at = self._later(member, fact.at, "contact_hours", chance)
                forgets = chance.uniform(0, 100) < self._habits(member).forgets_percent
                message = None if forgets else RecordContact(at, member, origin=ORIGIN)
            case Escalated(clock=ClockName.CONTACT, level=Level.LEAD, member_id=str(member)):
                at = self._later(member, fact.at, "contact_hours", chance)
                message = RecordContact(at, member, origin=ORIGIN)
            case Escalated(clock=ClockName.ACCEPT, level=Level.LEAD, member_id=str(member)):
                lead = self.lead_of(member)
                at = self._after(
                    lead if lead in self._works else member, fact.at, LEAD_TAKES, chance
                )
                message = Reassign(lead, ReassignReason.DECIDED, from_member=member, origin=ORIGIN)
            case FirstContactMade(member_id=member):
                at = self._later(member, fact.at, "meeting_hours", chance)
                message = RecordMeeting(at, member, origin=ORIGIN)
            case MeetingHeld(member_id=member):
                least, most = self._scenario.deals.weeks
                weeks = (least * _WEEK_OF_WORK, most * _WEEK_OF_WORK)
                at = self._after(member, fact.at, weeks, chance)
                message = self._outcome(member, chance)
            case Returned(missing_facts=missing) if state.sender:
                at = self._later(state.sender, fact.at, "answer_hours", chance)
                message = Resubmit(state.sender, missing, origin=ORIGIN)
            case _:
                return None
        return None if message is None else Planned(at, state.handoff_id, message)

    def _answer(self, member: str, at: datetime, chance: Random) -> Message | None:
        habits = self._habits(member)
        rolled = chance.uniform(0, 100) - habits.ignores_percent
        if rolled < 0:
            return None
        for reason in RejectionReason:
            rolled -= habits.rejects_percent.get(reason, 0)
            if rolled < 0:
                return self._reject(member, reason, at, chance)
        return Accept(member, origin=ORIGIN)

    def _reject(self, member: str, reason: RejectionReason, at: datetime, chance: Random) -> Reject:
        match consequence_of(reason):
            case Consequence.RECYCLE:
                rests = timedelta(weeks=chance.randint(*self._scenario.recycle_weeks))
                return Reject(member, reason, until=(at + rests).date(), origin=ORIGIN)
            case Consequence.RETURN:
                missing = (chance.choice(_ASKED_BACK),)
                return Reject(member, reason, missing_facts=missing, origin=ORIGIN)
            case _:
                return Reject(member, reason, origin=ORIGIN)

    def _outcome(self, member: str, chance: Random) -> Close | None:
        deals = self._scenario.deals
        rolled = chance.uniform(0, 100)
        for outcome, percent in (
            (Outcome.WON, deals.won_percent),
            (Outcome.LOST, deals.lost_percent),
            (Outcome.NO_DECISION, deals.no_decision_percent),
        ):
            rolled -= percent
            if rolled < 0:
                return Close(member, outcome, _WHY[outcome], origin=ORIGIN)
        return None

    def _habits(self, member: str) -> Habits:
        return self._scenario.members[member].habits

    def _later(self, member: str, since: datetime, habit: str, chance: Random) -> datetime:
        least, most = getattr(self._habits(member), habit)
        return self._after(member, since, (least * 60, most * 60), chance)

    def _after(
        self, member: str, since: datetime, minutes: Sequence[int], chance: Random
    ) -> datetime:
        """Return the instant after so many minutes of a member's work."""
        least, most = minutes
        takes = timedelta(minutes=chance.randint(least, most)) + OFF_THE_MINUTE
        return self._works[member].add(settled(since), takes).astimezone(JAPAN)
