from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from followup.domain.playbooks.audience import SizeBand
from followup.domain.playbooks.playbook import Goal
from followup.domain.playbooks.steps import (
    Behaved,
    BehaviourSeen,
    BranchStep,
    Case,
    DayOfYear,
    Elapsed,
    GoTo,
    MailStep,
    OccurrenceKind,
    PhaseReached,
    PocCheckStep,
    Reacted,
    Silent,
    Step,
    StopWith,
    Until,
    WaitStep,
    WebhookStep,
)
from followup.domain.playbooks.walk import (
    Ending,
    Finished,
    Occurrence,
    Perform,
    Position,
    Rest,
    begin,
    performed,
    walk,
)
from kakehashi_common.domain.errors import DomainError
from tests.unit.followup.domain.playbooks.examples import OFFICE, at, playbook

K = OccurrenceKind

MAIL = MailStep(id="mail", template="welcome")
AGAIN = MailStep(id="again", template="welcome-again")
TUESDAY = at("2026-09-15T10:00")
"""Before a weekend and three holidays: the fourth business day after it is the 24th."""


@pytest.mark.parametrize(
    ("until", "occurrences", "ends"),
    [
        (Elapsed(business_days=3), [], at("2026-09-18T09:00")),
        (Elapsed(business_days=4), [], at("2026-09-24T09:00")),
        (Elapsed(business_hours=8), [], at("2026-09-16T10:00")),
        (DayOfYear(month=10, day=1), [], at("2026-10-01T09:00")),
        (DayOfYear(month=9, day=15), [], at("2027-09-15T09:00")),
        (DayOfYear(month=10, day=3), [], at("2026-10-05T09:00")),  # a Saturday
        (PhaseReached(phase="budget_policy", at_most_days=60), [], at("2026-11-14T10:00")),
        (
            PhaseReached(phase="budget_policy", at_most_days=60),
            [Occurrence(K.PHASE_BEGAN, at("2026-08-20T09:00"), "budget_policy")],
            TUESDAY,
        ),
        (
            PhaseReached(phase="summer_review", at_most_days=60),
            [
                Occurrence(K.PHASE_BEGAN, at("2026-07-01T09:00"), "summer_review"),
                Occurrence(K.PHASE_BEGAN, at("2026-08-20T09:00"), "budget_policy"),
            ],
            at("2026-11-14T10:00"),
        ),
        (
            BehaviourSeen(behaviour="pricing_again", at_most_days=10),
            [Occurrence(K.BEHAVIOUR, at("2026-09-14T10:00"), "pricing_again")],  # before the wait
            at("2026-09-25T10:00"),
        ),
        (
            BehaviourSeen(behaviour="pricing_again", at_most_days=10),
            [Occurrence(K.BEHAVIOUR, TUESDAY, "pricing_again")],
            TUESDAY,
        ),
    ],
)
def test_wait_ends(until: Until, occurrences: list[Occurrence], ends: datetime) -> None:
    waiting = playbook(WaitStep(id="wait", until=until), MAIL)
    position = begin(waiting, TUESDAY)
    before = walk(waiting, position, occurrences, TUESDAY, OFFICE)
    if ends > TUESDAY:
        assert before == Rest(position, ends)
    after = walk(waiting, position, occurrences, ends, OFFICE)
    assert after == Perform(Position("mail", ends), MAIL)


BRANCH = BranchStep(
    id="branch",
    cases=(
        Case(Reacted(K.NEGATIVE), StopWith("お断り")),
        Case(Reacted(K.ANSWERED), GoTo("mail")),
        Case(Behaved("read"), GoTo("again")),
        Case(Silent(business_days=3), GoTo("again")),
    ),
)


@pytest.mark.parametrize(
    ("occurrences", "now", "move"),
    [
        ([], "2026-09-15T10:00", ("rest", "2026-09-18T09:00")),
        ([], "2026-09-18T09:00", ("perform", "again")),
        ([Occurrence(K.ANSWERED, at("2026-09-15T10:00"))], "2026-09-16T10:00", ("perform", "mail")),
        ([Occurrence(K.NEGATIVE, at("2026-09-15T11:00"))], "2026-09-16T10:00", ("stop", "お断り")),
        (
            [
                Occurrence(K.ANSWERED, at("2026-09-15T10:00")),
                Occurrence(K.NEGATIVE, at("2026-09-15T11:00")),
            ],
            "2026-09-16T10:00",
            ("stop", "お断り"),
        ),
        (
            [Occurrence(K.BEHAVIOUR, at("2026-09-15T11:00"), "read")],
            "2026-09-16T10:00",
            ("perform", "again"),
        ),
        (
            [Occurrence(K.BEHAVIOUR, at("2026-09-15T11:00"), "other")],
            "2026-09-16T10:00",
            ("rest", "2026-09-18T09:00"),
        ),
        # before the last contact
        (
            [Occurrence(K.BEHAVIOUR, at("2026-09-14T11:00"), "read")],
            "2026-09-16T10:00",
            ("rest", "2026-09-18T09:00"),
        ),
    ],
)
def test_branch_goes(occurrences: list[Occurrence], now: str, move: tuple[str, str]) -> None:
    branching = playbook(MAIL, BRANCH, AGAIN)
    position = performed(branching, begin(branching, TUESDAY), TUESDAY)
    assert said(walk(branching, position, occurrences, at(now), OFFICE)) == move


