from datetime import date, timedelta
from typing import Any

import pytest

from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.pursuit import ReminderPolicy, decide, open_pursuit
from budget_calendar.domain.pursuit.commands import (
    Begin,
    Cancel,
    ChooseRoute,
    Command,
    Confirm,
    ConfirmationOverdue,
    EndPause,
    OpenSuccessor,
    Pause,
    Resume,
    Review,
    ReviseGoal,
    RoutesPlanned,
)
from budget_calendar.domain.pursuit.state import Level
from budget_calendar.domain.stages import Outcome, Stage
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.pursuits import OWNER, Life

GOAL = PursuitGoal("digital", 12_000_000, date(2027, 4, 1), ContractCategory.SERVICES)
REVISED = PursuitGoal("digital", 9_000_000, date(2027, 4, 1), ContractCategory.SERVICES)
DONE, CUT, RESTORED, FAILED = Outcome.DONE, Outcome.CUT, Outcome.RESTORED, Outcome.FAILED
AUGUST = date(2026, 8, 20)
NOVEMBER = date(2026, 11, 2)
REQUESTED = date(2026, 10, 15)


def opened() -> Life:
    return Life(GOAL, AUGUST)


def requested() -> Life:
    """Asked for on 15 October; today is 2 November."""
    life = opened()
    life.confirm(Stage.QUOTE, on=date(2026, 8, 25))
    life.confirm(Stage.REQUEST, on=REQUESTED)
    life.until(NOVEMBER)
    return life


def cut() -> Life:
    life = requested()
    life.confirm(Stage.ASSESSMENT, CUT, on=date(2027, 1, 22))
    return life


def paused() -> Life:
    life = requested()
    life.do(Pause(date(2027, 1, 4), OWNER))
    return life


def cancelled() -> Life:
    life = requested()
    life.do(Cancel(OWNER))
    return life


def concluded() -> Life:
    life = requested()
    life.confirm(Stage.ASSESSMENT, on=date(2027, 1, 25))
    life.confirm(Stage.VOTE, on=date(2027, 3, 19))
    life.confirm(Stage.CONTRACT, on=date(2027, 6, 1))
    return life


def confirm(stage: Stage, outcome: Outcome, on: date = NOVEMBER, **more: Any) -> Confirm:
    return Confirm(stage, outcome, on, **{"by": OWNER, **more})


REFUSALS: list[tuple[Any, Command, str | None, str]] = [
    (opened, confirm(Stage.QUOTE, DONE, date(1926, 8, 20)), "on", "date_too_early"),
    (opened, confirm(Stage.QUOTE, DONE, AUGUST - timedelta(days=733)), "on", "date_too_early"),
    (requested, confirm(Stage.QUOTE, DONE), "stage", "stage_passed"),
    (requested, confirm(Stage.VOTE, DONE), "stage", "stage_not_reached"),
    (requested, confirm(Stage.CONTRACT, DONE), "stage", "stage_not_reached"),
    (requested, confirm(Stage.RENEWAL, DONE), "stage", "stage_not_on_route"),
    (requested, confirm(Stage.GRANT_DECISION, DONE), "stage", "stage_not_on_route"),
    (requested, confirm(Stage.PROOF_OF_CONCEPT, DONE), "stage", "stage_not_on_route"),
    (requested, confirm(Stage.ASSESSMENT, Outcome.SKIPPED), "outcome", "outcome_unknown"),
    (requested, confirm(Stage.ASSESSMENT, RESTORED), "outcome", "nothing_cut"),
    (requested, confirm(Stage.ASSESSMENT, FAILED), "outcome", "nothing_cut"),
    (requested, confirm(Stage.ASSESSMENT, DONE, date(2026, 11, 3)), "on", "date_in_future"),
    (
        requested,
        confirm(Stage.ASSESSMENT, DONE, date(2026, 10, 14)),
        "on",
        "date_before_previous_stage",
    ),
    (requested, confirm(Stage.ASSESSMENT, DONE, by=" "), "by", "by_missing"),
    (requested, confirm(Stage.ASSESSMENT, DONE, note="x" * 501), "note", "note_too_long"),
    (cut, confirm(Stage.ASSESSMENT, DONE, date(2027, 1, 22)), "outcome", "was_cut"),
    (
        cut,
        confirm(Stage.ASSESSMENT, RESTORED, date(2027, 1, 21)),
        "on",
        "date_before_previous_stage",
    ),
    (requested, ChooseRoute("initial_budget:2099", OWNER), "route_id", "route_unknown"),
    (requested, ChooseRoute("initial_budget:2027", OWNER), "route_id", "route_taken"),
    (requested, ChooseRoute("reserve:2026", OWNER), "route_id", "route_not_feasible"),
    (concluded, ChooseRoute("initial_budget:2028", OWNER), None, "contract_concluded"),
    (requested, ReviseGoal(GOAL, OWNER), "goal", "goal_unchanged"),
    (concluded, ReviseGoal(REVISED, OWNER), None, "contract_concluded"),
    (requested, Pause(NOVEMBER, OWNER), "until", "date_in_past"),
    (requested, Pause(date(2030, 1, 1), OWNER), "until", "pause_too_long"),
    (requested, Cancel(""), "by", "by_missing"),
    (requested, Cancel("x" * 256), "by", "by_missing"),
    (requested, Pause(date(2027, 1, 4), OWNER, "x" * 501), "note", "note_too_long"),
    (requested, Pause(date(2027, 1, 4), OWNER, "later\0"), "note", "not_text"),
    (requested, Cancel("fs\0east"), "by", "not_text"),
    (requested, Resume(OWNER), None, "not_paused"),
    (paused, EndPause(), None, "not_due"),
    (paused, Pause(date(2027, 2, 1), OWNER), None, "pursuit_paused"),
    (paused, confirm(Stage.ASSESSMENT, DONE), None, "pursuit_paused"),
    (paused, ReviseGoal(REVISED, OWNER), None, "pursuit_paused"),
    (cancelled, confirm(Stage.ASSESSMENT, DONE), None, "pursuit_ended"),
    (cancelled, Resume(OWNER), None, "pursuit_ended"),
    (cancelled, Cancel(OWNER), None, "pursuit_ended"),
    (cancelled, RoutesPlanned(()), None, "pursuit_ended"),
    (requested, RoutesPlanned(()), "routes", "no_routes"),
    (requested, ConfirmationOverdue(Stage.ASSESSMENT, Level.REMINDER), None, "not_due"),
    (requested, ConfirmationOverdue(Stage.REQUEST, Level.REMINDER), None, "not_due"),
    (requested, Begin(Stage.QUOTE), None, "not_due"),
    (requested, Review(), None, "not_due"),
    (requested, OpenSuccessor(), None, "not_due"),
]


