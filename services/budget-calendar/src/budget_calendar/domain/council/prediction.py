"""A council's next regular sessions (定例会), predicted from those it has held.

Sessions are compared by their place in the calendar year, from 1 in spring to 4 in winter (see
`seasons`), whatever the era calls that year: 平成31年第1回 and 令和元年第2回 are the first and the
second of 2019. To predict a year only earlier years are used.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from statistics import median_low
from typing import Final

from budget_calendar.domain.budget_year.calendar import MilestoneKind as Kind
from budget_calendar.domain.budget_year.session_customs import usual_sessions
from budget_calendar.domain.budget_year.templates import MonthDay, Practice
from budget_calendar.domain.council.budget_numbers import without_gaps
from budget_calendar.domain.council.head_elections import likely_elections
from budget_calendar.domain.council.like_years import (
    LikeYears,
    day_of_year,
    like_years,
    years_near_election,
)
from budget_calendar.domain.council.recurring_day import (
    LEVEL,
    OPENING_HALF_LIFE_YEARS,
    VOTE_HALF_LIFE_YEARS,
    predict_day,
)
from budget_calendar.domain.council.seasons import in_places
from budget_calendar.domain.council.sessions import (
    ExpectedBudgets,
    ObservedSession,
    PredictedSession,
    SessionKind,
)
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.domain.municipality import MunicipalityType
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.texts import Text

FEW: Final = 5
"""With fewer observations than this of a session, a warning is added."""
OLD_YEARS: Final = 3
"""If the newest observation is at least this many years old, a warning is added."""
_COUNT_HALF_LIFE_YEARS: Final = 10.0
_SAME_ELECTION: Final = timedelta(days=365)
"""A likely election so near to one that was entered is the same one."""

_NONE_OBSERVED = Text(
    ja="定例会の実績がないため、一般的な日程を示しています。",
    en="No session has been observed; the dates are common practice.",
)


@dataclass(frozen=True, slots=True)
class Council:
    """The facts about a council besides its past sessions."""

    kind: MunicipalityType = MunicipalityType.CITY
    japanese_residents: int | None = None
    head_term_ends: date | None = None
    """The end of any one term of the head; elections are taken to be four years apart from it."""
    elections: tuple[date, ...] = ()
    """Elections of the head that a person entered: instead of the likely ones around them."""


CITY: Final = Council()
"""A city of which nothing else is known."""


@dataclass(frozen=True, slots=True)
class SessionForecast:
    """The regular sessions of one year."""

    sessions: tuple[PredictedSession, ...]
    """By likely last vote; only places that have been observed. For others there is practice."""

    @property
    def warnings(self) -> tuple[Text, ...]:
        """Warnings for readers: few or old observations, or none. Each once."""
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
        council: whose customs hold where few years have been observed, and whose head's elections
            move sessions.
        practices: what is usual for such councils, by milestone; a back-test that holds councils
            out gives what the others do. By default what is measured or published.
    """

    def __init__(
        self,
        observed: Iterable[ObservedSession],
        council: Council = CITY,
        practices: Mapping[str, Practice] | None = None,
    ) -> None:
        known = tuple(observed)
        if practices is None:
            practices = usual_sessions(council.kind, council.japanese_residents)
        by_place: dict[int, list[ObservedSession]] = defaultdict(list)
        for sessions in _by_year(known):
            placed = in_places((each.number, each.last_vote_on, each) for each in sessions)
            for place, session in placed.items():
                by_place[place].append(session)
        self._by_place = dict(sorted(by_place.items()))
        self._known = known
        self._council = council
        self._usual_votes = _usual(Kind.SESSION_VOTE, practices)
        self._usual_openings = _usual(Kind.SESSION_OPENS, practices)
        self._countable_before: dict[int, tuple[ObservedSession, ...]] = {}

    @property
    def numbers(self) -> tuple[int, ...]:
        """The places in the year of which a session has been observed."""
        return tuple(self._by_place)

    def days(self, kind: Kind, number: int) -> dict[int, date]:
        """By year the openings or last voting days of that session, in order, as far as known."""
        found = {}
        for each in self._by_place.get(number, ()):
            day = each.opens_on if kind is Kind.SESSION_OPENS else each.last_vote_on
            if day is not None:
                found[each.year] = day
        return found

    def predict(self, year: int, business_days: BusinessDays) -> SessionForecast:
        """The regular sessions of a calendar year, from earlier years only.

        Every predicted day is one on which a council may sit: no weekend, public holiday or
        year-end closure. The same arguments always give the same answer.
        """
        return self._forecast(dict.fromkeys(self.numbers, year), business_days)

    def predict_fiscal_year(self, fiscal_year: int, business_days: BusinessDays) -> SessionForecast:
        """The regular sessions that vote from 1 April of ``fiscal_year`` to 31 March.

        The session that votes in spring counts in the calendar year after; one that opens in winter
        and votes in January counts in the year before.
        Otherwise as `predict`; sessions are in order of their likely last votes.
        """
        years = {}
        for number, sessions in self._by_place.items():
            ahead = median_low(each.year - fiscal_year_of(each.last_vote_on) for each in sessions)
            years[number] = fiscal_year + ahead
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
        votes = {each.year: each.last_vote_on for each in earlier}
        near_election = self._years_near_election(year, votes)
        usual = [each.within(year) for each in self._usual_votes]
        like = like_years(year, votes, near_election)
        vote = predict_day(
            year, votes, usual, business_days, half_life_years=VOTE_HALF_LIFE_YEARS, like=like
        )
        openings = {each.year: each.opens_on for each in earlier if each.opens_on is not None}
        like_openings = like_years(year, openings, near_election)
        return PredictedSession(
            year=year,
            number=number,
            last_vote=_estimate(vote, votes),
            note=_note(
                len(votes),
                earlier[-1].year,
                year,
                _of_session(number, like.note or like_openings.note),
            ),
            opens=self._opening(year, openings, vote, business_days, like_openings),
            observations=len(votes),
            budgets=_expected(counted, year),
        )

    def _opening(
        self,
        year: int,
        openings: Mapping[int, date],
        vote: Window,
        business_days: BusinessDays,
        like: LikeYears,
    ) -> Estimate | None:
        if not openings:
            return None
        usual = [each.within(year) for each in self._usual_openings]
        window = predict_day(
            year, openings, usual, business_days, half_life_years=OPENING_HALF_LIFE_YEARS, like=like
        )
        if window.likely > vote.latest:  # contradictory observations: better none than nonsense
            return None
        in_order = Window(
            min(window.earliest, vote.earliest),
            min(window.likely, vote.likely),
            min(window.latest, vote.latest),
        )
        return _estimate(in_order, openings)

    def _years_near_election(self, year: int, votes: Mapping[int, date]) -> frozenset[int] | None:
        """The years in which an election is near the session that has these last votes."""
        years = {year, *votes}
        usual = median_low(day_of_year(vote, counted) for counted, vote in votes.items())
        entered, ends_on = self._council.elections, self._council.head_term_ends
        if ends_on is None:
            near = years_near_election(entered, usual, years)
            return near if year in near else None
        likely = likely_elections(self._council.kind, ends_on, range(min(years), year + 1))
        elections = [*entered, *(day for day in likely if not _around(day, entered))]
        return years_near_election(elections, usual, years)


