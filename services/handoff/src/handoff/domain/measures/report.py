"""The measures of handoffs, cut by one attribute: the content of a row, and its computation."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import ClockName, Status
from handoff.domain.measures.durations import (
    Durations,
    Hours,
    HoursOf,
    Took,
    hours,
    summary,
    took,
)
from handoff.domain.measures.rounds import ANSWERED, Answer, Offer, Round, Step
from kakehashi_common.domain.proportions import Proportion
from kakehashi_common.domain.weeks import Span, Week


class Cut(StrEnum):
    """The attribute by which the rows of a report differ."""

    ALL = "all"
    """One row."""
    WEEK = "week"
    TEAM = "team"
    """Of the owner."""
    MEMBER = "member"
    """The owner."""
    SENDER = "sender"
    PAIR = "pair"
    """Sender and owner."""
    SOURCE = "source"
    """Whoever requested it: a member, a program."""
    GRADE = "grade"
    MUNICIPALITY_TYPE = "municipality_type"
    PREFECTURE = "prefecture"
    POLICY_AREA = "policy_area"


@dataclass(frozen=True, slots=True)
class Members:
    """The attributes of members that a report needs."""

    team_of: Mapping[str, str]
    works: HoursOf


@dataclass(frozen=True, slots=True)
class Transition:
    """The outcome of the rounds that reached a step: gone on, lost, or still there."""

    step: Step
    went_on: Proportion
    """Of those that have left the step."""
    open: int
    lost: Mapping[str, int]
    """The number of lost rounds, by reason, the most frequent first."""


@dataclass(frozen=True, slots=True)
class StayedIn:
    """The time that handoffs spent in a status, in hours on the wall clock."""

    status: Status
    n: int
    """Stays that have ended."""
    open: int
    took: Hours | None


@dataclass(frozen=True, slots=True)
class RejectedFor:
    """The number of rejections for one reason."""

    reason: RejectionReason
    count: int
    after_acceptance: int
    """Rejections after the handoff had been accepted."""


@dataclass(frozen=True, slots=True)
class Row:
    """The measures of one part of the rounds."""

    key: str | None
    """``None``: the row of rounds without the attribute, such as an owner."""
    rounds: int
    open: int
    acceptance: Proportion
    """Of offers that were answered, or whose time to accept passed."""
    awaited: int
    """Offers that still await an answer."""
    time_to_accept: Durations
    """Offered → accepted."""
    time_to_contact: Durations
    """The round began → first contact."""
    lead_response: Durations
    """The lead came in → it was answered."""
    leads_unanswered: int
    clocks: Mapping[ClockName, Proportion]
    """The share of clocks that were kept."""
    stays: Sequence[StayedIn]
    transitions: Sequence[Transition]
    rejections: Sequence[RejectedFor]


def report(rounds: Iterable[Round], span: Span, cut: Cut, members: Members) -> list[Row]:
    """Return the measures of the rounds that began in ``span``, a row for each key, in order."""
    parts: defaultdict[str | None, _Part] = defaultdict(lambda: _Part(members))
    for key in _expected(span, cut):
        parts[key] = _Part(members)
    begins, ends = span.first.begins, span.last.ends
    for each in rounds:
        if begins <= each.began < ends:
            _count(parts, each, cut, members)
    return [part.row(key) for key, part in sorted(parts.items(), key=lambda item: rank(item[0]))]


def rank(key: str | None) -> tuple[bool, str]:
    """Return the sort key of rows: by key, and the row without one at the end."""
    return key is None, key or ""


def _expected(span: Span, cut: Cut) -> Iterable[str | None]:
    """Return the keys that have a row even if nothing happened."""
    match cut:
        case Cut.ALL:
            return [None]
        case Cut.WEEK:
            return [each.name for each in span.weeks()]
        case _:
            return []


def _count(parts: Mapping[str | None, "_Part"], round_: Round, cut: Cut, members: Members) -> None:
    def part(owner: str | None) -> _Part:
        return parts[_key(round_, owner, cut, members)]

    part(round_.owner).count_round(round_)
    for offer in round_.offers:
        part(offer.member_id).count_offer(offer)
    for clock in round_.clocks:
        part(clock.member_id).clocks[clock.name].append(clock.kept)
    for rejection in round_.rejections:
        part(rejection.member_id).rejections[rejection.reason, rejection.after_acceptance] += 1


def _key(round_: Round, owner: str | None, cut: Cut, members: Members) -> str | None:  # noqa: PLR0911 - one line a cut
    subject = round_.subject
    match cut:
        case Cut.ALL:
            return None
        case Cut.WEEK:
            return Week.of(round_.began).name
        case Cut.TEAM:
            return members.team_of.get(owner or "")
        case Cut.MEMBER:
            return owner
        case Cut.SENDER:
            return subject.sender
        case Cut.PAIR:
            return pair_key(subject.sender, owner)
        case Cut.SOURCE:
            return round_.source
        case _:
            value: str | None = getattr(subject, cut)
            return value


def pair_key(sender: str | None, owner: str | None) -> str:
    """Return both ids with a slash, which no id has; ``-`` stands for nobody."""
    return f"{sender or '-'}/{owner or '-'}"


@dataclass(slots=True)
class _Part:
    """Counts of one part of the rounds."""

    members: Members
    rounds: int = 0
    open: int = 0
    accept_times: list[Took] = field(default_factory=list)
    contact_times: list[Took] = field(default_factory=list)
    response_times: list[Took] = field(default_factory=list)
    leads_unanswered: int = 0
    answers: Counter[Answer | None] = field(default_factory=Counter)
    clocks: defaultdict[ClockName, list[bool]] = field(default_factory=lambda: defaultdict(list))
    stays: defaultdict[Status, list[timedelta]] = field(default_factory=lambda: defaultdict(list))
    staying: Counter[Status] = field(default_factory=Counter)
    left: Counter[tuple[Step, bool]] = field(default_factory=Counter)
    """By the furthest step, and whether the round goes on."""
    lost: defaultdict[Step, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    rejections: Counter[tuple[RejectionReason, bool]] = field(default_factory=Counter)

    def count_round(self, round_: Round) -> None:
        self.rounds += 1
        self.open += round_.ended_at is None
        furthest = round_.furthest
        self.left[furthest, round_.ended_at is None] += 1
        if round_.lost:
            self.lost[furthest][round_.lost] += 1
        for stay in round_.stays:
            if stay.until is None:
                self.staying[stay.status] += 1
            else:
                self.stays[stay.status].append(stay.until - stay.since)
        if contacted := round_.reached.get(Step.CONTACTED):
            works = self.members.works(round_.owner)
            self.contact_times.append(took(round_.began, contacted, works))
        self._count_lead(round_)

    def _count_lead(self, round_: Round) -> None:
        subject = round_.subject
        if round_.number > 1 or subject.lead_created_at is None:
            return
        if subject.lead_answered_at is None:
            self.leads_unanswered += 1
            return
        works = self.members.works(subject.sender or round_.owner)
        self.response_times.append(took(subject.lead_created_at, subject.lead_answered_at, works))

    def count_offer(self, offer: Offer) -> None:
        self.answers[offer.answer] += 1
        if offer.answer is Answer.ACCEPTED and offer.answered_at:
            works = self.members.works(offer.member_id)
            self.accept_times.append(took(offer.at, offer.answered_at, works))

    def row(self, key: str | None) -> Row:
        answered = sum(self.answers[each] for each in ANSWERED)
        return Row(
            key,
            self.rounds,
            self.open,
            Proportion(self.answers[Answer.ACCEPTED], answered),
            self.answers[None],
            summary(self.accept_times),
            summary(self.contact_times),
            summary(self.response_times),
            self.leads_unanswered,
            {name: Proportion(sum(runs), len(runs)) for name, runs in self._clocks()},
            [
                StayedIn(status, len(ended), self.staying[status], hours(ended))
                for status in Status
                if (ended := self.stays[status]) or self.staying[status]
            ],
            [self._transition(step) for step in Step if step is not Step.WON],
            [
                RejectedFor(reason, early + late, late)
                for reason in RejectionReason
                if (early := self.rejections[reason, False])
                + (late := self.rejections[reason, True])
            ],
        )

    def _clocks(self) -> Iterable[tuple[ClockName, list[bool]]]:
        return ((name, self.clocks[name]) for name in ClockName if name in self.clocks)

    def _transition(self, step: Step) -> Transition:
        further = sum(count for (reached, _), count in self.left.items() if reached > step)
        fell_out = self.left[step, False]
        lost = dict(self.lost[step].most_common())
        return Transition(
            step, Proportion(further, further + fell_out), self.left[step, True], lost
        )