def said(move: Perform | Rest | Finished) -> tuple[str, str]:
    match move:
        case Perform(step=step):
            return "perform", step.id
        case Rest(until=until):
            return "rest", f"{until:%Y-%m-%dT%H:%M}"
        case Finished(ending=Ending.STOPPED, reason=reason):
            return "stop", reason
    return move.ending.value, move.reason


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        (K.OPTED_OUT, "", ("exited", "opted_out")),
        (K.BOUNCED, "", ("exited", "bounced")),
        (K.ERASED, "", ("exited", "erased")),
        (K.MERGED, "", ("exited", "merged")),
        (K.HANDOFF_ACCEPTED, "", ("exited", "handoff_accepted")),
        (K.MEETING_BOOKED, "", ("goal_reached", "meeting_booked")),
        (K.BEHAVIOUR, "case_read", ("goal_reached", "case_read")),
        (K.ANSWERED, "", ("exited", "answered")),
        (K.NEGATIVE, "", ("perform", "mail")),  # no exit of this playbook
        (K.PHASE_BEGAN, "deliberation", ("perform", "mail")),
    ],
)
def test_what_ends_a_sequence(kind: K, name: str, expected: tuple[str, str]) -> None:
    goal = Goal(frozenset({K.MEETING_BOOKED}), frozenset({"case_read"}))
    plain = playbook(MAIL, goal=goal)
    happened = [Occurrence(kind, TUESDAY, name)]
    assert said(walk(plain, begin(plain, TUESDAY), happened, TUESDAY, OFFICE)) == expected


def test_an_answer_that_a_branch_took_does_not_end_what_follows() -> None:
    branching = playbook(MAIL, BRANCH, AGAIN)
    position = performed(branching, begin(branching, TUESDAY), TUESDAY)
    answered = [Occurrence(K.ANSWERED, TUESDAY)]
    move = walk(branching, position, answered, TUESDAY, OFFICE)
    assert isinstance(move, Perform)
    later = performed(branching, move.position, TUESDAY)
    assert said(walk(branching, later, answered, TUESDAY, OFFICE))[0] == "rest"
    twice = [*answered, Occurrence(K.OPTED_OUT, TUESDAY)]
    assert said(walk(branching, later, twice, TUESDAY, OFFICE)) == ("exited", "opted_out")


def test_a_step_that_was_left_out_is_no_contact() -> None:
    branching = playbook(MAIL, BRANCH, AGAIN)
    left_out = performed(branching, begin(branching, TUESDAY), TUESDAY, carried_out=False)
    assert (left_out.step, left_out.contacted_at) == (BRANCH.id, None)
    sent = performed(branching, begin(branching, TUESDAY), TUESDAY)
    later = TUESDAY + timedelta(days=14)
    again = performed(branching, replace(sent, step=AGAIN.id), later, carried_out=False)
    assert again.contacted_at == TUESDAY, "the last contact stays the last one"


@pytest.mark.parametrize(("late", "weeks"), [(0, 1), (2, 1), (6, 1), (9, 2), (40, 6)])
def test_weekly_checks_stay_on_their_weekday_however_late_they_are_done_and_then_end(
    late: int, weeks: int
) -> None:
    check = PocCheckStep(id="check", title="確認", weeks=3, metrics=("作業時間",))
    poc = playbook(check)
    days: list[datetime] = []
    position, now = begin(poc, TUESDAY), TUESDAY
    while not isinstance(move := walk(poc, position, (), now, OFFICE), Finished):
        if isinstance(move, Rest):
            now = move.until
        else:
            days.append(now)
            now += timedelta(days=late)
            position = performed(poc, move.position, now)
    assert move.ending is Ending.COMPLETED
    assert days == [TUESDAY + timedelta(weeks=weeks * n) for n in range(3)]


def test_a_webhook_is_no_contact() -> None:
    steps: Sequence[Step] = (MAIL, WebhookStep(id="hook", hook="crm"), BRANCH, AGAIN)
    hooked = playbook(*steps)
    sent = performed(hooked, begin(hooked, TUESDAY), TUESDAY)
    noon = at("2026-09-15T12:00")
    position = performed(hooked, sent, noon)
    answered = [Occurrence(K.ANSWERED, at("2026-09-15T11:00"))]  # after the mail, before the hook
    assert said(walk(hooked, position, answered, noon, OFFICE)) == ("perform", "mail")


def test_a_playbook_that_nobody_checked_ends_in_an_error_and_does_not_spin() -> None:
    phase = WaitStep(id="phase", until=PhaseReached(phase="deliberation", at_most_days=9))
    back = BranchStep(id="back", cases=(Case(Behaved("read"), GoTo("phase")),))
    spinning = playbook(phase, back)
    there = [
        Occurrence(K.PHASE_BEGAN, TUESDAY, "deliberation"),
        *[Occurrence(K.BEHAVIOUR, TUESDAY, "read")] * 9,
    ]
    with pytest.raises(DomainError, match="goes round without waiting"):
        walk(spinning, begin(spinning, TUESDAY), there, TUESDAY, OFFICE)


@pytest.mark.parametrize(
    ("size_band", "steps"),
    [
        (SizeBand.UNDER_50K, ["small", "mail"]),
        (SizeBand.OVER_300K, ["mail", "large"]),
        (SizeBand.FROM_50K_TO_300K, ["mail"]),
        (None, ["mail"]),
    ],
)
def test_municipalities_of_another_size_pass_a_step_over_without_waiting(
    size_band: SizeBand | None, steps: list[str]
) -> None:
    small = MailStep(id="small", template="x", size_bands=frozenset({SizeBand.UNDER_50K}))
    large = MailStep(id="large", template="x", size_bands=frozenset({SizeBand.OVER_300K}))
    sized = playbook(small, MAIL, large).for_size(size_band)
    position = begin(sized, TUESDAY)
    done = []
    while isinstance(move := walk(sized, position, [], TUESDAY, OFFICE), Perform):
        done.append(move.step.id)
        position = performed(sized, move.position, TUESDAY)
    assert done == steps
    assert isinstance(move, Finished)
    assert move.ending is Ending.COMPLETED
