"""The fit score: points for what a lead is, the same on every day."""

import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Final

from lead_scoring.domain.explanation import (
    Contribution,
    Fit,
    Line,
    cap_line,
    sort_strongest_first,
    total_lines,
)
from lead_scoring.domain.profile import Profile, Scalar
from lead_scoring.domain.rules import (
    MAX_TENTHS,
    Between,
    Condition,
    ContainsAny,
    FitRule,
    OneOf,
    RuleSet,
)

MunicipalityFields = Callable[[str], Mapping[str, Scalar]]
"""Gives, for a municipality code, the values of ``kind``, ``size_band`` and ``prefecture``; an
empty mapping for an unknown one."""

_MUNICIPALITY = "municipality."

_REMEMBERED_VALUES: Final = 10_000
"""Values of fields whose rules are kept at hand: towns, departments and roles come back."""


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def holds(condition: Condition, value: Scalar) -> bool:
    """Whether ``value`` (``None``: nothing is known) meets the condition.

    A value of another type than the condition asks for does not meet it: ``true`` is not 1.
    """
    if isinstance(condition, OneOf):
        return any(
            value == wanted and isinstance(value, bool) == isinstance(wanted, bool)
            for wanted in condition.values
        )
    if isinstance(condition, ContainsAny):
        if not isinstance(value, str):
            return False
        text = _folded(value)
        return any(_folded(word) in text for word in condition.words)
    if isinstance(condition, Between):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return (condition.at_least is None or value >= condition.at_least) and (
            condition.below is None or value < condition.below
        )
    return (value not in (None, "")) == condition.expected


class FitRules:
    """The fit rules of one rule set. Leads that the same rules match share one result."""

    def __init__(
        self, rules: RuleSet, municipality_fields: MunicipalityFields, owner: object
    ) -> None:
        self._rules = rules
        self._municipality_fields = municipality_fields
        self._owner = owner
        self._lines = {
            rule.id: Line("fit", rule.id, "rule", rule.label) for rule in rules.fit_rules
        }
        self._caps = {group.id: cap_line("fit", group) for group in rules.fit_groups}
        self._results: dict[tuple[int, ...], Fit] = {}
        self._rules_of: dict[str, list[int]] = {}
        """By field the positions of the rules that look at it."""
        for position, rule in enumerate(rules.fit_rules):
            self._rules_of.setdefault(rule.field, []).append(position)
        # Typed, since true is not 1.
        self._met_by = lru_cache(_REMEMBERED_VALUES, typed=True)(self._met_by_value)

    def of(self, profile: Profile) -> Fit:
        """The fit of a lead with this profile."""
        values = profile.values()
        code = values.get("municipality_code")
        if isinstance(code, str):
            for name, value in self._municipality_fields(code).items():
                values[_MUNICIPALITY + name] = value
        met = chain.from_iterable(self._met_by(name, values.get(name)) for name in self._rules_of)
        matched = tuple(sorted(met))
        result = self._results.get(matched)
        if result is None:
            rules = [self._rules.fit_rules[position] for position in matched]
            result = self._results[matched] = self._sum(rules)
        return result

    def _met_by_value(self, name: str, value: Scalar) -> list[int]:
        rules = self._rules.fit_rules
        return [each for each in self._rules_of[name] if holds(rules[each].condition, value)]

    def _sum(self, matched: list[FitRule]) -> Fit:
        lines = [Contribution(self._lines[rule.id], rule.points, None, None) for rule in matched]
        sort_strongest_first(lines)
        total = 0
        for group in self._rules.fit_groups:
            points = sum(rule.points for rule in matched if rule.group == group.id)
            if points > group.cap:
                lines.append(Contribution(self._caps[group.id], group.cap - points, None, None))
                points = group.cap
            total += points
        points = min(max(total, 0), MAX_TENTHS)
        if points != total:
            ceiling, floor = total_lines("fit")
            line = ceiling if points < total else floor
            lines.append(Contribution(line, points - total, None, None))
        return Fit(self._owner, points, tuple(lines))
