from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from budget_calendar.domain.council.sessions import SessionKind
from budget_calendar.domain.municipality import MunicipalityType
from budget_calendar.domain.pursuit.commands import Confirm, ReviseGoal
from budget_calendar.domain.stages import Outcome, Stage
from budget_calendar.domain.windows import Window
from budget_calendar.pursuits.messages import OpenPursuit
from budget_calendar.registry.search import Registry
from budget_calendar.registry.snapshot import shipped
from budget_calendar.simulation.scenario import (
    CorrectMilestone,
    ObserveSession,
    Scenario,
    SendMessage,
    TermBecomesKnown,
)
from budget_calendar.simulation.scenario_file import ScenarioFileError, read_scenario
from kakehashi_common.domain.errors import DomainError

EXAMPLES = Path(__file__).parents[4] / "examples" / "budget_years"
TODAY = date(2026, 11, 21)

HEAD = """\
title: {ja: 桐生市, en: Kiryu}
starts: 2026-10-15
municipalities:
  - code: "102032"
events:
"""
PURSUIT = """\
  - on: 2026-10-20
    open_pursuit:
      id: desk
      municipality: "102032"
      owner: fs-east
      goal: {policy_area: digital, amount_yen: 5000000, wanted_start: 2027-04-01, category: lease}
"""
TERM = "  - on: 2026-10-16\n    term_ends: "
OBSERVED = "  - on: 2027-06-01\n    observe: {municipality: '102032', year: 2027, number: 2, "
CORRECTED = "  - on: 2026-10-16\n    correct: {municipality: '102032', fiscal_year: 2026, "


def scenario(text: str) -> Scenario:
    return read_scenario(text, EXAMPLES, Registry(shipped()), TODAY)


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioFileError) as raised:
        scenario(text)
    return [str(each) for each in raised.value.problems]


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_examples_can_be_played(file: Path) -> None:
    read = scenario(file.read_text(encoding="utf-8"))
    assert read.events
    assert all(read.starts <= event.on < read.ends for event in read.events)


def test_what_is_not_said_has_a_default() -> None:
    read = scenario('title: {ja: a, en: b}\nmunicipalities: [{code: "102032"}]\n')
    assert (read.starts, read.years, read.events) == (TODAY, 5, ())
    assert read.inputs[0].municipality.name == "桐生市"


def test_every_kind_of_action_is_read() -> None:
    read = scenario(
        HEAD
        + """\
  - on: 2027-06-28
    observe: {municipality: "102032", year: 2027, number: 2, last_vote: 2027-06-25, source: minutes}
  - on: 2026-10-17
    correct:
      municipality: "102032"
      fiscal_year: 2026
      milestone: request_deadline
      earliest: 2026-10-26
      likely: 2026-10-30
      latest: 2026-11-02
      source: telephone
      reason: they said so
  - on: 2026-10-18
    term_ends: {municipality: "102032", head_term_ends: 2027-05-01}
  - on: 2026-11-02
    confirm: {pursuit: desk, stage: hearings, outcome: done, by: sato}
"""
        + PURSUIT
    )
    kinds = [type(event.action) for event in read.events]
    assert kinds == [CorrectMilestone, TermBecomesKnown, OpenPursuit, SendMessage, ObserveSession]
    correction, _, _, confirmation, _ = (event.action for event in read.events)
    assert isinstance(correction, CorrectMilestone)
    entered = correction.correction
    dates = (entered.earliest, entered.likely, entered.latest)
    assert dates == (date(2026, 10, 26), date(2026, 10, 30), date(2026, 11, 2))
    assert isinstance(confirmation, SendMessage)
    assert confirmation.message == Confirm(Stage.HEARINGS, Outcome.DONE, date(2026, 11, 2), "sato")
    assert confirmation.code == "102032"


