"""A council's next regular sessions (定例会), predicted from those it has held.

Sessions are compared by their place in the calendar year, from 1 in spring to 4 in winter (see
`seasons`), whatever the era calls that year: 平成31年第1回 and 令和元年第2回 are the first and the
second of 2019. To predict a year only earlier years are used.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from statistics import median_low
from typing import Final

from budget_calendar.domain.budget_year.calendar import MilestoneKind as Kind
from budget_calendar.domain.budget_year.templates import PUBLISHED, Group, MonthDay
from budget_calendar.domain.business_days import BusinessDays
from budget_calendar.domain.council.budget_numbers import without_gaps
from budget_calendar.domain.council.recurring_day import LEVEL, predict_day
from budget_calendar.domain.council.seasons import in_places
from budget_calendar.domain.council.sessions import (
    ExpectedBudgets,
    ObservedSession,
    PredictedSession,
    SessionKind,
)
from budget_calendar.domain.texts import Text
from budget_calendar.domain.windows import Basis, Estimate, Window

FEW: Final = 5
"""With fewer observations than this of a session, the reader is told."""
OLD_YEARS: Final = 3
"""If the newest observation is so many years before the predicted one, the reader is told."""
_COUNT_HALF_LIFE_YEARS: Final = 10.0
_APRIL: Final = 4

_NONE_OBSERVED = Text(
    ja="定例会の実績がないため、一般的な日程を示しています。",
    en="No session has been observed; the dates are common practice.",
)


@dataclass(frozen=True, slots=True)
class SessionForecast:
    """The regular sessions of one year."""

    sessions: tuple[PredictedSession, ...]
    """By likely last vote; only places that have been observed. For others there is practice."""

    @property
    def warnings(self) -> tuple[Text, ...]:
        """What a reader must know: few or old observations, or none. Each once."""
        if not self.sessions:
            return (_NONE_OBSERVED,)
        return tuple(dict.fromkeys(each.note for each in self.sessions if each.note is not None))

    def session(self, number: int) -> PredictedSession | None:
        """The session in that place."""
        return next((each for each in self.sessions if each.number == number), None)


class SessionHistory:
    """A council's regular sessions, sorted once, so that many years can be predicted quickly.

    Args:
        observed: sessions of one municipality, in any order; extraordinary ones are passed over.
        group: whose customs hold where few years have been observed.
    """

    def __init__(
        self,
        observed: Iterable[ObservedSession],
        group: Group = Group.MUNICIPALITY,
    ) -> None:
        known = tuple(observed)
        by_place: dict[int, list[ObservedSession]] = defaultdict(list)
        for sessions in _by_year(known):
            placed = in_places((each.number, each.last_vote_on, each) for each in sessions)
            for place, session in placed.items():
                by_place[place].append(session)
        self._by_place = dict(sorted(by_place.items()))
        self._known = known
        self._usual_votes = _usual(Kind.SESSION_VOTE, group)
        self._usual_openings = _usual(Kind.SESSION_OPENS, group)
        self._countable_before: dict[int, tuple[ObservedSession, ...]] = {}

    @property
    def numbers(self) -> tuple[int, ...]:
        """The places in the year of which a session has been observed."""
        return tuple(self._by_place)

    def last_votes(self, number: int, before: int) -> tuple[date, ...]:
        """The last voting days of that session in the years before ``before``, in order."""
        sessions = self._by_place.get(number, ())
        return tuple(each.last_vote_on for each in sessions if each.year < before)

    def last_vote(self, number: int, year: int) -> date | None:
        """The last voting day of that session in ``year``, if observed."""
        sessions = self._by_place.get(number, ())
        return next((each.last_vote_on for each in sessions if each.year == year), None)

    def predict(self, year: int, business_days: BusinessDays) -> SessionForecast:
        """The regular sessions of a calendar year, from earlier years alone.

        Every predicted day is one on which a council may sit: no weekend, public holiday or
        year-end closure. The same arguments always give the same answer.
        """
        return self._forecast(dict.fromkeys(self.numbers, year), business_days)

    def predict_fiscal_year(self, fiscal_year: int, business_days: BusinessDays) -> SessionForecast:
        """The regular sessions that vote from 1 April of ``fiscal_year`` to 31 March.

        A session that usually votes in January to March is predicted for the calendar year after.
        Otherwise as `predict`; sessions are in order of their likely last votes.
        """
        years = {}
        for number, sessions in self._by_place.items():
            month = median_low(each.last_vote_on.month for each in sessions)
            years[number] = fiscal_year + (month < _APRIL)
        return self._forecast(years, business_days)

    def _forecast(self, years: Mapping[int, int], business_days: BusinessDays) -> SessionForecast:
        """The session of each place in the calendar year given for it."""
        sessions = []
        for number, year in years.items():
            earlier = [each for each in self._by_place[number] if each.year < year]
            if earlier:
                counted = [each for each in self._countable(year) if each in earlier]
                sessions.append(self._predict_one(number, year, earlier, counted, business_days))
        sessions.sort(key=lambda each: each.last_vote.window.likely)
        return SessionForecast(tuple(sessions))

    def _countable(self, before: int) -> tuple[ObservedSession, ...]:
        """Earlier sessions whose supplementary budgets can be counted."""
        if before not in self._countable_before:
            earlier = [each for each in self._known if each.year < before]
            self._countable_before[before] = without_gaps(earlier)
        return self._countable_before[before]

    def _predict_one(
        self,
        number: int,
        year: int,
        earlier: Sequence[ObservedSession],
        counted: Sequence[ObservedSession],
        business_days: BusinessDays,
    ) -> PredictedSession:
        votes = [each.last_vote_on for each in earlier]
        usual = [each.within(year) for each in self._usual_votes]
        vote = predict_day(year, votes, usual, business_days)
        openings = [each.opens_on for each in earlier if each.opens_on is not None]
        return PredictedSession(
            year=year,
            number=number,
            last_vote=_estimate(vote, votes),
            note=_note(len(votes), earlier[-1].year, year),
            opens=self._opening(year, openings, vote, business_days),
            observations=len(votes),
            budgets=_expected(counted, year),
        )

    def _opening(
        self,
        year: int,
        openings: Sequence[date],
        vote: Window,
        business_days: BusinessDays,
    ) -> Estimate | None:
        if not openings:
            return None
        usual = [each.within(year) for each in self._usual_openings]
        window = predict_day(year, openings, usual, business_days)
        if window.likely >= vote.likely:  # contradictory observations: better none than nonsense
            return None
        latest = min(window.latest, max(window.likely, vote.earliest - timedelta(days=1)))
        return _estimate(Window(window.earliest, window.likely, latest), openings)


def _by_year(observed: Iterable[ObservedSession]) -> Iterator[Iterable[ObservedSession]]:
    """The regular sessions of each calendar year that counts them, years and sessions in order."""
    regular = (each for each in observed if each.kind is SessionKind.REGULAR)
    in_order = sorted(regular, key=lambda each: (each.year, each.last_vote_on))
    for _, sessions in groupby(in_order, key=lambda each: each.year):
        yield sessions


@dataclass(frozen=True, slots=True)
class _YearlySpan:
    """Days that come back every year, as (month, day), both ends included."""

    first: MonthDay
    last: MonthDay

    def within(self, year: int) -> tuple[date, date]:
        return date(year, *self.first), date(year, *self.last)


def _usual(kind: Kind, group: Group) -> tuple[_YearlySpan, ...]:
    """When sessions usually open or vote: the same in every template."""
    return tuple(
        _YearlySpan(practice.earliest, practice.latest)
        for key, practice in PUBLISHED.practices[group].items()
        if key.startswith(f"{kind}:")
    )


def _estimate(window: Window, days: Sequence[date]) -> Estimate:
    first, last = days[0].year, days[-1].year
    years = f"{first}" if first == last else f"{first}–{last}"
    source = f"predicted from {len(days)} observed session{'s' * (len(days) > 1)}, {years}"
    return Estimate(window, Basis.PREDICTED, source, LEVEL)


def _expected(counted: Sequence[ObservedSession], year: int) -> ExpectedBudgets | None:
    if not counted:
        return None
    weighted = sorted(
        (each.supplementary_passed, 0.5 ** ((year - 1 - each.year) / _COUNT_HALF_LIFE_YEARS))
        for each in counted
    )
    total = sum(weight for _, weight in weighted)
    tail = total * (1 - LEVEL) / 2
    mean = sum(count * weight for count, weight in weighted) / total
    return ExpectedBudgets(
        mean=mean,
        low=_reached(weighted, tail),
        high=_reached(weighted[::-1], tail),
        sessions=len(weighted),
    )


def _reached(weighted: Sequence[tuple[int, float]], tail: float) -> int:
    """The first count at which the weights so far exceed ``tail``."""
    so_far = 0.0
    for count, weight in weighted:
        so_far += weight
        if so_far > tail:
            return count
    return weighted[-1][0]


def _note(observations: int, newest: int, year: int) -> Text | None:
    """What to say of a session with few observations, or old ones; ``None`` if neither."""
    found = []
    if observations < FEW:
        years = "1 year has" if observations == 1 else f"{observations} years have"
        found.append(
            Text(
                ja=f"定例会の実績が{observations}年分しかないため、予測の幅を広く取っています。",
                en=f"Only {years} been observed, so the window is wide.",
            )
        )
    if year - newest >= OLD_YEARS:
        found.append(
            Text(
                ja=f"定例会の実績が{newest}年までのため、予測の確度は下がります。",
                en=f"The newest observation is of {newest}, so the prediction is less sure.",
            )
        )
    if not found:
        return None
    return Text("".join(each.ja for each in found), " ".join(each.en for each in found))
