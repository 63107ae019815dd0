"""Facts about leads and rule sets to score them by, as Hypothesis strategies."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from lead_scoring.domain.lead import ActivityRecorded, Fact, OutcomeRecorded, ProfileChanged
from lead_scoring.domain.rules import (
    GRADES,
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

NOW = datetime(2026, 9, 1, 3, tzinfo=UTC)
"""Noon of 1 September 2026 in Japan."""

KINDS = ("page_viewed", "mail_opened", "meeting_held", "unheard_of")
CATEGORIES = ("pricing", "product")
SIGNALS = (*KINDS, *(f"page_viewed/{category}" for category in CATEGORIES), "meeting_held/product")

MUNICIPALITIES = {
    "102032": {"kind": "city", "size_band": "50k_300k", "prefecture": "群馬県"},
    "131041": {"kind": "special_ward", "size_band": "over_300k", "prefecture": "東京都"},
}


def municipality_fields(code: str) -> dict[str, str]:
    return MUNICIPALITIES.get(code, {})


def label(text: str) -> Label:
    return Label(ja=f"{text}の説明", en=text)


SMALL_RULES = RuleSet(
    name="small",
    description="",
    horizon_days=365,
    thresholds=Thresholds(a=500, b=200, one=300, two=100),
    qualification=QualificationRule(frozenset({"C1"}), cool_down_days=30),
    engagement_groups=(Group("all", 1000, label("all")),),
    engagement_rules=(
        EngagementRule("met", "all", label("met"), 400, ("meeting_held",), (), 20.0),
        EngagementRule("viewed", "all", label("viewed"), 6, ("page_viewed",)),
    ),
    fit_groups=(Group("who", 1000, label("who")),),
    fit_rules=(FitRule("manager", "who", label("manager"), 9, "role", OneOf(("manager",))),),
)


def instants(days_before: int, days_after: int) -> st.SearchStrategy[datetime]:
    """Mostly of today and the last weeks, at whole minutes so that equal instants occur."""
    far = st.integers(-days_before * 1440, days_after * 1440)
    near = st.integers(-21 * 1440, 0)
    today = st.integers(-12 * 60, 0)
    return st.one_of(today, near, far).map(lambda minutes: NOW + timedelta(minutes=minutes))


_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "municipality_code": st.sampled_from([*MUNICIPALITIES, "999999", None]),
        "department": st.sampled_from(["情報政策課", "ＤＸ推進室", "財政課", "", None]),
        "role": st.sampled_from(["manager", "officer", None]),
        "organisation_size": st.one_of(st.none(), st.integers(0, 5000)),
        "email": st.sampled_from(["a@lg.example", None]),
        "attributes.customer": st.sampled_from([True, False, 1, "yes", None]),
    },
)


def activities(days_before: int = 900, days_after: int = 3) -> st.SearchStrategy[Fact]:
    return st.builds(ActivityRecorded, instants(days_before, days_after), st.sampled_from(SIGNALS))


@st.composite
def histories(draw: st.DrawFn, days_before: int = 900, days_after: int = 3) -> list[Fact]:
    """Distinct facts, as they are once the inbox has removed repeated events."""
    facts: list[Fact] = list(draw(st.lists(activities(days_before, days_after), max_size=25)))
    for at, fields in draw(
        st.lists(st.tuples(instants(days_before, days_after), _FIELDS), max_size=5)
    ):
        facts.append(ProfileChanged(at, len(facts).to_bytes(16, "big"), fields))
    for at, outcome in draw(
        st.lists(
            st.tuples(
                instants(days_before, days_after), st.sampled_from(["won", "lost", "cancelled"])
            ),
            max_size=3,
        )
    ):
        facts.append(OutcomeRecorded(at, len(facts).to_bytes(16, "big"), outcome))
    return draw(st.permutations(facts))


_GROUPS = st.integers(1, 1000)


@st.composite
def _engagement_rules(draw: st.DrawFn, groups: list[Group]) -> tuple[EngagementRule, ...]:
    return tuple(
        EngagementRule(
            id=f"rule_{number}",
            group=draw(st.sampled_from(groups)).id,
            label=label(f"rule {number}"),
            points=draw(st.one_of(st.integers(1, 40), st.integers(1, 1000))),
            kinds=tuple(draw(st.sets(st.sampled_from(KINDS[:3]), min_size=1))),
            categories=tuple(draw(st.sets(st.sampled_from(CATEGORIES), max_size=1))),
            half_life_days=draw(st.sampled_from([None, 0.5, 1.0, 7.0, 30.5, 365.0])),
            daily_cap=draw(st.sampled_from([None, 1, 2])),
        )
        for number in range(draw(st.integers(0, 6)))
    )


_CONDITIONS: st.SearchStrategy[tuple[str, Condition]] = st.sampled_from(
    [
        ("municipality.size_band", OneOf(("50k_300k",))),
        ("municipality.kind", OneOf(("city", "town"))),
        ("department", ContainsAny(("DX", "情報"))),
        ("role", OneOf(("manager",))),
        ("role", Present(expected=False)),
        ("organisation_size", Between(at_least=500)),
        ("organisation_size", Between(at_least=10, below=500)),
        ("attributes.customer", OneOf((True,))),
        ("municipality_code", Present()),
    ]
)


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    groups = [
        Group(f"group_{number}", draw(_GROUPS), label(f"group {number}"))
        for number in range(draw(st.integers(1, 3)))
    ]
    fit_groups = [Group("what", draw(_GROUPS), label("what")), Group("who", 600, label("who"))]
    fit_rules = tuple(
        FitRule(
            id=f"fit_{number}",
            group=draw(st.sampled_from(fit_groups)).id,
            label=label(f"fit {number}"),
            points=draw(st.integers(-600, 600).filter(bool)),
            field=field,
            condition=condition,
        )
        for number, (field, condition) in enumerate(draw(st.lists(_CONDITIONS, max_size=6)))
    )
    one, two = sorted(draw(st.sets(st.integers(1, 1000), min_size=2, max_size=2)), reverse=True)
    return RuleSet(
        name="drawn",
        description="drawn",
        horizon_days=draw(st.sampled_from([1, 30, 365, 730])),
        thresholds=Thresholds(a=500, b=200, one=one, two=two),
        qualification=QualificationRule(
            frozenset(draw(st.sets(st.sampled_from(GRADES)))), draw(st.sampled_from([0, 7, 30]))
        ),
        engagement_groups=tuple(groups),
        engagement_rules=draw(_engagement_rules(groups)),
        fit_groups=tuple(fit_groups),
        fit_rules=fit_rules,
    )
