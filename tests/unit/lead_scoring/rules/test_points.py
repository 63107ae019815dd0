"""Other points in a rule file, and nothing else."""

import pytest

from kakehashi_common.errors import ConflictError
from lead_scoring.rules.diff import differences
from lead_scoring.rules.file import check, shipped
from lead_scoring.rules.points import replaced

SHARED = """\
name: shared
description: Two rules have the same points by an alias.
horizon_days: 30
grades: {fit: {A: 65, B: 35}, engagement: {1: 50, 2: 20}}
qualification: {grades: [A1], cool_down_days: 0}
engagement:
  groups:
    web: {cap: 50, label: {ja: ウェブ, en: Web}}
  rules:
    one: {group: web, kinds: [page_viewed], points: &ten 10, label: {ja: 一, en: One}}
    two: {group: web, kinds: [mail_opened], points: *ten, label: {ja: 二, en: Two}}
fit: {groups: {}, rules: {}}
"""


def test_only_the_points_change_and_comments_stay() -> None:
    before = shipped()
    after = replaced(before, {"engagement.reference_quote": 123, "fit.size_middle": 5})

    changed = [
        (old, new)
        for old, new in zip(before.splitlines(), after.splitlines(), strict=True)
        if old != new
    ]
    assert changed == [
        ("      points: 35", "      points: 12.3"),
        ("      points: 25", "      points: 0.5"),
    ]
    assert [each.where for each in differences(check(before), check(after))] == [
        "engagement.reference_quote.points",
        "fit.size_middle.points",
    ]


def test_points_that_stand_for_two_rules_are_left_to_a_person() -> None:
    with pytest.raises(ConflictError, match="write them out"):
        replaced(SHARED, {"engagement.one": 20})
