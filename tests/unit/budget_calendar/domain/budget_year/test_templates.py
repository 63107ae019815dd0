from datetime import date

import pytest

from budget_calendar.domain.budget_year.calendar import MilestoneKind
from budget_calendar.domain.budget_year.templates import (
    SHIFTED_EARLIER,
    TEMPLATES,
    TEXTBOOK,
    Group,
    Practice,
    Template,
)
from budget_calendar.domain.municipality import MunicipalityType
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

TOWN = Group.MUNICIPALITY


@pytest.mark.parametrize(
    ("kind", "group"),
    [
        (MunicipalityType.PREFECTURE, Group.PREFECTURE),
        (MunicipalityType.DESIGNATED_CITY, Group.MUNICIPALITY),
        (MunicipalityType.VILLAGE, Group.MUNICIPALITY),
    ],
)
def test_customs_are_those_of_prefectures_or_of_municipalities(
    kind: MunicipalityType, group: Group
) -> None:
    assert Group.of(kind) is group


def test_both_templates_go_by_their_names_and_the_published_one_is_the_default() -> None:
    assert list(TEMPLATES) == ["published", "textbook"]
    assert TEMPLATES["textbook"] is TEXTBOOK


def test_both_groups_have_the_same_milestones_in_both_templates() -> None:
    keys = {frozenset(t.practices[group]) for t in TEMPLATES.values() for group in Group}
    assert len(keys) == 1


@pytest.mark.parametrize("fiscal_year", range(2020, 2033))
@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda t: t.name)
def test_every_window_of_every_year_is_on_business_days(
    template: Template, fiscal_year: int
) -> None:
    for group in Group:
        for key, practice in template.practices[group].items():
            earlier = MilestoneKind(key.partition(":")[0]) in SHIFTED_EARLIER
            estimate = practice.estimate(
                fiscal_year, template.confidence, BUSINESS_DAYS, shifted_earlier=earlier
            )
            assert estimate.window.likely in BUSINESS_DAYS, key
            assert estimate.window.latest in BUSINESS_DAYS, key


@pytest.mark.parametrize(
    ("practice", "earlier", "likely"),
    [
        pytest.param(
            Practice((10, 1), (10, 31), (11, 10)), True, date(2026, 10, 30), id="Saturday"
        ),
        pytest.param(Practice((1, 1), (1, 1), (1, 10)), False, date(2027, 1, 4), id="closure"),
        pytest.param(
            Practice((12, 20), (12, 30), (12, 31)), True, date(2026, 12, 28), id="year end"
        ),
        pytest.param(Practice((2, 1), (2, 11), (2, 20)), False, date(2027, 2, 12), id="holiday"),
        pytest.param(Practice((2, 1), (2, 28), (3, 1)), True, date(2027, 2, 26), id="Sunday"),
    ],
)
def test_a_usual_day_moves_to_a_business_day(
    practice: Practice,
    earlier: bool,  # noqa: FBT001
    likely: date,
) -> None:
    estimate = practice.estimate(2026, 0.5, BUSINESS_DAYS, shifted_earlier=earlier)
    assert estimate.window.likely == likely


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        pytest.param("policy_announced", date(2026, 4, 1), date(2026, 6, 30), id="policy Apr-Jun"),
        pytest.param("requests_begin", date(2026, 6, 20), date(2026, 9, 30), id="requests Jul-Sep"),
        pytest.param(
            "request_deadline", date(2026, 7, 1), date(2026, 9, 30), id="requests Jul-Sep"
        ),
        pytest.param(
            "finance_assessment_ends",
            date(2026, 10, 1),
            date(2026, 12, 31),
            id="assessment Oct-Dec",
        ),
        pytest.param(
            "session_opens:1", date(2027, 1, 1), date(2027, 3, 5), id="submission Jan-Feb"
        ),
        pytest.param("session_vote:1", date(2027, 3, 1), date(2027, 3, 31), id="vote Mar"),
    ],
)
def test_the_textbook_cycle_is_the_one_in_handbooks(key: str, first: date, last: date) -> None:
    window = (
        TEXTBOOK.practices[TOWN][key]
        .estimate(2026, TEXTBOOK.confidence, BUSINESS_DAYS, shifted_earlier=True)
        .window
    )
    assert first <= window.earliest <= window.latest <= last
