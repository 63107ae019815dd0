"""Two rule sets compared in the words of a rule file."""

from pathlib import Path

import pytest

from lead_scoring.rules.diff import Difference, differences
from lead_scoring.rules.file import check, shipped

BPI = (Path(__file__).parents[4] / "examples/bpi2012/rules.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("# Points", "# Other points", []),
        ("points: 45\n      kinds", "points: 45.5\n      kinds",
         [Difference("engagement.offer_sent.points", "45", "45.5")]),
        ("{A: 50, B: 30}", "{A: 55, B: 30}", [Difference("grades.fit.A", "50", "55")]),
        ("grades: [A1]", "grades: [A2, A1]", [Difference("qualification.grades", "A1", "A1, A2")]),
        ("      half_life_days: 60\n", "",
         [Difference("engagement.offer_sent.half_life_days", "60", None)]),
        ("      below: 0.5\n", "      below: 1\n",
         [Difference("fit.complete_at_once.below", "0.5", "1")]),
        ("en: Offer sent}", "en: Offer posted}",
         [Difference("engagement.offer_sent.label.en", "Offer sent", "Offer posted")]),
        ("    middle_amount:", "    amount:", [
            Difference("fit.middle_amount.group", "request", None),
            Difference("fit.amount.group", None, "request"),
        ]),
    ],
)  # fmt: skip
def test_a_change_is_named(old: str, new: str, expected: list[Difference]) -> None:
    assert BPI.count(old) == 1
    found = differences(check(BPI), check(BPI.replace(old, new)))
    assert [each for each in found if each.where.endswith(".group") or len(found) < 3] == expected


def test_two_rule_sets_have_nothing_in_common_but_their_form() -> None:
    found = differences(check(BPI), check(shipped()))
    assert Difference("name", "bpi2012", "municipal") in found
