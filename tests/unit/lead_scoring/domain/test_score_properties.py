"""Properties of the score for any facts and any rules."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lead_scoring.domain.days import japan_day
from lead_scoring.domain.decision import decide, lead_as_of, record
from lead_scoring.domain.lead import Fact, Lead
from lead_scoring.domain.rules import MAX_TENTHS, RuleSet
from lead_scoring.domain.scoring import CompiledRules, Evaluation
from tests.support.lead_histories import NOW, histories, municipality_fields, rule_sets
from tests.support.plain_scoring import plain_engagement, plain_fit

TODAY = japan_day(NOW)
DAYS = st.integers(-1000, 1600).map(lambda days: TODAY + days)


def compiled(rules: RuleSet) -> CompiledRules:
    return CompiledRules(rules, 1, municipality_fields)


def lead_of(facts: Sequence[Fact]) -> Lead:
    lead = Lead("crm-1")
    for fact in facts:
        lead.apply(fact)
    return lead


@given(facts=histories(), rules=rule_sets(), after_newest=st.integers(-70, 1600))
def test_the_fast_score_is_the_defined_one(
    facts: list[Fact], rules: RuleSet, after_newest: int
) -> None:
    on = newest_day(facts) + after_newest
    fit, engagement, grade = compiled(rules).evaluate(lead_of(facts), on)

    # What a lead forgets cannot count: it is 800 days old, and the longest horizon is 730.
    assert engagement == plain_engagement(facts, rules, on)
    assert fit == plain_fit(facts, rules)
    assert grade == rules.thresholds.grade(fit, engagement)


def newest_day(facts: Sequence[Fact]) -> int:
    return max((japan_day(fact.occurred_at) for fact in facts), default=TODAY)


@given(data=st.data(), facts=histories(), rules=rule_sets())
def test_order_and_batches_change_nothing(
    data: st.DataObject, facts: list[Fact], rules: RuleSet
) -> None:
    other_order = data.draw(st.permutations(facts))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(facts)), max_size=6)))
    fast = compiled(rules)

    for now in (NOW, NOW + timedelta(days=5), None):
        if now is None and not facts:
            continue
        at_once = Lead("crm-1")
        record(at_once, facts, fast, now)
        in_batches = Lead("crm-1")
        for start, end in zip([0, *cuts], [*cuts, len(facts)], strict=True):
            if start < end or now is not None:
                record(in_batches, other_order[start:end], fast, now)

        assert in_batches.activity == at_once.activity
        assert in_batches.profile == at_once.profile
        assert in_batches.outcome == at_once.outcome
        assert in_batches.last_activity_at == at_once.last_activity_at
        assert in_batches.last_event_at == at_once.last_event_at
        assert in_batches.score == at_once.score


@given(facts=histories(), rules=rule_sets(), days=st.lists(st.integers(0, 40), max_size=4))
def test_a_lead_scored_again_and_again_is_scored_like_a_new_one(
    facts: list[Fact], rules: RuleSet, days: list[int]
) -> None:
    fast = compiled(rules)
    lead = Lead("crm-1")
    for position, fact in enumerate(facts):
        record(lead, [fact], fast, NOW + timedelta(days=days[position % len(days)] if days else 0))
        known = lead_of(facts[: position + 1])
        on = TODAY + (days[position % len(days)] if days else 0)
        afresh = compiled(rules)
        assert fast.evaluate_and_forecast(lead, on) == afresh.evaluate_and_forecast(known, on)
        assert fast.explain(lead, on) == fast.explain(known, on)


@given(facts=histories(), rules=rule_sets(), on=DAYS)
def test_what_is_explained_is_what_is_scored(facts: list[Fact], rules: RuleSet, on: int) -> None:
    lead = lead_of(facts)
    fast = compiled(rules)
    contributions = fast.explain(lead, on)
    fit, engagement, _ = fast.evaluate(lead, on)

    sums = {"fit": 0, "engagement": 0}
    for contribution in contributions:
        sums[contribution.line.dimension] += contribution.points
        assert contribution.points != 0
        raised_to_zero = contribution.line.label.en == "At least 0 points"
        if contribution.line.kind != "rule":
            assert (contribution.points > 0) == raised_to_zero
    assert sums == {"fit": fit, "engagement": engagement}
    assert 0 <= fit <= MAX_TENTHS
    assert 0 <= engagement <= MAX_TENTHS


@given(facts=histories(), rules=rule_sets(), on=DAYS, later=st.integers(1, 800))
def test_time_alone_never_raises_a_score(
    facts: list[Fact], rules: RuleSet, on: int, later: int
) -> None:
    lead = lead_of(facts)
    fast = compiled(rules)
    before, after = fast.evaluate(lead, on), fast.evaluate(lead, on + later)

    assert after.engagement <= before.engagement
    assert after.fit == before.fit


@settings(max_examples=60)
@given(facts=histories(), rules=rule_sets(), on=st.integers(-30, 400).map(lambda d: TODAY + d))
def test_a_grade_changes_on_the_day_foretold(facts: list[Fact], rules: RuleSet, on: int) -> None:
    lead = lead_of(facts)
    fast = compiled(rules)
    grade = fast.evaluate(lead, on).grade
    end = max(on, newest_day(facts)) + rules.horizon_days + 2

    def day_by_day() -> int | None:
        days = (day for day in range(on + 1, end) if fast.evaluate(lead, day).grade != grade)
        return next(days, None)

    _, foretold = compiled(rules).evaluate_and_forecast(lead, on)
    assert foretold == day_by_day()


@given(facts=histories(), rules=rule_sets(), others=rule_sets(), on=DAYS)
def test_other_rules_see_a_lead_afresh(
    facts: list[Fact], rules: RuleSet, others: RuleSet, on: int
) -> None:
    lead = lead_of(facts)
    first, second = compiled(rules), compiled(others)

    scores = [each.evaluate(lead, on) for each in (first, second, first)]

    assert scores == [each.evaluate(lead_of(facts), on) for each in (first, second, first)]


@given(facts=histories(), rules=rule_sets(), minutes=st.integers(0, 60 * 24 * 60))
def test_a_score_as_of_an_instant_knows_nothing_later(
    facts: list[Fact], rules: RuleSet, minutes: int
) -> None:
    at: datetime = NOW - timedelta(minutes=minutes)
    lead = lead_as_of("crm-1", facts, at)

    known: Evaluation = compiled(rules).evaluate(lead, japan_day(at))

    assert lead == lead_of([fact for fact in facts if fact.occurred_at <= at])
    assert known.engagement == plain_engagement(
        [fact for fact in facts if fact.occurred_at <= at], rules, japan_day(at)
    )


@given(facts=histories(), rules=rule_sets(), minutes=st.lists(st.integers(0, 10**6), max_size=5))
def test_others_always_know_the_grade_and_the_points(
    facts: list[Fact], rules: RuleSet, minutes: list[int]
) -> None:
    lead = Lead("crm-1")
    fast = compiled(rules)
    heard = None
    now = NOW
    for position in range(len(facts) + len(minutes)):
        if position < len(facts):
            decision = record(lead, [facts[position]], fast, now)
        else:
            now += timedelta(minutes=minutes[position - len(facts)])
            decision = decide(lead, fast, now, "decay")
        heard = decision.score_changed or heard
        score = lead.score
        assert heard is not None
        assert score is not None
        assert heard.grade == score.grade
        assert abs(heard.fit - score.fit) < 10
        assert abs(heard.engagement - score.engagement) < 10
        assert lead.qualification.inside == (score.grade in rules.qualification.grades)
