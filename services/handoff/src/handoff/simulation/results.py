"""The results of a simulation, by the measures and the agenda of the service."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handoff.domain.assignment.eligibility import Exclusion
from handoff.domain.assignment.ledger import HANDOFF
from handoff.domain.handoff.facts import (
    Escalated,
    Fact,
    Reassigned,
    Reminded,
    Unassigned,
    UnassignedReason,
)
from handoff.domain.handoff.labels import LEVELS, REASSIGNMENTS
from handoff.domain.handoff.narrative import kept_back
from handoff.domain.handoff.terms import OF_SENDER, ClockName, Level
from handoff.domain.measures.agenda import Agenda, Passage, Rest, Waiting, agenda, flow
from handoff.domain.measures.report import Cut, Members, Row, report
from handoff.domain.measures.rounds import ClockRun, Entry, Round, rounds_of
from handoff.domain.teams.members import Role
from handoff.measures.facts import entries_of, subject_of
from handoff.measures.names import Names
from handoff.measures.queries import measured
from handoff.simulation.people import settled
from handoff.simulation.player import Played
from kakehashi_common.domain.proportions import Proportion
from kakehashi_common.domain.weeks import Week


@dataclass(frozen=True, slots=True)
class WeekResult:
    """One week: the events in it, and the measures of the rounds that began in it."""

    week: Week
    flow: Sequence[Passage]
    row: Row

    @property
    def lost(self) -> int:
        """The number of rounds that were lost in it."""
        return sum(sum(each.lost.values()) for each in self.flow)


@dataclass(frozen=True, slots=True)
class MemberResult:
    """One receiving member: the share, and what is measured."""

    member_id: str
    team_id: str
    entitled: float
    """Handoffs, by the ledger of the team's rotation."""
    assigned: int
    row: Row | None
    """``None``: the member got nothing."""


@dataclass(frozen=True, slots=True)
class LateStep:
    """A clock that was not kept."""

    round: Round
    run: ClockRun
    who: str | None
    """The member expected to act; ``None``: the team."""
    by: timedelta
    """The delay until it was done or taken away, or until now, in the working hours of ``who``."""
    why: str


@dataclass(frozen=True, slots=True)
class Results:
    """The results of a simulation."""

    names: Names
    whole: Row
    weeks: Sequence[WeekResult]
    members: Sequence[MemberResult]
    told: Mapping[tuple[ClockName, Level], int]
    """The number of reminders and escalations, by clock and level."""
    late: Sequence[LateStep]
    """In the order in which they were due."""
    agenda: Agenda
    """Of the last week."""

    def kept(self, row: Row) -> Proportion:
        """Return the share of all clocks that were kept."""
        return Proportion(
            sum(each.count for each in row.clocks.values()),
            sum(each.n for each in row.clocks.values()),
        )


def results_of(played: Played) -> Results:
    """Compute the results of a simulation."""
    span = played.scenario.span
    members = measured(played.members.values(), played.teams.values())
    rounds = list(_rounds(played))
    [whole] = report(rounds, span, Cut.ALL, members)
    by_member = {each.key: each for each in report(rounds, span, Cut.MEMBER, members)}
    facts = {
        decisions[-1].state.handoff_id: [fact for each in decisions for _, fact in each.facts]
        for decisions in played.decisions
    }
    late = (
        _late(each, run, members, facts[each.subject.handoff_id], span.last.ends)
        for each in rounds
        for run in each.clocks
        if not run.kept
    )
    return Results(
        Names.of_organisation(played.members.values(), played.teams.values()),
        whole,
        [
            WeekResult(week, flow(rounds, week), row)
            for week, row in zip(span.weeks(), report(rounds, span, Cut.WEEK, members), strict=True)
        ],
        [
            _member(played, member_id, by_member.get(member_id))
            for member_id, member in played.members.items()
            if Role.FIELD_SALES in member.roles
        ],
        _told(fact for each in facts.values() for fact in each),
        sorted(late, key=lambda each: each.run.due_at),
        agenda(rounds, _waiting(played), (), span.last, lambda subject, owner: True),  # noqa: ARG005
    )


