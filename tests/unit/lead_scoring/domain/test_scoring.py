"""Examples of scores: decay, caps, horizon, fit conditions, explanations, foretold changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from lead_scoring.domain.activity import COUNT_MASK
from lead_scoring.domain.days import japan_day
from lead_scoring.domain.fit import holds
from lead_scoring.domain.lead import ActivityRecorded, Lead, ProfileChanged
from lead_scoring.domain.profile import Scalar
from lead_scoring.domain.rules import (
    Between,
    Condition,
    ContainsAny,
    EngagementRule,
    FitRule,
    Group,
    Label,
    OneOf,
    Present,
    QualificationRule,
    RuleSet,
    Thresholds,
)
from lead_scoring.domain.scoring import CompiledRules
from tests.support.lead_histories import NOW, label, municipality_fields

TODAY = japan_day(NOW)
VIEWED = EngagementRule("viewed", "web", label("viewed"), 40, ("page_viewed",), (), 10.0)
RULES = RuleSet(
    name="small",
    description="",
    horizon_days=100,
    thresholds=Thresholds(a=500, b=200, one=300, two=100),
    qualification=QualificationRule(frozenset({"A1"})),
    engagement_groups=(
        Group("web", 1000, Label("ウェブ", "Web")),
        Group("talk", 1000, label("talk")),
    ),
    engagement_rules=(VIEWED,),
    fit_groups=(Group("who", 1000, Label("人", "Person")), Group("what", 1000, label("what"))),
)

Happened = Sequence[tuple[str, int]]
"""Signals, with how many days ago."""


def lead_of(happened: Happened, **fields: Scalar) -> Lead:
    lead = Lead("crm-1")
    for signal, days_ago in happened:
        lead.apply(ActivityRecorded(NOW - timedelta(days=days_ago), signal))
    if fields:
        lead.apply(ProfileChanged(NOW, b"k", {k.replace("__", "."): v for k, v in fields.items()}))
    return lead


def compiled(rules: RuleSet = RULES, *engagement: EngagementRule) -> CompiledRules:
    if engagement:
        rules = replace(rules, engagement_rules=engagement)
    return CompiledRules(rules, 1, municipality_fields)


def engagement(rules: CompiledRules, happened: Happened) -> int:
    return rules.evaluate(lead_of(happened), TODAY).engagement


@pytest.mark.parametrize(
    ("happened", "points"),
    [
        ([], 0),
        ([("page_viewed", 0)], 40),
        ([("page_viewed/pricing", 0)], 40),
        ([("mail_opened", 0)], 0),
        ([("page_viewed", 0)] * 3, 120),
        ([("page_viewed", 10)], 20),
        ([("page_viewed", 20)], 10),
        ([("page_viewed", 5)], 28),  # 40 / sqrt(2) = 28.28, rounded down
        ([("page_viewed", 5)] * 4, 113),  # rounded once, not four times
        ([("page_viewed", -2)], 40),  # dated after today: worth what it is worth on its day
        ([("page_viewed", 60)], 0),  # 40 / 64 is below a tenth of a point
        ([("page_viewed", 100)] * 500, 19),  # 500 · 40 / 1024, on the horizon's last day
        ([("page_viewed", 101)] * 500, 0),
        ([("page_viewed", 0)] * 30, 1000),
    ],
)
def test_points_halve_within_the_half_life(happened: Happened, points: int) -> None:
    assert engagement(compiled(), happened) == points


def test_without_a_half_life_points_last_until_the_horizon() -> None:
    rules = compiled(RULES, replace(VIEWED, half_life_days=None))
    assert engagement(rules, [("page_viewed", 100)]) == 40
    assert engagement(rules, [("page_viewed", 101)]) == 0


@pytest.mark.parametrize(
    ("happened", "points"),
    [
        ([("page_viewed", 0)] * 5, 80),
        ([("page_viewed/pricing", 0), ("page_viewed/product", 0), ("page_viewed", 0)], 80),
        ([("page_viewed", 0)] * 5 + [("page_viewed", 10)] * 5, 120),
        ([("page_viewed", 0), ("page_viewed", 10)], 60),
    ],
)
def test_a_daily_cap_counts_all_signals_of_a_rule_together(happened: Happened, points: int) -> None:
    assert engagement(compiled(RULES, replace(VIEWED, daily_cap=2)), happened) == points


@pytest.mark.parametrize("daily_cap", [None, 1, 2])
@pytest.mark.parametrize("days_ago", [[0, 0, 0], [3, 0, 3, 0], [0, 3, 0, 3], [101, 0, 0, 101, -1]])
def test_one_by_one_or_all_at_once_is_the_same(days_ago: list[int], daily_cap: int | None) -> None:
    rules = compiled(RULES, VIEWED, replace(VIEWED, id="capped", points=7, daily_cap=daily_cap))
    signals = ("page_viewed", "page_viewed/pricing", "page_viewed")
    happened = list(zip(signals * 2, days_ago, strict=False))
    lead = lead_of([])
    for position, (signal, ago) in enumerate(happened):
        lead.apply(ActivityRecorded(NOW - timedelta(days=ago), signal))
        afresh = lead_of(happened[: position + 1])
        assert rules.evaluate(lead, TODAY) == rules.evaluate(afresh, TODAY)
        assert rules.explain(lead, TODAY) == rules.explain(afresh, TODAY)


def test_what_a_lead_did_before_it_slept_for_years_has_expired() -> None:
    rules = compiled()
    lead = lead_of([("page_viewed", 0)])
    assert rules.evaluate(lead, TODAY + 3000).engagement == 0
    lead.apply(ActivityRecorded(NOW, "page_viewed"))
    assert rules.evaluate(lead, TODAY + 3000).engagement == 0
    assert rules.evaluate(lead, TODAY).engagement == 80


def test_long_before_its_day_activity_is_worth_what_it_is_worth_on_it() -> None:
    lead = lead_of([("page_viewed", 0), ("page_viewed", 30)])
    assert [compiled().evaluate(lead, TODAY - days).engagement for days in (30, 801, 5000)] == [
        80
    ] * 3


def test_a_signal_earns_the_points_of_every_rule_that_matches() -> None:
    pricing = replace(VIEWED, id="pricing", points=55, categories=("pricing",))
    rules = compiled(RULES, VIEWED, pricing)
    assert engagement(rules, [("page_viewed/pricing", 0), ("page_viewed/product", 0)]) == 135


def test_a_group_counts_up_to_its_cap_and_the_rest_is_a_line_of_its_own() -> None:
    talked = EngagementRule("talked", "talk", label("talked"), 200, ("call_answered",))
    rules = replace(
        RULES,
        engagement_groups=(replace(RULES.engagement_groups[0], cap=75), RULES.engagement_groups[1]),
        engagement_rules=(VIEWED, talked),
    )
    lead = lead_of([("page_viewed", 0)] * 3 + [("call_answered", 1)] * 5)
    assert compiled(rules).evaluate(lead, TODAY).engagement == 1000

    lines = [
        (line.rule, line.kind, points, times, last_on and date.fromordinal(last_on).isoformat())
        for line, points, times, last_on in compiled(rules).explain(lead, TODAY)
    ]
    assert lines == [
        ("talked", "rule", 1000, 5, "2026-08-31"),
        ("viewed", "rule", 120, 3, "2026-09-01"),
        ("web", "group_cap", -45, None, None),
        ("total", "total_cap", -75, None, None),
    ]


def test_caps_and_totals_are_explained_in_japanese_and_english() -> None:
    rules = replace(
        RULES,
        engagement_groups=(Group("web", 25, Label("ウェブ", "Web")),),
        engagement_rules=(VIEWED,),
        fit_rules=(FitRule("none", "who", label("none"), -10, "role", Present(expected=False)),),
    )
    explained = compiled(rules).explain(lead_of([("page_viewed", 0)]), TODAY)
    assert [(line.label.ja, line.label.en, points) for line, points, _, _ in explained] == [
        ("noneの説明", "none", -10),
        ("合計の下限（0点）による調整", "At least 0 points", 10),
        ("viewedの説明", "viewed", 40),
        ("「ウェブ」の上限（2.5点）による調整", "Web: at most 2.5 points", -15),
    ]


def test_an_explanation_counts_what_happened_and_still_counts() -> None:
    rules = compiled(RULES, replace(VIEWED, daily_cap=1))
    happened = [("page_viewed", 0)] * 3 + [("page_viewed/pricing", 4), ("page_viewed", 101)]
    ((_, points, times, last_on),) = rules.explain(lead_of(happened), TODAY)
    assert (points, times, last_on) == (70, 4, TODAY)


def test_a_rule_that_has_faded_is_not_explained() -> None:
    assert compiled().explain(lead_of([("page_viewed", 60)]), TODAY) == ()


def test_a_machine_that_views_a_page_all_day_counts_4095_times() -> None:
    rules = compiled(RULES, replace(VIEWED, points=1, half_life_days=None))
    lead = lead_of([("page_viewed", 0), ("page_viewed/pricing", 0)] * COUNT_MASK)
    ((_, points, times, _), *_) = rules.explain(lead, TODAY)
    assert (points, times) == (COUNT_MASK, COUNT_MASK)
    lead.apply(ActivityRecorded(NOW, "page_viewed"))
    lead.apply(ActivityRecorded(NOW, "page_viewed/product"))
    assert rules.explain(lead, TODAY)[0].points == COUNT_MASK


def test_signals_that_no_rule_names_are_worth_nothing_and_known_once_one_does() -> None:
    lead = lead_of([("booth_visited/expo", 0)])
    assert compiled().evaluate(lead, TODAY).engagement == 0
    assert not compiled().names("booth_visited/expo")
    visited = EngagementRule("visited", "talk", label("visited"), 70, ("booth_visited",))
    assert compiled(RULES, visited).evaluate(lead, TODAY).engagement == 70


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        (OneOf(("manager", "head")), "head", True),
        (OneOf(("manager",)), "officer", False),
        (OneOf(("manager",)), None, False),
        (OneOf((True,)), True, True),
        (OneOf((True,)), 1, False),
        (OneOf((1,)), True, False),
        (OneOf((1,)), 1.0, True),
        (OneOf((0,)), None, False),
        (ContainsAny(("DX", "情報")), "情報政策課", True),
        (ContainsAny(("DX", "情報")), "ＤＸ推進室", True),
        (ContainsAny(("DX",)), "dx推進室", True),
        (ContainsAny(("ﾃﾞｼﾞﾀﾙ",)), "デジタル推進課", True),
        (ContainsAny(("DX",)), "財政課", False),
        (ContainsAny(("DX",)), None, False),
        (ContainsAny(("1",)), 1, False),
        (Between(at_least=500), 500, True),
        (Between(at_least=500), 499, False),
        (Between(below=500), 499.9, True),
        (Between(below=500), 500, False),
        (Between(at_least=10, below=20), 15, True),
        (Between(at_least=10), None, False),
        (Between(at_least=0), True, False),
        (Between(at_least=0), "12", False),
        (Present(), "x", True),
        (Present(), False, True),
        (Present(), 0, True),
        (Present(), "", False),
        (Present(), None, False),
        (Present(expected=False), None, True),
        (Present(expected=False), "x", False),
    ],
)
def test_a_condition_holds(condition: Condition, value: Scalar, *, expected: bool) -> None:
    assert holds(condition, value) is expected


WHO, WHAT = "who", "what"
FIT_RULES = (
    FitRule("manager", WHO, label("manager"), 300, "role", OneOf(("manager",))),
    FitRule("middle", WHAT, label("middle"), 250, "municipality.size_band", OneOf(("50k_300k",))),
    FitRule("gunma", WHAT, label("gunma"), 55, "municipality.prefecture", OneOf(("群馬県",))),
    FitRule("city", WHAT, label("city"), 50, "municipality.kind", OneOf(("city",))),
    FitRule("nowhere", WHAT, label("nowhere"), -100, "municipality_code", Present(expected=False)),
    FitRule("customer", WHAT, label("customer"), 800, "attributes.customer", OneOf((True,))),
    FitRule("press", WHAT, label("press"), -600, "attributes.press", OneOf((True,))),
)


@pytest.mark.parametrize(
    ("fields", "fit"),
    [
        ({}, 0),  # -10 points, raised to 0
        ({"role": "manager"}, 200),
        ({"role": "manager", "municipality_code": "102032"}, 655),
        ({"municipality_code": "102032"}, 355),
        ({"municipality_code": "131041"}, 0),
        ({"municipality_code": "102032", "attributes__press": True}, 0),
        ({"municipality_code": "102032", "attributes__customer": True, "role": "manager"}, 1000),
    ],
)
def test_fit_sums_what_a_lead_is(fields: dict[str, Scalar], fit: int) -> None:
    rules = compiled(replace(RULES, fit_rules=FIT_RULES))
    lead = lead_of([], **fields)
    assert rules.evaluate(lead, TODAY).fit == fit
    assert sum(each.points for each in rules.explain(lead, TODAY)) == fit


def test_fit_follows_the_profile() -> None:
    rules = compiled(replace(RULES, fit_rules=FIT_RULES))
    lead = lead_of([], role="manager", municipality_code="131041")
    assert rules.evaluate(lead, TODAY).fit == 300
    lead.apply(ProfileChanged(NOW + timedelta(hours=1), b"l", {"municipality_code": "102032"}))
    assert rules.evaluate(lead, TODAY).fit == 655


@pytest.mark.parametrize(
    ("happened", "foretold"),
    [
        ([], None),
        ([("page_viewed", 0)] * 2, None),  # 8 points: grade 3, which is the last
        ([("page_viewed", 0)] * 5, 10 + 1),  # 20 points are 10 after ten days, below the day after
        ([("page_viewed", 0)] * 10, 5),  # 40 points, below 30 after 4.15 days
        ([("page_viewed", -1)] * 10, 6),  # decay starts after the day that is yet to come
        (
            [("page_viewed", 0)] * 200,
            48,
        ),  # 800 points are shown as 60, and below 30 after 47.4 days
    ],
)
def test_a_grade_change_is_foretold(happened: Happened, foretold: int | None) -> None:
    rules = compiled(replace(RULES, engagement_groups=(Group("web", 600, label("web")),)))
    on = rules.evaluate_and_forecast(lead_of(happened), TODAY)[1]
    assert on == (None if foretold is None else TODAY + foretold)


def test_a_grade_ends_when_its_activity_expires() -> None:
    lasting = replace(VIEWED, points=400, half_life_days=None)
    rules = compiled(RULES, lasting)
    assert rules.evaluate_and_forecast(lead_of([("page_viewed", 30)]), TODAY)[1] == TODAY + 71


def test_a_grade_ends_when_its_oldest_activity_expires() -> None:
    lasting = replace(VIEWED, points=200, half_life_days=None)
    rules = compiled(RULES, lasting)
    lead = lead_of([("page_viewed", 30), ("page_viewed", 0)])
    assert rules.evaluate(lead, TODAY).grade == "C1"
    assert rules.evaluate_and_forecast(lead, TODAY)[1] == TODAY + 71
