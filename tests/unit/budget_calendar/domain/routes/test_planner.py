from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.calculation.calendar import compute_calendar
from budget_calendar.domain.calculation.context import CalendarFacts
from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.municipality import MunicipalityType
from budget_calendar.domain.routes.local_rules import LocalRules
from budget_calendar.domain.routes.planner import plan_routes
from budget_calendar.domain.routes.route import Reason, Route, RouteKind, Step
from budget_calendar.domain.routes.subsidies import Subsidy
from budget_calendar.domain.stages import PREPARING, Stage
from budget_calendar.domain.windows import Basis, Window
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_calendars import KIRYU, a_calendar, a_subsidy, calendars

APRIL_2027 = date(2027, 4, 1)
MAY = date(2026, 5, 11)


def goal(**changed: Any) -> PursuitGoal:
    values: dict[str, Any] = {
        "policy_area": "digital",
        "amount": 12_000_000,
        "wanted_start": APRIL_2027,
        "category": ContractCategory.SERVICES,
    }
    return PursuitGoal(**{**values, **changed})


def planned(
    wanted: PursuitGoal,
    today: date,
    *,
    known: Mapping[int, BudgetCalendar] | None = None,
    subsidies: Sequence[Subsidy] = (),
    local: LocalRules | None = None,
) -> dict[str, Route]:
    routes = plan_routes(
        wanted,
        KIRYU,
        known or calendars(2026, 2027, 2028),
        subsidies,
        today,
        local,
        business_days=BUSINESS_DAYS,
    )
    return {route.id: route for route in routes}


def days(route: Route) -> dict[Stage, date]:
    return {step.stage: step.act_by for step in route.steps}


def test_every_kind_of_route_is_proposed_with_a_reason() -> None:
    routes = planned(goal(), MAY).values()
    assert {route.kind for route in routes} == set(RouteKind)
    assert all(route.explanation.ja and route.explanation.en for route in routes)
    assert [route.rank for route in routes] == list(range(1, len(routes) + 1))


def test_a_request_is_begun_a_month_before_it_is_due_though_requests_open_later() -> None:
    due = date(2026, 10, 20)
    known = {**calendars(2027, 2028), 2026: a_calendar(2026, moved={"requests_begin": due})}
    request = planned(goal(), MAY, known=known)["initial_budget:2027"].step(Stage.REQUEST)
    assert request is not None
    assert request.act_by == due
    assert request.begin_by <= due - timedelta(days=28)


def test_the_initial_budget_comes_with_its_last_days_and_their_basis() -> None:
    route = planned(goal(), MAY)["initial_budget:2027"]
    assert (route.rank, route.reason, route.fiscal_year) == (1, Reason.FITS, 2027)
    assert days(route) == {
        Stage.STUDY_SESSIONS: date(2026, 6, 17),
        Stage.HEARINGS: date(2026, 8, 3),
        Stage.QUOTE: date(2026, 8, 17),
        Stage.REQUEST: date(2026, 10, 20),
        Stage.ASSESSMENT: date(2027, 1, 25),
        Stage.VOTE: date(2027, 3, 20),
        Stage.CONTRACT: date(2027, 6, 3),  # a public call for proposals after the vote
        Stage.EXECUTION: date(2028, 3, 31),
    }
    assert route.latest_action == date(2026, 11, 9)
    assert route.money_from == Window.on(APRIL_2027)
    assert route.restoration is not None
    assert route.restoration.window.likely == date(2027, 1, 29)


def test_a_corrected_deadline_shows_its_source_in_the_step() -> None:
    known = calendars(2026, 2027)
    known[2026] = a_calendar(2026, moved={"request_deadline": date(2026, 9, 30)})
    step = planned(goal(), MAY, known=known)["initial_budget:2027"].step(Stage.REQUEST)
    assert step is not None
    assert step.act_by == date(2026, 9, 30)
    assert step.estimate.basis is Basis.MANUAL
    assert step.estimate.source == "the finance section, by telephone"


@pytest.mark.parametrize(
    ("today", "reason", "year_after"),
    [
        (date(2026, 10, 30), Reason.FITS, False),
        (date(2026, 10, 31), Reason.DEADLINE_MAY_BE_PAST, False),
        (date(2026, 11, 9), Reason.DEADLINE_MAY_BE_PAST, False),
        (date(2026, 11, 10), Reason.DEADLINE_PAST, True),
    ],
)
def test_who_comes_after_the_request_deadline_waits_a_year(
    today: date, reason: Reason, *, year_after: bool
) -> None:
    routes = planned(goal(), today)
    assert routes["initial_budget:2027"].reason is reason
    assert ("initial_budget:2028" in routes) is year_after
    if year_after:
        assert routes["initial_budget:2028"].feasible


