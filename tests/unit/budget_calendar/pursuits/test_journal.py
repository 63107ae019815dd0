"""Notices of a pursuit to its owner, as the reasons that other services read."""

from datetime import UTC, date, datetime

from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.pursuits.journal import events_of
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from tests.support.pursuits import OWNER, Life

AT = datetime(2026, 9, 1, tzinfo=UTC)
GOAL = PursuitGoal("welfare", 12_000_000, date(2027, 4, 1), ContractCategory.SERVICES)


def test_a_reason_names_the_policy_area_of_what_is_pursued() -> None:
    life = Life(GOAL, date(2026, 5, 11))
    life.until(date(2026, 12, 1))
    told = life.told()

    events = events_of(life.state, told, AT)
    reasons = [ReasonArisen.model_validate(each.data) for each in events]

    assert len({each.reason for each in told}) > 1
    assert {each.urgent for each in told} == {False, True}
    for reason, effect in zip(reasons, told, strict=True):
        assert (reason.policy_area, reason.owner, reason.pursuit_id) == ("welfare", OWNER, "p-1")
        assert (reason.urgent, reason.importance) == (effect.urgent, 3 if effect.urgent else 2)
