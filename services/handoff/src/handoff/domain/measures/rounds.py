"""Divide a handoff's facts into rounds, which all measures count.

A round lasts from the request, or the waking after a recycle, to the end or the next recycle. Its
offers are the requests to single members to accept it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from itertools import groupby
from typing import Final

from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import (
    ClockName,
    Outcome,
    ReassignReason,
    Status,
)


@dataclass(slots=True)
class Entry:
    """A fact, reduced to the attributes that measures use."""

    handoff_id: str
    round: int
    kind: str
    """As named in ``handoff.domain.handoff.facts``."""
    at: datetime
    owner: str | None
    """The status after it."""
    detail: str | None = None
    """The reason of a rejection or reassignment, the outcome of a deal, the clock of an escalation,
    who made a request."""
    kept: bool | None = None
    """Whether the clock that it stopped was kept; ``None``: it stopped none."""
    due_at: datetime | None = None
    """When the clock of an escalation, or the clock that the fact stopped, was due; if nobody was
    eligible, when it is due."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The attributes of a handoff by which measures can be cut."""

    handoff_id: str
    sender: str | None = None
    grade: str | None = None
    """The newest one."""
    policy_area: str | None = None
    municipality_code: str | None = None
    prefecture: str | None = None
    """The first two digits of all codes in it."""
    municipality_type: str | None = None
    lead_created_at: datetime | None = None
    lead_answered_at: datetime | None = None


class Step(IntEnum):
    """The progress of a round; whoever reaches a step has passed those before it."""

    REQUESTED = 0
    ASSIGNED = 1
    ACCEPTED = 2
    CONTACTED = 3
    MET = 4
    WON = 5


class Answer(StrEnum):
    """The outcome of an offer."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TIMED_OUT = "timed_out"
    """Taken away because the time to accept had passed."""
    TAKEN_AWAY = "taken_away"
    """For any other reason, or the handoff ended: not answered, and through nobody's fault."""


ANSWERED: Final = frozenset({Answer.ACCEPTED, Answer.REJECTED, Answer.TIMED_OUT})

WITHDRAWN: Final = "withdrawn"
"""Why a round was lost, beside the reasons of rejections and the outcomes of deals."""


@dataclass(slots=True)
class Offer:
    """A member was asked to accept."""

    member_id: str
    at: datetime
    answer: Answer | None = None
    """``None``: it is still awaited."""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockRun:
    """A clock that was stopped, or ran out without being stopped in its round."""

    name: ClockName
    kept: bool
    member_id: str | None
    """The owner at that time."""
    due_at: datetime
    stopped_at: datetime | None
    """``None``: nothing stopped it."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """A clock that has run out and still runs."""

    name: ClockName
    due_at: datetime
    member_id: str | None
    """The owner at that time."""


@dataclass(slots=True)
class Stay:
    """A period during which a handoff had one status."""

    status: Status
    since: datetime
    until: datetime | None = None
    """``None``: it still has that status."""


@dataclass(frozen=True, slots=True)
class RejectedBy:
    """One rejection."""

    at: datetime
    member_id: str | None
    reason: RejectionReason
    after_acceptance: bool


@dataclass(slots=True)
class Round:
    """One round of one handoff."""

    subject: Subject
    number: int
    began: datetime
    source: str | None = None
    """Whoever requested the handoff: a member, a program."""
    owner: str | None = None
    """The last one."""
    reached: dict[Step, datetime] = field(default_factory=dict)
    """When each step was reached first. A step that was passed over is missing."""
    lost: str | None = None
    """The reason why it was lost: of a rejection, the deal's outcome, :data:`WITHDRAWN`."""
    ended_at: datetime | None = None
    """When it was won or lost; ``None``: it is still open."""
    offers: list[Offer] = field(default_factory=list)
    clocks: list[ClockRun] = field(default_factory=list)
    """Those that are overdue among them."""
    overdue: list[Overdue] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    rejections: list[RejectedBy] = field(default_factory=list)

    @property
    def furthest(self) -> Step:
        """The furthest step that it has reached."""
        return max(self.reached)


def rounds_of(
    subjects: Iterable[Subject], entries: Iterable[Entry], now: datetime
) -> Iterator[Round]:
    """Yield the rounds of handoffs, in order.

    Args:
        subjects: one of each handoff; others' entries are passed over.
        entries: those of a handoff together and as they were recorded, all from the first on.
        now: the present instant, as of which a clock that still runs is overdue.
    """
    by_id = {each.handoff_id: each for each in subjects}
    for handoff_id, its in groupby(entries, lambda entry: entry.handoff_id):
        if subject := by_id.get(handoff_id):
            yield from _Reading(subject).rounds(its, now)


_CLOCK_OF: Final = {
    "lead_answered": ClockName.RESPOND,
    "assigned": ClockName.ASSIGN,
    "accepted": ClockName.ACCEPT,
    "rejected": ClockName.ACCEPT,
    "resubmitted": ClockName.SUPPLEMENT,
    "first_contact_made": ClockName.CONTACT,
    "meeting_held": ClockName.MEET,
}
"""The clock that a fact stops."""

_STATUS_OF: Final = {
    "requested": Status.REQUESTED,
    "woken": Status.REQUESTED,
    "reassigned": Status.REQUESTED,
    "resubmitted": Status.REQUESTED,
    "unassigned": Status.UNASSIGNED,
    "assigned": Status.ASSIGNED,
    "accepted": Status.ACCEPTED,
    "first_contact_made": Status.CONTACTED,
    "meeting_held": Status.MET,
    "recycled": Status.RECYCLED,
    "returned": Status.RETURNED,
}
"""The status of an open handoff after a fact."""

