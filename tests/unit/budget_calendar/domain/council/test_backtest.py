from datetime import date

import pytest

from budget_calendar.domain.council.backtest import Method, backtest
from budget_calendar.domain.council.sessions import SessionKind
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_sessions import session

SEPTEMBERS = [session(date(y, 9, day), 3) for y, day in ((2018, 19), (2019, 20), (2020, 18))]


def test_errors_are_days_between_forecast_and_day_held() -> None:
    result = backtest(SEPTEMBERS, range(2020, 2021), BUSINESS_DAYS)
    (trial,) = result.trials
    assert trial.held == date(2020, 9, 18)
    assert trial.errors[Method.SAME_WEEKDAY_LAST_YEAR] == 0  # 2019-09-20 and 364 days
    assert trial.errors[Method.MEDIAN_OF_LAST_FIVE] == 0.5  # days 262 and 263; held on 262 of 2020
    assert trial.errors[Method.OURS] == abs((trial.window.likely - trial.held).days)
    assert result.coverage == trial.window_held


def test_a_session_without_one_of_the_year_before_is_named_but_not_compared() -> None:
    returns = [*SEPTEMBERS, session(date(2020, 12, 16), 4)]
    result = backtest(returns, range(2019, 2021), BUSINESS_DAYS)
    assert [(trial.year, trial.number) for trial in result.trials] == [(2019, 3), (2020, 3)]
    assert result.left_out == ((2020, 4),)


def test_extraordinary_sessions_are_not_tested() -> None:
    called = [
        session(date(y, 5, 12), 1, kind=SessionKind.EXTRAORDINARY) for y in (2018, 2019, 2020)
    ]
    result = backtest([*SEPTEMBERS, *called], range(2019, 2021), BUSINESS_DAYS)
    assert {trial.number for trial in result.trials} == {3}


def test_a_year_is_predicted_from_earlier_years_alone() -> None:
    first = backtest(SEPTEMBERS[:2], range(2019, 2020), BUSINESS_DAYS)
    assert backtest(SEPTEMBERS, range(2019, 2020), BUSINESS_DAYS) == first


def test_nothing_to_test_is_refused() -> None:
    with pytest.raises(DomainError, match="no regular session of 2030–2031"):
        backtest(SEPTEMBERS, range(2030, 2032), BUSINESS_DAYS)
