"""Every fact of a handoff is an event on ``handoffs-v1``, without anybody's own words."""

import json
from dataclasses import fields, replace
from datetime import date
from typing import Any, get_args

import pytest

from handoff.domain.assignment.choice import Basis
from handoff.domain.assignment.eligibility import Exclusion
from handoff.domain.handoff.facts import (
    Accepted,
    Assigned,
    ClockResult,
    Closed,
    Disqualified,
    Escalated,
    Fact,
    FirstContactMade,
    FurtherOwnerNamed,
    Joined,
    LeadAnswered,
    MeetingHeld,
    Paused,
    Rated,
    ReadinessOverridden,
    Reassigned,
    Recycled,
    Rejected,
    Reminded,
    Requested,
    Resubmitted,
    Resumed,
    Returned,
    Unassigned,
    UnassignedReason,
    Withdrawn,
    Woken,
)
from handoff.domain.handoff.rejections import Consequence, RejectionReason
from handoff.domain.handoff.terms import (
    ClockName,
    Direction,
    Level,
    Outcome,
    PauseReason,
    ReassignReason,
    Status,
)
from handoff.domain.readiness import Answer, Criterion
from handoff.domain.teams.members import Function, Role
from handoff.events.mapping import event_data
from kakehashi_common.contracts.deal_events import DealOutcome
from kakehashi_common.contracts.handoffs import KINDS, HandoffChanged, KnownStep, OtherStep
from kakehashi_common.contracts.seller_activities import SellerRole
from kakehashi_common.contracts_check import Store
from tests.support.handoffs import IS_TO_FS, Life, at

NOW = at("2026-12-01 10:00")
LATER = at("2026-12-02 10:00")
OWN_WORD = "田中課長は来年異動します"
CLOCK = ClockResult(ClockName.ACCEPT, NOW, LATER, LATER, kept=True)

FACTS: list[Fact] = [
    Requested(NOW, "is-1", "A1", "is-1", "q-1"),
    Joined(NOW, "q-2", None),
    LeadAnswered(NOW, "is-1", CLOCK),
    Assigned(NOW, "fs-1", LATER, CLOCK, Basis.ROTATION),
    Unassigned(NOW, (UnassignedReason(Exclusion.AT_CAPACITY, 2),)),
    Accepted(NOW, "fs-1", CLOCK, implied=True),
    Rejected(NOW, "fs-1", RejectionReason.TOO_EARLY, Consequence.RECYCLE, False, CLOCK, OWN_WORD),
    Recycled(NOW, date(2027, 4, 1), "budget_policy"),
    Woken(NOW, "clock"),
    Returned(NOW, "fs-1", ("budget_ceiling", OWN_WORD)),
    Resubmitted(NOW, "is-1", ("budget_ceiling", OWN_WORD, "tanaka"), CLOCK),
    Disqualified(NOW, "fs-1", RejectionReason.NO_NEED),
    Reminded(NOW, ClockName.ACCEPT, "fs-1", LATER),
    Escalated(NOW, ClockName.ASSIGN, Level.LEAD, None, LATER, 1),
    FirstContactMade(NOW, "fs-1", CLOCK, "call-1"),
    MeetingHeld(NOW, "fs-1", CLOCK),
    Reassigned(NOW, "lead-e", ReassignReason.DECIDED, "fs-1", None, OWN_WORD),
    FurtherOwnerNamed(NOW, "fs-1", Function.COUNCIL_LIAISON, None),
    Paused(NOW, "fs-1", PauseReason.COUNCIL_SESSION, LATER, OWN_WORD),
    Resumed(NOW, "fs-1"),
    Rated(NOW, "fs-1", Direction.RECEIVER_RATES_SENDER, 4, OWN_WORD),
    ReadinessOverridden(NOW, "is-1", Criterion.CONSENT, Answer.MET, OWN_WORD),
    Closed(NOW, "deals", Outcome.LOST, "price", "d-1"),
    Withdrawn(NOW, "is-1", OWN_WORD),
]
IN_OWN_WORDS = {"note", "supplied_facts", "missing_facts"}
"""Fields of facts that hold them; and ``reason`` where it is no code."""
REASON_IN_OWN_WORDS = (Rated, ReadinessOverridden, Withdrawn)


