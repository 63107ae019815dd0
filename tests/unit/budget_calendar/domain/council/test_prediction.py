from dataclasses import replace
from datetime import date, timedelta

import pytest

from budget_calendar.domain.council.prediction import Council, SessionHistory
from budget_calendar.domain.council.sessions import PredictedSession, SessionKind
from budget_calendar.domain.municipality import MunicipalityType
from budget_calendar.domain.windows import Basis
from kakehashi_common.domain.texts import Text
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_sessions import session, supplementary

JUNE_DAYS = [date(2018, 6, 20), date(2019, 6, 19), date(2020, 6, 17), date(2021, 6, 23)]
JUNES = [
    session(day, 2, supplementary(day.year, 1), opens_on=day.replace(day=3)) for day in JUNE_DAYS
]


def test_only_earlier_years_are_used() -> None:
    later = session(date(2023, 7, 26), 2)
    with_later = SessionHistory([*JUNES, later]).predict(2022, BUSINESS_DAYS)
    assert with_later == SessionHistory(JUNES).predict(2022, BUSINESS_DAYS)


def test_a_prediction_says_what_it_rests_on() -> None:
    (june,) = SessionHistory(JUNES).predict(2022, BUSINESS_DAYS).sessions
    assert (june.year, june.number, june.observations) == (2022, 2, 4)
    assert june.last_vote.basis is Basis.PREDICTED
    assert june.last_vote.source == "predicted from 4 observed sessions, 2018–2021"
    assert june.last_vote.window.likely.strftime("%m %a") == "06 Wed"


def test_it_opens_before_it_votes() -> None:
    (june,) = SessionHistory(JUNES).predict(2022, BUSINESS_DAYS).sessions
    assert june.opens is not None
    assert june.opens.window.latest < june.last_vote.window.earliest


def test_an_opening_day_that_nobody_observed_is_not_predicted() -> None:
    (june,) = SessionHistory([session(JUNE_DAYS[0], 2)]).predict(2019, BUSINESS_DAYS).sessions
    assert june.opens is None


def test_few_observations_are_said_in_both_languages() -> None:
    history = SessionHistory([*JUNES, session(date(2021, 9, 15), 3)])
    forecast = history.predict(2022, BUSINESS_DAYS)
    assert forecast.warnings == (
        Text(
            ja="定例会の実績が4年分しかないため、予測の確度は下がります。",
            en="Only 4 years have been observed, so the prediction is less sure.",
        ),
        Text(
            ja="定例会の実績が1年分しかないため、予測の確度は下がります。",
            en="Only 1 year has been observed, so the prediction is less sure.",
        ),
    )
    assert [each.note for each in forecast.sessions] == list(forecast.warnings)


def test_five_observations_need_no_warning() -> None:
    five = [*JUNES, session(date(2022, 6, 22), 2)]
    assert SessionHistory(five).predict(2023, BUSINESS_DAYS).warnings == ()


def test_old_observations_are_said() -> None:
    (june,) = SessionHistory(JUNES).predict(2026, BUSINESS_DAYS).sessions
    assert june.note is not None
    assert june.note.ja.endswith("定例会の実績が2021年までのため、予測の確度は下がります。")


def test_without_observations_there_is_nothing_but_a_warning() -> None:
    called = session(date(2020, 5, 12), 1, kind=SessionKind.EXTRAORDINARY)
    for history in (SessionHistory([]), SessionHistory([called])):
        forecast = history.predict(2022, BUSINESS_DAYS)
        assert forecast.sessions == ()
        assert [warning.en for warning in forecast.warnings] == [
            "No session has been observed; the dates are common practice."
        ]


def test_a_fiscal_year_ends_with_the_spring_session_of_the_next_calendar_year() -> None:
    history = SessionHistory([session(date(2021, 3, 17), 1), *JUNES])
    sessions = history.predict_fiscal_year(2022, BUSINESS_DAYS).sessions
    assert [(each.number, each.year) for each in sessions] == [(2, 2022), (1, 2023)]


def test_few_years_are_drawn_towards_what_is_usual_for_such_councils() -> None:
    observed = [session(date(2021, 9, 26), 3)]

    def likely(council: Council) -> date:
        (september,) = SessionHistory(observed, council).predict(2022, BUSINESS_DAYS).sessions
        return september.last_vote.window.likely

    town, prefecture = Council(MunicipalityType.TOWN), Council(MunicipalityType.PREFECTURE)
    assert likely(town) < likely(prefecture)


AUTUMNS = {
    2005: 21, 2006: 20, 2007: 19, 2008: 22, 2009: 21, 2010: 47, 2011: 21, 2012: 19, 2013: 21,
    2014: 52, 2015: 23, 2016: 24, 2017: 19,
}  # fmt: skip
"""Last votes of an autumn session in days after 30 September; elections in 2006, 2010 and 2014."""


