from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.pursuit.commands import Confirm, Pause, ReviseGoal, RoutesPlanned
from budget_calendar.domain.pursuit.effects import (
    BeginSuccessor,
    Budgeted,
    Ended,
    OwnerReason,
    Restored,
    WasCut,
    Won,
)
from budget_calendar.domain.pursuit.narrative import narrative, summary
from budget_calendar.domain.pursuit.state import Ending, HistoryEntryKind, Status
from budget_calendar.domain.routes.route import RouteKind
from budget_calendar.domain.stages import Outcome, Stage
from budget_calendar.pursuits.messages import next_action_on
from kakehashi_common.domain.errors import DomainError
from tests.support.budget_calendars import a_calendar, a_subsidy
from tests.support.pursuits import Life

ONE_OFF = PursuitGoal("digital", 12_000_000, date(2027, 4, 1), ContractCategory.SERVICES)
FIVE_YEARS = PursuitGoal("digital", 30_000_000, date(2027, 4, 1), ContractCategory.LEASE, years=5)


def until_requested(life: Life) -> None:
    life.confirm(Stage.STUDY_SESSIONS, Outcome.SKIPPED, on=date(2026, 6, 15))
    life.confirm(Stage.HEARINGS, on=date(2026, 7, 10))
    life.confirm(Stage.QUOTE, on=date(2026, 8, 12))
    life.confirm(Stage.REQUEST, on=date(2026, 10, 15))


def test_a_plain_year_from_the_first_talk_to_the_work_done() -> None:
    life = Life(ONE_OFF, date(2026, 5, 11))
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, on=date(2027, 1, 25))
    life.confirm(Stage.VOTE, on=date(2027, 3, 19))
    life.confirm(Stage.CONTRACT, on=date(2027, 6, 1))
    life.confirm(Stage.EXECUTION, on=date(2028, 3, 15))
    assert life.facts == [
        Budgeted(RouteKind.INITIAL_BUDGET, 2027, 12_000_000, date(2027, 3, 19)),
        Won(date(2027, 6, 1), date(2028, 3, 31)),
        Ended(Ending.COMPLETED, date(2028, 3, 15)),
    ]
    assert not [t for t in life.told() if t.reason is OwnerReason.STAGE_UNCONFIRMED]


def test_a_stage_begins_by_its_lead_time_while_others_still_decide() -> None:
    life = Life(ONE_OFF, date(2026, 5, 11))
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, on=date(2027, 1, 25))
    assert life.state.route is not None
    contract = life.state.route.step(Stage.CONTRACT)
    assert contract is not None
    life.until(contract.begin_by)
    begun = [t for t in life.told() if t.reason is OwnerReason.STAGE_BEGINS]
    assert begun[-1].stage is Stage.CONTRACT
    assert life.state.stage is Stage.VOTE
    assert contract.begin_by < contract.act_by


def test_a_renewal_begins_years_before_the_contract_ends_and_on_a_business_day() -> None:
    life = Life(FIVE_YEARS, date(2026, 5, 11))
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, on=date(2027, 1, 25))
    life.confirm(Stage.VOTE, on=date(2027, 3, 19))
    life.confirm(Stage.CONTRACT, on=date(2027, 4, 1))  # until 31 March 2032
    life.until(date(2031, 4, 1))
    begun = {t.stage: t.good_from for t in life.told() if t.reason is OwnerReason.STAGE_BEGINS}
    assert begun[Stage.RENEWAL] == date(2031, 4, 1)
    assert life.state.stage is Stage.EXECUTION


@pytest.mark.parametrize(
    ("day", "next_on", "why"),
    [
        (date(2026, 5, 11), date(2026, 6, 19), "hearings begin"),
        (date(2026, 6, 19), date(2026, 7, 17), "the quote begins"),
        (date(2026, 7, 20), date(2026, 8, 17), "the quote is due; the request begins later"),
        (date(2027, 1, 4), date(2027, 1, 25), "the assessment is expected"),
    ],
)
def test_what_is_next_is_the_next_thing_to_begin_or_to_wait_for(
    day: date, next_on: date, why: str
) -> None:
    life = Life(ONE_OFF, date(2026, 5, 11))
    if day > date(2026, 10, 15):
        until_requested(life)
    life.until(day)
    assert next_action_on(life.state) == next_on, why


