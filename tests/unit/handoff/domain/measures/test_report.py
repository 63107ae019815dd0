"""The figures of a report on lives that are written in a line each."""

import statistics
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.handoff.commands import (
    Accept,
    Close,
    Command,
    Reassign,
    RecordContact,
    RecordMeeting,
    Reject,
    Wake,
)
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import ClockName, Outcome, ReassignReason, Status
from handoff.domain.measures.durations import percentile
from handoff.domain.measures.report import Cut, Members, RejectedFor, Row, report
from handoff.domain.measures.rounds import Step
from kakehashi_common.domain.proportions import Proportion
from kakehashi_common.domain.weeks import Span, Week
from tests.support.handoff_facts import rounds
from tests.support.handoffs import TEAM, Life, at

MONDAY = "2026-11-30 10:00"
"""Of week 49."""
W49 = Week(date(2026, 11, 30))
MEMBERS = Members({"fs-1": "kanto", "fs-2": "kansai"}, lambda _: TEAM)

NO_NEED = Reject("fs-1", RejectionReason.NO_NEED)
LATER = Reject("fs-1", RejectionReason.TOO_EARLY, until=date(2027, 4, 1))


def life(
    number: int, *steps: tuple[str, Command | Callable[[Life], Command]], **differences: Any
) -> Life:
    """Return a handoff that is requested on Monday at ten, and what was done when."""
    lived = Life(MONDAY, handoff_id=f"h-{number}", **differences)
    for moment, step in steps:
        lived.then(moment)
        lived.do(step(lived) if callable(step) else step)
    return lived


def contact(lived: Life) -> Command:
    return RecordContact(lived.now, lived.state.owner or "")


def meeting(lived: Life) -> Command:
    return RecordMeeting(lived.now, lived.state.owner or "")


def accepted(number: int, moment: str, **differences: Any) -> Life:
    return life(number, (moment, Accept("fs-1")), **differences)


def one(lives: Sequence[Life]) -> Row:
    [row] = report(rounds(*lives), Span(W49, W49), Cut.ALL, MEMBERS)
    return row


def by(cut: Cut, lives: Sequence[Life]) -> dict[str | None, Row]:
    rows = report(rounds(*lives), Span(W49, W49), cut, MEMBERS)
    return {row.key: row for row in rows}


def test_acceptance_is_of_what_was_answered_or_ran_out() -> None:
    row = one(
        [
            accepted(1, "2026-11-30 11:00"),
            life(2, ("2026-11-30 11:00", NO_NEED)),
            life(3).then("2026-12-01 10:30"),  # fs-1 let the time pass, fs-2 was asked
        ]
    )
    assert (row.acceptance, row.awaited) == (Proportion(1, 3), 1)


@pytest.mark.parametrize(
    ("moment", "business", "wall_clock"),
    [
        ("2026-11-30 11:30", 1.5, 1.5),
        ("2026-11-30 13:30", 2.5, 3.5),  # over lunch
        ("2026-12-01 09:30", 7.5, 23.5),  # over night
    ],
)
def test_it_is_accepted_within_business_hours_and_hours(
    moment: str, business: float, wall_clock: float
) -> None:
    found = one([accepted(1, moment)]).time_to_accept
    assert found.n == 1
    assert found.business is not None
    assert found.wall_clock is not None
    assert (found.business.median, found.wall_clock.median) == (business, wall_clock)


def test_the_first_contact_counts_from_the_beginning_of_the_round() -> None:
    """The customer waits for the reassignment too."""
    lived = life(1, ("2026-12-01 11:00", Accept("fs-2")), ("2026-12-01 12:00", contact))
    found = one([lived]).time_to_contact
    assert found.wall_clock is not None
    assert found.wall_clock.median == 26


def test_the_lead_is_answered_once_and_its_later_rounds_dont_count() -> None:
    lived = life(
        1,
        ("2026-11-30 11:00", contact),
        ("2026-11-30 12:00", LATER),
        ("2026-12-02 10:00", Wake("is-1")),
        lead_created_at=at("2026-11-30 09:00"),
    )
    row = one([lived])
    assert row.rounds == 2
    assert row.lead_response.n == 1
    assert row.lead_response.wall_clock is not None
    assert row.lead_response.wall_clock.mean == 2


def test_a_lead_that_nobody_has_answered_is_said() -> None:
    assert one([life(1, lead_created_at=at("2026-11-30 09:00"))]).leads_unanswered == 1


