"""The score of a lead on a day, why, and until when its grade lasts.

Engagement decays by whole Japan days: an activity of ``age`` days is worth
``points · 2 ** (-age / half_life)``, all of it on days not after its own, nothing beyond the
horizon. Weights are integers (2**-20 of a tenth of a point), so that a sum does not depend on the
order of its terms; each rule's sum is rounded down to a tenth, and caps apply to what is shown.
"""

from array import array
from math import floor, log2
from typing import Final, NamedTuple

from lead_scoring.domain.activity import COUNT_BITS, COUNT_MASK, KEPT_DAYS, ActivityCounts
from lead_scoring.domain.explanation import (
    Contribution,
    Fit,
    Line,
    cap_line,
    strongest_first,
    total_lines,
)
from lead_scoring.domain.fit import FitRules, MunicipalityFields
from lead_scoring.domain.lead import Lead
from lead_scoring.domain.rules import MAX_TENTHS, EngagementRule, RuleSet

WEIGHT_BITS: Final = 20

_REMEMBERED_SIGNALS: Final = 10_000
"""Signals whose rules are kept at hand. The catalogue is open, so a publisher could name any
number of them."""

_GUESSES: Final = 4
"""Steps of the search for a grade change that follow the decay rate before it only halves."""


class Evaluation(NamedTuple):
    """A lead's scores on one day, in tenths of a point."""

    fit: int
    engagement: int
    grade: str


class _Rule:
    """An engagement rule with its weight for each age in days."""

    __slots__ = ("daily_cap", "group", "line", "rate", "weights")

    def __init__(self, rule: EngagementRule, group: int, horizon: int) -> None:
        self.line = Line("engagement", rule.id, "rule", rule.label)
        self.group = group
        self.daily_cap = rule.daily_cap
        half_life = rule.half_life_days
        self.rate = 1 / half_life if half_life else 0.0
        """Halvings per day."""
        decay = [
            rule.points * round(2 ** (WEIGHT_BITS - age * self.rate)) for age in range(horizon + 1)
        ]
        # Behind the horizon come zeros; a negative age, that of a date yet to come, reads the end
        # of the list, which is the full weight. No cell then needs a comparison.
        self.weights = decay + [0] * KEPT_DAYS + [decay[0]] * KEPT_DAYS


class _RulesOfSignals(dict[str, tuple[_Rule, ...]]):
    """The rules that each signal earns points from, found when first asked for."""

    def __init__(self, rules: list[tuple[EngagementRule, _Rule]]) -> None:
        super().__init__()
        self._rules = rules

    def __missing__(self, signal: str) -> tuple[_Rule, ...]:
        found = tuple(compiled for rule, compiled in self._rules if rule.matches(signal))
        if len(self) < _REMEMBERED_SIGNALS:
            self[signal] = found
        return found


class CompiledRules:
    """A rule set prepared for speed: made once per published version, shared by all leads."""

    def __init__(
        self, rules: RuleSet, version: int, municipality_fields: MunicipalityFields
    ) -> None:
        self.rules = rules
        self.version = version
        self._fit = FitRules(rules, municipality_fields, self)
        groups = {group.id: index for index, group in enumerate(rules.engagement_groups)}
        self.caps = [group.cap for group in rules.engagement_groups]
        self.cap_lines = [cap_line("engagement", group) for group in rules.engagement_groups]
        self.of_signal = _RulesOfSignals(
            [
                (rule, _Rule(rule, groups[rule.group], rules.horizon_days))
                for rule in rules.engagement_rules
            ]
        )

    def assess(self, lead: Lead) -> "Assessment":
        """The lead seen through these rules, to be asked about one or several days.

        It sees the lead as it is now: facts folded later need a new one.
        """
        fit = lead.fit
        if fit is None or fit.rules is not self:
            fit = lead.fit = self._fit.of(lead.profile)
        return Assessment(self, lead.activity, fit)

    def evaluate(self, lead: Lead, on: int) -> Evaluation:
        """The lead's score on the Japan day ``on``."""
        return self.assess(lead).on(on)

    def explain(self, lead: Lead, on: int) -> tuple[Contribution, ...]:
        """Every contribution on the Japan day ``on``; sums to :meth:`evaluate`, exactly."""
        return self.assess(lead).explain(on)

    def next_grade_change(self, lead: Lead, on: int) -> int | None:
        """The first Japan day after ``on`` with another grade, if nothing happens."""
        return self.assess(lead).next_grade_change(on)