def test_cut_at_assessment_and_restored() -> None:
    life = Life(ONE_OFF, date(2026, 5, 11))
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, Outcome.CUT, on=date(2027, 1, 22))
    offer = life.told(date(2027, 1, 22))[-1]
    assert (offer.reason, offer.urgent) == (OwnerReason.RESTORATION_OPEN, True)
    assert offer.good_until == date(2027, 1, 26)
    life.confirm(Stage.ASSESSMENT, Outcome.RESTORED, on=date(2027, 1, 29))
    life.confirm(Stage.VOTE, on=date(2027, 3, 20))
    assert life.facts == [
        WasCut(RouteKind.INITIAL_BUDGET, Stage.ASSESSMENT, date(2027, 1, 22), "restoration"),
        Restored(RouteKind.INITIAL_BUDGET, date(2027, 1, 29)),
        Budgeted(RouteKind.INITIAL_BUDGET, 2027, 12_000_000, date(2027, 3, 20)),
    ]


def test_cut_restored_cut_again_by_the_council_then_budgeted_in_june() -> None:
    life = Life(ONE_OFF, date(2026, 5, 11))
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, Outcome.CUT, on=date(2027, 1, 22))
    life.confirm(Stage.ASSESSMENT, Outcome.RESTORED, on=date(2027, 1, 29))
    life.confirm(Stage.VOTE, Outcome.CUT, on=date(2027, 3, 20))
    assert life.state.route is not None
    assert life.state.route.id == "supplementary_budget:2027:2"
    assert life.state.confirmation(Stage.HEARINGS) is not None  # what was learnt stays
    life.confirm(Stage.QUOTE, on=date(2027, 3, 25))
    life.confirm(Stage.REQUEST, on=date(2027, 4, 5))
    life.confirm(Stage.ASSESSMENT, on=date(2027, 6, 1))
    life.confirm(Stage.VOTE, on=date(2027, 6, 24))
    assert life.facts[-1] == Budgeted(
        RouteKind.SUPPLEMENTARY_BUDGET, 2027, 12_000_000, date(2027, 6, 24)
    )


def test_an_extraordinary_session_is_taken_by_a_person_alone() -> None:
    called = {"extraordinary_session:202701": date(2027, 5, 14)}

    def calendar_of(year: int) -> BudgetCalendar:
        return a_calendar(year, moved=called if year == 2027 else {})

    life = Life(ONE_OFF, date(2026, 5, 11), calendar_of=calendar_of)
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, Outcome.CUT, on=date(2027, 2, 2))
    assert life.state.route is not None
    assert life.state.route.id == "supplementary_budget:2027:2"
    life.choose("supplementary_budget:2027:202701")
    life.confirm(Stage.REQUEST, on=date(2027, 4, 28))
    life.confirm(Stage.ASSESSMENT, on=date(2027, 5, 7))
    life.confirm(Stage.VOTE, on=date(2027, 5, 14))
    assert life.facts[-1] == Budgeted(
        RouteKind.SUPPLEMENTARY_BUDGET, 2027, 12_000_000, date(2027, 5, 14)
    )


def test_restoration_refused_leads_to_june_then_to_next_years_budget() -> None:
    life = Life(ONE_OFF, date(2026, 5, 11))
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, Outcome.CUT, on=date(2027, 1, 22))
    life.confirm(Stage.ASSESSMENT, Outcome.FAILED, on=date(2027, 1, 29))
    ways = []
    while life.state.route and life.state.route.kind is RouteKind.SUPPLEMENTARY_BUDGET:
        ways.append(life.state.route.id)
        life.confirm(Stage.QUOTE)
        life.confirm(Stage.REQUEST, Outcome.FAILED)
    assert ways == [f"supplementary_budget:2027:{n}" for n in "234"]
    assert life.state.route is not None
    assert life.state.route.id == "initial_budget:2028"