def _rounds(played: Played) -> Iterator[Round]:
    states = [decisions[-1].state for decisions in played.decisions]
    entries = (
        _settled(entry)
        for decisions in played.decisions
        for each in decisions
        for entry in entries_of(each.state, [fact for _, fact in each.facts])
    )
    return rounds_of(map(subject_of, states), entries, played.scenario.span.last.ends)


def _settled(entry: Entry) -> Entry:
    due_at = entry.due_at and settled(entry.due_at)
    return replace(entry, at=settled(entry.at), due_at=due_at)


def _member(played: Played, member_id: str, row: Row | None) -> MemberResult:
    team_id = played.members[member_id].team_id
    ledger = played.ledgers.get(team_id)
    account = ledger.account(member_id) if ledger else None
    return MemberResult(
        member_id,
        team_id,
        account.entitled / HANDOFF if account else 0.0,
        account.assigned if account else 0,
        row,
    )


def _waiting(played: Played) -> dict[str, Waiting]:
    found = {}
    for decisions in played.decisions:
        state = decisions[-1].state
        if not state.ended:
            recycle = state.recycle
            rest = Rest(recycle.until, recycle.phase) if recycle else None
            found[state.handoff_id] = Waiting(rest, state.missing_facts)
    return found


def _told(facts: Iterator[Fact]) -> Counter[tuple[ClockName, Level]]:
    told: Counter[tuple[ClockName, Level]] = Counter()
    for fact in facts:
        match fact:
            case Reminded():
                told[fact.clock, Level.REMINDER] += 1
            case Escalated():
                told[fact.clock, fact.level] += 1
    return told


def _late(
    round_: Round, run: ClockRun, members: Members, facts: Sequence[Fact], now: datetime
) -> LateStep:
    who = round_.subject.sender if run.name in OF_SENDER else run.member_id
    if run.name is ClockName.ASSIGN:
        who = None
    taken = _taken_away(run, facts) if run.stopped_at is None else None
    until = run.stopped_at or (settled(taken.at) if taken else now)
    late_by = members.works(who).between(run.due_at, until)
    return LateStep(round_, run, who, late_by, _why(run, facts, taken))


def _taken_away(run: ClockRun, facts: Sequence[Fact]) -> Reassigned | None:
    """Return the reassignment that took a handoff from the owner who let a clock run out."""
    taken = (
        each
        for each in facts
        if isinstance(each, Reassigned)
        and each.from_member == run.member_id
        and settled(each.at) >= run.due_at
    )
    return next(taken, None)


def _why(run: ClockRun, facts: Sequence[Fact], taken: Reassigned | None) -> str:
    """Say what came before what was expected, or in its place."""
    end = run.stopped_at
    if run.name is ClockName.ASSIGN:
        nobody = [
            each.reasons
            for each in facts
            if isinstance(each, Unassigned) and (end is None or each.at < end)
        ]
        if nobody:
            return f"担当者なし（{_in_the_team(nobody[-1])}）"
    if taken:
        return f"担当を変更（{REASSIGNMENTS[taken.reason]}）"
    if end is None:
        return "対応なし"
    told = [
        each.level
        for each in facts
        if isinstance(each, Escalated)
        and each.clock is run.name
        and run.due_at <= settled(each.at) <= end
    ]
    return f"{LEVELS[told[-1]]}への報告後に対応" if told else "期限後に対応"


def _in_the_team(reasons: Sequence[UnassignedReason]) -> str:
    """Say what keeps the team's own members from a handoff; of all if it is only others'."""
    own = tuple(each for each in reasons if each.exclusion is not Exclusion.OTHER_TEAM)
    return kept_back(own or tuple(reasons))