@pytest.mark.parametrize(("situation", "command", "field", "code"), REFUSALS)
def test_nonsense_is_refused_by_field_and_nothing_changes(
    situation: Any, command: Command, field: str | None, code: str
) -> None:
    life = situation()
    before = life.state
    with pytest.raises(DomainError) as refused:
        life.do(command)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert life.state is before


def test_a_pursuit_without_a_route_has_nothing_to_confirm() -> None:
    state = open_pursuit(
        "p-2", "102032", OWNER, GOAL, (), NOVEMBER, business_days=BUSINESS_DAYS
    ).state
    with pytest.raises(DomainError) as refused:
        decide(state, confirm(Stage.QUOTE, DONE), NOVEMBER, BUSINESS_DAYS)
    assert refused.value.code == "no_route"


@pytest.mark.parametrize(("reminder", "escalation", "review"), [(5, 5, 1), (-1, 3, 1), (3, 10, 0)])
def test_patience_out_of_order_is_refused(reminder: int, escalation: int, review: int) -> None:
    with pytest.raises(DomainError) as refused:
        ReminderPolicy(reminder, escalation, review)
    assert refused.value.code == "patience_out_of_order"


@pytest.mark.parametrize(
    ("pursuit_id", "owner", "field"), [("", "a", "pursuit_id"), ("p", "", "owner")]
)
def test_a_pursuit_needs_an_id_and_an_owner(pursuit_id: str, owner: str, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        open_pursuit(pursuit_id, "102032", owner, GOAL, (), NOVEMBER, business_days=BUSINESS_DAYS)
    assert refused.value.field == field


def test_whoever_asks_may_be_called_as_long_as_a_tokens_subject() -> None:
    life = opened()
    life.do(confirm(Stage.HEARINGS, DONE, AUGUST, by="s" * 255))
    said = life.state.confirmation(Stage.HEARINGS)
    assert said is not None
    assert said.by == "s" * 255


def test_what_lies_some_time_back_can_be_confirmed() -> None:
    life = opened()
    life.do(confirm(Stage.HEARINGS, DONE, AUGUST - timedelta(days=732)))
    assert life.state.confirmation(Stage.HEARINGS) is not None


def test_a_person_may_return_to_a_route_whose_request_was_in_before_its_deadline() -> None:
    life = Life(GOAL, date(2026, 8, 20))
    life.until(date(2027, 1, 31))  # nobody said anything: it went on to June
    assert life.state.route is not None
    assert life.state.route.id == "supplementary_budget:2027:2"
    life.choose("initial_budget:2027")
    life.do(confirm(Stage.QUOTE, DONE, date(2026, 9, 1)))
    life.do(confirm(Stage.REQUEST, DONE, date(2026, 10, 29)))
    life.do(confirm(Stage.ASSESSMENT, DONE, date(2027, 1, 25)))
    assert life.state.stage is Stage.VOTE