@pytest.mark.parametrize(
    ("event", "line", "reason"),
    [
        ("  - on: 2026-10-14\n    resume: {pursuit: desk}\n", 6, "before the scenario starts"),
        ("  - on: 2026-10-16\n", 6, "must have one of correct, observe"),
        ("  - on: 2026-10-16\n    resum: {pursuit: desk}\n", 7, "did you mean resume?"),
        ("  - on: 2026-10-16\n    resume: {pursuit: desk}\n", 7, "opened: none"),
        (
            TERM + "{municipality: '102041', head_term_ends: 2027-05-01}\n",
            7,
            "102041 is not among the municipalities: 102032",
        ),
        (
            TERM + "{municipality: 102032, head_term_ends: 2027-05-01}\n",
            7,
            "write '102032', in quotes",
        ),
        (
            PURSUIT
            + "  - on: 2026-11-01\n    confirm: {pursuit: desk, stage: vote, outcome: won}\n",
            13,
            "outcome must be one of done, cut",
        ),
        (
            PURSUIT + "  - on: 2026-11-01\n"
            "    confirm: {pursuit: desk, stage: hearings, outcome: cut}\n",
            13,
            "hearings ends with done, skipped",
        ),
        (PURSUIT.replace("5000000", "0"), 11, "amount must be at least 1 yen, not 0"),
        (PURSUIT + PURSUIT, 14, "opened twice"),
        (
            PURSUIT + "  - on: 2026-11-01\n    pause: {pursuit: desk, until: 2026-11-01}\n",
            13,
            "must lie after 2026-11-01",
        ),
        (
            OBSERVED + "last_vote: 2027-06-25, source: x}\n",
            7,
            "has not been observed on 2027-06-01 yet",
        ),
        (
            OBSERVED.replace("observe", "call") + "last_vote: 2027-05-14, source: x}\n",
            7,
            "is past on 2027-06-01: observe it",
        ),
        (
            CORRECTED + "milestone: budget_vot, day: 2027-03-19, source: x, reason: y}\n",
            7,
            "there is no milestone or phase 'budget_vot'",
        ),
        (
            CORRECTED + "milestone: budget_vote, source: x, reason: y}\n",
            7,
            "give day, or earliest, likely and latest",
        ),
    ],
)
def test_a_mistake_is_reported_with_its_line(event: str, line: int, reason: str) -> None:
    found = problems(HEAD + event)
    assert any(each.startswith(f"line {line},") and reason in each for each in found), found


SUBSIDY = """\
subsidies:
  - id: digital-2027
    name: デジタル実装交付金
    ministry: 内閣府
    rate: 1/2
    cap_yen: 20000000
    eligible_types: [city, town]
    policy_areas: [digital]
    call_opens: 2026-12-05
    call_closes: 2027-02-10
    consultation: {earliest: 2026-12-15, likely: 2027-01-15, latest: 2027-02-05}
    decision: {day: 2027-04-01}
    completed_by: 2028-03-31
    source: https://www.chisou.go.jp/
"""


def test_subsidies_and_another_goal_are_read() -> None:
    read = scenario(
        SUBSIDY
        + HEAD
        + PURSUIT
        + """\
  - on: 2026-11-04
    revise_goal:
      pursuit: desk
      by: sato
      goal: {policy_area: digital, amount_yen: 900000, wanted_start: 2027-01-15, category: services}
  - on: 2026-11-05
    call: {municipality: "102032", year: 2026, number: 2, last_vote: 2026-11-27, source: 告示}
"""
    )
    (subsidy,) = read.subsidies
    assert (subsidy.rate, subsidy.cap) == (Fraction(1, 2), 20_000_000)
    assert subsidy.eligible_types == {MunicipalityType.CITY, MunicipalityType.TOWN}
    assert subsidy.decision == Window.on(date(2027, 4, 1))
    _, revised, called = (event.action for event in read.events)
    assert isinstance(revised, SendMessage)
    assert isinstance(revised.message, ReviseGoal)
    assert (revised.message.goal.amount, revised.message.by) == (900_000, "sato")
    assert isinstance(called, ObserveSession)
    assert called.session.kind is SessionKind.EXTRAORDINARY


@pytest.mark.parametrize(
    ("right", "wrong", "line", "reason"),
    [
        ("rate: 1/2", "rate: half", 5, "rate must be a fraction such as 1/2"),
        ("rate: 1/2", "rate: 3/2", 5, "rate must be above 0 and at most 1"),
        ("[city, town]", "[city, hamlet]", 7, "hamlet: known are"),
        ("2027-02-10", "2026-12-01", 10, "lies before call_opens"),
        ("{day: 2027-04-01}", "{}", 12, "give day, or earliest, likely and latest"),
        ("    ministry: 内閣府\n", "", 2, "lacks ministry"),
    ],
)
def test_a_mistake_in_a_subsidy_is_reported_with_its_line(
    right: str, wrong: str, line: int, reason: str
) -> None:
    found = problems(SUBSIDY.replace(right, wrong) + HEAD + PURSUIT)
    assert any(each.startswith(f"line {line},") and reason in each for each in found), found


def test_a_subsidy_given_twice_is_reported() -> None:
    again = SUBSIDY.partition("\n")[2]
    assert any("given twice" in each for each in problems(SUBSIDY + again + HEAD + PURSUIT))


def test_a_wrong_check_digit_names_the_right_one() -> None:
    (found,) = problems('title: {ja: a, en: b}\nmunicipalities: [{code: "102033"}]\n')
    assert found.startswith("line 2,")
    assert "102032" in found


def test_all_mistakes_are_reported_together() -> None:
    found = problems('title: {ja: a}\nmunicipalities: [{code: "102032"}]\nyears: 99\n')
    assert [each.split(",")[0] for each in found] == ["line 1", "line 3"]


def test_another_start_must_not_leave_events_behind() -> None:
    read = scenario(HEAD + PURSUIT)
    with pytest.raises(DomainError, match="happen on 2026-10-20"):
        read.starting(date(2026, 11, 1))
    assert read.lasting(1).events == read.events
