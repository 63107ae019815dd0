"""The accuracy of predictions for councils that are held out; ADR 0014 names the shortfalls."""

from statistics import fmean

import pytest

from benchmarks.predictions.__main__ import by_group, rolling, with_term
from benchmarks.predictions.councils import (
    DATA,
    SHINAGAWA,
    ObservedCouncil,
    observed_councils,
)
from benchmarks.predictions.practice import derive, held_out, summary
from budget_calendar.domain.budget_year.calendar import MilestoneKind as Kind
from budget_calendar.domain.budget_year.session_customs import LEVEL, MEASURED, Customs
from budget_calendar.domain.council.backtest import Backtest, Method, Tested

pytestmark = pytest.mark.skipif(
    not (DATA / "council_sessions_observed.csv").exists(),
    reason="needs the observed sessions of ../shared/data",
)

TERM_KNOWN = "Shinagawa, term known"
GROUPS = (
    "Kiryu",
    "Shinagawa, term unknown",
    TERM_KNOWN,
    *(each.name for each in MEASURED),
)


@pytest.fixture(scope="module")
def councils() -> tuple[ObservedCouncil, ...]:
    return observed_councils()


@pytest.fixture(scope="module")
def votes(councils: tuple[ObservedCouncil, ...]) -> dict[str, Backtest]:
    return results_of(councils, Kind.SESSION_VOTE)


@pytest.fixture(scope="module")
def openings(councils: tuple[ObservedCouncil, ...]) -> dict[str, Backtest]:
    return results_of(councils, Kind.SESSION_OPENS)


def results_of(councils: tuple[ObservedCouncil, ...], of: Tested) -> dict[str, Backtest]:
    return {group: Backtest(tuple(t), ()) for group, t in by_group(councils, of).items()}


@pytest.mark.parametrize("group", GROUPS)
def test_last_votes_are_foretold_better_than_by_the_best_naive_forecast(
    votes: dict[str, Backtest], group: str
) -> None:
    result = votes[group]
    assert result.mean_error(Method.OURS) < result.mean_error(result.best_naive)


@pytest.mark.parametrize("group", GROUPS)
def test_windows_of_last_votes_hold_as_often_as_they_say(
    votes: dict[str, Backtest], group: str
) -> None:
    assert 0.75 <= votes[group].coverage <= 0.90


@pytest.mark.parametrize("group", [group for group in GROUPS if group != TERM_KNOWN])
def test_windows_of_openings_hold_as_often_as_they_say(
    openings: dict[str, Backtest], group: str
) -> None:
    assert 0.75 <= openings[group].coverage <= 0.90


def test_towns_and_cities_with_own_years_keep_their_lead(
    votes: dict[str, Backtest], openings: dict[str, Backtest]
) -> None:
    trials = tuple(
        trial
        for found in (votes, openings)
        for customs in MEASURED
        for trial in found[customs.name].trials
    )
    result = Backtest(trials, ())
    assert len(trials) == 322
    assert result.mean_error(Method.OURS) <= 2.8
    assert result.mean_error(result.best_naive) >= 3.1
    assert 0.75 <= result.coverage <= 0.90


def test_a_drifting_spring_opening_is_followed(councils: tuple[ObservedCouncil, ...]) -> None:
    shinagawa = next(each for each in councils if each.code == SHINAGAWA)
    result = rolling(shinagawa, councils, Kind.SESSION_OPENS)
    assert result is not None
    spring = Backtest(tuple(t for t in result.trials if t.number == 1 and t.year >= 2005), ())
    assert spring.mean_error(Method.OURS) <= 1.0
    assert spring.mean_error(Method.OURS) <= spring.mean_error(spring.best_naive)


@pytest.mark.parametrize(("year", "error"), [(2010, 24), (2014, 8), (2018, 2)])
def test_an_autumn_session_in_an_election_year_is_in_its_window(
    councils: tuple[ObservedCouncil, ...], year: int, error: int
) -> None:
    """The first moved session can't be foretold, but its window says so; later ones are."""
    shinagawa = with_term(next(each for each in councils if each.code == SHINAGAWA))
    held = []
    for of in (Kind.SESSION_OPENS, Kind.SESSION_VOTE):
        result = rolling(shinagawa, councils, of)
        assert result is not None
        (trial,) = (t for t in result.trials if (t.year, t.number) == (year, 3))
        assert trial.errors[Method.OURS] <= error
        assert trial.window.days >= 21
        held.append(trial.window_held)
    assert held[0]


@pytest.mark.parametrize("customs", MEASURED, ids=lambda each: each.name)
def test_windows_of_practice_hold_for_councils_that_are_held_out(
    councils: tuple[ObservedCouncil, ...], customs: Customs
) -> None:
    found = summary(held_out(councils, customs))
    assert abs(found.bias) <= 1
    assert found.median_error <= 4
    assert found.held == pytest.approx(LEVEL, abs=0.05)


def test_likely_days_of_practice_are_neither_early_nor_late_in_any_season(
    councils: tuple[ObservedCouncil, ...],
) -> None:
    for customs in MEASURED:
        found = held_out(councils, customs)
        for key in customs.practices:
            assert abs(summary([each for each in found if each.key == key]).bias) <= 2, key


def test_the_stated_level_is_the_one_held(councils: tuple[ObservedCouncil, ...]) -> None:
    found = [each for customs in MEASURED for each in held_out(councils, customs)]
    assert len(found) == 671
    assert fmean(each.held for each in found) == pytest.approx(LEVEL, abs=0.02)


@pytest.mark.parametrize("customs", MEASURED, ids=lambda each: each.name)
def test_what_ships_follows_from_the_data(
    councils: tuple[ObservedCouncil, ...], customs: Customs
) -> None:
    for key, derived in derive(councils, customs).items():
        shipped = customs.practices[key]
        assert (shipped.earliest, shipped.likely, shipped.latest) == (
            derived.earliest,
            derived.likely,
            derived.latest,
        )
        assert derived.source in shipped.source
