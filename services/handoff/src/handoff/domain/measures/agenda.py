"""The agenda of the weekly meeting of both sides (HO8): the week's events, and open handoffs."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from handoff.domain.handoff.terms import OF_SENDER, ClockName, Direction, Outcome, Status
from handoff.domain.measures.rounds import Overdue, RejectedBy, Round, Step, Subject
from kakehashi_common.domain.weeks import Week

WAKES_SOON: Final = timedelta(days=14)
"""The time after the week in which it happens: enough to prepare a contact."""

LOW: Final = 2
"""The highest rating, of 5, that is discussed."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The time until which a recycled handoff rests."""

    until: date
    phase: str | None
    """The budget phase that ends it earlier."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The state of an open handoff that its facts don't show."""

    rest: Rest | None = None
    missing_facts: tuple[str, ...] = ()
    """Facts that the sender has to supply."""


@dataclass(frozen=True, slots=True)
class Rated:
    """One rating."""

    subject: Subject
    owner: str | None
    at: datetime
    by: str
    direction: Direction
    score: int
    reason: str


@dataclass(frozen=True, slots=True)
class Passage:
    """The week's figures for one step."""

    step: Step
    reached: int
    """Rounds that reached it for the first time."""
    lost: Mapping[str, int]
    """Rounds that were lost there, by reason, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Open:
    """An open handoff, and since when it has had its status."""

    round: Round
    status: Status
    since: datetime


@dataclass(frozen=True, slots=True)
class Late:
    """A clock that has run out."""

    round: Round
    clock: ClockName
    due_at: datetime
    member_id: str | None
    """The member expected to act."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejection of the week."""

    round: Round
    rejection: RejectedBy


@dataclass(frozen=True, slots=True)
class Returned:
    """A handoff whose sender has to supply facts."""

    round: Round
    since: datetime
    missing_facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waking:
    """A recycled handoff that wakes soon."""

    round: Round
    rest: Rest


@dataclass(frozen=True, slots=True)
class Decided:
    """A deal that was won, lost, or ended without a decision in the week."""

    round: Round
    at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Agenda:
    """One page for the meeting. Late, open, returned and waking are as of now."""

    week: Week
    flow: Sequence[Passage]
    late: Sequence[Late]
    """The longest overdue first."""
    rejected: Sequence[Rejected]
    returned: Sequence[Returned]
    waking: Sequence[Waking]
    decided: Sequence[Decided]
    rated_low: Sequence[Rated]
    open: Sequence[Open]
    """The longest waiting first; without what is recycled or returned."""


_ELSEWHERE: Final = frozenset({Status.RECYCLED, Status.RETURNED})
"""Open, but in a list of their own."""


def agenda(
    rounds: Iterable[Round],
    waiting: Mapping[str, Waiting],
    ratings: Iterable[Rated],
    week: Week,
    concerns: Callable[[Subject, str | None], bool],
) -> Agenda:
    """Return the agenda of a week.

    Args:
        rounds: of every handoff that is open, or to which something happened in the week.
        waiting: the rest and missing facts of open handoffs, by id.
        ratings: those of the week.
        week: the week under review.
        concerns: whether a handoff with this owner concerns the team that meets.
    """
    chosen = [each for each in rounds if concerns(each.subject, each.owner)]
    standing = [
        (each, stay)
        for each in chosen
        if each.subject.handoff_id in waiting and (stay := each.stays[-1]).until is None
    ]
    return Agenda(
        week,
        flow(chosen, week),
        late=sorted(_late(chosen), key=lambda each: each.due_at),
        rejected=[
            Rejected(each, rejection)
            for each in chosen
            for rejection in each.rejections
            if rejection.at in week
        ],
        returned=[
            Returned(each, stay.since, waiting[each.subject.handoff_id].missing_facts)
            for each, stay in standing
            if stay.status is Status.RETURNED
        ],
        waking=sorted(_waking(standing, waiting, week), key=lambda each: each.rest.until),
        decided=[
            Decided(each, each.ended_at, outcome)
            for each in chosen
            if each.ended_at and each.ended_at in week and (outcome := _outcome(each))
        ],
        rated_low=[
            each for each in ratings if each.score <= LOW and concerns(each.subject, each.owner)
        ],
        open=sorted(
            (
                Open(each, stay.status, stay.since)
                for each, stay in standing
                if stay.status not in _ELSEWHERE
            ),
            key=lambda each: each.since,
        ),
    )


def flow(rounds: Iterable[Round], week: Week) -> list[Passage]:
    """Return how many rounds reached each step in a week, and how many were lost at it."""
    reached: Counter[Step] = Counter()
    lost: dict[Step, Counter[str]] = {step: Counter() for step in Step}
    for each in rounds:
        reached.update(step for step, at in each.reached.items() if at in week)
        if each.lost and each.ended_at and each.ended_at in week:
            lost[each.furthest][each.lost] += 1
    return [Passage(step, reached[step], dict(lost[step].most_common())) for step in Step]


def _late(rounds: Iterable[Round]) -> Iterable[Late]:
    for each in rounds:
        for overdue in each.overdue:
            yield Late(each, overdue.name, overdue.due_at, _expected(each, overdue))


def _expected(round_: Round, overdue: Overdue) -> str | None:
    """Return the member expected to act; an assignment is expected of the team, not of a member."""
    if overdue.name in OF_SENDER:
        return round_.subject.sender
    return None if overdue.name is ClockName.ASSIGN else overdue.member_id


def _waking(
    standing: Iterable[tuple[Round, object]], waiting: Mapping[str, Waiting], week: Week
) -> Iterable[Waking]:
    for each, _ in standing:
        rest = waiting[each.subject.handoff_id].rest
        if rest and rest.until <= week.sunday + WAKES_SOON:
            yield Waking(each, rest)


def _outcome(round_: Round) -> Outcome | None:
    if round_.furthest is Step.WON:
        return Outcome.WON
    return Outcome(round_.lost) if round_.lost in set(Outcome) else None
