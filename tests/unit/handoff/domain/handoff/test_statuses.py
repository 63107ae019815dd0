"""The result of each command in each status."""

import pytest

from handoff.domain.handoff.commands import Command
from handoff.domain.handoff.terms import Status
from kakehashi_common.domain.errors import DomainError
from tests.support.handoff_examples import COMMANDS, LIVES
from tests.support.handoffs import Life

# By status: + goes on, = was done before, otherwise the code of the refusal.
_ENDED = "handoff_ended"
_STATUS = "wrong_status"
_OWNER = "not_the_owner"
_OLD = "assignment_outdated"
EXPECTED: dict[Status, dict[str, str]] = {
    Status.REQUESTED: {
        **dict.fromkeys(COMMANDS, "+"),
        **dict.fromkeys(("accept", "recycle", "contact", "meet", "take"), _OWNER),
        **dict.fromkeys(("resubmit", "pause", "close", "wake"), _STATUS),
        "rate": "nobody_to_rate",
    },
    Status.ASSIGNED: {
        **dict.fromkeys(COMMANDS, "+"),
        **dict.fromkeys(("resubmit", "close", "wake"), _STATUS),
        "assign": _OLD,
        "give": _OWNER,
    },
    Status.ACCEPTED: {
        **dict.fromkeys(COMMANDS, "+"),
        **dict.fromkeys(("resubmit", "wake"), _STATUS),
        "assign": _OLD,
        "give": _OWNER,
        "accept": "=",
    },
    Status.MET: {
        **dict.fromkeys(COMMANDS, "+"),
        **dict.fromkeys(("resubmit", "wake", "pause"), _STATUS),
        **dict.fromkeys(("accept", "contact", "meet"), "="),
        "assign": _OLD,
        "give": _OWNER,
    },
    Status.RECYCLED: {
        **dict.fromkeys(COMMANDS, "+"),
        **dict.fromkeys(("accept", "contact", "meet"), _OWNER),
        **dict.fromkeys(("resubmit", "pause", "take", "give", "close"), _STATUS),
        "assign": _OLD,
        "recycle": "=",
    },
    Status.RETURNED: {
        **dict.fromkeys(COMMANDS, "+"),
        **dict.fromkeys(("accept", "recycle", "contact", "meet"), _OWNER),
        **dict.fromkeys(("take", "give", "close", "wake"), _STATUS),
        "assign": _OLD,
    },
    Status.DISQUALIFIED: {**dict.fromkeys(COMMANDS, _ENDED), "assign": _OLD, "rate": "+"},
    Status.CLOSED: {
        **dict.fromkeys(COMMANDS, _ENDED),
        "assign": _OLD,
        "rate": "+",
        "deal": "=",
        "close": "already_closed",
    },
    Status.WITHDRAWN: {
        **dict.fromkeys(COMMANDS, _ENDED),
        "assign": _OLD,
        "rate": "+",
        "withdraw": "=",
    },
}
EXPECTED[Status.UNASSIGNED] = EXPECTED[Status.REQUESTED]
EXPECTED[Status.CONTACTED] = {**EXPECTED[Status.ACCEPTED], "contact": "="}


def what_becomes_of(life: Life, command: Command) -> str:
    before = life.state
    try:
        decision = life.decide(command)
    except DomainError as error:
        return error.code
    assert decision.state.version == before.version + (not decision.unchanged)
    assert bool(decision.effects) is not decision.unchanged
    return "=" if decision.unchanged else "+"


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_in_each_status(status: Status, name: str) -> None:
    life = LIVES[status]()
    assert life.state.status is status
    assert what_becomes_of(life, COMMANDS[name]) == EXPECTED[status][name]