def test_the_running_years_budget_is_dated_for_who_is_on_the_way_through_it() -> None:
    may = date(2027, 5, 10)
    known = calendars(2027, 2028)
    assert "initial_budget:2027" not in planned(goal(), may, known=known)
    known[2026] = a_calendar(2026, skeleton=0.8)
    known[2027] = a_calendar(2027, post_election=date(2027, 6, 28))
    routes = planned(goal(), may, known=known)
    running = routes["initial_budget:2027"]
    assert (running.reason, days(running)[Stage.VOTE]) == (Reason.DEADLINE_PAST, date(2027, 6, 28))
    assert routes["initial_budget:2028"].feasible
    # A one-off needs no debt burden, this year or next; what starts later is not in this year's.
    assert "debt_burden:2027" not in routes
    later = planned(goal(wanted_start=date(2028, 4, 1)), may, known=known)
    assert "initial_budget:2027" not in later


@pytest.mark.parametrize(
    ("today", "feasible"),
    [
        (date(2026, 4, 1), ["2", "3", "4", "1"]),
        (date(2026, 4, 20), ["3", "4", "1"]),
        (date(2026, 7, 20), ["4", "1"]),
        (date(2026, 10, 20), ["1"]),
        (date(2027, 1, 5), []),
    ],
)
def test_each_session_takes_requests_until_its_lead_time(today: date, feasible: list[str]) -> None:
    routes = planned(goal(wanted_start=date(2026, 6, 1)), today)
    open_ = [n for n in "2341" if routes[f"supplementary_budget:2026:{n}"].feasible]
    assert open_ == feasible


@pytest.mark.parametrize(
    ("session", "title", "reason"),
    [
        ("2", "令和8年度6月補正予算", Reason.FITS),
        ("3", "令和8年度9月補正予算", Reason.FITS),
        ("4", "令和8年度12月補正予算", Reason.CARRIED_OVER),
        ("1", "令和8年度3月補正予算", Reason.CARRIED_OVER),
    ],
)
def test_money_voted_late_in_the_year_must_be_carried_over(
    session: str, title: str, reason: Reason
) -> None:
    routes = planned(goal(wanted_start=date(2026, 6, 1)), date(2026, 4, 1))
    route = routes[f"supplementary_budget:2026:{session}"]
    assert (route.title.ja, route.reason) == (title, reason)
    assert ("213条" in route.explanation.ja) is (reason is Reason.CARRIED_OVER)
    until = date(2028, 3, 31) if reason is Reason.CARRIED_OVER else date(2027, 3, 31)
    assert days(route)[Stage.EXECUTION] == until


CALLED = {"extraordinary_session:202602": date(2026, 7, 31)}


@pytest.mark.parametrize(
    ("today", "reason", "request_by"),
    [
        (date(2026, 7, 1), Reason.EXTRAORDINARY_SESSION, date(2026, 7, 3)),
        (date(2026, 7, 10), Reason.EXTRAORDINARY_SESSION, date(2026, 7, 17)),
        (date(2026, 7, 24), Reason.EXTRAORDINARY_SESSION, date(2026, 7, 24)),
        (date(2026, 7, 25), Reason.DEADLINE_PAST, None),  # the notice has named the bills
    ],
)
def test_an_extraordinary_session_that_is_called_takes_requests_until_its_notice(
    today: date, reason: Reason, request_by: date | None
) -> None:
    known = {2026: a_calendar(2026, moved=CALLED), 2027: a_calendar(2027)}
    routes = planned(goal(wanted_start=date(2026, 8, 1)), today, known=known)
    route = routes["supplementary_budget:2026:202602"]
    assert route.title.ja == "令和8年度補正予算（2026年第2回臨時会）"
    assert route.reason is reason
    assert days(route)[Stage.VOTE] == date(2026, 7, 31)
    if request_by:
        assert days(route)[Stage.REQUEST] == request_by
        assert days(route)[Stage.ASSESSMENT] == date(2026, 7, 24)
        assert "102条" in route.explanation.ja
        others = [r.rank for r in routes.values() if r.feasible and r is not route]
        assert route.rank == max(others) + 1  # for a person to choose, however early it is


def test_an_extraordinary_session_that_was_held_is_no_way_any_more() -> None:
    known = {2026: a_calendar(2026, moved=CALLED), 2027: a_calendar(2027)}
    routes = planned(goal(wanted_start=date(2026, 8, 1)), date(2026, 8, 1), known=known)
    assert "supplementary_budget:2026:202602" not in routes


