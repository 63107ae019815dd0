"""Whole lives of handoffs, from the request to the end."""

import itertools

import pytest

from handoff.domain.handoff.commands import (
    Accept,
    Close,
    NameFurtherOwner,
    PhaseEntered,
    RecordContact,
    RecordMeeting,
    Reject,
    Resubmit,
    Wake,
)
from handoff.domain.handoff.effects import NotifyReason, Recipient
from handoff.domain.handoff.facts import (
    Accepted,
    Assigned,
    Disqualified,
    Escalated,
    Reassigned,
    Rejected,
    Woken,
)
from handoff.domain.handoff.policy import ClockPolicy, ClockSetting
from handoff.domain.handoff.rejections import Consequence, RejectionReason
from handoff.domain.handoff.terms import (
    ClockName,
    Level,
    Outcome,
    ReassignReason,
    Status,
)
from handoff.domain.teams.members import Function
from kakehashi_common.domain.business_time import Absence
from tests.support.handoffs import DAY, HOUR, Life, at

MONDAY = "2026-11-30 10:00"


def kinds(life: Life) -> list[str]:
    return [fact.kind for fact in life.facts()]


def test_accepted_contacted_met_and_won() -> None:
    life = Life(MONDAY)
    assert life.state.status is Status.ASSIGNED
    life.then("2026-11-30 11:00").do(Accept("fs-1"))
    life.then("2026-11-30 15:00").do(RecordContact(life.now, "fs-1"))
    life.then("2026-12-04 10:00").do(RecordMeeting(life.now, "fs-1"))
    life.then("2027-06-01 10:00").do(Close("crm", Outcome.WON, deal_id="d-1"))
    assert kinds(life) == [
        "requested",
        "assigned",
        "accepted",
        "first_contact_made",
        "meeting_held",
        "closed",
    ]
    assert (life.state.status, life.state.owner) == (Status.CLOSED, "fs-1")
    assert (life.state.running, life.wakeup()) == ((), None)
    assert [(each.recipient, each.reason) for each in life.notified()] == [
        (Recipient.MEMBER, NotifyReason.ASSIGNED),
        (Recipient.SENDER, NotifyReason.ACCEPTED),
        (Recipient.SENDER, NotifyReason.CLOSED),
    ]


def test_nobody_accepts_so_it_goes_on_twice_and_is_then_escalated_twice() -> None:
    life = Life(MONDAY).then("2026-12-04 18:00")
    assert [
        (fact.at, fact.member_id if isinstance(fact, Assigned) else fact.level)
        for fact in life.facts()
        if isinstance(fact, Assigned | Escalated)
    ] == [
        (at("2026-11-30 10:00"), "fs-1"),
        (at("2026-12-01 10:00"), "fs-2"),  # eight business hours later
        (at("2026-12-02 10:00"), "fs-3"),
        (at("2026-12-03 10:00"), Level.LEAD),
        (at("2026-12-04 10:00"), Level.MANAGER),
    ]
    reasons = [fact.reason for fact in life.facts(Reassigned)]
    assert reasons == [ReassignReason.NOT_ACCEPTED, ReassignReason.NOT_ACCEPTED]
    assert life.state.excluded == ("fs-1", "fs-2")


def test_accepted_and_never_contacted_is_never_silent() -> None:
    life = Life(MONDAY)
    life.do(Accept("fs-1"))
    life.then("2027-01-31 00:00")
    told = [(fact.level, fact.repetition) for fact in life.facts(Escalated)]
    assert told[:4] == [
        (Level.LEAD, 0),
        (Level.MANAGER, 0),
        (Level.MANAGER, 1),
        (Level.MANAGER, 2),
    ]
    days = [fact.at for fact in life.facts(Escalated)]
    assert max(after - before for before, after in itertools.pairwise(days)) < 14 * DAY
    assert {fact.member_id for fact in life.facts(Escalated)} == {"fs-1"}