_STEP_OF: Final = {
    "requested": Step.REQUESTED,
    "woken": Step.REQUESTED,
    "assigned": Step.ASSIGNED,
    "accepted": Step.ACCEPTED,
    "first_contact_made": Step.CONTACTED,
    "meeting_held": Step.MET,
}

_ENDS: Final = frozenset({"disqualified", "closed", "withdrawn"})

_FALLS_OUT: Final = frozenset({"recycled", *_ENDS})

KINDS: Final = frozenset({*_CLOCK_OF, *_STATUS_OF, *_ENDS, "escalated"})
"""The facts that measures use."""


class _Reading:
    """Reads the facts of one handoff."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._round: Round | None = None
        self._source: str | None = None
        self._told: dict[ClockName, Overdue] = {}
        """Clocks that were escalated and that nothing has stopped yet."""

    def rounds(self, entries: Iterable[Entry], now: datetime) -> Iterator[Round]:
        for entry in entries:
            if entry.kind in {"requested", "woken"}:
                if self._round:
                    _leave(self._round, entry.at)  # a recycled one wakes: its rest has ended
                    yield self._finished(self._round, entry.at)
                if entry.kind == "requested":
                    self._source = entry.detail
                self._round = Round(self._subject, entry.round, entry.at, self._source)
            if self._round is None:
                continue  # recorded by an earlier version without a beginning
            self._read(self._round, entry)
        if self._round:
            yield self._finished(self._round, now)

    def _read(self, round_: Round, entry: Entry) -> None:
        self._stop_clock(round_, entry)
        self._answer_offer(round_, entry)
        if entry.kind == "rejected":
            reason = RejectionReason(entry.detail or "")
            round_.rejections.append(
                RejectedBy(entry.at, round_.owner, reason, after_acceptance=entry.kept is None)
            )
        if status := _STATUS_OF.get(entry.kind):
            _move(round_, status, entry.at)
        elif entry.kind in _ENDS:
            _leave(round_, entry.at)
        if (step := _STEP_OF.get(entry.kind)) is not None:
            round_.reached.setdefault(step, entry.at)
        if entry.kind in _FALLS_OUT:
            self._end(round_, entry)
        round_.owner = entry.owner or round_.owner

    def _stop_clock(self, round_: Round, entry: Entry) -> None:
        if entry.kind == "escalated":
            name = ClockName(entry.detail or "")
            self._told[name] = Overdue(name, entry.due_at or entry.at, entry.owner)
            return
        if entry.kept is not None:
            name = _CLOCK_OF[entry.kind]
            self._told.pop(name, None)
            owner = round_.owner if entry.kind == "rejected" else entry.owner
            due_at = entry.due_at or entry.at
            round_.clocks.append(ClockRun(name, entry.kept, owner, due_at, entry.at))
        if entry.kind == "reassigned" and entry.detail == ReassignReason.NOT_ACCEPTED:
            self._told[ClockName.ACCEPT] = Overdue(ClockName.ACCEPT, entry.at, round_.owner)
        if entry.kind in {"reassigned", "returned"}:
            self._give_up(round_, set(self._told) - {ClockName.RESPOND}, entry.at)
        elif entry.kind in _FALLS_OUT:
            self._give_up(round_, self._told, entry.at)

    def _give_up(self, round_: Round, names: Iterable[ClockName], at: datetime) -> list[Overdue]:
        """Count the clocks that have run out by then, and that nothing in the round stops."""
        given_up = [self._told.pop(name) for name in tuple(names)]
        ran_out = [each for each in given_up if each.due_at <= at]
        round_.clocks += [
            ClockRun(each.name, False, each.member_id, each.due_at, None) for each in ran_out
        ]
        return ran_out

    def _answer_offer(self, round_: Round, entry: Entry) -> None:
        if entry.kind == "assigned" and entry.owner:
            round_.offers.append(Offer(entry.owner, entry.at))
            return
        offer = round_.offers[-1] if round_.offers else None
        if offer is None or offer.answer is not None:
            return
        if entry.kind == "accepted":
            offer.answer = Answer.ACCEPTED
        elif entry.kind == "rejected":
            offer.answer = Answer.REJECTED
        elif entry.kind == "reassigned" and entry.detail == ReassignReason.NOT_ACCEPTED:
            offer.answer = Answer.TIMED_OUT
        elif entry.kind == "reassigned" or entry.kind in _FALLS_OUT:
            offer.answer = Answer.TAKEN_AWAY
        if offer.answer is not None:
            offer.answered_at = entry.at

    def _end(self, round_: Round, entry: Entry) -> None:
        round_.ended_at = entry.at
        if entry.kind == "closed":
            if entry.detail == Outcome.WON:
                round_.reached.setdefault(Step.WON, entry.at)
                round_.lost = None
            else:
                round_.lost = entry.detail
        elif entry.kind == "withdrawn":
            round_.lost = WITHDRAWN
        elif round_.rejections:
            round_.lost = round_.rejections[-1].reason

    def _finished(self, round_: Round, at: datetime) -> Round:
        round_.overdue = self._give_up(round_, self._told, at)
        return round_


def _move(round_: Round, status: Status, at: datetime) -> None:
    if round_.stays and round_.stays[-1].status is status:
        return
    round_.stays.append(Stay(status, _leave(round_, at)))


def _leave(round_: Round, at: datetime) -> datetime:
    """End the present stay and return when it did."""
    last = round_.stays[-1] if round_.stays else None
    if last is None or last.until is not None:
        return at
    # A contact may be recorded with an earlier time than the acceptance.
    last.until = max(at, last.since)
    return last.until