def test_a_towns_extraordinary_session_is_called_three_days_before() -> None:
    town = replace(KIRYU, type=MunicipalityType.TOWN)
    known = {2026: a_calendar(2026, moved=CALLED)}
    wanted = goal(wanted_start=date(2026, 8, 1))
    routes = plan_routes(wanted, town, known, [], date(2026, 7, 25), business_days=BUSINESS_DAYS)
    route = next(r for r in routes if r.id == "supplementary_budget:2026:202602")
    assert (route.reason, route.latest_action) == (
        Reason.EXTRAORDINARY_SESSION,
        date(2026, 7, 28),
    )


def test_a_years_money_cannot_pay_what_starts_in_the_next() -> None:
    routes = planned(goal(), MAY)
    for session in "2341":
        assert routes[f"supplementary_budget:2026:{session}"].reason is Reason.TOO_EARLY


@pytest.mark.parametrize(
    ("amount", "today", "reason"),
    [
        (1_000_000, MAY, Reason.FITS),
        (1_000_001, MAY, Reason.ABOVE_CEILING),
        (1_000_000, date(2027, 1, 31), Reason.FITS),
        (1_000_000, date(2027, 2, 1), Reason.DEADLINE_PAST),
    ],
)
@pytest.mark.parametrize("kind", ["reallocation", "reserve"])
def test_small_money_of_the_running_year(
    kind: str, amount: int, today: date, reason: Reason
) -> None:
    wanted = goal(amount=amount, wanted_start=date(2026, 7, 1))
    route = planned(wanted, today)[f"{kind}:2026"]
    assert route.reason is reason
    assert Stage.VOTE not in days(route)


def test_small_money_is_asked_for_in_time_for_the_wanted_start() -> None:
    wanted = goal(amount=900_000, wanted_start=date(2026, 9, 1))
    route = planned(wanted, MAY)["reallocation:2026"]
    assert route.rank == 1
    assert days(route)[Stage.REQUEST] == date(2026, 7, 28)
    assert route.starts == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"years": 5}, Reason.FITS),
        ({"years": 5, "category": ContractCategory.LEASE}, Reason.FITS),
        ({"years": 5, "category": ContractCategory.PURCHASE}, Reason.CATEGORY_EXCLUDED),
        ({"years": 6}, Reason.TERM_TOO_LONG),
        ({}, Reason.ONE_OFF),
    ],
)
def test_a_long_term_contract_is_for_leases_and_services_within_the_ordinance(
    changed: dict[str, Any], reason: Reason
) -> None:
    assert planned(goal(**changed), MAY)["long_term_contract:2027"].reason is reason


def test_an_ordinance_may_allow_longer_terms() -> None:
    routes = planned(goal(years=10), MAY, local=LocalRules(long_term_years=10))
    assert routes["long_term_contract:2027"].rank == 1


@pytest.mark.parametrize(("years", "reason"), [(5, Reason.FITS), (None, Reason.ONE_OFF)])
def test_a_debt_burden_binds_later_years(years: int | None, reason: Reason) -> None:
    assert planned(goal(years=years), MAY)["debt_burden:2027"].reason is reason


def test_a_multi_year_route_plans_its_renewal() -> None:
    route = planned(goal(years=5), MAY)["debt_burden:2027"]
    renewal = route.step(Stage.RENEWAL)
    assert route.starts == date(2027, 6, 3)
    assert renewal is not None
    assert (renewal.begin_by, renewal.act_by) == (date(2031, 4, 1), date(2032, 6, 2))


def test_zero_debt_signs_in_march_what_starts_on_1_april() -> None:
    route = planned(goal(), MAY)["zero_debt:2027"]
    assert (route.reason, route.fiscal_year) == (Reason.FITS, 2027)
    assert days(route)[Stage.VOTE] == date(2026, 12, 18)
    assert date(2027, 1, 1) < days(route)[Stage.CONTRACT] <= date(2027, 3, 31)
    assert route.starts == APRIL_2027


def test_zero_debt_leaves_time_for_the_councils_vote_on_the_contract_itself() -> None:
    works = goal(category=ContractCategory.WORKS, amount=200_000_000)
    known = calendars(2026, 2027)
    route = planned(works, MAY, known=known)["zero_debt:2027"]
    assert (days(route)[Stage.VOTE], days(route)[Stage.CONTRACT]) == (
        date(2026, 12, 18),
        date(2027, 3, 23),  # the council votes on a Saturday, and Monday is a holiday
    )
    # The spring session ends before an award of December's money: only September's is in time.
    known[2026] = a_calendar(2026, moved={"session_vote:1": date(2027, 1, 20)})
    route = planned(works, MAY, known=known)["zero_debt:2027"]
    assert (days(route)[Stage.VOTE], days(route)[Stage.CONTRACT]) == (
        date(2026, 9, 28),
        date(2026, 12, 18),
    )


