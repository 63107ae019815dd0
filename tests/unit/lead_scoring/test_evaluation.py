"""A rule set is judged by leads that were open then, on what was known then."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lead_scoring.domain.lead import ActivityRecorded, Fact, OutcomeRecorded
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.facts import municipality_fields
from lead_scoring.replaying.evaluation import judge, split_by_registration, verdict
from lead_scoring.rules_file import check

START = datetime(2011, 10, 3, 9, 0, tzinfo=UTC)
AFTER = timedelta(hours=72)
RULES = CompiledRules(
    check((Path(__file__).parents[3] / "examples/bpi2012/rules.yaml").read_text(encoding="utf-8")),
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
    ("facts", "judged"),
    [
        (history(offer=1, ends=100), True),
        (history(offer=1, ends=72), False),
        (history(offer=1, ends=71), False),
        (history(offer=1, ends=None), False),
    ],
)
def test_only_leads_that_were_open_and_ended_are_judged(
    facts: Sequence[Fact],
    judged: bool,  # noqa: FBT001
) -> None:
    assert bool(judge({"lead": facts}, RULES, AFTER)) == judged


def test_nothing_that_happens_later_is_scored() -> None:
    [early] = judge({"lead": history(offer=71, ends=100)}, RULES, AFTER)
    [late] = judge({"lead": history(offer=73, ends=100)}, RULES, AFTER)
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
    found = verdict(judge(histories, RULES, AFTER))
    assert (found.leads, found.won) == (8, 4)
    assert {grade: (each.leads, each.won) for grade, each in found.grades.items()} == {
        "C2": (4, 3),
        "C3": (4, 1),
    }
    assert found.misorders == []
    assert found.by_engagement.value == found.by_place.value == 0.75
    assert found.by_fit.value == 0.5
