import json
from dataclasses import replace

import pytest

from benchmarks.calendars import report
from benchmarks.calendars.computing import Computed
from benchmarks.calendars.installation import all_municipalities
from benchmarks.calendars.measuring import Calendars, WorkerMemory
from benchmarks.calendars.revising import Revision, Settled
from benchmarks.calendars.standings import View, percentile
from benchmarks.calendars.starting import Starts
from benchmarks.watching import Throughput

REVISION = Revision(1741, 1741, 20.0, 59.9, {"worker": 30.0})


def starts(*seconds: float) -> list[Starts]:
    return [Starts(Throughput(100, each, {"worker": 1.0}), each) for each in seconds]


def test_everybody_is_1741_municipalities_and_no_prefecture() -> None:
    everybody = all_municipalities()
    assert len(everybody) == len(set(everybody)) == 1741
    assert "100005" not in everybody
    assert "102032" in everybody
    assert all_municipalities(10) == everybody[:10]


@pytest.mark.parametrize(
    ("found", "reached", "met"),
    [
        (Calendars(100, floor=starts(1, 2, 4), ours=starts(5, 6, 9)), "0.33", True),
        (Calendars(100, floor=starts(1), ours=starts(4)), "0.25", False),
        (Calendars(1741, memory=WorkerMemory(1741, 140, 570, 500, 300)), "598 MB", True),
        (Calendars(1741, memory=WorkerMemory(1741, 140, 300, 300, 580)), "608 MB", False),
        (Calendars(1741, revision=REVISION), "59.9 s", True),
        (Calendars(1741, revision=replace(REVISION, seconds=60.1)), "60.1 s", False),
        (Calendars(1741, view=View(1741, 50, 300.0, 90.0, 299.0)), "299 ms", True),
        (Calendars(1741, view=View(1741, 50, 300.0, 90.0, 301.0)), "301 ms", False),
    ],
)
def test_a_goal_says_what_was_reached(found: Calendars, reached: str, *, met: bool) -> None:
    (goal,) = report.goals(found)
    assert (goal.reached, goal.met) == (reached, met)


def test_a_calendar_has_to_be_quick_by_both_clocks() -> None:
    found = Calendars(1, computed=[Computed("one", 200, 50.0, 6.0, 9.0, 1.0)])
    assert [goal.met for goal in report.goals(found)] == [False, True]


def test_a_revision_that_moved_nothing_shows() -> None:
    (goal,) = report.goals(Calendars(1741, revision=replace(REVISION, revised=3)))
    assert (goal.what, goal.met) == (
        "revision of 1,741 municipalities, of which 3 have moved",
        False,
    )


def test_what_was_not_measured_has_no_goal_and_is_null() -> None:
    found = Calendars(1741)
    assert report.goals(found) == []
    assert list(report.tables(found)) == []
    assert json.loads(json.dumps(report.document(found)))["revision"] is None


def test_everything_measured_is_in_a_table() -> None:
    found = Calendars(
        100,
        computed=[Computed("one", 200, 50.0, 6.0, 9.0, 1.0)],
        floor=starts(1),
        ours=starts(2),
        memory=WorkerMemory(100, 140, 200, 190, 210),
        revision=REVISION,
        view=View(1741, 50, 300.0, 90.0, 299.0),
    )
    assert [table.row_count for table in report.tables(found)] == [2, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("run_id", "events", "looked"),
    [
        ("a", 10, False),
        ("a", 11, False),  # the signal alone
        ("a", 14, True),
        ("b", 3, True),  # continued as new
    ],
)
def test_a_workflow_has_looked_when_more_than_the_signal_is_new(
    run_id: str, events: int, *, looked: bool
) -> None:
    assert Settled(run_id, events).has_looked_since(Settled("a", 10)) is looked


@pytest.mark.parametrize(("share", "expected"), [(0.5, 3.0), (0.99, 5.0), (1.0, 5.0), (0.0, 1.0)])
def test_percentiles_are_values_that_were_seen(share: float, expected: float) -> None:
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], share) == expected
