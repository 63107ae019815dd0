"""Engagement: each rule's points for a lead's activity, on any day.

Points decay by whole Japan days: an activity of ``age`` days is worth
``points · 2 ** (-age / half_life)``, all of it until its own day is over, nothing beyond the
horizon. Weights are integers (2**-20 of a tenth of a point), so that a sum does not depend on the
order of its terms. Each rule's sum is rounded down to a tenth, and caps apply to what is shown.
A rule counts at most 4,095 occurrences on a day, as one signal does.
"""

from array import array
from functools import lru_cache
from typing import Final, NamedTuple

from lead_scoring.domain.activity import COUNT_BITS, COUNT_MASK, KEPT_DAYS, ActivityCounts
from lead_scoring.domain.explanation import Contribution, Line, cap_line
from lead_scoring.domain.rules import MAX_TENTHS, EngagementRule, RuleSet

WEIGHT_BITS: Final = 20
ONE: Final = 1 << WEIGHT_BITS

_SHARE_BITS: Final = 2 * WEIGHT_BITS
_SHARE_MASK: Final = (1 << _SHARE_BITS) - 1
"""Of points in weights times what is left of one: below a tenth of a point."""

_REMEMBERED_SIGNALS: Final = 10_000
"""Signals whose rules are kept at hand. The catalogue is open, so a publisher could name any
number of them."""

# One rule's occurrences in 64 bits: the last day and how many on it, as a cell, then how many in
# all. A lead has one such number per rule, and there are tens of thousands of leads in memory.
_TIMES_BITS: Final = 32
_TIMES_MASK: Final = (1 << _TIMES_BITS) - 1
_ONE_MORE_ON_LAST: Final = 1 << _TIMES_BITS
_DAY_SHIFT: Final = _TIMES_BITS + COUNT_BITS


class CompiledRule:
    """An engagement rule with its weight for each age in days."""

    __slots__ = ("daily_cap", "decay", "group", "index", "line", "points", "rate", "weights")

    def __init__(self, rule: EngagementRule, index: int, group: int, horizon: int) -> None:
        self.line = Line("engagement", rule.id, "rule", rule.label)
        self.index = index
        self.group = group
        self.points = rule.points
        self.daily_cap = rule.daily_cap or COUNT_MASK
        self.rate = 1 / rule.half_life_days if rule.half_life_days else 0.0
        """Halvings per day."""
        self.decay = _decay(self.rate, horizon)
        # Behind the horizon come zeros; a negative age, that of a date yet to come, reads the end
        # of the table, which is the full weight. No cell then needs a comparison.
        decayed = [rule.points * share for share in self.decay]
        full = [decayed[0]] * KEPT_DAYS
        self.weights = array("I", [*decayed, *[0] * KEPT_DAYS, *full])


@lru_cache(maxsize=256)
def _decay(rate: float, horizon: int) -> "array[int]":
    """Return the remainder of a point at each age up to the horizon, at ``rate`` halvings a day.

    Tables are arrays, and shared: they are read at random places for one lead after another, so
    they should stay in the processor's cache.
    """
    return array("I", [round(ONE * 2 ** (-age * rate)) for age in range(horizon + 1)])


class _RulesOfSignals(dict[str, tuple[CompiledRule, ...]]):
    """The rules that each signal earns points from, found when first asked for."""

    def __init__(self, rules: list[tuple[EngagementRule, CompiledRule]]) -> None:
        super().__init__()
        self._rules = rules

    def __missing__(self, signal: str) -> tuple[CompiledRule, ...]:
        found = tuple(compiled for rule, compiled in self._rules if rule.matches(signal))
        if len(self) < _REMEMBERED_SIGNALS:
            self[signal] = found
        return found


class EngagementRules:
    """The engagement rules of one rule set, prepared for speed."""

    def __init__(self, rules: RuleSet) -> None:
        groups = {group.id: index for index, group in enumerate(rules.engagement_groups)}
        self.horizon = rules.horizon_days
        self.rules = [
            CompiledRule(rule, index, groups[rule.group], rules.horizon_days)
            for index, rule in enumerate(rules.engagement_rules)
        ]
        self.count = len(self.rules)
        self.of_signal = _RulesOfSignals(list(zip(rules.engagement_rules, self.rules, strict=True)))
        self.caps = [group.cap for group in rules.engagement_groups]
        self.cap_lines = [cap_line("engagement", group) for group in rules.engagement_groups]
        self.blank = array("Q", bytes(8 * (2 * self.count + len(self.caps))))


