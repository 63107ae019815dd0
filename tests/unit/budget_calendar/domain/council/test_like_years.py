from datetime import date

import pytest

from budget_calendar.domain.council.like_years import (
    OTHER_SIDE,
    UNLIKE,
    day_of_year,
    like_years,
    years_near_election,
)


def junes(*days: int, last: int = 2022) -> dict[int, date]:
    first = last + 1 - len(days)
    return {first + n: date(first + n, 6, day) for n, day in enumerate(days)}


@pytest.mark.parametrize(
    ("days", "weights"),
    [
        pytest.param((17, 28, 20, 26), (1, OTHER_SIDE, 1, OTHER_SIDE), id="to and fro"),
        pytest.param((17, 18, 17, 19), (1, 1, 1, 1), id="steps of the calendar"),
        pytest.param((10, 15, 20, 25), (1, 1, 1, 1), id="drift"),
        pytest.param((28, 20, 26), (1, 1, 1), id="too few"),
    ],
)
def test_years_of_the_same_side_count_most_where_they_alternate(
    days: tuple[int, ...], weights: tuple[float, ...]
) -> None:
    like = like_years(2023, junes(*days), near_election=())
    assert like.weights == weights
    assert (like.note is not None) is (OTHER_SIDE in weights)


def test_a_gap_breaks_an_alternation() -> None:
    observed = {y: day for y, day in junes(17, 28, 20, 26, 17).items() if y != 2020}
    assert set(like_years(2023, observed, ()).weights) == {1.0}


@pytest.mark.parametrize(
    ("usual", "election", "near"),
    [
        pytest.param((10, 20), date(2018, 9, 30), True, id="falls into it"),
        pytest.param((12, 7), date(2018, 9, 30), True, id="the one after it"),
        pytest.param((3, 27), date(2018, 9, 30), False, id="half a year before it"),
        pytest.param((6, 22), date(2018, 4, 22), True, id="June after an election in April"),
        pytest.param((3, 20), date(2018, 4, 22), False, id="spring before it"),
    ],
)
def test_an_election_moves_the_session_that_it_falls_into_and_the_next_one(
    usual: tuple[int, int], election: date, *, near: bool
) -> None:
    day = day_of_year(date(2018, *usual), 2018)
    assert years_near_election([election], day, [2018]) == ({2018} if near else set())


def test_ordinary_years_are_not_predicted_from_election_years() -> None:
    like = like_years(2023, junes(17, 28, 20, 26), near_election={2021})
    assert like.weights == (1.0, 1.0, UNLIKE, 1.0)
    assert like.note is None