class Assessment:
    """One lead's activity sorted by the rules that count it."""

    __slots__ = ("_counted", "_fit", "_newest", "_rules")

    def __init__(self, rules: CompiledRules, activity: ActivityCounts, fit: Fit) -> None:
        self._rules = rules
        self._fit = fit
        self._newest = activity.newest
        happened: dict[_Rule, array[int]] = {}
        several: set[_Rule] = set()
        of_signal = rules.of_signal
        cells = activity.cells
        start = 0
        for signal in activity.signals:
            end = start + cells[start] + 1
            if found := of_signal[signal]:
                own = cells[start + 1 : end]
                for rule in found:
                    if rule in happened:
                        happened[rule] = happened[rule] + own
                        several.add(rule)
                    else:
                        happened[rule] = own
            start = end
        self._counted = [
            (
                rule,
                own if rule.daily_cap is None else _capped(own, rule.daily_cap, rule in several),
                own,
            )
            for rule, own in happened.items()
        ]

    def on(self, day: int) -> Evaluation:
        """The score on the Japan day ``day``."""
        fit = self._fit.points
        engagement = self.engagement(day)
        return Evaluation(fit, engagement, self._rules.rules.thresholds.grade(fit, engagement))

    def engagement(self, day: int) -> int:
        """The engagement on the Japan day ``day``, in tenths of a point."""
        caps = self._rules.caps
        sums = [0] * len(caps)
        day = self._within_reach(day)
        for rule, cells, _ in self._counted:
            weights = rule.weights
            total = 0
            for cell in cells:
                total += weights[day - (cell >> COUNT_BITS)] * (cell & COUNT_MASK)
            sums[rule.group] += total >> WEIGHT_BITS
        points = sum(map(min, sums, caps))
        return min(MAX_TENTHS, points)

    def explain(self, day: int) -> tuple[Contribution, ...]:
        """Every contribution on the Japan day ``day``: fit, then engagement, the strongest first.

        A rule whose points have decayed below a tenth is left out.
        """
        rules = self._rules
        sums = [0] * len(rules.caps)
        lines = []
        reach = self._within_reach(day)
        for rule, cells, happened in self._counted:
            weights = rule.weights
            total = 0
            for cell in cells:
                total += weights[reach - (cell >> COUNT_BITS)] * (cell & COUNT_MASK)
            if points := total >> WEIGHT_BITS:
                sums[rule.group] += points
                times = 0
                last = 0
                for cell in happened:
                    if weights[reach - (cell >> COUNT_BITS)]:
                        times += cell & COUNT_MASK
                        last = max(last, cell)
                lines.append(Contribution(rule.line, points, times, last >> COUNT_BITS))
        lines.sort(key=strongest_first)
        score = 0
        for points, cap, line in zip(sums, rules.caps, rules.cap_lines, strict=True):
            if points > cap:
                lines.append(Contribution(line, cap - points, None, None))
            score += min(points, cap)
        if score > MAX_TENTHS:
            ceiling, _ = total_lines("engagement")
            lines.append(Contribution(ceiling, MAX_TENTHS - score, None, None))
        return (*self._fit.contributions, *lines)

    def next_grade_change(self, day: int) -> int | None:
        """The first Japan day after ``day`` with another grade, if nothing happens.

        ``None`` when there is none: fit stands still and engagement never rises, so a lead that
        is in grade 3 stays there.
        """
        thresholds = self._rules.rules.thresholds
        points = self.engagement(day)
        least = thresholds.one if points >= thresholds.one else thresholds.two
        if points < least:
            return None
        # Between `holds`, where the grade still does, and `gone`, where all activity has expired.
        holds = day
        gone = self._newest + self._rules.rules.horizon_days + 1
        rate = self._rate(day)
        guesses = _GUESSES if rate else 0
        at = day
        while gone - holds > 1:
            if guesses and points:
                guesses -= 1
                at = min(max(floor(at + log2(points / least) / rate) + 1, holds + 1), gone - 1)
            else:
                at = (holds + gone) // 2
            points = self.engagement(at)
            if points < least:
                gone = at
            else:
                holds = at
        return gone

    def _rate(self, day: int) -> float:
        """Halvings per day of all points together: the mean over rules, weighted by points."""
        day = self._within_reach(day)
        total = 0
        moving = 0.0
        for rule, cells, _ in self._counted:
            weights = rule.weights
            points = 0
            for cell in cells:
                points += weights[day - (cell >> COUNT_BITS)] * (cell & COUNT_MASK)
            total += points
            moving += points * rule.rate
        return moving / total if total else 0.0

    def _within_reach(self, day: int) -> int:
        """A day with the same weights as ``day`` that the tables of weights reach.

        Activity spans at most :data:`KEPT_DAYS` days back from the newest. Before them all of it
        is yet to come; a horizon after the newest, all of it has expired.
        """
        newest = self._newest
        latest = newest + self._rules.rules.horizon_days + 1
        if day > latest:
            return latest
        return max(day, newest - KEPT_DAYS)


def _capped(cells: "array[int]", cap: int, several_signals: bool) -> "array[int]":  # noqa: FBT001
    """The cells with at most ``cap`` occurrences on a day, across signals."""
    if not several_signals:
        for cell in cells:
            if cell & COUNT_MASK > cap:
                break
        else:
            return cells
    days: dict[int, int] = {}
    for cell in cells:
        day = cell >> COUNT_BITS
        days[day] = days.get(day, 0) + (cell & COUNT_MASK)
    return array("I", [day << COUNT_BITS | min(times, cap) for day, times in days.items()])