def autumn(year: int, term_ends: date | None, *entered: date) -> PredictedSession:
    """The autumn session of ``year``, predicted."""
    days = {y: date(y, 9, 30) + timedelta(days=n) for y, n in AUTUMNS.items()}
    observed = [
        session(day, 3, opens_on=day - timedelta(days=29)) for y, day in days.items() if y < year
    ]
    council = Council(MunicipalityType.SPECIAL_WARD, 380_000, term_ends, entered)
    (found,) = SessionHistory(observed, council).predict(year, BUSINESS_DAYS).sessions
    return found


@pytest.mark.parametrize(
    ("year", "term_ends", "likely", "told"),
    [
        pytest.param(2013, date(2022, 10, 17), (10, 21), None, id="no election"),
        pytest.param(2018, date(2022, 10, 17), (11, 20), "from earlier election", id="election"),
        pytest.param(2010, date(2022, 10, 17), (10, 24), "may move it", id="few elections"),
        pytest.param(2018, None, (11, 20), "may be an election year", id="unknown, two late"),
        pytest.param(2014, None, (10, 21), "may be an election year", id="unknown, one late"),
        pytest.param(2013, None, (10, 21), None, id="unknown, none late"),
    ],
)
def test_an_election_year_is_predicted_from_election_years(
    year: int, term_ends: date | None, likely: tuple[int, int], told: str | None
) -> None:
    found = autumn(year, term_ends)
    window = found.last_vote.window
    assert abs(window.likely - date(year, *likely)) <= timedelta(days=4)
    if told is None:
        assert found.note is None
        assert window.days <= 14
    else:
        assert found.note is not None
        assert found.note.ja.startswith("第3回定例会：")
        assert found.note.en.startswith("Session 3: ")
        assert told in found.note.en
        assert window.days >= 21


def test_an_election_without_an_observed_one_is_allowed_a_postponement() -> None:
    window = autumn(2010, date(2022, 10, 17)).last_vote.window
    assert window.earliest <= date(2010, 10, 20)
    assert window.latest >= date(2010, 11, 10)


def test_an_old_election_counts_as_much_as_one_of_the_last_term() -> None:
    """Nothing is known of the last five years: that makes a postponement no likelier."""
    term_ends = date(2027, 5, 8)
    observed = [session(date(y, 6, 28 if y % 4 == 3 else 20), 2) for y in range(2012, 2020)]

    def june(year: int) -> PredictedSession:
        council = Council(head_term_ends=term_ends)
        return SessionHistory(observed, council).predict(year, BUSINESS_DAYS).sessions[0]

    fresh, old = june(2023).last_vote.window, june(2027).last_vote.window
    assert abs(fresh.likely - date(2023, 6, 28)) <= timedelta(days=7)
    assert abs(old.likely - date(2027, 6, 28)) <= timedelta(days=7)
    assert abs(old.days - fresh.days) <= 4


@pytest.mark.parametrize(
    ("term_ends", "entered", "told"),
    [
        pytest.param(None, date(2013, 10, 6), "may move it", id="entered, term unknown"),
        pytest.param(None, date(2012, 10, 7), None, id="entered for another year"),
        pytest.param(date(2022, 10, 17), date(2013, 10, 6), "may move it", id="called early"),
    ],
)
def test_an_election_that_a_person_entered_counts(
    term_ends: date | None, entered: date, told: str | None
) -> None:
    note = autumn(2013, term_ends, entered).note
    assert (note is not None) is (told is not None)
    if note is not None and told is not None:
        assert told in note.en


def test_a_session_may_open_on_its_last_day() -> None:
    one_day = [session(date(y, 6, 13), 2, opens_on=date(y, 6, 13)) for y in range(2018, 2023)]
    (june,) = SessionHistory(one_day).predict(2023, BUSINESS_DAYS).sessions
    assert june.opens is not None
    assert june.opens.window.likely <= june.last_vote.window.likely


def test_openings_after_the_last_votes_are_not_predicted() -> None:
    swapped = [session(date(y, 6, 13), 2, opens_on=date(y, 9, 1)) for y in range(2018, 2023)]
    (june,) = SessionHistory(swapped).predict(2023, BUSINESS_DAYS).sessions
    assert june.opens is None


@pytest.mark.parametrize(
    ("counts", "mean", "low", "high"),
    [((2,), 2.0, 2, 2), ((1, 1, 1, 1), 1.0, 1, 1), ((0, 4), 2.07, 0, 4)],
)
def test_supplementary_budgets_are_expected_as_they_were_passed(
    counts: tuple[int, ...], mean: float, low: int, high: int
) -> None:
    observed = [
        session(date(2018 + i, 6, 20), 2, *(supplementary(2018 + i, n + 1) for n in range(count)))
        for i, count in enumerate(counts)
    ]
    budgets = (
        SessionHistory(observed).predict(2018 + len(counts), BUSINESS_DAYS).sessions[0].budgets
    )
    assert budgets is not None
    assert budgets.mean == pytest.approx(mean, abs=0.01)
    assert (budgets.low, budgets.high, budgets.sessions) == (low, high, len(counts))


def test_sessions_of_which_bills_are_missing_do_not_count() -> None:
    observed = [
        session(date(2020, 6, 17), 2, supplementary(2020, 1)),
        session(date(2020, 9, 18), 3),
        session(date(2020, 12, 16), 4, supplementary(2020, 3)),
    ]
    september = SessionHistory(observed).predict(2021, BUSINESS_DAYS).session(3)
    assert september is not None
    assert september.budgets is None


