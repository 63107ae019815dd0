"""The state that follows from each command."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.domain.playbooks.steps import Approval, OccurrenceKind, TaskKind, TaskStep
from followup.domain.sequences import facts
from followup.domain.sequences.commands import (
    Approve,
    ChangeOwner,
    Command,
    CompleteTask,
    Pause,
    RecordFailure,
    RecordSent,
    RefuseStep,
    Reject,
    Result,
    Resume,
    Schedule,
    Skip,
    Stop,
    TakeChannel,
    TimeCame,
)
from followup.domain.sequences.deciding import decide, next_wakeup
from followup.domain.sequences.narrative import why_this_channel
from followup.domain.sequences.terms import PauseReason, Status, TaskOutcome
from kakehashi_common.domain.errors import DomainError, StateConflictError
from tests.support.sequences import (
    BY_BEST_CHANNEL,
    PLAYBOOK,
    STEPS,
    WHY_THIS_CHANNEL,
    Life,
    an_entry,
    at,
)

MONDAY = "2026-11-30 10:00"
DAY = timedelta(days=1)


def approve(life: Life, **differences: Any) -> tuple[facts.Fact, ...]:
    assert life.state.approval_id is not None
    return life.do(Approve("is-1", life.state.approval_id, **differences))


def mailed() -> Life:
    """The first mail was approved, and went."""
    life = Life(MONDAY)
    approve(life)
    life.until(life.now)
    return life


def reminded() -> Life:
    """Nobody answered, and the second mail went without approval."""
    return mailed().then("2026-12-07 12:00")


def calling() -> Life:
    return reminded().then("2026-12-14 12:00")


def test_a_mail_waits_for_approval_then_for_its_time_then_it_goes() -> None:
    life = Life(MONDAY)
    assert life.state.status == "awaiting_approval"
    approve(life)
    assert life.state.status == "scheduled"
    life.until(life.now)
    assert life.kinds() == ["started", "approval_requested", "approved", "scheduled", "sent"]
    assert life.state.step_id == "reaction"


def test_the_whole_playbook() -> None:
    life = calling()
    assert life.state.status is Status.AWAITING_TASK
    assert life.state.task_id is not None
    life.do(CompleteTask("is-1", life.state.task_id))
    assert life.kinds()[5:] == ["scheduled", "sent", "task_opened", "task_completed", "completed"]
    assert (life.state.status, life.state.end_reason) == (Status.COMPLETED, "completed")
    assert life.state.sent == 2


@pytest.mark.parametrize("live", [lambda: Life(MONDAY), mailed, reminded, calling])
@pytest.mark.parametrize(
    "occurrence",
    [
        OccurrenceKind.OPTED_OUT,
        OccurrenceKind.BOUNCED,
        OccurrenceKind.HANDOFF_ACCEPTED,
        OccurrenceKind.LEFT,
        OccurrenceKind.MERGED,
        OccurrenceKind.ERASED,
        OccurrenceKind.MEETING_BOOKED,
    ],
)
def test_wherever_it_waits_these_end_it_at_once_paused_or_not(
    live: Callable[[], Life], occurrence: OccurrenceKind
) -> None:
    for paused in (False, True):
        life = live()
        if paused:
            life.do(Pause("is-1"))
        life.react(occurrence)
        assert (life.state.status, life.state.end_reason) == (Status.STOPPED, occurrence)
        assert next_wakeup(life.state) is None


def test_an_answer_ends_it_unless_a_branch_waits_for_it() -> None:
    at_branch, waiting = mailed(), reminded()
    at_branch.react(OccurrenceKind.ANSWERED)
    waiting.react(OccurrenceKind.ANSWERED)
    assert at_branch.state.step_id == "call"
    assert waiting.state.end_reason == OccurrenceKind.ANSWERED


def test_a_declining_answer_ends_it_in_the_playbooks_words() -> None:
    life = mailed()
    life.react(OccurrenceKind.NEGATIVE)
    assert life.facts[-1] == facts.Stopped(life.now, "inbox", "辞退の返信")


def test_an_approval_that_nobody_gives_leaves_the_step_out() -> None:
    life = Life(MONDAY).then("2026-12-07 10:00")
    assert life.kinds()[-1] == "approval_expired"
    assert life.state.step_id == "reaction"


def test_a_task_that_needs_approval_is_opened_when_it_is_given() -> None:
    call = TaskStep(
        id="call",
        kind=TaskKind.CALL,
        title="電話",
        due_business_days=2,
        approval=Approval.REQUIRED,
    )
    life = Life(MONDAY, replace(PLAYBOOK, steps=(call,)))
    assert (life.state.status, life.kinds()) == (
        Status.AWAITING_APPROVAL,
        ["started", "approval_requested"],
    )
    assert [fact.kind for fact in approve(life)] == ["approved", "task_opened"]
    assert life.state.status is Status.AWAITING_TASK


def test_a_task_that_was_put_off_is_opened_when_its_time_has_come_or_it_goes_on() -> None:
    for paused in (False, True):
        life = Life(MONDAY, replace(PLAYBOOK, steps=(STEPS[-1],)), work=False)
        later = at("2026-12-01 10:00")
        life.do(RefuseStep(life.state.attempt, "paused", later))
        if paused:
            life.do(Pause("is-1"))
            life.do(Resume("is-1"))
        else:
            life.then("2026-12-01 10:00")
        assert life.state.status is Status.PREPARING, paused


def test_a_rejection_ends_it() -> None:
    life = Life(MONDAY)
    life.do(Reject("is-1", life.state.approval_id or ""))
    assert [fact.kind for fact in life.facts[-2:]] == ["rejected", "stopped"]


def test_a_paused_sequence_stands_still_and_what_was_scheduled_is_planned_again() -> None:
    life = Life(MONDAY)
    life.do(Pause("is-1", until=at("2026-12-10 09:00")))
    approve(life)
    assert life.then("2026-12-09 17:00").state.sent == 0
    life.then("2026-12-10 10:00")
    assert life.kinds()[-4:] == ["scheduled", "resumed", "scheduled", "sent"]


def test_an_answer_during_a_pause_counts_when_it_goes_on() -> None:
    life = mailed()
    life.do(Pause("is-1"))
    life.react(OccurrenceKind.ANSWERED)
    assert life.state.step_id == "reaction"
    life.do(Resume("is-2"))
    assert life.state.step_id == "call"


LEFT_OUT: dict[str, Callable[[Life], object]] = {
    "skipped": lambda life: life.do(Skip("is-1", life.state.step_id or "")),
    "refused": lambda life: life.do(RefuseStep(life.state.attempt, "no_consent")),
    "not delivered": lambda life: life.do(RecordFailure(life.state.attempt, "m-1", "550")),
}


@pytest.mark.parametrize("left_out", LEFT_OUT)
@pytest.mark.parametrize("known", [True, False])
def test_a_step_that_was_left_out_is_no_contact(left_out: str, *, known: bool) -> None:
    life = Life(MONDAY, work=False)
    life.script = replace(life.script, left_out_is_no_contact=known)
    LEFT_OUT[left_out](life)
    assert life.state.step_id == "reaction"
    assert (life.state.position.contacted_at is None) is known


def out_of_office(*, stops_clocks: bool) -> Life:
    """The recipient of the first mail is away for two weeks, and back today."""
    life = mailed()
    life.script = replace(life.script, pauses_stop_clocks=stops_clocks)
    life.do(Pause("mail", PauseReason.OUT_OF_OFFICE, at("2026-12-14 00:00")))
    return life.then("2026-12-14 00:00")


def test_who_is_out_of_office_is_not_silent() -> None:
    assert mailed().state.due_at == at("2026-12-07 08:30"), "five business days of silence"
    life = out_of_office(stops_clocks=True)
    assert (life.state.step_id, life.state.due_at) == ("reaction", at("2026-12-21 08:30"))
    life.do(Pause("mail", PauseReason.OUT_OF_OFFICE, at("2026-12-18 00:00")))
    life.then("2026-12-18 00:00")
    assert life.state.due_at == at("2026-12-25 08:30"), "a second absence counts as well"


def test_a_sequence_of_before_goes_on_as_it_did() -> None:
    assert out_of_office(stops_clocks=False).state.step_id != "reaction"


def test_a_shorter_pause_doesnt_end_a_longer_one() -> None:
    life = Life(MONDAY)
    life.do(Pause("is-1", PauseReason.ORGANISATION))
    assert life.do(Pause("x", PauseReason.OUT_OF_OFFICE, at("2026-12-04 09:00"))) == ()
    assert life.do(Resume("x", PauseReason.OUT_OF_OFFICE)) == ()
    assert [fact.kind for fact in life.do(Resume("x"))] == ["resumed"]


def test_a_refusal_for_now_postpones_and_one_for_good_leaves_the_step_out() -> None:
    life = Life(MONDAY, work=False)
    number = life.state.attempt
    life.do(RefuseStep(number, "quiet_period", at("2026-12-01 09:00")))
    assert life.state.due_at == at("2026-12-01 09:00")
    life.then("2026-12-01 09:00")
    assert life.state.status is Status.PREPARING, "it has not been approved yet"
    life.do(RefuseStep(life.state.attempt, "suppressed"))
    assert life.state.step_id == "reaction"
    assert life.kinds()[-2:] == ["refused", "refused"]


def test_a_mail_that_was_not_taken_is_left_behind() -> None:
    life = Life(MONDAY)
    approve(life)
    life.work = False
    life.until(life.now)
    life.do(RecordFailure(life.state.attempt, "m-1", "550"))
    assert (life.state.sent, life.state.step_id) == (0, "reaction")


def test_a_mail_that_went_while_it_ended_is_on_record_once() -> None:
    life = Life(MONDAY)
    approve(life)
    life.work = False
    life.until(life.now)
    result = RecordSent(life.state.attempt, "m-1")
    life.do(Stop("is-1"))
    assert [fact.kind for fact in life.do(result)] == ["sent"]
    assert life.do(result) == ()
    assert life.state.status is Status.STOPPED


def test_a_late_result_changes_nothing() -> None:
    life = Life(MONDAY, work=False)
    life.do(Skip("is-1", "introduction"))
    before = life.state
    assert life.do(Schedule(before.attempt, life.now, "")) == ()
    assert life.state == before


def test_a_person_skips_and_stops() -> None:
    life = Life(MONDAY)
    life.do(Skip("is-1", "introduction"))
    assert life.state.step_id == "reaction"
    life.do(Stop("is-1"))
    assert (life.state.end_reason, life.do(Stop("is-1"))) == ("person", ())


def test_a_task_that_is_late_stays_open() -> None:
    life = calling().then("2026-12-18 17:00")
    assert life.kinds()[-1] == "task_overdue"
    assert life.state.status is Status.AWAITING_TASK


@pytest.mark.parametrize(
    ("outcome", "ends"),
    [
        (TaskOutcome.DONE, "completed"),
        (TaskOutcome.NOT_REACHED, "completed"),
        (TaskOutcome.ANSWERED, "answered"),
        (TaskOutcome.NEGATIVE, "negative"),
        (TaskOutcome.MEETING_BOOKED, "meeting_booked"),
        (TaskOutcome.OPTED_OUT, "opted_out"),
    ],
)
def test_what_comes_of_a_task_is_what_the_contact_did(outcome: TaskOutcome, ends: str) -> None:
    life = calling()
    command = CompleteTask("is-1", life.state.task_id or "", outcome)
    life.do(command)
    assert life.state.end_reason == ends
    assert life.do(command) == (), "again"


@pytest.mark.parametrize(
    ("command", "code", "field"),
    [
        (Approve("is-1", "s-1/other/1"), "approval_not_awaited", "approval_id"),
        (Reject("is-1", "s-1/other/1"), "approval_not_awaited", "approval_id"),
        (CompleteTask("is-1", "s-1/call/1"), "task_not_open", "task_id"),
        (Skip("is-1", "call"), "not_the_present_step", "step_id"),
    ],
)
def test_what_is_asked_of_another_state_is_a_conflict(command: Any, code: str, field: str) -> None:
    life = Life(MONDAY)
    before = life.state
    with pytest.raises(StateConflictError) as raised:
        life.do(command)
    assert (raised.value.code, raised.value.field) == (code, field)
    assert life.state == before


@pytest.mark.parametrize(
    ("command", "code", "field"),
    [
        (an_entry(reason="Preis!"), "not_a_slug", "reason"),
        (an_entry(municipality_code="1020"), "not_a_municipality_code", "municipality_code"),
        (an_entry(playbook_version=0), "out_of_range", "playbook_version"),
        (an_entry(lead_id=" "), "missing", "lead_id"),
        (an_entry(by="x" * 256), "too_long", "by"),
        (an_entry(owner="a\x00"), "not_text", "owner"),
        (an_entry(phase="Phase 1"), "not_a_slug", "phase"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(command: Any, code: str, field: str) -> None:
    with pytest.raises(DomainError) as raised:
        Life(MONDAY, **{name: getattr(command, name) for name in _FIELDS})
    assert (raised.value.code, raised.value.field) == (code, field)


_FIELDS = ("reason", "municipality_code", "playbook_version", "lead_id", "by", "owner", "phase")


@pytest.mark.parametrize(
    ("react", "code", "field"),
    [
        ({"occurrence": OccurrenceKind.BEHAVIOUR}, "missing", "name"),
        ({"occurrence": OccurrenceKind.ANSWERED, "name": "x"}, "not_allowed", "name"),
    ],
)
def test_an_occurrence_that_makes_no_sense_is_refused(
    react: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(DomainError) as raised:
        mailed().react(**react)
    assert (raised.value.code, raised.value.field) == (code, field)


def test_the_result_of_a_last_step_that_was_skipped_meanwhile_comes_too_late() -> None:
    life = reminded()
    life.work = False
    life.then("2026-12-14 12:00")
    assert (life.state.status, life.state.step_id) == (Status.PREPARING, "call")
    opened = life.result()
    life.do(Skip("is-1", "call"))
    assert life.state.status is Status.COMPLETED
    assert life.do(opened) == ()


_STEPS = st.sampled_from(
    [
        "work",
        "work",
        "work",
        "late",
        "day",
        "approve",
        "answer",
        "opt_out",
        "pause",
        "resume",
        "skip",
        "done",
        "stop",
    ]
)


@pytest.mark.parametrize("begun", [lambda: Life(MONDAY, work=False), mailed, reminded, calling])
@given(st.lists(_STEPS, max_size=40))
def test_nothing_goes_after_the_end_and_each_step_at_most_once(
    begun: Callable[[], Life], steps: list[str]
) -> None:
    """Whatever comes in which order: what went before the end was recorded may still be noted."""
    life = begun()
    life.work = False
    results: list[Result] = []
    end: tuple[Status, int] | None = None
    for step in steps:
        _one_step(life, step, results)
        if life.state.ended and end is None:
            end = life.state.status, life.state.attempt
        if end is not None:
            assert (life.state.status, life.state.attempt) == end, "it went on after the end"
    sent = [fact.step_id for fact in life.facts if isinstance(fact, facts.Sent)]
    assert len(sent) == len(set(sent))
    assert sum(isinstance(fact, facts.Stopped | facts.Completed) for fact in life.facts) <= 1


def _one_step(life: Life, step: str, results: list[Result]) -> None:  # noqa: C901, PLR0912 - one line a step
    state = life.state
    try:
        match step:
            case "work":
                if state.status in {Status.PREPARING, Status.PLANNING, Status.SENDING}:
                    results.append(life.result())
                    life.do(results[-1])
                else:
                    life.do(TimeCame())
            case "late":  # what was reported before is reported again
                for result in results:
                    life.do(result)
            case "day":
                life.now += DAY
                life.do(TimeCame())
            case "approve":
                life.do(Approve("is-1", state.approval_id or "-"))
            case "answer":
                life.react(OccurrenceKind.ANSWERED)
            case "opt_out":
                life.react(OccurrenceKind.OPTED_OUT)
            case "pause":
                life.do(Pause("is-1", until=life.now + 2 * DAY))
            case "resume":
                life.do(Resume("is-1"))
            case "skip":
                life.do(Skip("is-1", state.position.step or "-"))
            case "done":
                life.do(CompleteTask("is-1", state.task_id or "-"))
            case "stop":
                life.do(Stop("is-1"))
    except StateConflictError:
        assert life.state == state


def test_the_same_command_decided_again_decides_the_same() -> None:
    life = mailed()
    command = Pause("is-1", until=at("2026-12-10 09:00"))
    once, twice = (decide(life.state, command, life.script, life.now) for _ in range(2))
    assert once == twice
    assert once.state.version == life.state.version + 1
    assert replace(once.state, version=0) != replace(life.state, version=0)


def choosing() -> Life:
    """It is found out by which channel the second contact is made."""
    life = Life(MONDAY, BY_BEST_CHANNEL)
    approve(life)
    life.until(life.now)
    life.work = False
    return life.then("2026-12-07 12:00")


def test_a_channel_takes_the_place_of_its_step_and_is_followed_by_what_follows_the_step() -> None:
    life = choosing()
    assert (life.state.status, life.state.step_id) == (Status.CHOOSING, "second")
    life.work = True
    life.do(life.result())
    assert (life.state.status, life.state.step_id) == (Status.AWAITING_TASK, "second_call")
    assert life.kinds()[-2:] == ["channel_chosen", "task_opened"]
    assert why_this_channel(life.state) == WHY_THIS_CHANNEL
    life.do(CompleteTask("is-1", life.state.task_id or ""))
    assert (life.state.status, life.state.step_id) == (Status.RESTING, "another_week")
    assert why_this_channel(life.state) is None


def test_a_channel_is_chosen_once_whatever_comes_later() -> None:
    life = choosing()
    taken, other = life.result(), TakeChannel(life.state.attempt, "second_mail", "別の結果")
    life.do(taken)
    assert life.do(taken) == life.do(other) == ()
    assert life.state.step_id == "second_call"


def test_a_channel_that_is_chosen_in_a_pause_is_taken_after_it() -> None:
    life = choosing()
    life.do(Pause("is-1"))
    life.do(life.result())
    assert (life.state.status, life.state.step_id) == (Status.RESTING, "second_call")
    life.work = True
    life.do(Resume("is-1"))
    assert life.kinds()[-2:] == ["resumed", "task_opened"]


@pytest.mark.parametrize(
    ("command", "step_id", "kinds"),
    [
        (Skip("is-1", "second"), "another_week", ["skipped"]),
        (RefuseStep(0, "suppressed", why="配信停止"), "another_week", ["refused"]),
        (Stop("is-1"), None, ["stopped"]),
    ],
    ids=["skipped", "refused", "stopped"],
)
def test_a_step_can_end_before_its_channel_is_chosen(
    command: Command, step_id: str | None, kinds: list[str]
) -> None:
    life = choosing()
    late = life.result()
    if isinstance(command, RefuseStep):
        command = replace(command, attempt=life.state.attempt)
    assert [fact.kind for fact in life.do(command)] == kinds
    assert life.state.step_id == step_id
    assert life.do(late) == ()


@pytest.mark.parametrize(
    ("before", "owner", "then"),
    [("is-1", "is-2", "is-2"), ("is-9", "is-2", "is-1"), ("is-1", "is-1", "is-1")],
)
def test_another_seller_owns_it_if_it_was_still_the_first_ones(
    before: str, owner: str, then: str
) -> None:
    life = Life(MONDAY)
    happened = life.do(ChangeOwner("system:reassignments", before, owner))
    assert life.state.owner == then
    assert [fact.kind for fact in happened] == (["owner_changed"] if then != "is-1" else [])
    assert life.state.status == "awaiting_approval", "what is under way goes on"


GIVES_WAY = Pause("system:precedences", PauseReason.HIGHER_PLAYBOOK)
AWAY = Pause("mail", PauseReason.OUT_OF_OFFICE, at("2026-12-07 00:00"))


@pytest.mark.parametrize(
    ("pauses", "stands"),
    [
        ((GIVES_WAY, GIVES_WAY), PauseReason.HIGHER_PLAYBOOK),
        ((GIVES_WAY, AWAY), PauseReason.OUT_OF_OFFICE),
        ((AWAY, GIVES_WAY), PauseReason.OUT_OF_OFFICE),
        ((GIVES_WAY, Pause("is-1")), PauseReason.PERSON),
        ((Pause("is-1"), GIVES_WAY), PauseReason.PERSON),
    ],
)
def test_any_other_pause_goes_before_that_for_a_higher_playbook(
    pauses: tuple[Pause, Pause], stands: PauseReason
) -> None:
    life = Life(MONDAY)
    for each in pauses:
        life.do(each)
    assert life.state.pause is not None
    assert life.state.pause.reason == stands


def test_nobody_but_the_end_of_the_higher_playbook_has_one_that_gave_way_go_on() -> None:
    life = mailed()
    life.do(GIVES_WAY)
    with pytest.raises(StateConflictError) as refused:
        life.do(Resume("is-1"))
    assert refused.value.code == "higher_playbook_open"
    life.do(Resume("system:precedences", PauseReason.HIGHER_PLAYBOOK))
    assert life.state.pause is None
