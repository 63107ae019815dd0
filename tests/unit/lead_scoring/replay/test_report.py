"""The report of a replay counts all leads, and says whether the best grade is the best."""

from datetime import UTC, datetime, timedelta

import pytest

from kakehashi_common.terminal import Console
from lead_scoring.replay.evaluation import Judged, Judging, verdict
from lead_scoring.replay.report import Judgement, show_judgement

SINCE = datetime(2011, 12, 1, tzinfo=UTC)


def leads(**won_of: tuple[int, int]) -> list[Judged]:
    """Return leads by grade: so many won, of so many."""
    return [
        Judged(f"{grade}-{n}", SINCE, 500, 600, grade, won=n < won)
        for grade, (won, of) in won_of.items()
        for n in range(of)
    ]


def said(judged: list[Judged], undecided: int = 0, ended_before: int = 0) -> str:
    try:
        found = verdict(judged)
    except ValueError:
        found = None
    judging = Judging(judged, undecided, ended_before)
    console = Console(width=1000)
    with console.capture() as captured:
        show_judgement(console, Judgement(timedelta(hours=72), 700, SINCE, judging, found))
    return captured.get()


def test_leads_that_are_not_judged_are_counted() -> None:
    text = said(leads(A1=(8, 10), A2=(3, 20)), undecided=4, ended_before=66)
    assert "tuned on the first 700 leads. Of the 100 registered since 2011-12-01" in text
    assert "66 had ended 72 hours later and 34 were still open." in text
    assert "4 of these have no outcome in the file and are left out; 30 are judged." in text
    assert "11 of the 30 (36.7%) were won in the end." in text


def test_nothing_is_said_of_leads_without_outcome_where_there_are_none() -> None:
    assert "no outcome" not in said(leads(A1=(8, 10), A2=(3, 20)))


def test_too_few_leads_are_counted_all_the_same() -> None:
    text = said(leads(A1=(1, 1)), undecided=399, ended_before=20)
    assert "20 had ended 72 hours later and 400 were still open." in text
    assert "399 of these have no outcome" in text
    assert "Too few leads" in text


@pytest.mark.parametrize(
    ("won_of", "told"),
    [
        pytest.param(
            {"A1": (8, 10), "A2": (3, 20)},
            "A1 won 80.0%, A2 15.0%: the best grade is the best.",
            id="better",
        ),
        pytest.param(
            {"A1": (5, 10), "A2": (10, 20)},
            "A1 won 50.0%, A2 50.0%: the best grade is the best.",
            id="as good",
        ),
        pytest.param(
            {"A1": (4, 10), "A2": (10, 20)},
            "A1 won 40.0%, A2 50.0%: the best grade is not the best (within chance).",
            id="worse, within chance",
        ),
        pytest.param(
            {"A1": (10, 100), "A2": (100, 200)},
            "A1 won 10.0%, A2 50.0%: the best grade is not the best (beyond chance).",
            id="worse, beyond chance",
        ),
    ],
)
def test_the_report_says_whether_the_best_grade_is_the_best(
    won_of: dict[str, tuple[int, int]], told: str
) -> None:
    assert told in said(leads(**won_of))


def test_a_grade_that_nobody_has_is_not_compared() -> None:
    assert "the best grade" not in said(leads(A2=(3, 20), C3=(1, 20)))