def test_a_recycle_of_fourteen_months_wakes_with_whoever_knows_the_lead() -> None:
    life = Life(MONDAY)
    life.do(Accept("fs-1"))
    life.do(Reject("fs-1", RejectionReason.NO_BUDGET_YET, until=at("2028-01-29 00:00").date()))
    assert (life.state.status, life.state.owner) == (Status.RECYCLED, None)
    assert life.wakeup() == at("2028-01-31 09:00")  # the 29th is a Saturday
    life.then("2028-01-31 08:59")
    assert life.state.status is Status.RECYCLED
    life.then("2028-01-31 09:00")
    assert (life.state.status, life.state.owner, life.state.round) == (Status.ASSIGNED, "fs-1", 2)
    clock = life.state.clock(ClockName.ACCEPT)
    assert clock
    assert clock.started_at == at("2028-01-31 09:00")
    assert len(life.facts(Woken)) == 1


@pytest.mark.parametrize(
    ("phase", "began", "woken"),
    [
        pytest.param("department_requests", "2027-09-15", True, id="the phase begins"),
        pytest.param("department_requests", "2026-11-30", False, id="it had begun by that day"),
        pytest.param("summer_review", "2027-07-01", False, id="another phase"),
    ],
)
def test_a_recycle_until_a_budget_phase(phase: str, began: str, *, woken: bool) -> None:
    life = Life(MONDAY)
    life.do(Reject("fs-1", RejectionReason.TOO_EARLY, phase="department_requests"))
    life.then("2027-09-15 08:00")
    life.do(PhaseEntered(phase, at(f"{began} 00:00").date(), "budget-calendar"))
    assert (life.state.status is Status.ASSIGNED) is woken
    assert [fact.phase for fact in life.facts(Woken)] == ([phase] if woken else [])


def test_a_phase_that_never_comes_ends_after_a_year() -> None:
    life = Life(MONDAY)
    life.do(Reject("fs-1", RejectionReason.TOO_EARLY, phase="department_requests"))
    life.then("2028-03-01 00:00")
    assert [fact.at for fact in life.facts(Woken)] == [at("2028-01-04 09:00")]


def test_a_person_may_wake_it_earlier() -> None:
    life = Life(MONDAY)
    life.do(Reject("fs-1", RejectionReason.TOO_EARLY, until=at("2027-04-01 00:00").date()))
    life.then("2027-02-01 10:00").do(Wake("is-1"))
    assert life.state.status is Status.ASSIGNED
    assert life.decide(Wake("is-1")).unchanged


def test_missing_facts_go_to_the_sender_and_back_to_whoever_asked() -> None:
    life = Life(MONDAY, members=("fs-2", "fs-1"))
    life.do(Reject("fs-2", RejectionReason.FACTS_MISSING, missing_facts=("予算額", "決裁者")))
    assert (life.state.status, life.state.owner) == (Status.RETURNED, None)
    assert life.notified()[-1].reason is NotifyReason.FACTS_MISSING
    assert life.notified()[-1].act_by == at("2026-12-02 10:00")  # 16 business hours
    life.then("2026-12-03 12:00")
    assert [(fact.clock, fact.member_id) for fact in life.facts(Escalated)] == [
        (ClockName.SUPPLEMENT, "is-1"),
        (ClockName.SUPPLEMENT, "is-1"),
    ]
    life.do(Resubmit("is-1", ("決裁者", "予算額")))
    assert (life.state.status, life.state.owner) == (Status.ASSIGNED, "fs-2")
    assert life.decide(Resubmit("is-1", ("予算額", "決裁者"))).unchanged


def test_wrong_territory_goes_to_somebody_else_and_not_back() -> None:
    life = Life(MONDAY, members=("fs-1", "fs-2"))
    life.do(Reject("fs-1", RejectionReason.WRONG_TERRITORY))
    assert (life.state.status, life.state.owner) == (Status.ASSIGNED, "fs-2")
    life.do(Reject("fs-2", RejectionReason.WRONG_TERRITORY))
    assert (life.state.status, life.state.excluded) == (Status.UNASSIGNED, ("fs-1", "fs-2"))


