"""Rounds computed from a handoff's facts."""

from collections.abc import Callable
from datetime import date

import pytest

from handoff.domain.handoff.commands import (
    Accept,
    Close,
    Reassign,
    RecordContact,
    RecordMeeting,
    Reject,
    Resubmit,
    Wake,
    Withdraw,
)
from handoff.domain.handoff.policy import ClockPolicy, Overdue
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import ClockName, Outcome, ReassignReason, Status
from handoff.domain.measures.rounds import Answer, Step
from tests.support.handoff_facts import rounds
from tests.support.handoffs import Life, at

MONDAY = "2026-11-30 10:00"
SPRING = date(2027, 4, 1)


def asked() -> Life:
    """fs-1 was asked an hour ago; its lead came in at nine."""
    return Life(MONDAY, lead_created_at=at("2026-11-30 09:00")).then("2026-11-30 11:00")


def accepted() -> Life:
    life = asked()
    life.do(Accept("fs-1"))
    return life.then("2026-11-30 14:00")


def contacted() -> Life:
    life = accepted()
    life.do(RecordContact(life.now, "fs-1"))
    return life.then("2026-12-01 14:00")


def met() -> Life:
    life = contacted()
    life.do(RecordMeeting(life.now, "fs-1"))
    return life.then("2026-12-20 12:00")


def won() -> Life:
    life = met()
    life.do(Close("crm", Outcome.WON, deal_id="d-1"))
    return life


def lost() -> Life:
    life = met()
    life.do(Close("fs-1", Outcome.LOST, "価格"))
    return life


def won_unseen() -> Life:
    """The CRM knows of a deal that nobody had recorded a contact for."""
    life = accepted()
    life.do(Close("crm", Outcome.WON, deal_id="d-1"))
    return life


def recycled() -> Life:
    life = accepted()
    life.do(Reject("fs-1", RejectionReason.TOO_EARLY, until=SPRING))
    return life.then("2027-01-04 10:00")


def disqualified() -> Life:
    life = asked()
    life.do(Reject("fs-1", RejectionReason.NO_NEED))
    return life


def withdrawn() -> Life:
    life = asked()
    life.do(Withdraw("is-1", "重複"))
    return life


def returned() -> Life:
    life = asked()
    life.do(Reject("fs-1", RejectionReason.FACTS_MISSING, missing_facts=("予算額",)))
    return life.then("2026-11-30 13:30")


def resubmitted() -> Life:
    life = returned()
    life.do(Resubmit("is-1", ("予算額",)))
    return life


def nobody_eligible() -> Life:
    return Life(MONDAY, members=()).then("2026-11-30 11:00")


@pytest.mark.parametrize(
    ("live", "furthest", "goes_on", "lost_for"),
    [
        (nobody_eligible, Step.REQUESTED, True, None),
        (asked, Step.ASSIGNED, True, None),
        (accepted, Step.ACCEPTED, True, None),
        (contacted, Step.CONTACTED, True, None),
        (met, Step.MET, True, None),
        (won, Step.WON, False, None),
        (won_unseen, Step.WON, False, None),
        (lost, Step.MET, False, "lost"),
        (recycled, Step.ACCEPTED, False, "too_early"),
        (disqualified, Step.ASSIGNED, False, "no_need"),
        (withdrawn, Step.ASSIGNED, False, "withdrawn"),
        (returned, Step.ASSIGNED, True, None),
        (resubmitted, Step.ASSIGNED, True, None),
    ],
)
def test_a_round_comes_so_far(
    live: Callable[[], Life], furthest: Step, *, goes_on: bool, lost_for: str | None
) -> None:
    [found] = rounds(live())
    assert (found.furthest, found.ended_at is None, found.lost) == (furthest, goes_on, lost_for)


@pytest.mark.parametrize(
    ("live", "offers"),
    [
        (nobody_eligible, []),
        (asked, [("fs-1", None)]),
        (accepted, [("fs-1", Answer.ACCEPTED)]),
        (disqualified, [("fs-1", Answer.REJECTED)]),
        (withdrawn, [("fs-1", Answer.TAKEN_AWAY)]),
        (recycled, [("fs-1", Answer.ACCEPTED)]),
        (resubmitted, [("fs-1", Answer.REJECTED), ("fs-1", None)]),
        (
            # The time to accept is eight business hours, and passes on Tuesday at ten.
            lambda: Life(MONDAY).then("2026-12-01 10:30"),
            [("fs-1", Answer.TIMED_OUT), ("fs-2", None)],
        ),
    ],
)
def test_an_offer_is_answered_by_whom_it_was_made_to(
    live: Callable[[], Life], offers: list[tuple[str, Answer | None]]
) -> None:
    [found] = rounds(live())
    assert [(each.member_id, each.answer) for each in found.offers] == offers


