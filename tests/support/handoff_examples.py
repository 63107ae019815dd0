"""A handoff in each status, and commands that could be given in any."""

from collections.abc import Callable
from datetime import date

import pytest

from handoff.domain.assignment.choice import Basis
from handoff.domain.handoff.commands import (
    Accept,
    Assign,
    Close,
    Command,
    Join,
    NameFurtherOwner,
    OverrideReadiness,
    PauseClocks,
    Rate,
    Reassign,
    RecordContact,
    RecordMeeting,
    Reject,
    Resubmit,
    Wake,
    Withdraw,
)
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import (
    Direction,
    Outcome,
    PauseReason,
    ReassignReason,
    Status,
)
from handoff.domain.readiness import Answer, Criterion
from handoff.domain.teams.members import Function
from kakehashi_common.domain.errors import DomainError
from tests.support.handoffs import Life, at

MONDAY = "2026-11-30 10:00"
NOW = at("2026-11-30 11:00")
LATER = at("2026-12-04 12:00")
NEXT_SPRING = date(2027, 4, 1)


def requested() -> Life:
    return Life(MONDAY, assigned=False).until(NOW)


def unassigned() -> Life:
    return Life(MONDAY, members=()).until(NOW)


def assigned() -> Life:
    return Life(MONDAY, lead_created_at=at("2026-11-30 09:00")).until(NOW)


def after(*commands: Command) -> Callable[[], Life]:
    def live() -> Life:
        life = assigned()
        for command in commands:
            life.do(command)
        return life

    return live


ACCEPT = Accept("fs-1")
CONTACT = RecordContact(NOW, "fs-1", "a-1")
MEETING = RecordMeeting(NOW, "fs-1", "a-2")
RECYCLE = Reject("fs-1", RejectionReason.TOO_EARLY, until=NEXT_SPRING)
RETURN = Reject("fs-1", RejectionReason.FACTS_MISSING, missing_facts=("予算額",))
DISQUALIFY = Reject("fs-1", RejectionReason.NO_NEED)
ELSEWHERE = Reject("fs-1", RejectionReason.WRONG_TERRITORY)
WON = Close("crm", Outcome.WON, deal_id="d-1")
WITHDRAW = Withdraw("is-1", "重複")

LIVES: dict[Status, Callable[[], Life]] = {
    Status.REQUESTED: requested,
    Status.UNASSIGNED: unassigned,
    Status.ASSIGNED: assigned,
    Status.ACCEPTED: after(ACCEPT),
    Status.CONTACTED: after(CONTACT),
    Status.MET: after(MEETING),
    Status.RECYCLED: after(RECYCLE),
    Status.RETURNED: after(RETURN),
    Status.DISQUALIFIED: after(DISQUALIFY),
    Status.CLOSED: after(WON),
    Status.WITHDRAWN: after(WITHDRAW),
}

PAUSE = PauseClocks("fs-1", PauseReason.CUSTOMER_ASKED, LATER)
TAKE = Reassign("lead-e", ReassignReason.DECIDED, "fs-1")
GIVE = Reassign("lead-e", ReassignReason.DECIDED, None, "fs-8")
COMMANDS: dict[str, Command] = {
    "join": Join("q-2", "lead-scoring", "A2"),
    "assign": Assign(1, "fs-9", Basis.ROTATION),
    "accept": ACCEPT,
    "recycle": RECYCLE,
    "contact": CONTACT,
    "meet": MEETING,
    "resubmit": Resubmit("is-1", ("予算額",)),
    "pause": PAUSE,
    "take": TAKE,
    "give": GIVE,
    "name": NameFurtherOwner("lead-e", Function.COUNCIL_LIAISON, "fs-5"),
    "rate": Rate("fs-1", Direction.RECEIVER_RATES_SENDER, 4, "情報が十分"),
    "override": OverrideReadiness("is-1", Criterion.CONSENT, Answer.MET, "名刺交換済み"),
    "close": Close("fs-1", Outcome.LOST, "価格"),
    "deal": WON,
    "withdraw": WITHDRAW,
    "wake": Wake("is-1"),
}


def refused(life: Life, command: Command) -> DomainError:
    before = life.state
    with pytest.raises(DomainError) as caught:
        life.do(command)
    assert life.state is before
    return caught.value