def test_zero_debt_is_out_of_reach_once_the_december_requests_are_in() -> None:
    routes = planned(goal(), date(2026, 10, 13))
    assert routes["zero_debt:2027"].reason is Reason.DEADLINE_PAST
    assert routes["zero_debt:2028"].feasible


@pytest.mark.parametrize(
    ("today", "reason", "begin_by"),
    [
        (date(2026, 4, 1), Reason.FITS, date(2026, 5, 1)),
        (date(2026, 5, 18), Reason.FITS, date(2026, 5, 18)),
        (date(2026, 5, 19), Reason.DEADLINE_PAST, None),
    ],
)
def test_a_proof_of_concept_gives_results_before_the_september_requests(
    today: date, reason: Reason, begin_by: date | None
) -> None:
    routes = planned(goal(wanted_start=date(2026, 12, 1)), today)
    route = routes["proof_of_concept:2026"]
    assert route.reason is reason
    if begin_by:
        proof, request = route.steps[0], route.step(Stage.REQUEST)
        assert request is not None
        assert (proof.stage, proof.begin_by) == (Stage.PROOF_OF_CONCEPT, begin_by)
        assert proof.act_by <= request.act_by
        assert route.step(Stage.VOTE) is not None


def test_a_subsidy_pays_its_share_and_the_contract_waits_for_its_decision() -> None:
    route = planned(goal(), MAY, subsidies=[a_subsidy()])["subsidy:digital-2027"]
    assert route.feasible
    assert (route.grant, route.own_share) == (6_000_000, 6_000_000)
    assert route.fiscal_year == 2027
    dates = days(route)
    assert dates[Stage.GRANT_APPLICATION] == date(2027, 2, 10)
    stages = [step.stage for step in route.steps]
    assert stages.index(Stage.GRANT_DECISION) < stages.index(Stage.CONTRACT)
    assert stages.index(Stage.REQUEST) < stages.index(Stage.GRANT_APPLICATION)
    assert dates[Stage.CONTRACT] >= dates[Stage.GRANT_DECISION]
    assert "交付決定前" in route.explanation.ja


def test_of_a_contract_of_several_years_a_subsidy_pays_a_share_of_one() -> None:
    wanted = goal(years=5, amount=60_000_000)
    route = planned(wanted, MAY, subsidies=[a_subsidy()])["subsidy:digital-2027"]
    assert (route.grant, route.own_share) == (6_000_000, 54_000_000)
    assert "1年分" in route.explanation.ja


@pytest.mark.parametrize(
    ("changed", "today", "reason"),
    [
        ({}, date(2027, 2, 11), Reason.DEADLINE_PAST),
        ({"completed_by": date(2027, 4, 30)}, MAY, Reason.NOT_COMPLETED_IN_TIME),
        ({"completed_by": date(2027, 6, 15)}, MAY, Reason.NO_BUDGET_FOR_OWN_SHARE),
        ({}, date(2027, 1, 5), Reason.FITS),  # own share in June 2027, by a supplementary budget
    ],
)
def test_why_a_subsidy_is_or_is_not_a_way(
    changed: dict[str, Any], today: date, reason: Reason
) -> None:
    routes = planned(goal(), today, subsidies=[a_subsidy(**changed)])
    assert routes["subsidy:digital-2027"].reason is reason


def test_a_subsidy_for_others_is_said_not_to_fit() -> None:
    routes = planned(goal(), MAY, subsidies=[a_subsidy(policy_areas=frozenset({"welfare"}))])
    assert routes["subsidy"].reason is Reason.NO_SUBSIDY_FITS


@pytest.mark.parametrize(
    ("probability", "continuing", "reason", "voted"),
    [
        (0.8, False, Reason.SKELETON_BUDGET, date(2027, 6, 28)),
        (0.8, True, Reason.FITS, date(2027, 3, 20)),
        (0.3, False, Reason.FITS, date(2027, 3, 20)),
    ],
)
def test_in_a_skeleton_year_new_policy_is_voted_after_the_election(
    probability: float, reason: Reason, voted: date, *, continuing: bool
) -> None:
    known = {
        2026: a_calendar(2026, skeleton=probability),
        2027: a_calendar(2027, post_election=date(2027, 6, 28)),
    }
    routes = planned(goal(continues_contract=continuing), MAY, known=known)
    route = routes["initial_budget:2027"]
    assert route.reason is reason
    assert days(route)[Stage.VOTE] == voted
    assert route.money_from is not None
    assert route.money_from.likely == (date(2027, 6, 28) if voted.month == 6 else APRIL_2027)


