"""Rules refuse what makes no sense, and equal rules have equal checksums."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lead_scoring.domain.rules import (
    Between,
    ContainsAny,
    EngagementRule,
    FitRule,
    Group,
    InvalidRuleError,
    Label,
    OneOf,
    Present,
    QualificationRule,
    RuleSet,
    Thresholds,
)

LABEL = Label("閲覧", "Viewed")
RULE = EngagementRule("viewed", "web", LABEL, 30, ("page_viewed",))
FIT = FitRule("manager", "who", LABEL, 100, "role", OneOf(("manager",)))
RULES = RuleSet(
    name="small",
    description="",
    horizon_days=365,
    thresholds=Thresholds(600, 300, 500, 200),
    qualification=QualificationRule(frozenset({"A1"}), 30),
    engagement_groups=(Group("web", 200, LABEL),),
    engagement_rules=(RULE, replace(RULE, id="clicked", kinds=("mail_clicked",))),
    fit_groups=(Group("who", 300, LABEL),),
    fit_rules=(FIT,),
)


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("ja", lambda: Label(" ", "Viewed")),
        ("en", lambda: Label("閲覧", "")),
        ("cap", lambda: Group("web", 0, LABEL)),
        ("cap", lambda: Group("web", 1001, LABEL)),
        ("points", lambda: replace(RULE, points=0)),
        ("points", lambda: replace(RULE, points=-10)),
        ("points", lambda: replace(RULE, points=1001)),
        ("kinds", lambda: replace(RULE, kinds=())),
        ("half_life_days", lambda: replace(RULE, half_life_days=0.0)),
        ("half_life_days", lambda: replace(RULE, half_life_days=-1.0)),
        ("half_life_days", lambda: replace(RULE, half_life_days=3651.0)),
        ("half_life_days", lambda: replace(RULE, half_life_days=float("nan"))),
        ("daily_cap", lambda: replace(RULE, daily_cap=0)),
        ("daily_cap", lambda: replace(RULE, daily_cap=1001)),
        ("points", lambda: replace(FIT, points=0)),
        ("points", lambda: replace(FIT, points=-1001)),
        ("field", lambda: replace(FIT, field="email")),
        ("field", lambda: replace(FIT, field="colour")),
        ("field", lambda: replace(FIT, field="attributes.")),
        ("in", lambda: OneOf(())),
        ("contains_any", lambda: ContainsAny(())),
        ("contains_any", lambda: ContainsAny(("DX", " "))),
        ("below", lambda: Between(at_least=5, below=5)),
        ("fit", lambda: Thresholds(300, 600, 500, 200)),
        ("fit", lambda: Thresholds(1001, 600, 500, 200)),
        ("engagement", lambda: Thresholds(600, 300, 200, 200)),
        ("engagement", lambda: Thresholds(600, 300, 200, 0)),
        ("grades", lambda: QualificationRule(frozenset({"A1", "D1"}))),
        ("cool_down_days", lambda: QualificationRule(frozenset(), -1)),
        ("horizon_days", lambda: replace(RULES, horizon_days=0)),
        ("horizon_days", lambda: replace(RULES, horizon_days=731)),
        ("engagement", lambda: replace(RULES, engagement_rules=(RULE, RULE))),
        ("engagement", lambda: replace(RULES, engagement_rules=(replace(RULE, id="web"),))),
        ("engagement", lambda: replace(RULES, engagement_groups=())),
        ("fit", lambda: replace(RULES, fit_rules=(replace(FIT, group="web"),))),
    ],
)
def test_senseless_rules_are_refused(field: str, make: Callable[[], Any]) -> None:
    senseless = make()
    with pytest.raises(InvalidRuleError) as refused:
        senseless.check()
    assert refused.value.field == field
    assert refused.value.reason


@pytest.mark.parametrize(
    ("rule", "signal", "expected"),
    [
        (RULE, "page_viewed", True),
        (RULE, "page_viewed/pricing", True),
        (RULE, "page_viewed_twice", False),
        (replace(RULE, categories=("pricing",)), "page_viewed/pricing", True),
        (replace(RULE, categories=("pricing",)), "page_viewed/product", False),
        (replace(RULE, categories=("pricing",)), "page_viewed", False),
        (replace(RULE, kinds=("a", "b")), "b/pricing", True),
    ],
)
def test_a_rule_matches_its_kinds_and_categories(
    rule: EngagementRule, signal: str, *, expected: bool
) -> None:
    assert rule.matches(signal) is expected


@pytest.mark.parametrize(
    ("fit", "engagement", "grade"),
    [
        (1000, 1000, "A1"),
        (600, 500, "A1"),
        (599, 500, "B1"),
        (300, 499, "B2"),
        (299, 200, "C2"),
        (0, 199, "C3"),
        (0, 0, "C3"),
    ],
)
def test_a_grade_starts_at_its_threshold(fit: int, engagement: int, grade: str) -> None:
    assert RULES.thresholds.grade(fit, engagement) == grade


def test_the_order_of_rules_leaves_the_checksum_alone() -> None:
    reordered = replace(RULES, engagement_rules=RULES.engagement_rules[::-1])
    assert reordered.checksum() == RULES.checksum()


@pytest.mark.parametrize(
    "changed",
    [
        replace(RULES, name="other"),
        replace(RULES, horizon_days=366),
        replace(RULES, thresholds=Thresholds(601, 300, 500, 200)),
        replace(RULES, qualification=QualificationRule(frozenset({"A1", "B1"}), 30)),
        replace(RULES, engagement_groups=(Group("web", 201, LABEL),)),
        replace(RULES, engagement_rules=(replace(RULE, half_life_days=30.0),)),
        replace(RULES, fit_rules=(replace(FIT, condition=OneOf(("officer",))),)),
        replace(RULES, fit_rules=(replace(FIT, condition=ContainsAny(("manager",))),)),
        replace(RULES, fit_rules=(replace(FIT, condition=Present()),)),
        replace(RULES, fit_rules=(replace(FIT, label=Label("管理職", "Manager")),)),
    ],
)
def test_whatever_a_score_or_its_explanation_depends_on_changes_the_checksum(
    changed: RuleSet,
) -> None:
    assert changed.checksum() != RULES.checksum()
    assert len(changed.checksum()) == 64
