"""Commands that come again: they are recognised, and change nothing."""

from dataclasses import replace

import pytest

from handoff.domain.assignment.choice import Basis
from handoff.domain.handoff.commands import (
    Accept,
    AnswerLead,
    Assign,
    Command,
    Join,
    Reject,
    Resubmit,
)
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import ReassignReason
from tests.support.handoff_examples import (
    ACCEPT,
    COMMANDS,
    CONTACT,
    DISQUALIFY,
    ELSEWHERE,
    MEETING,
    NOW,
    PAUSE,
    RECYCLE,
    RETURN,
    TAKE,
    WITHDRAW,
    WON,
    after,
    assigned,
    refused,
)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(Join("q-1", "lead-scoring", "A1"), id="the qualification it began with"),
        pytest.param(Assign(1, "fs-1", Basis.ROTATION), id="the same assignment"),
    ],
)
def test_what_came_with_the_request_is_recognised(command: Command) -> None:
    assert assigned().decide(command).unchanged


@pytest.mark.parametrize(
    "command",
    [
        ACCEPT,
        CONTACT,
        MEETING,
        RECYCLE,
        RETURN,
        DISQUALIFY,
        ELSEWHERE,
        WON,
        WITHDRAW,
        PAUSE,
        AnswerLead(NOW, "is-1"),
        TAKE,
        replace(TAKE, to="fs-4"),
        replace(TAKE, reason=ReassignReason.MEMBER_LEFT),
        *(COMMANDS[name] for name in ("join", "name", "rate", "override")),
    ],
)
def test_the_same_command_again_changes_nothing(command: Command) -> None:
    life = assigned()
    assert life.do(command)
    decision = life.decide(command)
    assert decision.unchanged
    assert (decision.state, decision.effects) == (life.state, ())


def test_a_repeated_rejection_is_recognised_while_somebody_else_has_it() -> None:
    life = after(ELSEWHERE, Accept("fs-2"))()
    assert life.decide(ELSEWHERE).unchanged
    other = Reject("fs-1", RejectionReason.NO_NEED)
    assert refused(life, other).code == "not_the_owner"


def test_a_second_rejection_by_whoever_got_it_back_counts() -> None:
    life = after(RETURN, Resubmit("is-1", ("予算額",)))()
    assert life.state.owner == "fs-1"
    assert not life.decide(RETURN).unchanged


@pytest.mark.parametrize("status", [ACCEPT, CONTACT, MEETING])
def test_what_somebody_has_accepted_is_not_withdrawn_in_favour_of_another(status: Command) -> None:
    doubled = replace(WITHDRAW, in_favour_of="h-2")
    assert refused(after(status)(), doubled).code == "wrong_status"
    assert not assigned().decide(doubled).unchanged
