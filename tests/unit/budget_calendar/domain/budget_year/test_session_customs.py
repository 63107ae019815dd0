from datetime import date

import pytest

from budget_calendar.domain.budget_year.session_customs import (
    CITIES_50K_TO_300K,
    CITIES_UNDER_50K,
    LEVEL,
    MEASURED,
    TOWNS_AND_VILLAGES,
    Customs,
    customs_of,
    usual_sessions,
)
from budget_calendar.domain.budget_year.templates import PUBLISHED, TEXTBOOK, Template
from budget_calendar.domain.calculation.calendar import compute_calendar
from budget_calendar.domain.calculation.context import CalendarFacts
from budget_calendar.domain.municipality import Municipality
from budget_calendar.domain.municipality import MunicipalityType as Kind
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_years import CHIBA, GUNMA, KANNA, KIRYU

SESSIONS = {f"session_{what}:{n}" for what in ("opens", "vote") for n in (1, 2, 3, 4)}


@pytest.mark.parametrize(
    ("kind", "residents", "customs"),
    [
        (Kind.VILLAGE, 900, TOWNS_AND_VILLAGES),
        (Kind.TOWN, None, TOWNS_AND_VILLAGES),
        (Kind.TOWN, 52_000, TOWNS_AND_VILLAGES),
        (Kind.CITY, 49_999, CITIES_UNDER_50K),
        (Kind.CITY, 50_000, CITIES_50K_TO_300K),
        (Kind.CORE_CITY, 300_000, CITIES_50K_TO_300K),
        (Kind.SPECIAL_CASE_CITY, 300_001, None),
        (Kind.CITY, None, None),
        (Kind.SPECIAL_WARD, 60_000, None),
        (Kind.DESIGNATED_CITY, 950_000, None),
        (Kind.PREFECTURE, 1_850_000, None),
    ],
)
def test_customs_go_by_kind_and_size_as_far_as_they_were_measured(
    kind: Kind, residents: int | None, customs: Customs | None
) -> None:
    assert customs_of(kind, residents) is customs
    assert usual_sessions(kind, residents).keys() == SESSIONS


@pytest.mark.parametrize("customs", MEASURED, ids=lambda each: each.name)
def test_a_measured_window_is_in_order_and_says_what_it_rests_on(customs: Customs) -> None:
    assert customs.practices.keys() == SESSIONS
    for practice in customs.practices.values():
        assert practice.earliest <= practice.likely <= practice.latest
        assert practice.level == LEVEL
        assert practice.source.startswith(f"common practice of {customs.name} (")
    for number in (1, 2, 3, 4):
        opens, votes = (customs.practices[f"session_{k}:{number}"] for k in ("opens", "vote"))
        assert opens.likely < votes.likely


@pytest.mark.parametrize(
    ("municipality", "opens", "confidence"),
    [
        pytest.param(KANNA, date(2027, 3, 5), LEVEL, id="town"),
        pytest.param(KIRYU, date(2027, 2, 22), LEVEL, id="city"),
        pytest.param(CHIBA, date(2027, 2, 22), PUBLISHED.confidence, id="designated city"),
        pytest.param(GUNMA, date(2027, 2, 16), PUBLISHED.confidence, id="prefecture"),
    ],
)
def test_a_calendar_of_which_nothing_is_known_follows_its_kind(
    municipality: Municipality, opens: date, confidence: float
) -> None:
    calendar = compute_calendar(municipality, 2026, CalendarFacts(), business_days=BUSINESS_DAYS)
    spring = calendar.milestone("session_opens:1")
    assert spring is not None
    assert (spring.likely, spring.estimate.confidence) == (opens, confidence)


@pytest.mark.parametrize("template", [PUBLISHED, TEXTBOOK], ids=lambda each: each.name)
def test_sessions_are_the_same_in_every_template(template: Template) -> None:
    calendar = compute_calendar(
        KANNA, 2026, CalendarFacts(), business_days=BUSINESS_DAYS, template=template
    )
    june = calendar.milestone("session_opens:2")
    assert june is not None
    assert (june.likely, june.estimate.confidence) == (date(2026, 6, 15), LEVEL)