NUMBERED_WITH_EXTRAORDINARY_ONES = {
    2018: ((1, 3, 16), (2, 6, 20), (4, 9, 19), (5, 12, 14)),
    2019: ((1, 3, 15), (3, 6, 19), (4, 9, 18), (6, 12, 13)),
    2020: ((2, 3, 18), (4, 6, 17), (5, 9, 16), (6, 12, 16)),
    2021: ((1, 3, 17), (3, 6, 16), (6, 9, 15), (7, 12, 15)),
    2022: ((2, 3, 16), (3, 6, 15), (4, 9, 21), (5, 12, 14)),
}
"""By year the number, month and day of each regular session's last vote."""


def test_sessions_numbered_with_extraordinary_ones_are_compared_by_their_season() -> None:
    history = SessionHistory(
        session(date(year, month, day), number)
        for year, sessions in NUMBERED_WITH_EXTRAORDINARY_ONES.items()
        for number, month, day in sessions
    )
    forecast = history.predict(2023, BUSINESS_DAYS)
    months = [(each.number, each.last_vote.window.likely.month) for each in forecast.sessions]
    assert months == [(1, 3), (2, 6), (3, 9), (4, 12)]
    assert {each.observations for each in forecast.sessions} == {5}
    assert all(each.last_vote.window.days < 14 for each in forecast.sessions)
    in_the_year = history.predict_fiscal_year(2022, BUSINESS_DAYS).sessions
    assert [(each.number, each.year) for each in in_the_year] == [
        (2, 2022),
        (3, 2022),
        (4, 2022),
        (1, 2023),
    ]


def winters(**last_votes: str) -> SessionHistory:
    """The fourth regular session of each year, by its last vote."""
    return SessionHistory(
        replace(session(date.fromisoformat(day), 4), year=int(year.removeprefix("of_")))
        for year, day in last_votes.items()
    )


@pytest.mark.parametrize(
    ("history", "earliest", "latest"),
    [
        pytest.param(
            winters(of_2018="2018-12-12", of_2019="2020-01-17", of_2020="2020-12-10"),
            date(2021, 12, 1),
            date(2022, 1, 31),
            id="once",
        ),
        pytest.param(
            winters(of_2018="2019-01-16", of_2019="2020-01-17", of_2020="2021-01-15"),
            date(2022, 1, 5),
            date(2022, 1, 31),
            id="always",
        ),
        pytest.param(winters(of_2020="2021-01-15"), date(2021, 12, 20), date(2022, 2, 10), id="1"),
        pytest.param(  # 通年会期: from May to April
            winters(of_2019="2020-04-24", of_2020="2021-04-28"),
            date(2022, 4, 10),
            date(2022, 5, 15),
            id="a whole year",
        ),
    ],
)
def test_a_session_that_ends_in_the_year_after_it_is_predicted_there(
    history: SessionHistory, earliest: date, latest: date
) -> None:
    (winter,) = history.predict(2021, BUSINESS_DAYS).sessions
    assert winter.year == 2021
    assert earliest <= winter.last_vote.window.earliest
    assert winter.last_vote.window.latest <= latest
    assert winter.last_vote.source.endswith("2020")


def test_a_session_that_ends_in_january_belongs_to_the_fiscal_year_before_it() -> None:
    history = winters(of_2018="2019-01-16", of_2019="2020-01-17", of_2020="2021-01-15")
    (winter,) = history.predict_fiscal_year(2021, BUSINESS_DAYS).sessions
    assert (winter.year, winter.last_vote.window.likely.year) == (2021, 2022)


def test_an_election_year_is_that_of_the_session_though_it_ends_in_january() -> None:
    """Elections in November 2014 and 2018 move the winter session into January."""
    days = {year: f"{year}-12-10" for year in range(2013, 2021)}
    days |= {2014: "2015-01-16", 2018: "2019-01-17"}
    council = Council(head_term_ends=date(2022, 11, 30))
    history = SessionHistory(
        (replace(session(date.fromisoformat(day), 4), year=year) for year, day in days.items()),
        council,
    )
    (ordinary,) = history.predict(2021, BUSINESS_DAYS).sessions
    assert ordinary.last_vote.window.latest < date(2021, 12, 25)
    (election,) = history.predict(2022, BUSINESS_DAYS).sessions
    assert election.last_vote.window.likely.month == 1
    assert election.last_vote.window.likely.year == 2023


def test_a_high_number_in_january_is_of_the_winter_before() -> None:
    history = SessionHistory(
        replace(session(date(year + end, month, 15), number), year=year)
        for year in range(2017, 2021)
        for number, month, end in ((2, 3, 0), (3, 6, 0), (6, 9, 0), (7, 1, 1))
    )
    forecast = history.predict(2021, BUSINESS_DAYS).sessions
    assert [(each.number, each.last_vote.window.likely.month) for each in forecast] == [
        (1, 3),
        (2, 6),
        (3, 9),
        (4, 1),
    ]
