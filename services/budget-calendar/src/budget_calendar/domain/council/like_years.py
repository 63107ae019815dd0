"""Weigh earlier years by their likeness to a coming year.

Two things move a session by weeks in some years and not in others: the election of the head, and a
habit of going to and fro from one year to the next. In both cases the years of the same kind say
when it is held, and the others hardly anything.

Measured in a rolling back-test (ADR 0014): a council's autumn session moves by two to five weeks
in the year of its head's election. Once one such year is known, the next ones are predicted to 0–8
days, where following all years alike gives 26–35. Of 12 sessions of three councils that went to and
fro, the mean error falls from 2.9 days to 0.9.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from kakehashi_common.domain.texts import Text

UNLIKE: Final = 0.05
"""The weight of an ordinary year for one with an election, and the reverse. With 0.2 the many
ordinary years outvote the few elections."""
OTHER_SIDE: Final = 0.3
"""The weight of years of the other side where early and late years alternate: a habit may end, so
the window keeps both. Between 0.1 and 0.5 the error hardly differs."""
ELECTION_HALF_LIFE_YEARS: Final = 2.0
"""The newest election says most: with 4 years, the one before it outvotes it."""
ENOUGH_ELECTIONS: Final = 3
"""With fewer elections observed than this, a postponement that nobody has seen is allowed for."""
POSTPONED_BY_DAYS: Final = 35
"""The longest postponement that was observed (12 to 35 days, one council, three elections)."""
BEFORE_ELECTION: Final = timedelta(days=21)
AFTER_ELECTION: Final = timedelta(days=75)
"""An election may move the sessions that usually end from so long before it to so long after it:
the one that it falls into, and the one that follows. A default after what was observed."""
_ELECTION_EVERY_YEARS: Final = 4
_TOO_FAR_DAYS: Final = 10
"""A session held so many days later than usual was moved by something."""
_TO_AND_FRO_DAYS: Final = 5
"""A step from one year to the next that the calendar doesn't explain: the day of the week shifts a
date by three days at most."""
_STEPS: Final = 3
_YEARS_COMPARED: Final = 10

_OF_ELECTIONS = Text(
    ja="首長選挙の時期に重なるため、過去の選挙の年の日程から予測しています。",
    en="the head's election falls near it; predicted from earlier election years.",
)
_MAY_BE_MOVED = Text(
    ja="首長選挙の時期に重なるため、数週間ずれる可能性があり、予測の幅を広く取っています。",
    en="the head's election falls near it and may move it by weeks: the window is wide.",
)
_MAY_BE_ELECTION = Text(
    ja="4年前は例年より大きく遅く開かれました。首長の任期満了日が未登録で、選挙の年かどうか"
    "分からないため、予測の幅を広く取っています。",
    en="it was held much later than usual four years earlier. The end of the head's term is not"
    " known, so this may be an election year: the window is wide.",
)
_TO_AND_FRO = Text(
    ja="1年おきに早い年と遅い年が交互に続いているため、同じ側の年を重視しています。",
    en="early and late years have alternated; those of the same side count most.",
)


@dataclass(frozen=True, slots=True)
class LikeYears:
    """Weights of earlier years, besides those by age."""

    weights: tuple[float, ...]
    """One for each observed day, in order."""
    half_life_years: float | None = None
    """After so many years an observation counts half; ``None``: as usual."""
    postponed_by_days: int = 0
    """Up to how much later than usual the session may be held, though no year shows it."""
    note: Text | None = None


def day_of_year(day: date, year: int) -> int:
    """Return how many days after the end of the year before ``year`` a day is: 1 January is 1."""
    return (day - date(year, 1, 1)).days + 1


def years_near_election(
    elections: Collection[date], usual: int, years: Collection[int]
) -> frozenset[int]:
    """Return the years in which a session is near an election.

    Args:
        elections: of the head.
        usual: the day of the year on which the session usually ends, see `day_of_year`.
        years: those that are asked for.
    """
    return frozenset(
        year
        for year in years
        for day in elections
        if -BEFORE_ELECTION <= date(year, 1, 1) + timedelta(days=usual - 1) - day <= AFTER_ELECTION
    )


def like_years(
    year: int, observed: Mapping[int, date], near_election: Collection[int] | None
) -> LikeYears:
    """Return the weights of earlier years in a prediction for ``year``.

    Args:
        year: the year to predict.
        observed: the days of earlier years, in order, by the year in which the council counts the
            session: a winter session may end in the January after it.
        near_election: years in which an election of the head is near the session; ``None`` if the
            end of the head's term is not known.
    """
    if near_election is None:
        if late := _elections_shown(year, observed):
            return _perhaps_election(year, tuple(observed), late)
    elif near_election:
        election = year in near_election
        weights = _by_kind([(each in near_election) is election for each in observed])
        if not election:
            return LikeYears(weights)
        known = [each for each in observed if each in near_election]
        few = len(known) < ENOUGH_ELECTIONS
        return LikeYears(
            _as_if_of_last_term(year, known, weights),
            ELECTION_HALF_LIFE_YEARS,
            POSTPONED_BY_DAYS if few else 0,
            _MAY_BE_MOVED if few else _OF_ELECTIONS,
        )
    if _to_and_fro(year, observed):
        return LikeYears(
            _by_kind([(year - each) % 2 == 0 for each in observed], OTHER_SIDE),
            note=_TO_AND_FRO,
        )
    return LikeYears((1.0,) * len(observed))


def _by_kind(same: Sequence[bool], unlike: float = UNLIKE) -> tuple[float, ...]:
    return tuple(1.0 if each else unlike for each in same)


def _as_if_of_last_term(
    year: int, elections: Sequence[int], weights: tuple[float, ...]
) -> tuple[float, ...]:
    """The weights, raised so that the newest election counts as if it were four years old.

    Where nothing newer is known, its age would leave more to what nobody has observed.
    """
    too_old = year - max(elections, default=year) - _ELECTION_EVERY_YEARS
    if too_old <= 0:
        return weights
    raised = 2.0 ** (too_old / ELECTION_HALF_LIFE_YEARS)
    return tuple(weight * raised for weight in weights)


def _perhaps_election(year: int, observed: Sequence[int], shown: int) -> LikeYears:
    """Years four apart count like elections; others as much as them until two were late."""
    same = [(year - each) % _ELECTION_EVERY_YEARS == 0 for each in observed]
    weights = _by_kind(same)
    if shown == 1:
        ages = [0.5 ** ((year - each - 1) / ELECTION_HALF_LIFE_YEARS) for each in observed]
        elections = sum(age for age, like in zip(ages, same, strict=True) if like)
        others = sum(age for age, like in zip(ages, same, strict=True) if not like)
        weights = tuple(1.0 if like else elections / others for like in same)
    return LikeYears(weights, ELECTION_HALF_LIFE_YEARS, note=_MAY_BE_ELECTION)


def _elections_shown(year: int, observed: Mapping[int, date]) -> int:
    """In how many years, four and eight years ago, the session was held much later than usual."""
    days = {
        counted: day_of_year(day, counted)
        for counted, day in observed.items()
        if counted >= year - _YEARS_COMPARED
    }
    then = [days.pop(year - terms * _ELECTION_EVERY_YEARS, None) for terms in (1, 2)]
    if not days:
        return 0
    usual = median(days.values())
    late = [day is not None and day - usual >= _TOO_FAR_DAYS for day in then]
    return 0 if not late[0] else sum(late)


def _to_and_fro(year: int, observed: Mapping[int, date]) -> bool:
    """Whether the last years went later, earlier, later, each by a week or so."""
    last = range(year - _STEPS - 1, year)
    if not observed.keys() >= set(last):
        return False
    days = [day_of_year(observed[each], each) for each in last]
    steps = [b - a for a, b in pairwise(days)]
    return all(abs(step) >= _TO_AND_FRO_DAYS for step in steps) and all(
        a * b < 0 for a, b in pairwise(steps)
    )