def _around(day: date, entered: Iterable[date]) -> bool:
    return any(abs(day - other) < _SAME_ELECTION for other in entered)


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


def _usual(kind: Kind, practices: Mapping[str, Practice]) -> tuple[_YearlySpan, ...]:
    """When sessions usually open or vote."""
    return tuple(
        _YearlySpan(practice.earliest, practice.latest)
        for key, practice in practices.items()
        if key.startswith(f"{kind}:")
    )


def _estimate(window: Window, observed: Collection[int]) -> Estimate:
    first, last = min(observed), max(observed)
    years = f"{first}" if first == last else f"{first}–{last}"
    source = f"predicted from {len(observed)} observed session{'s' * (len(observed) > 1)}, {years}"
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


def _of_session(number: int, note: Text | None) -> Text | None:
    """The note with the session's name, since it is shown among the warnings of a whole year."""
    if note is None:
        return None
    return Text(ja=f"第{number}回定例会：{note.ja}", en=f"Session {number}: {note.en}")


def _note(observations: int, newest: int, year: int, like: Text | None) -> Text | None:
    """Return a note about few or old observations and unusual years; ``None`` if there is none."""
    found = [like] if like else []
    if observations < FEW:
        years = "1 year has" if observations == 1 else f"{observations} years have"
        found.append(
            Text(
                ja=f"定例会の実績が{observations}年分しかないため、予測の確度は下がります。",
                en=f"Only {years} been observed, so the prediction is less sure.",
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
