"""Steps recognised from sellers' activities, by any member and in any status."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from handoff.domain.handoff.commands import (
    Accept,
    AnswerLead,
    NameFurtherOwner,
    RecordContact,
    RecordMeeting,
)
from handoff.domain.handoff.recognising import (
    Activity,
    ActivityKind,
    recognise,
    recognised_before,
)
from handoff.domain.teams.members import Function, Role
from kakehashi_common.contracts.seller_activities import SellerActivityKind
from tests.support.handoff_examples import NOW, assigned, requested
from tests.support.handoffs import Life

CALL = Activity("a-9", "fs-1", Role.FIELD_SALES, ActivityKind.CALL, NOW, reached=True)
CONTACT = RecordContact(NOW, "fs-1", "a-9")
MEETING = RecordMeeting(NOW, "fs-1", "a-9")


def with_further_owner() -> Life:
    life = assigned()
    life.do(Accept("fs-1"))
    life.do(NameFurtherOwner("lead-e", Function.FINANCE_NEGOTIATION, "fs-5"))
    return life


def contacted() -> Life:
    life = assigned()
    life.do(RecordContact(NOW, "fs-1", "a-1"))
    return life


def met() -> Life:
    life = assigned()
    life.do(RecordMeeting(NOW, "fs-1", "a-2"))
    return life


@pytest.mark.parametrize(
    ("live", "changes", "expected"),
    [
        (assigned, {}, CONTACT),
        (assigned, {"kind": ActivityKind.MAIL}, CONTACT),
        (assigned, {"kind": ActivityKind.VISIT}, MEETING),
        (assigned, {"kind": ActivityKind.MEETING}, MEETING),
        (assigned, {"kind": ActivityKind.PROPOSAL}, None),
        (assigned, {"kind": ActivityKind.ADMINISTRATION}, None),
        (assigned, {"reached": False}, None),
        (assigned, {"reached": None}, None),
        (assigned, {"member_id": "fs-2"}, None),
        (with_further_owner, {"member_id": "fs-5"}, RecordContact(NOW, "fs-5", "a-9")),
        (contacted, {}, None),
        (contacted, {"kind": ActivityKind.VISIT}, MEETING),
        (met, {"kind": ActivityKind.MEETING}, None),
        (
            assigned,
            {"member_id": "is-1", "role": Role.INSIDE_SALES},
            AnswerLead(NOW, "is-1"),
        ),
        (
            assigned,
            {"member_id": "is-7", "role": Role.INSIDE_SALES, "kind": ActivityKind.MAIL},
            AnswerLead(NOW, "is-7"),
        ),
        (assigned, {"member_id": "is-1", "role": Role.SALES_DEVELOPMENT}, None),
        (contacted, {"member_id": "is-1", "role": Role.INSIDE_SALES}, None),
        (requested, {"member_id": "is-1", "role": Role.INSIDE_SALES}, None),
        (requested, {}, None),
    ],
)
def test_an_activity_is_recognised_as(
    live: Callable[[], Life], changes: dict[str, object], expected: object
) -> None:
    assert recognise(live().state, replace(CALL, **changes)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("live", "changes", "kind"),
    [
        (assigned, {}, None),
        (contacted, {"activity_id": "a-1"}, "first_contact_made"),
        (contacted, {"activity_id": "a-2"}, None),
        (met, {"activity_id": "a-2"}, "meeting_held"),
    ],
)
def test_what_was_recognised_before_is_known_again(
    live: Callable[[], Life], changes: dict[str, object], kind: str | None
) -> None:
    assert recognised_before(live().state, replace(CALL, **changes)) == kind  # type: ignore[arg-type]


def test_an_answer_to_the_lead_is_known_again() -> None:
    life = assigned()
    life.do(AnswerLead(NOW, "is-1"))
    answer = replace(CALL, member_id="is-1", role=Role.INSIDE_SALES)
    assert recognised_before(life.state, answer) == "lead_answered"


def test_kinds_are_those_of_the_published_language() -> None:
    assert {each.value for each in ActivityKind} == {each.value for each in SellerActivityKind}
