"""When a handoff's clocks remind, are overdue, stand still and follow a changed policy."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handoff.domain.handoff.clocks import after, due_at
from handoff.domain.handoff.commands import (
    Accept,
    PauseClocks,
    Reassign,
    RecordContact,
    Remind,
    Resume,
)
from handoff.domain.handoff.facts import Accepted, Assigned, Escalated, Reminded, Resumed
from handoff.domain.handoff.policy import (
    ClockPolicy,
    ClockSetting,
    Overdue,
    PolicyRule,
    policy_for,
)
from handoff.domain.handoff.state import Pause
from handoff.domain.handoff.terms import ClockName, Kind, Level, PauseReason, ReassignReason
from handoff.domain.teams.members import Role
from kakehashi_common.domain.business_time import Absence, BusinessTime
from kakehashi_common.domain.errors import DomainError
from tests.support.handoffs import (
    HOUR,
    IS_TO_FS,
    OFFICE,
    TEAM,
    Life,
    at,
    is_business_day,
)

MONDAY = "2026-11-30 10:00"
ESCALATE = ClockPolicy(not_accepted=Overdue.ESCALATE)


def accept_within(hours: float, **differences: object) -> ClockPolicy:
    policy = replace(ESCALATE, accept=ClockSetting(hours * HOUR))
    return replace(policy, **differences)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("assigned", "hours", "due"),
    [
        pytest.param("2026-11-27 17:50", 2, "2026-11-30 10:50", id="Friday evening"),
        pytest.param("2026-11-27 16:00", 2, "2026-11-27 18:00", id="the end of Friday"),
        pytest.param("2026-11-28 12:00", 2, "2026-11-30 11:00", id="Saturday"),
        pytest.param("2026-11-30 11:30", 1, "2026-11-30 13:30", id="lunch"),
        pytest.param("2026-12-28 17:00", 8, "2027-01-04 17:00", id="year-end closure"),
        pytest.param("2026-12-30 10:00", 1, "2027-01-04 10:00", id="within the closure"),
        pytest.param("2026-05-01 17:00", 8, "2026-05-07 17:00", id="Golden Week"),
        pytest.param("2026-11-02 17:00", 2, "2026-11-04 10:00", id="Culture Day"),
    ],
)
def test_an_answer_is_due_after_business_time(assigned: str, hours: float, due: str) -> None:
    life = Life(assigned, policy=accept_within(hours))
    assert life.facts(Assigned)[0].answer_by == at(due)
    life.until(at(due) - timedelta(microseconds=1))
    assert not life.facts(Escalated)
    life.then(due)
    assert [(fact.at, fact.level) for fact in life.facts(Escalated)] == [(at(due), Level.LEAD)]


@pytest.mark.parametrize(
    ("paused", "resumed", "due"),
    [
        pytest.param("2026-11-30 11:00", "2026-12-01 11:00", "2026-12-02 10:00", id="a day"),
        pytest.param("2026-11-30 18:00", "2026-12-01 09:00", "2026-12-01 10:00", id="a night"),
        pytest.param("2026-11-30 12:00", "2026-11-30 13:00", "2026-12-01 10:00", id="lunch"),
        pytest.param("2026-11-30 11:00", "2026-11-30 11:00", "2026-12-01 10:00", id="no time"),
        pytest.param("2026-11-30 14:00", "2026-12-05 14:00", "2026-12-07 15:00", id="a weekend"),
    ],
)
def test_a_pause_moves_what_is_due_by_the_business_time_in_it(
    paused: str, resumed: str, due: str
) -> None:
    life = Life(MONDAY, policy=ESCALATE).then(paused)
    life.do(PauseClocks("fs-1", PauseReason.CUSTOMER_ASKED, at("2026-12-20 00:00")))
    life.then(resumed).do(Resume("fs-1"))
    clock = life.state.clock(ClockName.ACCEPT)
    assert clock
    assert due_at(life.state, clock, life.sla("fs-1")) == at(due)


def test_a_pause_over_a_holiday_adds_nothing_for_it() -> None:
    life = Life("2026-12-28 10:00", policy=ESCALATE)  # due on 4 January, 10:00
    life.then("2026-12-28 18:00")
    life.do(PauseClocks("fs-1", PauseReason.INTERNAL, at("2027-01-02 00:00")))
    life.then("2027-01-04 09:59")
    assert [fact.at for fact in life.facts(Resumed)] == [at("2027-01-02 00:00")]
    assert not life.facts(Escalated)
    life.then("2027-01-04 10:00")
    assert [fact.at for fact in life.facts(Escalated)] == [at("2027-01-04 10:00")]


def test_nothing_is_sent_while_paused_and_the_pause_ends_at_its_limit() -> None:
    life = Life(MONDAY)
    life.do(PauseClocks("fs-1", PauseReason.COUNCIL_SESSION, at("2026-12-21 00:00"), "12月定例会"))
    assert life.wakeup() == at("2026-12-21 00:00")
    life.then("2026-12-20 23:59")
    assert not life.facts(Reminded)
    life.then("2026-12-21 00:00")
    assert [fact.by for fact in life.facts(Resumed)] == ["clock"]
    life.then("2026-12-21 14:00")
    assert [fact.at for fact in life.facts(Reminded)] == [at("2026-12-21 14:00")]


def test_the_open_pause_counts_until_its_limit() -> None:
    open_pause = Pause(PauseReason.DISASTER, at("2026-11-30 11:00"), at("2026-12-01 11:00"))
    assert after(at(MONDAY), 8 * HOUR, (open_pause,), TEAM) == at("2026-12-02 10:00")


def test_two_pauses_and_one_before_the_clock() -> None:
    pauses = (
        Pause(PauseReason.INTERNAL, at("2026-11-27 09:00"), at("2026-11-27 18:00")),
        Pause(PauseReason.INTERNAL, at("2026-11-30 11:00"), at("2026-11-30 12:00")),
        Pause(PauseReason.INTERNAL, at("2026-12-01 10:30"), at("2026-12-01 10:45")),
        Pause(PauseReason.INTERNAL, at("2026-12-01 15:00"), at("2026-12-01 18:00")),
    )
    assert after(at(MONDAY), 8 * HOUR, pauses, TEAM) == at("2026-12-01 11:15")


def test_the_owner_is_notified_first_then_the_lead_then_the_manager_repeatedly() -> None:
    life = Life(MONDAY, policy=ESCALATE).then("2026-12-15 18:00")
    assert [fact.at for fact in life.facts(Reminded)] == [at("2026-11-30 15:00")]
    assert [(fact.at, fact.level, fact.repetition) for fact in life.facts(Escalated)] == [
        (at("2026-12-01 10:00"), Level.LEAD, 0),
        (at("2026-12-02 10:00"), Level.MANAGER, 0),
        (at("2026-12-09 10:00"), Level.MANAGER, 1),
    ]
    assert [each.urgent for each in life.notified()] == [False, False, True, True, True]


def test_a_clock_that_is_kept_or_late_says_so() -> None:
    life = Life(MONDAY, policy=ESCALATE)
    life.then("2026-12-01 10:00").do(Accept("fs-1"))
    kept = life.facts(Accepted)[0].clock
    assert (kept.started_at, kept.due_at, kept.kept) == (at(MONDAY), at("2026-12-01 10:00"), True)
    life.then("2026-12-02 10:01").do(RecordContact(life.now, "fs-1"))
    late = life.facts()[-1].clock
    assert (late.due_at, late.kept) == (at("2026-12-02 10:00"), False)


def test_an_answer_ends_a_pause_and_what_was_due_counts_only_that_long() -> None:
    life = Life(MONDAY, policy=ESCALATE)
    life.do(PauseClocks("fs-1", PauseReason.CUSTOMER_ASKED, at("2026-12-20 00:00")))
    life.then("2026-11-30 15:00").do(Accept("fs-1"))
    assert life.facts(Accepted)[0].clock.due_at == at("2026-12-01 15:00")


def test_a_contact_that_is_recorded_late_but_was_made_in_time_is_kept() -> None:
    life = Life(MONDAY)
    life.do(Accept("fs-1"))
    life.then("2026-12-03 10:00").do(RecordContact(at("2026-11-30 17:00"), "fs-1"))
    assert life.facts()[-1].clock.kept
    clock = life.state.clock(ClockName.MEET)
    assert clock
    assert clock.started_at == at("2026-11-30 17:00")


def test_an_absence_in_mid_clock_stops_it() -> None:
    afternoon = Absence(at("2026-11-30 13:00"), at("2026-12-01 00:00"))
    life = Life(MONDAY, absences={"fs-1": (afternoon,)}, policy=ESCALATE)
    assert life.facts(Assigned)[0].answer_by == at("2026-12-01 16:00")


def test_who_is_away_for_good_has_the_teams_hours() -> None:
    gone = Absence(at("2026-11-30 11:00"), at("2060-01-01 00:00"))
    life = Life(MONDAY)
    sla = replace(life.sla(), owner=BusinessTime(is_business_day, OFFICE, (gone,)))
    clock = life.state.clock(ClockName.ACCEPT)
    assert clock
    assert due_at(life.state, clock, sla) == at("2026-12-01 10:00")


def test_a_holiday_decreed_later_moves_running_clocks() -> None:
    life = Life(MONDAY)
    decreed = BusinessTime(
        lambda day: is_business_day(day) and day != date(2026, 12, 1),
        OFFICE,
    )
    sla = replace(life.sla(), owner=decreed)
    clock = life.state.clock(ClockName.ACCEPT)
    assert clock
    assert due_at(life.state, clock, sla) == at("2026-12-02 10:00")


def test_each_owner_has_a_clock_of_their_own() -> None:
    life = Life(MONDAY)
    life.then("2026-12-01 09:30").do(Reassign("lead-e", ReassignReason.DECIDED, "fs-1", "fs-7"))
    clock = life.state.clock(ClockName.ACCEPT)
    assert clock
    assert (clock.started_at, clock.stopped_at) == (at("2026-12-01 09:30"), None)
    assert clock.notices == ()


class TestAChangedPolicyAndRunningClocks:
    def test_a_shorter_limit_may_be_overdue_at_once_and_then_the_lead_is_notified(self) -> None:
        life = Life(MONDAY, policy=ESCALATE).then("2026-11-30 14:00")
        life.policy = accept_within(2)
        assert life.wakeup() == at("2026-11-30 14:00")
        life.then("2026-11-30 18:00")
        assert not life.facts(Reminded)  # it was overdue already
        assert [(fact.at, fact.level) for fact in life.facts(Escalated)] == [
            (at("2026-11-30 14:00"), Level.LEAD)
        ]
        life.then("2026-12-01 14:00")  # the manager eight hours after the lead was told
        assert life.facts(Escalated)[-1].level is Level.MANAGER
        assert life.facts(Escalated)[-1].at == at("2026-12-01 14:00")

    def test_a_longer_limit_sends_nothing_a_second_time(self) -> None:
        life = Life(MONDAY, policy=accept_within(2)).then("2026-11-30 12:30")
        assert [fact.at for fact in life.facts(Reminded)] == [at("2026-11-30 11:00")]
        assert [fact.at for fact in life.facts(Escalated)] == [at("2026-11-30 12:00")]
        life.policy = accept_within(24)
        life.then("2026-12-03 10:00")
        assert len(life.facts(Reminded)) == 1
        assert len(life.facts(Escalated)) == 1
        # The manager is told eight hours after it is due now, on 3 December, 10:00.
        assert life.wakeup() == at("2026-12-04 10:00")

    def test_what_was_due_under_the_former_policy_is_refused(self) -> None:
        life = Life(MONDAY, policy=accept_within(2)).then("2026-11-30 10:59")
        life.policy = accept_within(24)
        life.then("2026-11-30 11:00")
        with pytest.raises(DomainError, match="not due") as refused:
            life.do(Remind(ClockName.ACCEPT))
        assert refused.value.code == "not_due"


FS_TO_CS = Kind(Role.FIELD_SALES, Role.CUSTOMER_SUCCESS)
OF_KIND, OF_GRADE, OF_BOTH, OF_ALL = (ClockPolicy(reassignments=number) for number in range(4))
RULES = (
    PolicyRule(OF_ALL),
    PolicyRule(OF_GRADE, grade="A1"),
    PolicyRule(OF_KIND, kind=IS_TO_FS),
    PolicyRule(OF_BOTH, kind=IS_TO_FS, grade="A1"),
)


@pytest.mark.parametrize(
    ("rules", "kind", "grade", "policy"),
    [
        pytest.param(RULES, IS_TO_FS, "A1", OF_BOTH, id="both"),
        pytest.param(RULES, IS_TO_FS, "B2", OF_KIND, id="kind"),
        pytest.param(RULES[:3], IS_TO_FS, "A1", OF_KIND, id="kind before grade"),
        pytest.param(RULES, FS_TO_CS, "A1", OF_GRADE, id="grade"),
        pytest.param(RULES, FS_TO_CS, None, OF_ALL, id="neither"),
        pytest.param((), IS_TO_FS, "A1", ClockPolicy(), id="no rule"),
    ],
)
def test_the_most_special_policy_holds(
    rules: tuple[PolicyRule, ...], kind: Kind, grade: str | None, policy: ClockPolicy
) -> None:
    assert policy_for(rules, kind, grade) == policy


@pytest.mark.parametrize(
    ("field", "value", "named", "code"),
    [
        ("reassignments", -1, "reassignments", "negative"),
        ("absence_tolerated", -HOUR, "absence_tolerated", "negative"),
        ("manager_after", 0 * HOUR, "manager_after", "limit_not_positive"),
        ("repeat_after", 0 * HOUR, "repeat_after", "limit_not_positive"),
        ("assign_again_after", -HOUR, "assign_again_after", "limit_not_positive"),
        (
            "pause_limits",
            {PauseReason.INTERNAL: timedelta(0)},
            "pause_limits/internal",
            "limit_not_positive",
        ),
    ],
)
def test_an_impossible_policy_names_the_field(
    field: str, value: object, named: str, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        ClockPolicy(**{field: value})  # type: ignore[arg-type]
    assert (refused.value.field, refused.value.code) == (named, code)


@pytest.mark.parametrize(
    ("limit", "reminder", "code"),
    [
        (0, 50, "limit_not_positive"),
        (1, 0, "reminder_out_of_range"),
        (1, 100, "reminder_out_of_range"),
    ],
)
def test_an_impossible_clock_is_refused(limit: int, reminder: int, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        ClockSetting(limit * HOUR, reminder)
    assert refused.value.code == code


def test_a_policy_without_reminders_sends_none() -> None:
    quiet = replace(ESCALATE, accept=ClockSetting(8 * HOUR, reminder=None))
    life = Life(MONDAY, policy=quiet).then("2026-12-01 10:00")
    assert not life.facts(Reminded)
    assert len(life.facts(Escalated)) == 1
