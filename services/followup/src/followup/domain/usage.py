"""A customer's use of what it bought, and whether it is falling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from followup.domain.triggers.reasons import MOST_IMPORTANT, Reason, usual_window
from kakehashi_common.domain.checks import require_day
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.japanese_writing import day as in_words
from kakehashi_common.domain.reasons import ReasonKind
from kakehashi_common.domain.texts import Text

KEPT: Final = timedelta(days=400)
"""Of each series: a year to report on, and what it is compared with."""
LONGEST: Final = timedelta(days=92)
"""Of a period: a quarter."""
_AHEAD: Final = timedelta(days=1)
_ALIKE: Final = 3
"""Days by which periods of one length differ: months do."""


@dataclass(frozen=True, slots=True)
class Series:
    """A series of periods that are compared over time."""

    municipality_code: str
    contract_id: str
    """Empty: of no contract in particular."""
    metric: str


@dataclass(frozen=True, slots=True)
class Usage:
    """The usage in one period."""

    begins: date
    ends: date
    value: int
    licensed_users: int | None = None
    active_users: int | None = None
    source: str | None = None
    owner: str | None = None

    @property
    def days(self) -> int:
        """The length of the period in days."""
        return (self.ends - self.begins).days + 1


@dataclass(frozen=True, slots=True)
class FallingUse:
    """The rule: the mean of the last weeks lies below a share of that of the weeks before."""

    recent_days: int = 28
    before_days: int = 84
    share: float = 0.6
    covered: float = 0.75
    """So much of each span has to be reported; with less it is too few to say."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether use is falling, and the figures behind it."""

    falls: bool
    recent: float | None
    """Mean of a period in the last weeks; ``None``: too few were reported."""
    before: float | None
    """The same of the weeks before."""
    why: Text


def check_usage(usage: Usage, today: date) -> Usage:
    """Return what was reported if it can be.

    Raises:
        DomainError: a day lies out of reach (``out_of_range``), the period ends before it begins
            (``ends_too_early``), is longer than a quarter (``period_too_long``) or isn't over
            (``not_over_yet``).
    """
    require_day(usage.begins, "begins")
    require_day(usage.ends, "ends")
    if usage.ends < usage.begins:
        message = f"it ends on {usage.ends}, before it begins on {usage.begins}"
        raise DomainError(message, field="ends", code="ends_too_early")
    if usage.ends - usage.begins >= LONGEST:
        message = "a period has 92 days at most: report weeks, months or quarters"
        raise DomainError(message, field="begins", code="period_too_long")
    if usage.ends > today + _AHEAD:
        message = f"it ends on {usage.ends}: report a period once it is over"
        raise DomainError(message, field="ends", code="not_over_yet")
    return usage


def judge(periods: Sequence[Usage], rule: FallingUse) -> Judgement:
    """Judge whether use falls, as of the last period.

    Args:
        periods: of one series, at least one, by their last day. Those of another length than the
            last one do not count.
        rule: what falling is.
    """
    last = periods[-1]
    alike = [each for each in periods if abs(each.days - last.days) <= _ALIKE]
    turns = last.ends - timedelta(days=rule.recent_days)
    begins = turns - timedelta(days=rule.before_days)
    recent = _mean([each for each in alike if each.ends > turns], rule.recent_days * rule.covered)
    before = _mean(
        [each for each in alike if begins < each.ends <= turns], rule.before_days * rule.covered
    )
    weeks, earlier = rule.recent_days // 7, rule.before_days // 7
    until = Text(in_words(last.ends), str(last.ends))
    if recent is None or before is None:
        return Judgement(
            falls=False,
            recent=recent,
            before=before,
            why=Text(
                f"{until.ja}までの{weeks}週間とその前の{earlier}週間の報告が"
                f"{rule.covered:.0%}に満たないため、判定できません。",
                f"Too few periods until {until.en} to say: {rule.covered:.0%} of the last {weeks} "
                f"and of the {earlier} weeks before have to be reported.",
            ),
        )
    falls = recent < rule.share * before
    share = f"{recent / before:.0%}" if before else "–"
    return Judgement(
        falls=falls,
        recent=recent,
        before=before,
        why=Text(
            f"{until.ja}までの{weeks}週間の平均は{recent:,.1f}、その前の{earlier}週間の平均は"
            f"{before:,.1f}で、比率は{share}です（減少とみなすのは{rule.share:.0%}未満）。",
            f"The mean of the {weeks} weeks until {until.en} is {recent:,.1f}, of the {earlier} "
            f"weeks before {before:,.1f}: {share} (falling is below {rule.share:.0%}).",
        ),
    )


def reason_to_intervene(
    series: Series, periods: Sequence[Usage], rule: FallingUse, said_of: date | None
) -> Reason | None:
    """Return the reason to turn to a customer whose use falls.

    Args:
        series: what is compared.
        periods: of the series, at least one, by their last day.
        rule: what falling is.
        said_of: the last day of the period of which that was said before; ``None``: of none. It is
            said again when all that is compared with comes after that day.
    """
    judged, last = judge(periods, rule), periods[-1]
    if not judged.falls:
        return None
    if said_of is not None and last.ends < said_of + timedelta(days=rule.before_days):
        return None
    first, until = usual_window(ReasonKind.USAGE_FALLING, last.ends)
    return Reason(
        ReasonKind.USAGE_FALLING,
        Text(
            f"利用（{series.metric}）が減っています。{judged.why.ja}",
            f"Use ({series.metric}) falls. {judged.why.en}",
        ),
        first,
        until,
        municipality_code=series.municipality_code,
        owner=last.owner,
        importance=MOST_IMPORTANT,
        source=last.source,
    )


def _mean(periods: Sequence[Usage], fewest_days: float) -> float | None:
    if not periods or sum(each.days for each in periods) < fewest_days:
        return None
    return sum(each.value for each in periods) / len(periods)
