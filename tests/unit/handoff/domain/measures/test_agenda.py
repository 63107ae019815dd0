"""The agenda of the weekly meeting of both sides."""

from datetime import date

from handoff.domain.handoff.commands import (
    Accept,
    Close,
    RecordContact,
    RecordMeeting,
    Reject,
)
from handoff.domain.handoff.labels import OUTCOMES
from handoff.domain.handoff.rejections import REASONS, RejectionReason
from handoff.domain.handoff.terms import ClockName, Direction, Outcome, Status
from handoff.domain.measures.agenda import Agenda, Rated, Rest, Waiting, agenda
from handoff.domain.measures.labels import LOSSES, STATUSES, STEPS
from handoff.domain.measures.rounds import Step, Subject
from kakehashi_common.domain.weeks import Week
from tests.support.handoff_facts import rounds
from tests.support.handoffs import Life, at

MONDAY = "2026-11-30 10:00"
W49 = Week(date(2026, 11, 30))
W50 = Week(date(2026, 12, 7))


def life(number: int) -> Life:
    return Life(MONDAY, handoff_id=f"h-{number}").then("2026-11-30 11:00")


def accepted(number: int) -> Life:
    lived = life(number)
    lived.do(Accept("fs-1"))
    return lived


def met(number: int, moment: str) -> Life:
    lived = accepted(number)
    lived.then(moment).do(RecordMeeting(lived.now, "fs-1"))
    return lived


def closed(number: int, moment: str, outcome: Outcome) -> Life:
    lived = met(number, "2026-12-01 10:00").then(moment)
    lived.do(Close("crm", outcome, "予算", deal_id=f"d-{number}"))
    return lived


def rejected(number: int, reason: RejectionReason, **given: object) -> Life:
    lived = accepted(number)
    lived.do(Reject("fs-1", reason, **given))  # type: ignore[arg-type]
    return lived


def of(
    *lives: Life, week: Week = W49, ratings: tuple[Rated, ...] = (), team: str | None = None
) -> Agenda:
    waiting = {}
    for state in (each.state for each in lives):
        rest = state.recycle
        if not state.ended:
            waiting[state.handoff_id] = Waiting(
                Rest(rest.until, rest.phase) if rest else None, state.missing_facts
            )
    return agenda(
        rounds(*lives),
        waiting,
        ratings,
        week,
        lambda subject, owner: team is None or team in {subject.sender, owner},
    )


def ids(items: object) -> list[str]:
    return [each.round.subject.handoff_id for each in items]  # type: ignore[attr-defined]


def test_what_is_late_says_which_clock_since_when_and_whose() -> None:
    lived = accepted(1).then("2026-12-04 10:00")
    [late] = of(lived, life(2)).late
    assert (late.clock, late.member_id) == (ClockName.CONTACT, "fs-1")
    assert late.due_at == at("2026-12-01 11:00")


def test_what_nobody_can_be_found_for_is_the_teams() -> None:
    [late] = of(Life(MONDAY, members=()).then("2026-12-04 10:00")).late
    assert (late.clock, late.member_id) == (ClockName.ASSIGN, None)


def test_a_step_that_was_made_is_not_late_any_longer() -> None:
    lived = accepted(1).then("2026-12-04 10:00")
    lived.do(RecordContact(lived.now, "fs-1"))
    assert of(lived).late == []


def test_the_flow_counts_the_week_in_which_a_step_was_reached() -> None:
    lives = [
        life(1),
        accepted(2),
        met(3, "2026-12-08 10:00"),
        rejected(4, RejectionReason.NO_NEED),
        closed(5, "2026-12-09 10:00", Outcome.LOST),
        closed(6, "2026-12-09 10:00", Outcome.WON),
    ]

    def told(week: Week) -> dict[Step, tuple[int, dict[str, int]]]:
        return {each.step: (each.reached, dict(each.lost)) for each in of(*lives, week=week).flow}

    assert told(W49) == {
        Step.REQUESTED: (6, {}),
        Step.ASSIGNED: (6, {}),
        Step.ACCEPTED: (5, {"no_need": 1}),
        Step.CONTACTED: (2, {}),
        Step.MET: (2, {}),
        Step.WON: (0, {}),
    }
    assert told(W50) == {
        Step.REQUESTED: (0, {}),
        Step.ASSIGNED: (0, {}),
        Step.ACCEPTED: (0, {}),
        Step.CONTACTED: (1, {}),
        Step.MET: (1, {"lost": 1}),
        Step.WON: (1, {}),
    }


def test_rejections_and_decisions_are_those_of_the_week() -> None:
    lives = [
        rejected(1, RejectionReason.NO_NEED),
        closed(2, "2026-12-09 10:00", Outcome.WON),
        closed(3, "2026-12-09 10:00", Outcome.NO_DECISION),
    ]
    assert ids(of(*lives).rejected) == ["h-1"]
    assert ids(of(*lives).decided) == []
    assert ids(of(*lives, week=W50).rejected) == []
    assert [each.outcome for each in of(*lives, week=W50).decided] == [
        Outcome.WON,
        Outcome.NO_DECISION,
    ]


def test_returned_ones_say_what_is_missing_until_it_is_supplied() -> None:
    lived = rejected(1, RejectionReason.FACTS_MISSING, missing_facts=("予算額",))
    [returned] = of(lived, week=W50).returned
    assert (returned.missing_facts, returned.since) == (("予算額",), at("2026-11-30 11:00"))
    assert of(lived).open == []


def test_recycled_ones_are_named_when_they_wake_within_two_weeks() -> None:
    soon = rejected(1, RejectionReason.TOO_EARLY, until=date(2026, 12, 20))
    later = rejected(2, RejectionReason.TOO_EARLY, until=date(2026, 12, 21))
    assert ids(of(soon, later).waking) == ["h-1"]
    assert ids(of(soon, later, week=W50).waking) == ["h-1", "h-2"]


def test_open_ones_come_the_longest_waiting_first() -> None:
    older = accepted(2)
    newer = accepted(1).then("2026-11-30 14:00")
    newer.do(RecordContact(newer.now, "fs-1"))
    assert [(each.round.subject.handoff_id, each.status) for each in of(newer, older).open] == [
        ("h-2", Status.ACCEPTED),
        ("h-1", Status.CONTACTED),
    ]


def test_low_ratings_are_talked_about() -> None:
    def rated(score: int) -> Rated:
        direction = Direction.RECEIVER_RATES_SENDER
        return Rated(Subject("h-1"), "fs-1", at(MONDAY), "fs-1", direction, score, "情報不足")

    found = of(life(1), ratings=(rated(3), rated(2), rated(1)))
    assert [each.score for each in found.rated_low] == [2, 1]


def test_a_team_sees_what_it_sent_or_received() -> None:
    assert len(of(life(1), team="is-1").open) == 1
    assert len(of(life(1), team="fs-1").open) == 1
    assert of(life(1), team="fs-9").open == []


def test_every_term_has_a_japanese_name() -> None:
    assert set(STEPS) == set(Step)
    assert set(STATUSES) == set(Status)
    assert set(LOSSES) == {*REASONS, *OUTCOMES, "withdrawn"}
