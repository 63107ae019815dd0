"""The definition of a score, written without a thought for speed: the measure of the fast one."""

import unicodedata
from collections import Counter
from collections.abc import Iterable

from lead_scoring.domain.days import japan_day
from lead_scoring.domain.lead import ActivityRecorded, Fact, ProfileChanged
from lead_scoring.domain.profile import Scalar
from lead_scoring.domain.rules import Between, Condition, ContainsAny, OneOf, RuleSet
from tests.support.lead_histories import municipality_fields


def plain_fit(facts: Iterable[Fact], rules: RuleSet) -> int:
    statements = sorted(
        (fact for fact in facts if isinstance(fact, ProfileChanged)),
        key=lambda fact: (fact.occurred_at, fact.event_key),
    )
    known: dict[str, Scalar] = {}
    for statement in statements:
        known.update(statement.fields)
    for name, value in municipality_fields(str(known.get("municipality_code"))).items():
        known[f"municipality.{name}"] = value
    total = 0
    for group in rules.fit_groups:
        points = sum(
            rule.points
            for rule in rules.fit_rules
            if rule.group == group.id and _holds(rule.condition, known.get(rule.field))
        )
        total += min(points, group.cap)
    return max(0, min(1000, total))


def _holds(condition: Condition, value: Scalar) -> bool:
    if isinstance(condition, OneOf):
        return any(value == wanted and type(value) is type(wanted) for wanted in condition.values)
    if isinstance(condition, ContainsAny):
        text = unicodedata.normalize("NFKC", str(value or "")).lower()
        return any(word.lower() in text for word in condition.words)
    if isinstance(condition, Between):
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        low = condition.at_least if condition.at_least is not None else float("-inf")
        high = condition.below if condition.below is not None else float("inf")
        return low <= value < high
    return condition.expected == (value is not None and value != "")


def plain_engagement(facts: Iterable[Fact], rules: RuleSet, on: int) -> int:
    happened = [
        (fact.signal, japan_day(fact.occurred_at))
        for fact in facts
        if isinstance(fact, ActivityRecorded)
    ]
    total = 0
    for group in rules.engagement_groups:
        points = 0
        for rule in rules.engagement_rules:
            if rule.group != group.id:
                continue
            per_day: Counter[int] = Counter()
            for signal, day in happened:
                kind, _, category = signal.partition("/")
                if kind in rule.kinds and (not rule.categories or category in rule.categories):
                    per_day[day] += 1
            weights = 0
            for day, times in per_day.items():
                age = max(0, on - day)
                if age <= rules.horizon_days:
                    half_life = rule.half_life_days or float("inf")
                    share = round(2**20 * 2 ** (-age / half_life))
                    weights += min(times, rule.daily_cap or times) * rule.points * share
            points += weights // 2**20
        total += min(points, group.cap)
    return min(1000, total)