def test_a_restoration_nobody_answers_counts_as_refused() -> None:
    life = Life(ONE_OFF, date(2026, 5, 11))
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, Outcome.CUT, on=date(2027, 1, 22))
    life.until(date(2027, 2, 28))
    assert life.state.route is not None
    assert life.state.route.id == "supplementary_budget:2027:2"
    kinds = [h.kind for h in life.state.history if h.on >= date(2027, 1, 22)]
    assert kinds == [
        HistoryEntryKind.CONFIRMED,
        HistoryEntryKind.RESTORATION_OPEN,
        HistoryEntryKind.REMINDED,
        HistoryEntryKind.ESCALATED,
        HistoryEntryKind.SET_BACK,
        HistoryEntryKind.ROUTE_TAKEN,
    ]


def test_a_cut_after_the_restoration_deadline_goes_straight_to_the_next_budget() -> None:
    life = Life(ONE_OFF, date(2026, 5, 11))
    until_requested(life)
    effects = life.confirm(Stage.ASSESSMENT, Outcome.CUT, on=date(2027, 2, 2))
    assert effects[0] == WasCut(
        RouteKind.INITIAL_BUDGET, Stage.ASSESSMENT, date(2027, 2, 2), "supplementary_budget"
    )
    assert life.state.route is not None
    assert life.state.route.id == "supplementary_budget:2027:2"


def test_a_five_year_contract_runs_to_its_renewal_and_opens_its_successor_in_time() -> None:
    life = Life(FIVE_YEARS, date(2026, 5, 11))
    assert life.state.route is not None
    assert life.state.route.kind is RouteKind.LONG_TERM_CONTRACT
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, on=date(2027, 1, 25))
    life.confirm(Stage.VOTE, on=date(2027, 3, 19))
    life.confirm(Stage.CONTRACT, on=date(2027, 4, 1))
    assert life.state.contract_until == date(2032, 3, 31)
    life.until(date(2031, 3, 31))
    assert not [e for _, e in life.effects if isinstance(e, BeginSuccessor)]
    life.until(date(2031, 4, 1))
    successors = [e for _, e in life.effects if isinstance(e, BeginSuccessor)]
    assert [s.goal.wanted_start for s in successors] == [date(2032, 4, 1)]
    assert successors[0].goal.continues_contract
    life.confirm(Stage.EXECUTION, on=date(2032, 3, 31))
    life.confirm(Stage.RENEWAL, on=date(2032, 4, 1))
    assert life.facts[-1] == Ended(Ending.RENEWED, date(2032, 4, 1))

    following = Life(successors[0].goal, date(2031, 4, 1))
    assert following.state.route is not None
    assert following.state.route.id == "long_term_contract:2032"


def test_in_a_skeleton_year_the_pursuit_waits_for_the_budget_after_the_election() -> None:
    def calendar_of(year: int) -> BudgetCalendar:
        return a_calendar(
            year,
            skeleton=0.9 if year == 2026 else None,
            post_election=date(2027, 6, 28) if year == 2027 else None,
        )

    life = Life(ONE_OFF, date(2026, 5, 11), calendar_of=calendar_of)
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, on=date(2027, 1, 25))
    life.until(date(2027, 6, 27))  # the vote in March is none of ours: nobody is reminded of it
    assert not [t for t in life.told() if t.reason is OwnerReason.STAGE_UNCONFIRMED]
    life.confirm(Stage.VOTE, on=date(2027, 6, 28))
    assert life.facts == [Budgeted(RouteKind.INITIAL_BUDGET, 2027, 12_000_000, date(2027, 6, 28))]


def test_the_vote_after_an_election_follows_the_calendar_into_the_new_year() -> None:
    def voted_on(day: date) -> Callable[[int], BudgetCalendar]:
        return lambda year: a_calendar(
            year,
            skeleton=0.9 if year == 2026 else None,
            post_election=day if year == 2027 else None,
        )

    life = Life(ONE_OFF, date(2026, 5, 11), calendar_of=voted_on(date(2027, 6, 28)))
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, on=date(2027, 1, 25))
    life.until(date(2027, 5, 10))
    life.calendar_of = voted_on(date(2027, 7, 5))
    life.do(RoutesPlanned(life.routes(ONE_OFF)))
    assert life.state.route is not None
    assert life.state.route.id == "initial_budget:2027"
    assert life.state.next_step is not None
    assert (life.state.next_step.stage, life.state.next_step.act_by) == (
        Stage.VOTE,
        date(2027, 7, 5),
    )


