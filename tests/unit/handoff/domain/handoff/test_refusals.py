"""Refusals of a handoff, and their messages."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from handoff.domain.assignment.choice import Basis
from handoff.domain.handoff import check, request
from handoff.domain.handoff.commands import (
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
    Rate,
    Reassign,
    RecordContact,
    RecordMeeting,
    Reject,
    Remind,
    Resubmit,
    Resume,
    TryAssignment,
    Withdraw,
)
from handoff.domain.handoff.policy import ClockPolicy
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import (
    ClockName,
    Direction,
    Kind,
    Level,
    Outcome,
    PauseReason,
    ReassignReason,
)
from handoff.domain.readiness import Answer, Criterion
from handoff.domain.teams.members import Function, Role
from kakehashi_common.domain.errors import DomainError
from tests.support.handoff_examples import (
    ACCEPT,
    ELSEWHERE,
    GIVE,
    LATER,
    MONDAY,
    NEXT_SPRING,
    NOW,
    PAUSE,
    TAKE,
    after,
    assigned,
    refused,
    requested,
)
from tests.support.handoffs import IS_TO_FS, NOBODY, Life, a_request, at


def test_a_late_answer_after_reassignment_names_the_new_owner() -> None:
    life = Life(MONDAY).then("2026-12-01 11:00")
    error = refused(life, Accept("fs-1"))
    assert (error.field, error.code) == ("by", "not_the_owner")
    assert error.message == (
        "the owner is fs-2, who has been asked to accept it on 2026年12月1日（火）10:00: ask fs-2, "
        "or have it reassigned"
    )


def test_of_two_accepts_the_second_is_answered_with_who_has_it() -> None:
    life = after(ACCEPT)()
    error = refused(life, Accept("fs-2"))
    assert "the owner is fs-1, who has accepted it" in error.message


@pytest.mark.parametrize(
    ("command", "field", "code"),
    [
        (Reject("fs-1", RejectionReason.TOO_EARLY), "until", "until_missing"),
        (
            Reject("fs-1", RejectionReason.TOO_EARLY, until=NOW.date()),
            "until",
            "in_past",
        ),
        (
            Reject("fs-1", RejectionReason.TOO_EARLY, until=date(2029, 12, 3)),
            "until",
            "too_far_away",
        ),
        (Reject("fs-1", RejectionReason.TOO_EARLY, phase="autumn"), "phase", "phase_unknown"),
        (Reject("fs-1", RejectionReason.FACTS_MISSING), "missing_facts", "facts_missing"),
        (
            Reject("fs-1", RejectionReason.NO_NEED, until=NEXT_SPRING),
            "until",
            "not_expected",
        ),
        (
            Reject("fs-1", RejectionReason.WRONG_TERRITORY, missing_facts=("予算額",)),
            "missing_facts",
            "not_expected",
        ),
        (
            Reject("fs-1", RejectionReason.FACTS_MISSING, missing_facts=("予算額", "")),
            "missing_facts/1",
            "missing",
        ),
        (
            Reject("fs-1", RejectionReason.FACTS_MISSING, missing_facts=("a", "a")),
            "missing_facts",
            "repeated",
        ),
        (RecordContact(LATER, "fs-1"), "at", "in_future"),
        (RecordContact(at("2026-11-30 09:59"), "fs-1"), "at", "before_assignment"),
        (RecordMeeting(datetime(2026, 11, 30, 10, 30), "fs-1"), "at", "time_zone_missing"),  # noqa: DTZ001 - the fault
        (AnswerLead(LATER, "is-1"), "at", "in_future"),
        (AnswerLead(at("2026-11-29 09:00"), "is-1"), "at", "before_lead"),
        (replace(PAUSE, until=NOW), "until", "in_past"),
        (replace(PAUSE, until=at("2026-12-31 11:00")), "until", "pause_too_long"),
        (replace(TAKE, to="fs-1"), "to", "already_the_owner"),
        (replace(TAKE, from_member="fs-3"), "from_member", "not_the_owner"),
        (replace(TAKE, reason=ReassignReason.NOT_ACCEPTED), "reason", "reason_not_allowed"),
        (replace(TAKE, reason=ReassignReason.REJECTED), "reason", "reason_not_allowed"),
        (Accept(" "), "by", "missing"),
        (Accept("x" * 256), "by", "too_long"),
        (Accept("x\x00"), "by", "not_text"),
        (replace(ELSEWHERE, note="x" * 501), "note", "too_long"),
        (Rate("fs-1", Direction.RECEIVER_RATES_SENDER, 6, "良い"), "score", "out_of_range"),
        (Rate("fs-1", Direction.RECEIVER_RATES_SENDER, 5, ""), "reason", "missing"),
        (Rate("fs-9", Direction.RECEIVER_RATES_SENDER, 5, "良い"), "by", "not_involved"),
        (Rate("is-2", Direction.SENDER_RATES_RECEIVER, 5, "良い"), "by", "not_involved"),
        (OverrideReadiness("is-1", Criterion.CONSENT, Answer.MET, ""), "reason", "missing"),
        (Close("fs-1", Outcome.LOST), "reason", "missing"),
        (Withdraw("is-1", ""), "reason", "missing"),
        (Join("", "lead-scoring"), "qualification_id", "missing"),
        (Resume("fs-1"), None, "not_paused"),
        (Remind(ClockName.ACCEPT), None, "not_due"),
        (Escalate(ClockName.ACCEPT, Level.LEAD), None, "not_due"),
        (TryAssignment(), None, "not_due"),
        (Reassign("clock", ReassignReason.NOT_ACCEPTED, "fs-1"), None, "not_due"),
    ],
)
def test_a_refusal_names_the_field(command: Command, field: str | None, code: str) -> None:
    error = refused(assigned(), command)
    assert (error.field, error.code) == (field, code)


@pytest.mark.parametrize(
    ("differences", "field", "code"),
    [
        ({"handoff_id": ""}, "handoff_id", "missing"),
        ({"lead_id": "x" * 129}, "lead_id", "too_long"),
        ({"kind": Kind(Role.FIELD_SALES, Role.FIELD_SALES)}, "kind/to_role", "same_role"),
        ({"municipality_code": "10203"}, "municipality_code", "not_a_municipality_code"),
        ({"complexity": 0}, "complexity", "out_of_range"),
        ({"skills": tuple(map(str, range(21)))}, "skills", "too_many"),
        ({"policy_area": "防災"}, "policy_area", "not_a_slug"),
        ({"by": ""}, "by", "missing"),
        ({"lead_created_at": LATER}, "lead_created_at", "in_future"),
        (
            {"lead_created_at": NOW, "lead_answered_at": at("2026-11-30 10:00")},
            "lead_answered_at",
            "out_of_range",
        ),
    ],
)
def test_a_request_that_nobody_could_work_on_is_refused(
    differences: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(DomainError) as caught:
        request(a_request(**differences), NOW, assigned().sla())
    assert (caught.value.field, caught.value.code) == (field, code)


def test_a_request_of_every_kind_of_role() -> None:
    check(a_request(kind=Kind(Role.SALES_DEVELOPMENT, Role.INSIDE_SALES)))
    check(a_request(kind=Kind(Role.FIELD_SALES, Role.CUSTOMER_SUCCESS)))
    check(a_request(kind=IS_TO_FS))


def test_the_result_of_an_assignment_that_is_no_longer_wanted_is_refused() -> None:
    life = requested()
    life.do(GIVE)
    assert refused(life, Assign(1, "fs-9", Basis.ROTATION)).code == "assignment_outdated"
    assert refused(life, LeaveUnassigned(1, NOBODY)).code == "assignment_outdated"


def test_a_fact_that_is_still_missing_is_named() -> None:
    missing = Reject("fs-1", RejectionReason.FACTS_MISSING, missing_facts=("予算額", "決裁者"))
    error = refused(after(missing)(), Resubmit("is-1", ("予算額",)))
    assert (error.code, error.field) == ("facts_missing", "supplied_facts")
    assert "決裁者" in error.message


def test_a_reason_cannot_be_paused_for_beyond_its_limit_altogether() -> None:
    life = assigned()  # internal reasons: five days
    life.do(PauseClocks("fs-1", PauseReason.INTERNAL, at("2026-12-03 11:00")))
    life.then("2026-12-03 11:00")
    error = refused(life, PauseClocks("fs-1", PauseReason.INTERNAL, at("2026-12-06 11:00")))
    assert (error.code, error.field) == ("pause_too_long", "until")
    assert "2026-12-05T11:00" in error.message
    life.do(PauseClocks("fs-1", PauseReason.INTERNAL, at("2026-12-05 11:00")))


def test_a_pause_is_refused_while_paused_and_without_a_limit_for_its_reason() -> None:
    life = after(PAUSE)()
    assert refused(life, replace(PAUSE, reason=PauseReason.DISASTER)).code == "already_paused"
    life = Life(MONDAY, policy=ClockPolicy(pause_limits={})).until(NOW)
    assert refused(life, PAUSE).code == "reason_not_allowed"


def test_a_pause_too_many_is_refused() -> None:
    life = assigned()
    for _ in range(50):
        life.do(PAUSE)
        life.do(Resume("fs-1"))
    assert refused(life, PAUSE).code == "too_many"


def test_an_answer_ends_a_pause() -> None:
    life = after(PAUSE, ACCEPT)()
    assert life.state.pause is None
    assert life.decide(Resume("fs-1")).unchanged


def test_nobody_answers_a_lead_that_awaits_no_answer() -> None:
    assert refused(Life(MONDAY), AnswerLead(at(MONDAY), "is-1")).code == "no_answer_awaited"


def test_a_further_owner_makes_the_contact_but_does_not_accept() -> None:
    named = NameFurtherOwner("lead-e", Function.POLICY_PROPOSAL, "fs-5")
    contact = RecordContact(NOW, "fs-5")
    assert refused(after(named)(), contact).code == "not_the_owner"
    life = after(named, ACCEPT)()
    assert [fact.kind for fact in life.do(contact)] == ["first_contact_made", "lead_answered"]
