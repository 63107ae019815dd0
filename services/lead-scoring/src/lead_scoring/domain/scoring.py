"""The score of a lead on a day, why, and until when its grade lasts."""

from math import floor, log2
from typing import Final, NamedTuple

from lead_scoring.domain.days import japan_day
from lead_scoring.domain.engagement import EngagementRules, Tally
from lead_scoring.domain.explanation import Contribution, Fit, sort_strongest_first, total_lines
from lead_scoring.domain.fit import FitRules, MunicipalityFields
from lead_scoring.domain.lead import Lead
from lead_scoring.domain.rules import MAX_TENTHS, RuleSet

_GUESSES: Final = 6
"""Steps of the search for a grade change that follow the decay rate before it only halves."""


class Evaluation(NamedTuple):
    """A lead's scores on one day, in tenths of a point."""

    fit: int
    engagement: int
    grade: str


class CompiledRules:
    """A rule set prepared for speed: made once per published version, shared by all leads.

    A lead keeps the fit and the tally last computed, for the next question about the same day.
    """

    def __init__(
        self, rules: RuleSet, version: int, municipality_fields: MunicipalityFields
    ) -> None:
        self.rules = rules
        self.version = version
        self._fit = FitRules(rules, municipality_fields, self)
        self._engagement = EngagementRules(rules)

    def names(self, signal: str) -> bool:
        """Whether any engagement rule gives points for ``signal``."""
        return bool(self._engagement.of_signal[signal])

    def evaluate(self, lead: Lead, on: int) -> Evaluation:
        """The lead's score on the Japan day ``on``."""
        return self._evaluation(lead, self._tally_of(lead, on).engagement())

    def evaluate_and_forecast(self, lead: Lead, on: int) -> tuple[Evaluation, int | None]:
        """:meth:`evaluate`, and the first Japan day after ``on`` with another grade.

        The day is what comes if nothing happens. ``None`` when there is none: fit stands still and
        engagement never rises, so a lead that is in grade 3 stays there.
        """
        tally = self._tally_of(lead, on)
        engagement = tally.engagement()
        changes_on = self._change_after(tally, engagement, lead)
        return self._evaluation(lead, engagement), changes_on

    def explain(self, lead: Lead, on: int) -> tuple[Contribution, ...]:
        """Every contribution on the Japan day ``on``: fit, then engagement, the strongest first.

        Each dimension's points sum to :meth:`evaluate`, exactly. A rule whose points have decayed
        below a tenth is left out.
        """
        tally = self._tally_of(lead, on)
        lines = tally.contributions()
        sort_strongest_first(lines)
        total = 0
        engagement = self._engagement
        for points, cap, line in zip(
            tally.groups(), engagement.caps, engagement.cap_lines, strict=True
        ):
            if points > cap:
                lines.append(Contribution(line, cap - points, None, None))
            total += min(points, cap)
        if total > MAX_TENTHS:
            ceiling, _ = total_lines("engagement")
            lines.append(Contribution(ceiling, MAX_TENTHS - total, None, None))
        return (*self._fit_of(lead).contributions, *lines)

    def _evaluation(self, lead: Lead, engagement: int) -> Evaluation:
        fit = self._fit_of(lead).points
        return Evaluation(fit, engagement, self.rules.thresholds.grade(fit, engagement))

    def _change_after(self, tally: Tally, points: int, lead: Lead) -> int | None:
        thresholds = self.rules.thresholds
        if points >= thresholds.one:
            return self._first_day_below(thresholds.one, points, lead, tally)
        if points >= thresholds.two:
            return self._first_day_below(thresholds.two, points, lead, tally)
        return None

    def _first_day_below(self, least: int, points: int, lead: Lead, tally: Tally) -> int:
        """The first day after the tally's on which the engagement, now ``points``, is below.

        Looks first at the day that was forecast when the lead was last scored, which an activity
        seldom moves far, and then follows the decay rate, as Newton's method does.
        """
        on = at = tally.day
        activity = lead.activity
        forecast = tally.forecast()
        horizon = self._engagement.horizon
        # The forecast holds until something expires, unless something is yet to come.
        forecast_until = activity.oldest(on - horizon) + horizon if activity.newest <= on else on
        # Between `holds`, where the points still suffice, and `gone`, where all have expired.
        holds, gone = on, activity.newest + horizon + 1
        expected = lead.score and lead.score.next_grade_change_at
        guesses = _GUESSES if forecast.rate else 0
        while gone - holds > 1:
            if expected:
                at, expected = japan_day(expected), None
            elif guesses:
                guesses -= 1
                at += floor(log2(points / least) / forecast.rate) + 1
            else:
                at = (holds + gone) // 2
            at = min(max(at, holds + 1), gone - 1)
            low, high = forecast.after(at - on) if at <= forecast_until else (0, MAX_TENTHS)
            if low < least <= high:
                low = high = Tally(self._engagement, activity, at).engagement()
            points = max(high, 1)
            if high < least:
                gone = at
            else:
                holds = at
        return gone

    def _fit_of(self, lead: Lead) -> Fit:
        fit = lead.fit
        if fit is None or fit.rules is not self:
            fit = lead.fit = self._fit.of(lead.profile)
        return fit

    def _tally_of(self, lead: Lead, on: int) -> Tally:
        tally = lead.tally
        if tally is None or tally.day != on or tally.rules is not self._engagement:
            tally = lead.tally = Tally(self._engagement, lead.activity, on)
        return tally