def test_what_the_council_rejected_is_not_paid_from_the_reserve() -> None:
    small = replace(ONE_OFF, amount=900_000, wanted_start=date(2026, 10, 1))
    life = Life(small, date(2026, 5, 11))
    life.choose("supplementary_budget:2026:3")
    life.confirm(Stage.REQUEST, on=date(2026, 7, 3))
    life.confirm(Stage.ASSESSMENT, on=date(2026, 8, 25))
    life.confirm(Stage.VOTE, Outcome.FAILED, on=date(2026, 9, 28))
    assert "reserve:2026" in [r.id for r in life.state.routes if r.feasible]
    assert "reserve:2026" in life.state.tried
    assert "reallocation:2026" not in life.state.tried


def test_a_grant_that_is_not_awarded_sends_the_pursuit_on() -> None:
    life = Life(ONE_OFF, date(2026, 5, 11), subsidies=[a_subsidy()])
    life.choose("subsidy:digital-2027")
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, on=date(2027, 1, 25))
    life.confirm(Stage.GRANT_APPLICATION, on=date(2027, 2, 8))
    life.confirm(Stage.VOTE, on=date(2027, 3, 19))
    life.confirm(Stage.GRANT_DECISION, Outcome.FAILED, on=date(2027, 4, 2))
    assert life.state.route is not None
    assert life.state.route.id == "supplementary_budget:2027:2"


def test_the_application_for_a_grant_waits_for_nothing() -> None:
    life = Life(ONE_OFF, date(2026, 5, 11), subsidies=[a_subsidy()])
    life.choose("subsidy:digital-2027")
    until_requested(life)
    life.until(date(2027, 3, 1))  # nobody says what became of the assessment, nor applies
    told = [
        (tell.reason, tell.good_from, tell.urgent)
        for tell in life.told()
        if tell.stage is Stage.GRANT_APPLICATION
    ]
    assert told == [
        (OwnerReason.STAGE_BEGINS, date(2026, 12, 15), False),  # as consultation opens
        (OwnerReason.STAGE_UNCONFIRMED, date(2027, 2, 16), False),
        (OwnerReason.STAGE_UNCONFIRMED, date(2027, 2, 26), True),
    ]
    life.confirm(Stage.ASSESSMENT, on=date(2027, 3, 2))
    life.confirm(Stage.VOTE, on=date(2027, 3, 19))
    assert life.state.confirmation(Stage.GRANT_APPLICATION) is None
    life.do(Confirm(Stage.GRANT_APPLICATION, Outcome.DONE, date(2027, 2, 9), "fs-east"))
    life.confirm(Stage.GRANT_DECISION, on=date(2027, 4, 1))
    assert life.state.stage is Stage.CONTRACT
    assert not [h for h in life.state.history if h.kind is HistoryEntryKind.PASSED_OVER]


def test_a_grant_decision_implies_that_it_was_applied_for() -> None:
    life = Life(ONE_OFF, date(2026, 5, 11), subsidies=[a_subsidy()])
    life.choose("subsidy:digital-2027")
    until_requested(life)
    with pytest.raises(DomainError) as refused:
        life.confirm(Stage.VOTE)
    assert "confirm assessment first" in refused.value.message
    life.confirm(Stage.ASSESSMENT, on=date(2027, 1, 25))
    life.confirm(Stage.VOTE, on=date(2027, 3, 19))
    life.confirm(Stage.GRANT_DECISION, on=date(2027, 4, 1))
    passed = [h.stage for h in life.state.history if h.kind is HistoryEntryKind.PASSED_OVER]
    assert passed == [Stage.GRANT_APPLICATION]


def test_silence_reminds_then_escalates_once_and_finally_plans_again() -> None:
    life = Life(ONE_OFF, date(2026, 9, 1))
    life.confirm(Stage.QUOTE, on=date(2026, 9, 10))
    life.until(date(2026, 11, 30))
    asked = [
        (t.good_from, t.urgent)
        for t in life.told()
        if t.reason is OwnerReason.STAGE_UNCONFIRMED and t.stage is Stage.REQUEST
    ]
    # Likely on Friday, 30 October: three and ten business days later, 3 November is a holiday.
    assert asked[:2] == [(date(2026, 11, 5), False), (date(2026, 11, 16), True)]
    life.until(date(2027, 1, 31))
    assert HistoryEntryKind.LAPSED in [h.kind for h in life.state.history]
    assert life.state.route is not None
    assert life.state.route.id == "supplementary_budget:2027:2"