def test_an_offer_that_somebody_takes_away_blames_nobody() -> None:
    life = asked()
    life.do(Reassign("lead-e", ReassignReason.DECIDED, "fs-1", "fs-3"))
    [found] = rounds(life)
    assert [(each.member_id, each.answer) for each in found.offers] == [
        ("fs-1", Answer.TAKEN_AWAY),
        ("fs-3", None),
    ]
    assert found.owner == "fs-3"


def test_a_woken_handoff_begins_another_round() -> None:
    life = recycled()
    life.do(Wake("is-1"))
    life.then("2027-01-04 11:00").do(Accept("fs-1"))
    first, second = rounds(life)
    assert (first.number, first.lost, second.number, second.lost) == (1, "too_early", 2, None)
    assert second.began == at("2027-01-04 10:00")
    assert [each.status for each in first.stays] == [
        Status.REQUESTED,
        Status.ASSIGNED,
        Status.ACCEPTED,
        Status.RECYCLED,
    ]
    assert first.stays[-1].until == at("2027-01-04 10:00")
    assert second.stays[0].status is Status.REQUESTED
    assert second.source == first.source == "lead-scoring"


def test_stays_are_without_a_gap_and_the_last_one_lasts() -> None:
    [found] = rounds(contacted())
    assert [(each.status, each.since, each.until) for each in found.stays] == [
        (Status.REQUESTED, at(MONDAY), at(MONDAY)),
        (Status.ASSIGNED, at(MONDAY), at("2026-11-30 11:00")),
        (Status.ACCEPTED, at("2026-11-30 11:00"), at("2026-11-30 14:00")),
        (Status.CONTACTED, at("2026-11-30 14:00"), None),
    ]


def test_a_contact_that_is_recorded_with_an_earlier_time_takes_no_negative_time() -> None:
    life = accepted()
    life.do(RecordContact(at("2026-11-30 10:30"), "fs-1"))
    [found] = rounds(life)
    accepted_stay = found.stays[2]
    assert (accepted_stay.status, accepted_stay.until) == (Status.ACCEPTED, accepted_stay.since)


@pytest.mark.parametrize(
    ("live", "clocks"),
    [
        (asked, [(ClockName.ASSIGN, True)]),
        (
            met,
            [
                (ClockName.ASSIGN, True),
                (ClockName.ACCEPT, True),
                (ClockName.CONTACT, True),
                (ClockName.RESPOND, True),
                (ClockName.MEET, True),
            ],
        ),
        (resubmitted, [(ClockName.ASSIGN, True), (ClockName.ACCEPT, True),
                       (ClockName.SUPPLEMENT, True), (ClockName.ASSIGN, True)]),
    ],
)  # fmt: skip
def test_clocks_that_were_stopped_in_time_were_kept(
    live: Callable[[], Life], clocks: list[tuple[ClockName, bool]]
) -> None:
    [found] = rounds(live())
    assert [(each.name, each.kept) for each in found.clocks] == clocks


ESCALATING = ClockPolicy(not_accepted=Overdue.ESCALATE)


def test_an_acceptance_without_a_contact_is_a_clock_that_was_not_kept() -> None:
    """The classic failure: it must not be missing because nothing stopped the clock."""
    life = Life(MONDAY)
    life.do(Accept("fs-1"))
    [found] = rounds(life.then("2026-12-04 10:00"))
    assert (ClockName.CONTACT, False, "fs-1") in [
        (each.name, each.kept, each.member_id) for each in found.clocks
    ]


def test_a_late_answer_is_one_clock_that_was_not_kept() -> None:
    life = Life(MONDAY, policy=ESCALATING).then("2026-12-02 10:00")
    life.do(Accept("fs-1"))
    [found] = rounds(life)
    assert [each.kept for each in found.clocks if each.name is ClockName.ACCEPT] == [False]


def test_a_time_to_accept_that_passed_was_not_kept_by_whoever_was_asked() -> None:
    [found] = rounds(Life(MONDAY).then("2026-12-01 10:30"))
    assert [
        (each.kept, each.member_id) for each in found.clocks if each.name is ClockName.ACCEPT
    ] == [(False, "fs-1")]


def test_nobody_eligible_is_no_missed_clock_before_the_time_has_passed() -> None:
    [early] = rounds(Life(MONDAY, members=()).then("2026-11-30 10:30"))
    [late] = rounds(Life(MONDAY, members=()).then("2026-11-30 11:00"))
    assert early.clocks == []
    assert [(each.name, each.kept) for each in late.clocks] == [(ClockName.ASSIGN, False)]