def test_disqualified_after_acceptance_is_no_refusal_to_accept() -> None:
    life = Life(MONDAY)
    life.do(Accept("fs-1"))
    life.do(Reject("fs-1", RejectionReason.NO_NEED))
    fact = life.facts(Rejected)[0]
    assert (fact.consequence, fact.after_acceptance) == (Consequence.DISQUALIFY, True)
    assert (life.state.status, life.state.owner) == (Status.DISQUALIFIED, "fs-1")
    assert len(life.facts(Disqualified)) == 1
    assert life.wakeup() is None


def test_nobody_eligible_is_notified_at_once_tried_again_and_escalated() -> None:
    life = Life(MONDAY, members=())
    assert life.state.status is Status.UNASSIGNED
    told = life.notified()[-1]
    assert (told.recipient, told.reason) == (Recipient.LEAD, NotifyReason.NOBODY_ELIGIBLE)
    life.then("2026-12-02 12:00")
    assert [(fact.at, fact.level) for fact in life.facts(Escalated)] == [
        (at("2026-11-30 10:00"), Level.LEAD),
        (at("2026-12-01 11:00"), Level.MANAGER),  # eight hours after it was due at 11:00
    ]
    assert kinds(life).count("unassigned") == 1  # the same reasons are said once
    life.members = ["fs-9"]
    life.then("2026-12-02 18:00")
    assert (life.state.status, life.state.owner) == (Status.ASSIGNED, "fs-9")


def test_an_assignment_without_a_result_is_wanted_again_and_escalated() -> None:
    life = Life(MONDAY, assigned=False).then("2026-11-30 18:00")
    assert life.state.status is Status.REQUESTED
    assert [fact.clock for fact in life.facts(Escalated)] == [ClockName.ASSIGN]
    assert life.state.assignment_wanted_at == at("2026-11-30 15:00")


def off(first: str, last: str) -> Absence:
    return Absence(at(f"{first} 00:00"), at(f"{last} 00:00") + DAY)


@pytest.mark.parametrize(
    ("absences", "assigned", "reassigned"),
    [
        pytest.param([("12-01", "12-11")], MONDAY, "2026-12-01 09:00", id="a holiday"),
        pytest.param([("12-01", "12-01")], MONDAY, None, id="a day off"),
        pytest.param(
            [("12-01", "12-01"), ("12-02", "12-02")], MONDAY, "2026-12-01 09:00", id="two in a row"
        ),
        pytest.param(
            [("12-04", "12-04"), ("12-07", "12-07")],
            "2026-12-03 17:00",
            "2026-12-04 09:00",
            id="over a weekend",
        ),
        pytest.param([("11-30", "11-30"), ("12-01", "12-08")], MONDAY, None, id="away already"),
        pytest.param(
            [("12-05", "12-15")], "2026-12-04 17:00", "2026-12-07 09:00", id="from Saturday"
        ),
    ],
)
def test_a_long_absence_gives_it_to_somebody_else_when_it_begins(
    absences: list[tuple[str, str]], assigned: str, reassigned: str | None
) -> None:
    away = tuple(off(f"2026-{first}", f"2026-{last}") for first, last in absences)
    life = Life(assigned, absences={"fs-1": away}, to="fs-1")
    life.do(Accept("fs-1"))
    life.then(reassigned or "2026-12-09 18:00")
    facts = life.facts(Reassigned)
    assert [(fact.at, fact.reason) for fact in facts] == (
        [(at(reassigned), ReassignReason.MEMBER_ABSENT)] if reassigned else []
    )
    assert life.state.owner == ("fs-2" if reassigned else "fs-1")
    assert life.state.excluded == ()  # an absence is nobody's fault


