"""Properties of a handoff after any commands at any times."""

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from handoff.domain.assignment.choice import Basis
from handoff.domain.handoff import HandoffState, due
from handoff.domain.handoff.commands import (
    CLOCK,
    Accept,
    AnswerLead,
    Assign,
    Close,
    Command,
    Escalate,
    Join,
    LeaveUnassigned,
    NameFurtherOwner,
    OverrideReadiness,
    PauseClocks,
    PhaseEntered,
    Rate,
    Reassign,
    RecordContact,
    RecordMeeting,
    Reject,
    Remind,
    Resubmit,
    Resume,
    TryAssignment,
    Wake,
    Withdraw,
)
from handoff.domain.handoff.effects import Effect
from handoff.domain.handoff.narrative import narrative, summary
from handoff.domain.handoff.policy import ClockPolicy, ClockSetting, Overdue
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import (
    CLOCK_OF,
    ENDED,
    OWNED,
    WAITING,
    ClockName,
    Direction,
    Level,
    Outcome,
    PauseReason,
    ReassignReason,
    Status,
)
from handoff.domain.readiness import Answer, Criterion
from handoff.domain.teams.members import Function
from kakehashi_common.domain.business_time import Absence
from kakehashi_common.domain.errors import DomainError
from tests.support.handoffs import DAY, HOUR, NOBODY, Life, at

STATE = TypeAdapter(HandoffState)
EFFECTS = TypeAdapter(tuple[Effect, ...])
START = "2026-12-25 16:00"
PEOPLE = st.sampled_from(["fs-1", "fs-2", "is-1", CLOCK, ""])
POLICIES = (
    ClockPolicy(),
    ClockPolicy(not_accepted=Overdue.ESCALATE, accept=ClockSetting(2 * HOUR, reminder=None)),
    ClockPolicy(reassignments=5, contact=ClockSetting(200 * HOUR, reminder=99)),
)
ABSENCES = {"fs-2": (Absence(at("2027-01-05 00:00"), at("2027-01-20 00:00")),)}


@st.composite
def commands(draw: st.DrawFn, life: Life) -> Command:
    """Any command, most of them such that they could make sense."""
    now, state = life.now, life.state
    by = state.owner if state.owner and draw(st.integers(0, 3)) else draw(PEOPLE)
    made = now - HOUR * draw(st.integers(-1, 30))
    until = (now + DAY * draw(st.integers(-1, 500))).date()
    reason = draw(st.sampled_from(RejectionReason))
    choices: list[Callable[[], Command]] = [
        lambda: Accept(by),
        lambda: Accept(by),
        lambda: Reject(by, reason, until=until),
        lambda: Reject(by, reason, phase="department_requests"),
        lambda: Reject(by, reason, missing_facts=("予算額",)),
        lambda: Reject(by, reason, note="電話で確認"),
        lambda: RecordContact(made, by),
        lambda: RecordMeeting(made, by, "a-1"),
        lambda: Resubmit(by, draw(st.sampled_from([state.missing_facts, ("予算額",)]))),
        lambda: PauseClocks(
            by, draw(st.sampled_from(PauseReason)), now + DAY * draw(st.integers(-1, 50))
        ),
        lambda: Resume(by),
        lambda: Reassign(by, draw(st.sampled_from(ReassignReason)), state.owner),
        lambda: Reassign(by, ReassignReason.DECIDED, state.owner, draw(PEOPLE)),
        lambda: NameFurtherOwner(by, draw(st.sampled_from(Function)), draw(PEOPLE) or None),
        lambda: Rate(by, draw(st.sampled_from(Direction)), draw(st.integers(0, 6)), "理由"),
        lambda: OverrideReadiness(
            by, draw(st.sampled_from(Criterion)), draw(st.sampled_from(Answer)), "理由"
        ),
        lambda: Join(draw(st.sampled_from(["q-1", "q-2", "q-3"])), "lead-scoring", "B1"),
        lambda: AnswerLead(made, by),
        lambda: Assign(state.attempt - draw(st.integers(0, 1)), draw(PEOPLE), Basis.ROTATION),
        lambda: LeaveUnassigned(state.attempt, NOBODY),
        lambda: Wake(by),
        lambda: PhaseEntered("department_requests", now.date(), "budget-calendar"),
        lambda: Remind(draw(st.sampled_from(ClockName))),
        lambda: Escalate(draw(st.sampled_from(ClockName)), draw(st.sampled_from(Level))),
        TryAssignment,
    ]
    if draw(st.integers(0, 9)) == 0:
        outcome = draw(st.sampled_from(Outcome))
        deal = draw(st.sampled_from(["d-1", None]))
        choices = [lambda: Close(by, outcome, "理由", deal), lambda: Withdraw(by, "理由")]
    return draw(st.sampled_from(choices))()


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_commands_leave_a_handoff_whole(data: st.DataObject) -> None:
    life = Life(
        START,
        members=data.draw(st.sampled_from([(), ("fs-1",), ("fs-1", "fs-2"), ("fs-2", "fs-3")])),
        policy=data.draw(st.sampled_from(POLICIES)),
        absences=ABSENCES,
        assigned=data.draw(st.booleans()),
        lead_created_at=at("2026-12-25 15:00"),
    )
    check(life)
    for _ in range(data.draw(st.integers(1, 15), label="commands")):
        hours = st.sampled_from([0, 0, 1, 5, 24, 200, 9000 if life.state.recycle else 0])
        life.until(life.now + data.draw(hours) * HOUR)
        life.policy = data.draw(st.sampled_from(POLICIES))
        life.assigning = data.draw(st.booleans())
        follow(life, data.draw(commands(life)))
        check(life)
    identities = [identity for _, each in life.decisions for identity, _ in each.identified()]
    assert len(set(identities)) == len(identities)
    versions = [each.state.version for _, each in life.decisions if not each.unchanged]
    assert versions == sorted(set(versions))
    for _, each in life.decisions:
        assert EFFECTS.validate_json(EFFECTS.dump_json(each.effects)) == each.effects
        assert each.state.history[len(each.state.history) - len(each.facts) :] == each.facts