def test_losses_are_counted_at_the_furthest_step_with_their_reason() -> None:
    to_meeting = (
        ("2026-11-30 11:00", Accept("fs-1")),
        ("2026-11-30 14:00", contact),
        ("2026-12-01 10:00", meeting),
    )
    won = life(1, *to_meeting, ("2026-12-02 10:00", Close("crm", Outcome.WON, deal_id="d-1")))
    lost = life(2, *to_meeting, ("2026-12-02 10:00", Close("fs-1", Outcome.LOST, "価格")))
    row = one(
        [
            won,
            lost,
            life(3, *to_meeting[:1], ("2026-11-30 15:00", LATER)),
            life(4, ("2026-11-30 11:00", NO_NEED)),
            life(5),
        ]
    )
    assert {each.step: (each.went_on, each.open, each.lost) for each in row.transitions} == {
        Step.REQUESTED: (Proportion(5, 5), 0, {}),
        Step.ASSIGNED: (Proportion(3, 4), 1, {"no_need": 1}),
        Step.ACCEPTED: (Proportion(2, 3), 0, {"too_early": 1}),
        Step.CONTACTED: (Proportion(2, 2), 0, {}),
        Step.MET: (Proportion(1, 2), 0, {"lost": 1}),
    }
    assert row.rejections == [
        RejectedFor(RejectionReason.TOO_EARLY, 1, 1),
        RejectedFor(RejectionReason.NO_NEED, 1, 0),
    ]
    assert row.clocks[ClockName.ACCEPT] == Proportion(4, 4)


def test_stays_that_last_are_counted_apart() -> None:
    row = one([accepted(1, "2026-11-30 12:00"), life(2)])
    stays = {each.status: each for each in row.stays}
    assert (stays[Status.ASSIGNED].n, stays[Status.ASSIGNED].open) == (1, 1)
    took = stays[Status.ASSIGNED].took
    assert took is not None
    assert took.median == 2
    assert (stays[Status.ACCEPTED].n, stays[Status.ACCEPTED].open) == (0, 1)


def test_an_offer_counts_for_whoever_was_asked_and_the_round_for_the_last_owner() -> None:
    reassigned = life(
        1,
        ("2026-11-30 11:00", Accept("fs-1")),
        ("2026-11-30 12:00", Reassign("lead-e", ReassignReason.DECIDED, "fs-1", "fs-2")),
        ("2026-11-30 14:00", contact),
    )
    rows = by(Cut.MEMBER, [reassigned])
    assert {key: (row.rounds, row.acceptance) for key, row in rows.items()} == {
        "fs-1": (0, Proportion(1, 1)),
        "fs-2": (1, Proportion(1, 1)),
    }
    assert {key: row.time_to_contact.n for key, row in rows.items()} == {"fs-1": 0, "fs-2": 1}
    assert set(by(Cut.TEAM, [reassigned])) == {"kanto", "kansai"}
    assert set(by(Cut.PAIR, [reassigned])) == {"is-1/fs-1", "is-1/fs-2"}


@pytest.mark.parametrize(
    ("cut", "keys"),
    [
        (Cut.SENDER, ["is-1", None]),
        (Cut.PAIR, ["-/fs-1", "is-1/fs-1"]),
        (Cut.SOURCE, ["is-1", "lead-scoring"]),
        (Cut.GRADE, ["A1", None]),
        (Cut.MUNICIPALITY_TYPE, ["city", None]),
        (Cut.PREFECTURE, ["10", None]),
        (Cut.POLICY_AREA, ["digital", None]),
        (Cut.WEEK, ["2026-W49"]),
        (Cut.MEMBER, ["fs-1"]),
    ],
)
def test_rows_differ_by_the_cut_and_what_has_none_comes_last(
    cut: Cut, keys: list[str | None]
) -> None:
    known = life(1, policy_area="digital")
    unknown = life(2, sender=None, grade=None, municipality_code=None, by="is-1")
    assert list(by(cut, [known, unknown])) == keys


def test_a_week_without_handoffs_has_a_row_and_rounds_outside_the_weeks_have_none() -> None:
    rows = report(rounds(life(1)), Span(W49.earlier(1), W49), Cut.WEEK, MEMBERS)
    assert [(row.key, row.rounds) for row in rows] == [("2026-W48", 0), ("2026-W49", 1)]
    [nothing] = report(rounds(life(1)), Span(W49.earlier(1), W49.earlier(1)), Cut.ALL, MEMBERS)
    assert (nothing.rounds, nothing.acceptance.rate, nothing.time_to_accept.business) == (
        0,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        ("2026-11-29 23:59", "2026-W48"),
        ("2026-11-30 00:00", "2026-W49"),
        ("2027-01-03 23:59", "2026-W53"),
        ("2027-01-04 00:00", "2027-W01"),
    ],
)
def test_a_week_begins_on_monday_at_midnight_in_japan(moment: str, week: str) -> None:
    found = Week.of(at(moment))
    assert (found.name, Week.named(week)) == (week, found)
    assert at(moment) in found
    assert at(moment) + timedelta(weeks=1) not in found


@given(st.lists(st.floats(0, 1e6), min_size=2))
def test_the_90th_percentile_is_the_inclusive_one(values: list[float]) -> None:
    """As the standard library computes it, and a spreadsheet."""
    expected = statistics.quantiles(values, n=10, method="inclusive")[8]
    assert percentile(sorted(values), 0.9) == pytest.approx(expected)
