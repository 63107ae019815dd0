"""A rule set is judged by leads that were open then, on what was known then."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lead_scoring.domain.lead import ActivityRecorded, Fact, OutcomeRecorded
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.replay.evaluation import Judged, judge, split_by_registration, verdict
from lead_scoring.rules.file import check
from lead_scoring.rules.municipality_fields import municipality_fields

START = datetime(2011, 10, 3, 9, 0, tzinfo=UTC)
AFTER = timedelta(hours=72)
RULES = CompiledRules(
    check((Path(__file__).parents[4] / "examples/bpi2012/rules.yaml").read_text(encoding="utf-8")),
    1,
    municipality_fields,
)


def history(
    *, offer: float | None, ends: float | None, won: bool = True, day: int = 0
) -> list[Fact]:
    """A lead that registers on ``day``, has an offer and an outcome so many hours later."""
    registered = START + timedelta(days=day)
    facts: list[Fact] = [ActivityRecorded(registered, "application_submitted/complete")]
    if offer is not None:
        facts.append(ActivityRecorded(registered + timedelta(hours=offer), "offer_sent/complete"))
    if ends is not None:
        outcome = "won" if won else "lost"
        facts.append(OutcomeRecorded(registered + timedelta(hours=ends), b"k", outcome))
    return facts


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        pytest.param(history(offer=1, ends=100), (1, 0, 0), id="open, ended later"),
        pytest.param(history(offer=1, ends=72), (0, 0, 1), id="ended at the moment"),
        pytest.param(history(offer=1, ends=71), (0, 0, 1), id="ended before"),
        pytest.param(history(offer=1, ends=None), (0, 1, 0), id="no outcome"),
    ],
)
def test_every_lead_is_judged_or_counted(
    facts: Sequence[Fact], counts: tuple[int, int, int]
) -> None:
    found = judge({"lead": facts}, RULES, AFTER)
    assert (len(found.judged), found.undecided, found.ended_before) == counts
    assert found.still_open == counts[0] + counts[1]


def test_within_a_grade_the_sum_decides() -> None:
    def lead(fit: int, engagement: int, grade: str = "B2") -> Judged:
        return Judged("lead", START, fit, engagement, grade, won=True)

    assert lead(500, 100).place > lead(100, 400).place > lead(300, 100).place
    assert lead(0, 0, "B1").place > lead(400, 400).place


def test_nothing_that_happens_later_is_scored() -> None:
    [early] = judge({"lead": history(offer=71, ends=100)}, RULES, AFTER).judged
    [late] = judge({"lead": history(offer=73, ends=100)}, RULES, AFTER).judged
    assert early.engagement > 0
    assert late.engagement == 0


def test_the_split_is_by_registration_and_covers_all() -> None:
    histories: Mapping[str, Sequence[Fact]] = {
        f"lead-{day}": history(offer=1, ends=100, day=day) for day in (4, 2, 0, 3, 1, 6, 5, 9, 8, 7)
    }
    first, last = split_by_registration(histories, 0.7)
    assert sorted(first) == [f"lead-{day}" for day in range(7)]
    assert sorted(last) == ["lead-7", "lead-8", "lead-9"]
    assert split_by_registration({}, 0.7) == ({}, {})


def test_a_verdict_sums_up() -> None:
    histories: dict[str, Sequence[Fact]] = {}
    for number in range(4):
        histories[f"offer-{number}"] = history(offer=1, ends=100, won=number > 0)
        histories[f"none-{number}"] = history(offer=None, ends=100, won=number == 0)
    found = verdict(judge(histories, RULES, AFTER).judged)
    assert (found.leads, found.won) == (8, 4)
    assert {grade: (each.leads, each.won) for grade, each in found.grades.items()} == {
        "C2": (4, 3),
        "C3": (4, 1),
    }
    assert found.misorders == []
    assert found.by_engagement.value == found.by_place.value == 0.75
    assert found.by_points.value == 0.75
    assert found.by_fit.value == 0.5