def test_a_vote_nobody_confirms_is_asked_for_until_somebody_does() -> None:
    life = Life(ONE_OFF, date(2026, 5, 11))
    until_requested(life)
    life.until(date(2027, 12, 31))
    asked = [t for t in life.told() if t.stage is Stage.ASSESSMENT and t.urgent]
    assert len(asked) >= 6
    life.confirm(Stage.ASSESSMENT, on=date(2028, 1, 5))
    assert life.state.stage is Stage.VOTE


def test_a_calendar_that_moves_asks_again_for_the_new_date_only() -> None:
    life = Life(ONE_OFF, date(2026, 5, 11))
    life.confirm(Stage.QUOTE, on=date(2026, 8, 12))

    def moved(year: int) -> BudgetCalendar:
        days = {"request_deadline": date(2026, 9, 30)} if year == 2026 else {}
        return a_calendar(year, moved=days)

    life.calendar_of = moved
    for _ in range(100):
        life.do(RoutesPlanned(life.routes(life.state.goal)))
    assert [h.kind for h in life.state.history].count(HistoryEntryKind.DATES_MOVED) == 1
    assert "2026年9月30日" in summary(life.state).ja
    life.until(date(2026, 10, 5))
    asked = [t for t in life.told() if t.reason is OwnerReason.STAGE_UNCONFIRMED]
    assert [t.good_from for t in asked if t.stage is Stage.REQUEST] == [date(2026, 10, 5)]


@pytest.mark.parametrize("paused", [False, True])
def test_a_new_goal_or_a_pause_does_not_end_the_asking(*, paused: bool) -> None:
    life = Life(ONE_OFF, date(2026, 5, 11))
    until_requested(life)
    life.until(date(2027, 2, 20))  # the assessment has been reminded of and escalated
    if paused:
        life.do(Pause(date(2027, 2, 22), "fs-east"))
    else:
        life.do(ReviseGoal(replace(ONE_OFF, amount=11_000_000), "fs-east"))
    life.until(date(2027, 4, 30))
    later = [t for t in life.told(date(2027, 2, 23)) if t.stage is Stage.ASSESSMENT]
    assert len(later) >= 2


def test_a_pause_is_quiet_and_ends_by_itself() -> None:
    life = Life(ONE_OFF, date(2026, 9, 1))
    life.do(Pause(date(2027, 2, 1), "fs-east", "election"))
    quiet = len(life.effects)
    life.until(date(2027, 1, 31))
    assert len(life.effects) == quiet
    life.until(date(2027, 2, 1))
    assert life.state.status is Status.ACTIVE
    assert life.state.route is not None
    assert life.state.route.id == "supplementary_budget:2027:2"  # the deadline passed meanwhile


def test_without_any_route_it_is_looked_at_again_until_there_is_one() -> None:
    def unknown(year: int) -> BudgetCalendar:
        return a_calendar(year, without=["request_deadline", *_SUPPLEMENTARY])

    life = Life(ONE_OFF, date(2026, 5, 11), calendar_of=unknown)
    assert life.state.route is None
    assert life.told()[-1].reason is OwnerReason.NO_ROUTE
    life.until(date(2026, 8, 1))
    assert life.state.route is None
    life.calendar_of = a_calendar
    life.until(date(2026, 9, 30))
    assert life.state.route is not None
    assert life.state.route.id == "initial_budget:2027"


_SUPPLEMENTARY = [f"supplementary_request_deadline:{n}" for n in "1234"]


