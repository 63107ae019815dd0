"""Scenario files: what is read, and how a mistake reads."""

from pathlib import Path

import pytest

from handoff.domain.handoff.commands import Request
from handoff.domain.teams.working_time import OFFICE_HOURS
from handoff.simulation.people import arrivals
from handoff.simulation.scenario import Scenario
from kakehashi_common.domain.business_time import BusinessTime
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from kakehashi_common.yaml_models import read_model
from kakehashi_common.yaml_reader import InvalidFileError

EXAMPLES = Path(__file__).parents[4] / "examples" / "sales_quarters"

SMALL = """\
title: 群馬チームの4週間
starts: 2027-04-12
weeks: 4
teams:
  gunma: {name: 群馬チーム, hours: {monday: ["09:00-12:00"]}, lead: fs-1}
members:
  fs-1: {team_id: gunma, name: 斎藤 恵, roles: [field_sales], capacity: 5}
  is-1: {team_id: gunma, name: 阿部 彩, roles: [inside_sales], capacity: 0}
leads: {per_week: 3, municipalities: ["102032"], policy_areas: [digital], grades: [A1]}
"""


def scenario(text: str = SMALL) -> Scenario:
    return read_model(text, Scenario)


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_examples_can_be_played(file: Path) -> None:
    read = scenario(file.read_text(encoding="utf-8"))
    assert len(list(arrivals(read))) == read.leads.per_week * read.weeks


def test_what_is_not_said_has_a_default() -> None:
    read = scenario()
    assert (read.seed, read.recycle_weeks, read.deals.won_percent) == (1, (2, 8), 30)
    assert read.members["fs-1"].habits.answer_hours == (1, 6)
    assert read.span.last.sunday.isoformat() == "2027-05-09"


def test_leads_come_in_business_hours_each_at_a_minute_of_its_own() -> None:
    read = scenario()
    office = BusinessTime(BUSINESS_DAYS.__contains__, OFFICE_HOURS)
    found = list(arrivals(read))
    assert len({each.at for each in found}) == len(found) == 12
    assert found == sorted(found)
    for each in found:
        assert each.at in read.span
        assert office.between(read.span.first.begins, each.at) > office.between(
            read.span.first.begins, read.span.first.begins
        )
        assert isinstance(each.message, Request)
        assert each.message.sender == "is-1"


def test_the_seed_decides_when_they_come() -> None:
    first, second = scenario(), scenario(SMALL + "seed: 2\n")
    assert list(arrivals(first)) == list(arrivals(scenario()))
    assert [each.at for each in arrivals(first)] != [each.at for each in arrivals(second)]


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ("2027-04-12", "2027-04-14", "line 1, column 1: starts must be a Monday"),
        ("weeks: 4", "weeks: 0", "line 3, column 8: weeks: Input should be greater than"),
        ("weeks: 4", "week: 4", "line 3, column 7: week: Extra inputs are not permitted"),
        ("weeks: 4", "weeks: 4\nweeks: 5", "line 4, column 1: 'weeks' is given twice"),
        ("lead: fs-1", "lead: fs-9", "teams.gunma: the lead fs-9 is no member"),
        ("team_id: gunma, name: 斎", "team_id: east, name: 斎", "there is no team east"),
        ("[inside_sales]", "[sales]", "line 8, column 46: members.is-1.roles.0: Input should be"),
        ("[inside_sales]", "[field_sales]", "at least one must have the role inside_sales"),
        ('["102032"]', '["102033"]', "line 9, column 39: leads.municipalities.0"),
        ("capacity: 5", "capacity: 5, habits: {answer_hours: [3, 1]}", "must name the least first"),
        (
            "capacity: 5",
            "capacity: 5, habits: {ignores_percent: 60, rejects_percent: {no_need: 50}}",
            "line 7, column 81: members.fs-1.habits: ignores_percent and rejects_percent",
        ),
        (
            "capacity: 5",
            "capacity: 5, habits: {rejects_percent: {boring: 5}}",
            "members.fs-1.habits.rejects_percent.boring",
        ),
    ],
)
def test_a_mistake_is_reported_with_its_line(right: str, wrong: str, problem: str) -> None:
    with pytest.raises(InvalidFileError) as raised:
        scenario(SMALL.replace(right, wrong, 1))
    told = [str(each) for each in raised.value.problems]
    assert any(problem in each for each in told), told