def step(fact: Fact) -> dict[str, Any]:
    """The step as it is published, read again as a consumer does."""
    published = event_data(Life("2026-12-01 10:00").state, fact).model_dump_json()
    read = HandoffChanged.model_validate_json(published, strict=True)
    assert not isinstance(read.step, OtherStep)
    return read.step.model_dump(mode="json")


def test_there_is_an_example_of_every_fact() -> None:
    assert [type(fact) for fact in FACTS] == list(get_args(Fact))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.kind)
def test_a_fact_is_published_as_the_step_of_its_kind(fact: Fact) -> None:
    assert step(fact)["kind"] == fact.kind


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.kind)
def test_nothing_in_a_persons_own_words_is_published(fact: Fact) -> None:
    published = event_data(Life("2026-12-01 10:00").state, fact).model_dump_json()
    assert "課長" not in published
    assert "tanaka" not in published


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.kind)
def test_a_step_says_all_that_its_fact_does_but_own_words_and_its_time(fact: Fact) -> None:
    said = {each.name for each in fields(fact)} - IN_OWN_WORDS - {"at"}
    if isinstance(fact, REASON_IN_OWN_WORDS):
        said -= {"reason"}
    in_codes = {"missing_fields", "questions", "supplied_fields", "answers"}
    assert set(step(fact)) - in_codes == said


def test_every_step_is_that_of_a_fact() -> None:
    assert [each.__name__ for each in get_args(KnownStep)] == [
        each.__name__ for each in get_args(Fact)
    ]


def test_missing_facts_are_named_where_they_are_fields_of_the_packet() -> None:
    assert step(Returned(NOW, "fs-1", ("budget_ceiling", OWN_WORD)))["missing_fields"] == [
        "budget_ceiling"
    ]
    supplied = step(Resubmitted(NOW, "is-1", ("budget_ceiling", OWN_WORD, "tanaka"), CLOCK))
    assert (supplied["supplied_fields"], supplied["answers"]) == (["budget_ceiling"], 2)


@pytest.mark.parametrize(
    ("reason", "deal_id", "published"),
    [("price", "d-1", "price"), (OWN_WORD, "d-1", None), ("price", None, None), ("", "d-1", None)],
)
def test_only_the_reason_of_a_deal_is_published(
    reason: str, deal_id: str | None, published: str | None
) -> None:
    assert step(Closed(NOW, "is-1", Outcome.LOST, reason, deal_id))["reason"] == published


def test_it_says_how_the_handoff_stands() -> None:
    life = Life("2026-12-01 10:00")
    data = event_data(life.state, life.facts(Assigned)[0]).model_dump(mode="json")
    del data["step"]
    assert data == {
        "handoff_id": "h-1",
        "lead_id": "lead-1",
        "from_role": "inside_sales",
        "to_role": "field_sales",
        "version": 2,
        "round": 1,
        "status": "assigned",
        "owner": "fs-1",
        "sender": "is-1",
        "municipality_code": "102032",
        "policy_area": None,
        "grade": "A1",
        "qualification_id": "q-1",
    }


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("role", Role)
def test_every_status_and_role_is_published(status: Status, role: Role) -> None:
    state = replace(
        Life("2026-12-01 10:00").state, status=status, kind=replace(IS_TO_FS, to_role=role)
    )
    data = event_data(state, FACTS[0])
    assert (data.status, data.to_role.value) == (status.value, role.value)


def test_roles_and_outcomes_are_those_of_the_published_language() -> None:
    assert {role.value for role in SellerRole} == {role.value for role in Role}
    assert {each.value for each in DealOutcome} == {each.value for each in Outcome}


def test_a_step_that_was_added_later_is_passed_over() -> None:
    data = event_data(Life("2026-12-01 10:00").state, FACTS[0]).model_dump(mode="json")
    read = HandoffChanged.model_validate(data | {"step": {"kind": "merged", "into": "h-2"}})
    assert read.step == OtherStep(kind="merged")


def test_there_is_a_published_example_of_every_step() -> None:
    shown = Store().examples / HandoffChanged.TYPE
    kinds = {json.loads(path.read_bytes())["data"]["step"]["kind"] for path in shown.iterdir()}
    assert kinds == KINDS