def test_the_story_reads_in_both_languages() -> None:
    life = Life(ONE_OFF, date(2026, 5, 11))
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, Outcome.CUT, on=date(2027, 1, 22))
    assert [text.ja for text in narrative(life.state)] == [
        "2026年5月11日、案件を開始しました。",
        "2026年5月11日、「令和9年度当初予算」で進めることにしました。",
        "2026年6月15日、勉強会は行わずに進みました。",
        "2026年7月10日、ヒアリングを行いました。",
        "2026年8月12日、参考見積を提出しました。",
        "2026年10月15日、担当課が予算を要求しました。",
        "2027年1月22日、査定で削られました。",
        "2027年1月22日、2027年1月26日までに復活要求ができることを担当者に伝えました。",
        "次は復活要求です。期限は2027年1月26日（2027年1月26日から2027年2月1日の間、一般的な慣行）。",
        "目標は1,200万円、進め方は「令和9年度当初予算」です。",
    ]
    assert [text.en for text in narrative(life.state)][-4:] == [
        "22 January 2027: it was cut at assessment.",
        (
            "22 January 2027: the owner was told that restoration can be asked for until "
            "26 January 2027."
        ),
        (
            "Next is the request for restoration, due by 26 January 2027 "
            "(between 26 January 2027 and 1 February 2027, common practice)."
        ),
        "The goal is ¥12,000,000; the route is the initial budget of fiscal 2027.",
    ]


def test_a_request_made_without_our_quote_can_be_confirmed() -> None:
    life = Life(ONE_OFF, date(2026, 9, 1))
    life.until(date(2026, 11, 6))
    unconfirmed = {t.stage for t in life.told() if t.reason is OwnerReason.STAGE_UNCONFIRMED}
    assert {Stage.QUOTE, Stage.REQUEST} <= unconfirmed  # the quote doesn't hide the deadline
    life.confirm(Stage.REQUEST)
    assert [h.stage for h in life.state.history if h.kind is HistoryEntryKind.PASSED_OVER] == [
        Stage.QUOTE
    ]
    assert "2026年11月6日、参考見積の提出は記録のないまま、先へ進みました。" in [
        text.ja for text in narrative(life.state)
    ]


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.FAILED])
def test_a_proof_of_concept_for_next_years_budget_can_be_recorded(outcome: Outcome) -> None:
    life = Life(ONE_OFF, date(2026, 4, 6))
    assert life.state.route is not None
    route = life.state.route
    assert (route.id, route.step(Stage.PROOF_OF_CONCEPT)) == ("initial_budget:2027", None)
    life.confirm(Stage.PROOF_OF_CONCEPT, outcome, on=date(2026, 8, 3))
    assert life.state.route.id == route.id
    assert [c.stage for c in life.state.confirmed] == [Stage.PROOF_OF_CONCEPT]
    with pytest.raises(DomainError) as refused:
        life.confirm(Stage.PROOF_OF_CONCEPT, outcome)
    assert refused.value.code == "stage_passed"
    life.confirm(Stage.REQUEST, on=date(2026, 10, 15))
    life.confirm(Stage.ASSESSMENT, Outcome.CUT, on=date(2027, 2, 2))
    assert life.state.confirmation(Stage.PROOF_OF_CONCEPT) is not None  # on any route


def test_a_contract_that_is_lost_or_ends_early_ends_the_pursuit_aloud() -> None:
    for stage, ending in ((Stage.CONTRACT, Ending.LOST), (Stage.EXECUTION, Ending.TERMINATED)):
        life = Life(ONE_OFF, date(2026, 5, 11))
        until_requested(life)
        life.confirm(Stage.ASSESSMENT, on=date(2027, 1, 25))
        life.confirm(Stage.VOTE, on=date(2027, 3, 19))
        if stage is Stage.EXECUTION:
            life.confirm(Stage.CONTRACT, on=date(2027, 6, 1))
        life.confirm(stage, Outcome.FAILED, on=date(2027, 8, 1))
        assert life.facts[-1] == Ended(ending, date(2027, 8, 1))
        assert life.state.status is Status.ENDED


def test_a_renewal_cannot_be_had_before_its_successor_exists() -> None:
    life = Life(FIVE_YEARS, date(2026, 5, 11))
    until_requested(life)
    life.confirm(Stage.ASSESSMENT, on=date(2027, 1, 25))
    life.confirm(Stage.VOTE, on=date(2027, 3, 19))
    life.confirm(Stage.CONTRACT, on=date(2027, 4, 1))
    life.confirm(Stage.EXECUTION, on=date(2028, 4, 1))
    with pytest.raises(DomainError) as refused:
        life.confirm(Stage.RENEWAL)
    assert refused.value.code == "stage_not_reached"