def follow(life: Life, command: Command) -> None:
    before = life.state
    try:
        life.do(command)
    except DomainError:
        assert life.state is before
    else:
        assert life.state == before or life.state.version > before.version


def check(life: Life) -> None:
    state, sla = life.state, life.sla(life.state.owner)
    _check_shape(state)
    assert STATE.validate_json(STATE.dump_json(state)) == state
    assert summary(state, sla)
    assert all(line.endswith("。") for line in narrative(state))
    wakeup = life.wakeup()
    assert (wakeup is None) <= (state.status in ENDED | {Status.MET})
    if wakeup is None:
        return
    assert wakeup >= life.now
    # What the clock brings is never refused, and what it has brought is not brought again.
    first = due(state, wakeup, sla)[0]
    ahead = at_time(life, wakeup)
    decided = ahead.decide(first).state
    assert decided.version == state.version + 1
    assert first not in due(decided, wakeup, life.sla(decided.owner))


def at_time(life: Life, now: datetime) -> Life:
    later = copy(life)
    later.now = now
    return later


def _check_shape(state: HandoffState) -> None:
    running = {clock.name for clock in state.running}
    awaited = CLOCK_OF.get(state.status)
    assert running - {ClockName.RESPOND} == ({awaited} if awaited else set())
    if state.status not in ENDED:
        assert (state.owner is not None) is (state.status in OWNED)
        assert (state.accepted_at is not None) is (state.status in OWNED - {Status.ASSIGNED})
    assert (state.contacted_at is not None) <= (state.accepted_at is not None)
    assert (state.met_at is not None) <= (state.contacted_at is not None)
    assert (state.recycle is not None) is (state.status is Status.RECYCLED)
    assert (state.outcome is not None) is (state.status is Status.CLOSED)
    assert (state.ended_at is not None) is (state.status in ENDED)
    assert (state.assignment_wanted_at is not None) is (state.status in WAITING)
    assert not state.unassigned_reasons or state.status is Status.UNASSIGNED
    if state.status in ENDED | {Status.RECYCLED}:
        assert not running
    if state.pause:
        assert running
    for pause in state.pauses:
        assert pause.ended_at is None or pause.started_at <= pause.ended_at <= pause.until
    for earlier, later in pairwise(state.pauses):
        assert earlier.ended_at is not None
        assert earlier.ended_at <= later.started_at


@settings(deadline=None, max_examples=8)
@given(
    hours=st.integers(0, 24 * 400),
    policy=st.sampled_from(POLICIES),
    accepted=st.booleans(),
    members=st.sampled_from([(), ("fs-1",), ("fs-1", "fs-2", "fs-3")]),
)
def test_a_handoff_that_nobody_answers_is_reminded_of_repeatedly(
    hours: int, policy: ClockPolicy, members: tuple[str, ...], *, accepted: bool
) -> None:
    life = Life("2026-04-01 09:00", members=members, policy=policy)
    life.until(life.now + hours * HOUR)
    if accepted and life.state.owner:
        life.do(Accept(life.state.owner))
    began = life.now
    life.until(began + 100 * DAY)
    told = [began, *(when for when, each in life.decisions if each.effects), life.now]
    gaps = [after - before for before, after in pairwise(told)]
    assert max(gaps) <= timedelta(days=60)  # 200 business hours and Golden Week


def test_a_state_without_anything_is_stored_as_it_is() -> None:
    state = replace(Life(START).state, history=())
    assert STATE.validate_json(STATE.dump_json(state)) == state