class Tally:
    """Each rule's count of a lead's activity, and its points on one Japan day.

    Made from the counts in full, then kept up to date by :meth:`add` at a fraction of the cost:
    most leads are scored several times a day. Never stored.
    """

    __slots__ = ("_numbers", "day", "rules")

    def __init__(self, rules: EngagementRules, activity: ActivityCounts, day: int) -> None:
        self.rules = rules
        self.day = day
        self._numbers = array("Q", rules.blank)
        """For each rule its points, in weights; for each rule its occurrences; for each group the
        points that its rules show, in tenths."""
        happened: dict[CompiledRule, list[int]] = {}
        of_signal = rules.of_signal
        cells = activity.cells.tolist()
        start = 0
        for signal in activity.signals:
            end = start + cells[start] + 1
            if found := of_signal[signal]:
                own = cells[start + 1 : end]
                for rule in found:
                    happened[rule] = happened[rule] + own if rule in happened else own
            start = end
        reach = self._within_reach(activity.newest)
        for rule, own in happened.items():
            own.sort()
            self._count(rule, own, reach)

    def _within_reach(self, newest: int) -> int:
        """A day with the same weights as the tally's that the tables of weights reach.

        Activity spans at most :data:`KEPT_DAYS` days back from the newest. Before them all of it
        is yet to come; a horizon after the newest, all of it has expired.
        """
        return max(min(self.day, newest + self.rules.horizon + 1), newest - KEPT_DAYS)

    def _count(self, rule: CompiledRule, cells: list[int], day: int) -> None:
        """Count cells in order of day; those of several signals on a day count as one."""
        weights = rule.weights
        cap = rule.daily_cap
        total = times = last = last_day = 0
        for cell in cells:
            cell_day = cell >> COUNT_BITS
            weight = weights[day - cell_day]
            if not weight:
                continue
            more = cell & COUNT_MASK
            if cell_day != last_day:
                last_day = cell_day
                last = cell
                total += weight * (more if more < cap else cap)  # noqa: FURB136 - a call costs more
            else:
                before = last & COUNT_MASK
                more = min(more, COUNT_MASK - before)
                last += more
                if before < cap:
                    total += weight * min(more, cap - before)
            times += more
        numbers = self._numbers
        count = self.rules.count
        numbers[rule.index] = total
        numbers[count + rule.index] = last << _TIMES_BITS | times
        numbers[2 * count + rule.group] += total >> WEIGHT_BITS

    def add(self, signal: str, day: int) -> bool:
        """Count one more occurrence of ``signal``, which the counts have taken.

        Returns whether the tally still holds. Otherwise, because ``day`` is after the tally's or
        before the last on which a rule counted, a new one must be made.
        """
        age = self.day - day
        if age < 0:
            return False
        if age > self.rules.horizon:
            return True
        numbers = self._numbers
        count = self.rules.count
        for rule in self.rules.of_signal[signal]:
            weight = rule.weights[age]
            if not weight:
                continue
            index = rule.index
            seen = numbers[count + index]
            last = seen >> _TIMES_BITS
            on_day = last & COUNT_MASK
            if last >> COUNT_BITS < day:
                on_day = 0
                seen = (day << COUNT_BITS | 1) << _TIMES_BITS | (seen & _TIMES_MASK) + 1
            elif last >> COUNT_BITS > day or on_day == COUNT_MASK:
                return False
            else:
                seen += _ONE_MORE_ON_LAST + 1
            numbers[count + index] = seen
            if on_day < rule.daily_cap:
                before = numbers[index]
                after = numbers[index] = before + weight
                if shown := (after >> WEIGHT_BITS) - (before >> WEIGHT_BITS):
                    numbers[2 * count + rule.group] += shown
        return True

    def engagement(self) -> int:
        """The engagement, in tenths of a point."""
        rules = self.rules
        points = sum(map(min, self._numbers[2 * rules.count :], rules.caps))
        return min(points, MAX_TENTHS)

    def groups(self) -> "array[int]":
        """The points that the rules of each group show, before its cap."""
        return self._numbers[2 * self.rules.count :]

    def contributions(self) -> list[Contribution]:
        """Each rule that shows points, in the order of the rule set."""
        numbers = self._numbers
        rules = self.rules
        found = []
        for rule, total, seen in zip(rules.rules, numbers, numbers[rules.count :], strict=False):
            if points := total >> WEIGHT_BITS:
                last_on = seen >> _DAY_SHIFT
                found.append(Contribution(rule.line, points, seen & _TIMES_MASK, last_on))
        return found

    def forecast(self) -> "Forecast":
        """Return the points of later days, if nothing happens."""
        numbers = self._numbers
        rules = self.rules
        parts = []
        points = 0
        halvings = 0.0
        for rule, total, seen in zip(rules.rules, numbers, numbers[rules.count :], strict=False):
            if total >= ONE:  # what shows nothing today will not show anything later
                apart = 4 * rule.points * (seen & _TIMES_MASK) << WEIGHT_BITS
                parts.append((total, rule.decay, apart, rule.group))
                points += total
                halvings += total * rule.rate
        return Forecast(parts, rules.caps, halvings / points if points else 0.0)


class Forecast(NamedTuple):
    """The points of each rule, decayed as one.

    Much faster than a tally of the later day, and nearly as exact: the definition decays and
    rounds each day's occurrences on their own, which is at most 2 weights apart for each point
    and occurrence. It holds while nothing expires and if no activity is dated after its day.
    """

    parts: list[tuple[int, "array[int]", int, int]]
    """Of each rule: its points in weights, its decay, how far apart the least and the most that it
    can be are, its group."""
    caps: list[int]
    rate: float
    """Halvings per day of all points together."""

    def after(self, days: int) -> tuple[int, int]:
        """The least and the most that the engagement can be after ``days``; mostly the same."""
        groups = [0] * len(self.caps)
        unsure = 0
        for total, decay, apart, group in self.parts:
            most = total * decay[days] + (apart >> 1)
            shown = most >> _SHARE_BITS
            groups[group] += shown
            if most & _SHARE_MASK < apart:
                unsure += shown - (most - apart >> _SHARE_BITS)
        points = sum(map(min, groups, self.caps))
        return min(points - unsure, MAX_TENTHS), min(points, MAX_TENTHS)
