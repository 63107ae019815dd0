"""People's reactions to the facts of a handoff."""

from datetime import timedelta

import pytest

from handoff.domain.handoff.commands import (
    Accept,
    AnswerLead,
    Close,
    Message,
    Reassign,
    RecordContact,
    RecordMeeting,
    Reject,
    Resubmit,
)
from handoff.domain.handoff.policy import ClockPolicy
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import Outcome
from handoff.simulation.people import People, Planned, settled
from handoff.simulation.scenario import Scenario
from kakehashi_common.yaml_models import read_model
from tests.support.handoffs import Life, at

HOURS = ", ".join(
    f'{day}: ["09:00-12:00", "13:00-18:00"]'
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
)
SCENARIO = f"""\
title: 東日本営業部
starts: 2026-11-30
teams: {{east: {{name: 東日本営業部, lead: fs-2, hours: {{{HOURS}}}}}}}
members:
  fs-1: {{team_id: east, name: 斎藤 恵, roles: [field_sales], capacity: 9, habits: {{HABITS}}}}
  fs-2: {{team_id: east, name: 加藤 亮, roles: [field_sales], capacity: 9}}
  is-1: {{team_id: east, name: 阿部 彩, roles: [inside_sales], capacity: 0}}
leads: {{per_week: 3, municipalities: ["102032"], policy_areas: [digital], grades: [A1]}}
deals: {{won_percent: 100, lost_percent: 0, no_decision_percent: 0}}
"""


def people(habits: str = "") -> People:
    text = SCENARIO.replace("HABITS", habits).replace("{}", "{answer_hours: [1, 6]}")
    return People(read_model(text, Scenario))


def life() -> Life:
    return Life("2026-11-30 10:00", members=["fs-1"], lead_created_at=at("2026-11-30 09:30"))


def planned(life: Life, who: People) -> list[Planned]:
    """Return the reactions to the last decision."""
    _, decision = life.decisions[-1]
    return [each for fact in decision.facts for each in who.reactions(decision.state, fact)]


def messages(life: Life, habits: str = "") -> list[Message]:
    return [each.message for each in planned(life, people(habits))]


def test_inside_sales_answers_the_lead_and_field_sales_what_is_handed_off() -> None:
    begun = life()
    _, requested = begun.decisions[0]
    [answer] = people().reactions(requested.state, requested.facts[0])
    assert isinstance(answer.message, AnswerLead)
    assert (answer.message.by, answer.message.at) == ("is-1", answer.at)
    assert at("2026-11-30 11:00") < answer.at < at("2026-11-30 18:00")
    [accepted] = planned(begun, people())
    assert accepted.message == Accept("fs-1", origin="simulation")


def test_a_quick_seller_answers_within_the_hours_and_a_slow_one_later() -> None:
    for hours, first, last in (
        ("[1, 2]", "2026-11-30 11:00", "2026-11-30 13:01"),
        ("[6, 8]", "2026-11-30 17:00", "2026-12-01 11:00"),
    ):
        [answer] = planned(life(), people(f"answer_hours: {hours}"))
        assert at(first) < answer.at < at(last)
        assert answer.at.second == 20


def test_who_ignores_everything_answers_nothing() -> None:
    assert messages(life(), "ignores_percent: 100") == []


@pytest.mark.parametrize(
    ("reason", "given"),
    [
        ("too_early", "until"),
        ("facts_missing", "missing_facts"),
        ("no_need", None),
        ("wrong_territory", None),
    ],
)
def test_a_rejection_says_what_its_consequence_needs(reason: str, given: str | None) -> None:
    begun = life()
    [answer] = messages(begun, f"rejects_percent: {{{reason}: 100}}")
    assert isinstance(answer, Reject)
    assert answer.reason is RejectionReason(reason)
    assert [each for each in ("until", "missing_facts") if getattr(answer, each)] == (
        [given] if given else []
    )
    begun.then("2026-11-30 15:00").do(answer)  # the handoff takes it


def test_a_handoff_goes_on_from_acceptance_to_a_won_deal() -> None:
    going = life()
    for expected in (Accept, RecordContact, RecordMeeting, Close):
        [following] = planned(going, people())
        assert isinstance(following.message, expected)
        going.now = following.at
        going.do(following.message)
    assert going.state.outcome is Outcome.WON


def test_who_forgets_calls_once_the_lead_has_been_told() -> None:
    forgetful = life()
    forgetful.do(Accept("fs-1"))
    habits = "forgets_percent: 100"
    assert messages(forgetful, habits) == []
    forgetful.then("2026-12-01 10:00")
    [contact] = messages(forgetful, habits)
    assert isinstance(contact, RecordContact)


def test_what_was_asked_back_is_supplied_by_the_sender() -> None:
    begun = life()
    begun.do(Reject("fs-1", RejectionReason.FACTS_MISSING, missing_facts=("need",)))
    assert messages(begun) == [Resubmit("is-1", ("need",), origin="simulation")]


def test_the_lead_gives_to_somebody_else_what_is_not_answered() -> None:
    ignored = Life("2026-11-30 10:00", members=["fs-1"], policy=ClockPolicy(reassignments=0))
    ignored.then("2026-12-01 10:00")
    [given] = messages(ignored, "ignores_percent: 100")
    assert isinstance(given, Reassign)
    assert (given.by, given.from_member, given.to) == ("fs-2", "fs-1", None)


def test_the_same_seed_decides_the_same() -> None:
    assert planned(life(), people()) == planned(life(), people())


@pytest.mark.parametrize(
    ("late", "seconds"), [(timedelta(milliseconds=40), 0), (timedelta(seconds=24), 20)]
)
def test_an_instant_is_read_without_the_time_a_workflow_took(late: timedelta, seconds: int) -> None:
    assert settled(at("2026-11-30 10:00") + late) == at("2026-11-30 10:00") + timedelta(
        seconds=seconds
    )