def test_a_contract_the_council_votes_on_waits_for_the_next_session() -> None:
    wanted = goal(category=ContractCategory.PURCHASE, amount=25_000_000)
    route = planned(wanted, MAY)["initial_budget:2027"]
    assert route.contract is not None
    assert route.contract.council_vote
    assert days(route)[Stage.CONTRACT] == date(2027, 6, 25)


def test_a_calendar_without_the_date_is_no_guess() -> None:
    known = {2026: a_calendar(2026, without=["supplementary_request_deadline:4"])}
    routes = planned(goal(wanted_start=date(2026, 9, 1)), MAY, known=known)
    route = routes["supplementary_budget:2026:4"]
    assert (route.reason, route.steps) == (Reason.DATE_UNKNOWN, ())


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({2027: a_calendar(2027)}, "calendar_missing"),
        ({2026: a_calendar(2027)}, "calendar_mismatch"),
        ({2026: a_calendar(2026, code="131041")}, "calendar_mismatch"),
    ],
)
def test_calendars_that_cannot_be_planned_from_are_refused(
    known: dict[int, BudgetCalendar], code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        planned(goal(), MAY, known=known)
    assert (refused.value.field, refused.value.code) == ("calendars", code)


@pytest.mark.parametrize("kind", MunicipalityType)
def test_calendars_as_they_are_computed_offer_every_route_a_date(kind: MunicipalityType) -> None:
    body = replace(KIRYU, type=kind)
    known = {
        year: compute_calendar(body, year, CalendarFacts(), business_days=BUSINESS_DAYS)
        for year in (2026, 2027, 2028)
    }
    for today in (date(2026, 4, 1), date(2026, 12, 1), date(2027, 3, 31)):
        for wanted in (goal(), goal(amount=400_000, wanted_start=today), goal(years=5)):
            routes = plan_routes(
                wanted, body, known, [a_subsidy()], today, business_days=BUSINESS_DAYS
            )
            assert any(route.feasible for route in routes)
            assert Reason.DATE_UNKNOWN not in {route.reason for route in routes}
            for route in routes:
                due = [step.act_by for step in route.steps]
                assert due == sorted(due)


ANY_GOAL = st.builds(
    PursuitGoal,
    policy_area=st.just("digital"),
    amount=st.integers(1, 10**9),
    wanted_start=st.dates(date(2026, 1, 1), date(2030, 12, 31)),
    category=st.sampled_from(ContractCategory),
    years=st.none() | st.integers(1, 10),
    continues_contract=st.booleans(),
)


def _last_days(step: Step, today: date) -> bool:
    """Whether no office is open between today and its deadline."""
    return BUSINESS_DAYS.on_or_before(step.act_by) < today


@settings(deadline=None)
@given(
    wanted=ANY_GOAL,
    today=st.dates(date(2026, 4, 1), date(2027, 3, 31)),
    skeleton=st.none() | st.floats(0, 1),
)
def test_whatever_is_wanted_the_dates_of_every_route_are_in_order(
    wanted: PursuitGoal, today: date, skeleton: float | None
) -> None:
    known = {**calendars(2026, 2027, 2028), 2026: a_calendar(2026, skeleton=skeleton)}
    routes = plan_routes(wanted, KIRYU, known, [a_subsidy()], today, business_days=BUSINESS_DAYS)
    assert len({route.id for route in routes}) == len(routes)
    assert [r.feasible for r in routes] == sorted((r.feasible for r in routes), reverse=True)
    for route in routes:
        due = [step.act_by for step in route.steps]
        assert due == sorted(due)
        assert len({step.stage for step in route.steps}) == len(route.steps)
        assert all(step.begin_by <= step.act_by for step in route.steps)
        assert all(step.begin_by in BUSINESS_DAYS for step in route.steps)
        handed_over = [s for s in route.steps if s.stage in PREPARING | {Stage.REQUEST}]
        assert [
            s for s in handed_over if s.act_by not in BUSINESS_DAYS and not _last_days(s, today)
        ] == []
        if route.feasible:
            assert route.latest_action is not None
            assert route.latest_action >= today
            assert route.contract is not None
            request = route.step(Stage.REQUEST)
            assert request is not None
            assert request.act_by >= today
            assert route.steps[-1].act_by >= wanted.wanted_start