def test_who_never_comes_back_gives_it_to_somebody_else() -> None:
    gone = Absence(at("2026-12-01 00:00"), at("2060-01-01 00:00"))
    life = Life(MONDAY, absences={"fs-1": (gone,)}).then("2026-12-01 09:00")
    assert life.state.owner == "fs-2"


def test_a_short_absence_only_stops_the_clock() -> None:
    morning_off = Absence(at("2026-12-01 09:00"), at("2026-12-01 13:00"))
    life = Life(MONDAY, absences={"fs-1": (morning_off,)})
    assigned = life.facts(Assigned)[0]
    assert assigned.answer_by == at("2026-12-01 14:00")
    life.then("2026-12-01 13:59")
    assert life.state.owner == "fs-1"


def test_a_seller_who_calls_before_accepting_has_accepted() -> None:
    life = Life(MONDAY, lead_created_at=at("2026-11-30 09:30"))
    life.then("2026-11-30 14:00").do(RecordContact(at("2026-11-30 11:00"), "fs-1", "a-1"))
    assert [fact.kind for fact in life.facts()][-3:] == [
        "accepted",
        "first_contact_made",
        "lead_answered",
    ]
    accepted = life.facts(Accepted)[0]
    assert (accepted.implied, accepted.at) == (True, at("2026-11-30 11:00"))
    assert life.state.status is Status.CONTACTED


def test_a_meeting_is_the_acceptance_and_the_first_contact_too() -> None:
    life = Life(MONDAY)
    life.then("2026-11-30 16:00").do(RecordMeeting(at("2026-11-30 14:00"), "fs-1"))
    assert kinds(life)[-3:] == ["accepted", "first_contact_made", "meeting_held"]
    assert life.state.status is Status.MET


def test_the_unanswered_lead_is_escalated_to_the_senders_lead() -> None:
    life = Life(MONDAY, lead_created_at=at("2026-11-30 09:30"))
    life.do(Accept("fs-1"))
    life.then("2026-11-30 14:30")
    first = life.facts(Escalated)[0]
    assert (first.at, first.clock, first.member_id) == (
        at("2026-11-30 14:30"),  # four hours, lunch excluded
        ClockName.RESPOND,
        "is-1",
    )


def test_by_policy_the_lead_is_notified_of_a_missing_answer_instead_of_somebody_else() -> None:
    life = Life(MONDAY, policy=ClockPolicy(reassignments=0)).then("2026-12-01 10:00")
    assert life.state.owner == "fs-1"
    assert [fact.level for fact in life.facts(Escalated)] == [Level.LEAD]


def test_two_years_of_rest_and_two_lives() -> None:
    life = Life(MONDAY)
    life.do(Reject("fs-1", RejectionReason.UNDER_CONTRACT, until=at("2028-11-30 00:00").date()))
    life.then("2028-11-30 10:00").do(Accept("fs-1"))
    life.until(life.now + 2 * HOUR).do(RecordContact(life.now, "fs-1"))
    life.do(Close("fs-1", Outcome.LOST, "価格"))
    assert life.state.round == 2
    assert life.state.outcome is Outcome.LOST


def test_nobody_is_notified_of_what_they_did_themselves() -> None:
    life = Life(MONDAY, sender="fs-1", to="fs-1", by="fs-1")
    life.do(Accept("fs-1"))
    life.do(NameFurtherOwner("fs-1", Function.COUNCIL_LIAISON, "fs-1"))
    life.do(Close("fs-1", Outcome.LOST, "価格"))
    assert kinds(life) == ["requested", "assigned", "accepted", "further_owner_named", "closed"]
    assert life.notified() == []


def test_a_reminder_of_the_assignment_goes_to_the_teams_lead() -> None:
    policy = ClockPolicy(assign=ClockSetting(2 * HOUR))
    life = Life(MONDAY, assigned=False, policy=policy).then("2026-11-30 11:00")
    assert [(each.recipient, each.reason) for each in life.notified()] == [
        (Recipient.LEAD, NotifyReason.DUE_SOON)
    ]
