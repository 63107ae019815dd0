"""No English is left in what is shown in Japanese, whatever the calendar and the route."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from budget_calendar.calendars.calculator import CalendarCalculator, CalendarInputs
from budget_calendar.council_sessions.files import read_session_files
from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.budget_year.templates import TEMPLATES
from budget_calendar.domain.budget_year.wording import estimate_lines
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.pursuit import open_pursuit
from budget_calendar.domain.pursuit.commands import FromClock
from budget_calendar.domain.pursuit.narrative import narrative, summary
from budget_calendar.domain.routes.planner import plan_routes
from budget_calendar.domain.source_names import source_text
from budget_calendar.feeds.entries import FeedCalendar, calendar_events
from budget_calendar.feeds.icalendar import write_feed
from budget_calendar.pictures.overview import overview_svg
from budget_calendar.pictures.overview_rows import OverviewRow
from budget_calendar.pictures.timeline import timeline_svg
from budget_calendar.pursuits.journal import ACTS, VERBS, verb_of
from budget_calendar.registry.search import Registry
from budget_calendar.registry.snapshot import shipped
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_calendars import a_subsidy
from tests.support.picture_checks import texts, tooltips

KIRYU_FILES = Path("examples/kiryu_council_sessions")
ENGLISH = re.compile(r"[A-Za-z][A-Za-z'’-]+")
TODAY = date(2026, 5, 11)

REGISTRY = Registry(shipped())


def sources() -> dict[str, CalendarInputs]:
    kiryu = CalendarInputs(REGISTRY.get("102032"))
    sessions = tuple(read_session_files(KIRYU_FILES, "102032", "桐生市").sessions)
    return {
        "a prefecture": CalendarInputs(REGISTRY.get("100005")),
        "a designated city": CalendarInputs(REGISTRY.get("111007")),
        "a core city": CalendarInputs(REGISTRY.get("102016")),
        "a special ward": CalendarInputs(REGISTRY.get("131041")),
        "a city under 50,000": CalendarInputs(REGISTRY.get("102105")),
        "a city without sessions": kiryu,
        "a city with sessions": replace(kiryu, observed=sessions),
        "a city whose head's term ends in spring": replace(
            kiryu, observed=sessions, head_term_ends=date(2027, 4, 30)
        ),
        "a city whose head's term ended before": replace(kiryu, head_term_ends=date(2022, 12, 3)),
        "a town": CalendarInputs(REGISTRY.get("104213")),
        "a town without periods between sessions": replace(
            CalendarInputs(REGISTRY.get("104213")), year_round_session=True
        ),
    }


SOURCES = sources()
GOALS = [
    PursuitGoal("digital", 900_000, date(2026, 9, 1), ContractCategory.PURCHASE),
    PursuitGoal("digital", 12_000_000, date(2027, 4, 1), ContractCategory.SERVICES, years=5),
    PursuitGoal("digital", 900_000_000, date(2027, 4, 1), ContractCategory.WORKS),
]


def english(shown: Iterator[str] | Sequence[str]) -> set[str]:
    """Texts with English words in them, addresses aside."""
    return {each for each in shown if ENGLISH.search(re.sub(r"https?://\S+", "", each))}


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest) -> CalendarInputs:
    return SOURCES[request.param]


@pytest.fixture(params=TEMPLATES)
def calculator(request: pytest.FixtureRequest) -> CalendarCalculator:
    return CalendarCalculator(request.param)


@pytest.fixture
def calendar(source: CalendarInputs, calculator: CalendarCalculator) -> BudgetCalendar:
    return calculator.calendar(source, 2026)


def test_no_estimate_note_or_warning_of_a_calendar_holds_english(calendar: BudgetCalendar) -> None:
    def shown() -> Iterator[str]:
        for milestone in calendar.milestones:
            yield from estimate_lines(milestone.estimate, "ja")
            yield milestone.note.ja if milestone.note else ""
        for span in calendar.phases:
            yield from estimate_lines(span.begins, "ja")
        yield from (warning.ja for warning in calendar.warnings)
        if calendar.skeleton:
            yield source_text(calendar.skeleton.source).ja

    assert english(shown()) == set()


def test_no_feed_or_picture_holds_english(source: CalendarInputs, calendar: BudgetCalendar) -> None:
    name = source.municipality.name
    shown = FeedCalendar(calendar, name, 1, datetime(2026, 4, 2).astimezone())
    feed = write_feed(calendar_events([shown], "ja"), "予算", "ja")
    unfolded = feed.decode().replace("\r\n ", "").replace("\\n", "\n").splitlines()
    described = [
        line.removeprefix("DESCRIPTION:").removeprefix("SUMMARY:")
        for line in unfolded
        if line.startswith(("DESCRIPTION:", "SUMMARY:", "出典"))
    ]
    assert described
    assert english(described) == set()
    for svg in (
        timeline_svg(calendar, name, TODAY),
        overview_svg([OverviewRow(name, calendar, "群馬県")], TODAY),
    ):
        assert english([*texts(svg), *tooltips(svg)]) == set()


@pytest.mark.parametrize("day", [TODAY, date(2026, 11, 20)])
def test_no_route_and_no_story_of_a_pursuit_holds_english(
    source: CalendarInputs, day: date
) -> None:
    calculator = CalendarCalculator("published")
    this_year = fiscal_year_of(day)
    calendars = {y: calculator.calendar(source, y) for y in range(this_year - 1, this_year + 3)}
    subsidy = replace(
        a_subsidy(), name="交付金", ministry="総務省", source="https://www.soumu.go.jp/"
    )

    def shown(goal: PursuitGoal) -> Iterator[str]:
        municipality = source.municipality
        routes = plan_routes(
            goal, municipality, calendars, [subsidy], day, business_days=BUSINESS_DAYS
        )
        opened = open_pursuit(
            "1", municipality.code, "東部", goal, routes, day, business_days=BUSINESS_DAYS
        ).state
        yield from (sentence.ja for sentence in (*narrative(opened), summary(opened)))
        for route in routes:
            yield from (route.title.ja, route.explanation.ja)
            for step in route.steps:
                yield from estimate_lines(step.estimate, "ja")
                yield step.note.ja if step.note else ""
            if route.restoration:
                yield from estimate_lines(route.restoration, "ja")
            for own in route.contract.sources if route.contract else ():
                yield source_text(own).ja

    wanted = [goal for goal in GOALS if goal.wanted_start > day + timedelta(days=1)]
    assert english(text for goal in wanted for text in shown(goal)) == set()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("common practice", "一般的な慣行"),
        (
            "predicted from 12 observed sessions, 2012–2025",
            "2012〜2025年の定例会12回の実績による予測",
        ),
        ("predicted from 1 observed session, 2025", "2025年の定例会1回の実績による予測"),
        (
            "common practice of towns and villages (21 councils, 44 days)",
            "町村の一般的な慣行（21議会・44件の日程を実測）",
        ),
        (
            "common practice: a quote is attached to the request",
            "一般的な慣行：要求に見積を添付",
        ),
        (
            "common practice of cities; predicted from 3 observed sessions, 2023–2025",
            "市の一般的な慣行；2023〜2025年の定例会3回の実績による予測",
        ),
        ("地方自治法211条1項", "地方自治法211条1項"),
    ],
)
def test_what_this_service_cites_is_translated(source: str, expected: str) -> None:
    assert source_text(source) == Text(ja=expected, en=source)


@pytest.mark.parametrize(
    "source",
    [
        "the finance section, by telephone",
        "https://www.city.kiryu.lg.jp/shisei/gikai; asked on 3 April",
        "common practice (fs-east)",
        "",
    ],
)
def test_what_people_entered_stays_as_they_wrote_it(source: str) -> None:
    assert source_text(source) == Text(ja=source, en=source)


def test_operators_read_in_japanese_what_was_done_for_a_pursuit() -> None:
    assert {*get_args(FromClock), DomainError} <= VERBS.keys()
    assert {verb_of(kind) for kind in DomainError.__subclasses__()} == {"refuse_message"}
    assert {*VERBS.values()} == ACTS.keys()
    assert not [each for each in ACTS.values() if ENGLISH.search(each)]
