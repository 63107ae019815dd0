"""The head's term and election, and what they do to the budget of that spring.

In law there is no skeleton budget (骨格予算): near an election only mandatory spending is budgeted,
and policy items return in a supplementary budget (肉付け予算) after it, often in June.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from budget_calendar.domain.budget_year import law
from budget_calendar.domain.budget_year.calendar import Milestone, SkeletonBudget
from budget_calendar.domain.budget_year.calendar import MilestoneKind as Kind
from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.domain.budget_year.ordering import Placed, derived
from budget_calendar.domain.calculation.context import YearContext, manual
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.texts import Text

SKELETON_BY_DAYS_AFTER_SUBMISSION: Final[tuple[tuple[int, int, float], ...]] = (
    (-30, -1, 0.4),
    (0, 75, 0.8),
    (76, 135, 0.4),
)
"""From and to how many days after the budget's submission the election is, and how likely the
budget is a skeleton then. No statistics are published: these are this product's defaults, after the
practice that an election from late February to early May mostly brings one (first half of the
unified local elections among them), one just before or in early summer sometimes."""

SKELETON_SOURCE: Final = (
    "default by days from the budget's submission to the election; common practice, no statistics"
)

_TERM_CONFIDENCE = 0.85
"""That a term is served to its end: a default. Heads resign, die, and are recalled."""

_LIKELY_DAY_CONFIDENCE = 0.9
_SETTLES_IN = timedelta(days=21)
"""The least time a new head needs before a session with a budget of their own (practice)."""

_UNKNOWN_TERM = Text(
    ja="首長の任期満了日が未登録のため、骨格予算や、選挙に伴う会期の変更の可能性を判断できません。",
    en="The end of the head's term is not known: a skeleton budget, or sessions moved by an "
    "election, can't be ruled out.",
)
_UNKNOWN_TERM_IN_UNIFIED_YEAR = Text(
    ja="首長の任期満了日が未登録です。翌年春は統一地方選挙の年（2023年は27.5％の団体が実施）で、"
    "骨格予算や会期の変更の可能性があります。",
    en="The end of the head's term is not known, and unified local elections are next spring "
    "(27.5 % of bodies voted in those of 2023): a skeleton budget and moved sessions are possible.",
)
_PROJECTED = Text(
    ja="登録済みの任期満了日から4年任期で推定しています。辞職等があれば変わります。",
    en="Projected from the end of term on record by terms of four years; confirm it.",
)
_IF_SKELETON = Text(
    ja="当初予算が骨格予算であった場合に、政策的経費を追加する補正予算。",
    en="If the initial budget was a skeleton: policy items return in this session.",
)


@dataclass(frozen=True, slots=True)
class Election:
    """An election of the head, past or to come."""

    estimate: Estimate
    term_ends: Estimate | None
    """The end of the term before it; ``None`` when only the election was entered."""
    projected: bool = False
    """Whether it is a later election than the one that ends the term on record."""


def elections(year: YearContext) -> tuple[Election, ...]:
    """The elections that can matter to the fiscal year, in order, at most one per fiscal year."""
    found: dict[int, Election] = {}
    ends_on = year.facts.head_term_ends
    if ends_on is not None:
        for terms in range(
            max(0, (year.fiscal_year + 2 - ends_on.year) // law.YEARS_OF_A_TERM) + 1
        ):
            election = _at_end_of_term(year, ends_on, terms)
            found[fiscal_year_of(election.estimate.window.likely)] = election
    for fiscal_year, correction in _entered(year.facts.corrections, year.municipality.code).items():
        if abs(fiscal_year - year.fiscal_year) > 1:
            continue
        replaced = found.get(fiscal_year)
        found[fiscal_year] = Election(manual(correction), replaced.term_ends if replaced else None)
    return tuple(sorted(found.values(), key=lambda e: e.estimate.window.likely))


def entered_elections(corrections: Iterable[Correction], code: str) -> tuple[date, ...]:
    """The likely days of the elections of the head that people entered, in order."""
    entered = _entered(corrections, code).values()
    return tuple(sorted(correction.window.likely for correction in entered))


def _entered(corrections: Iterable[Correction], code: str) -> dict[int, Correction]:
    """The newest entry of each fiscal year's election."""
    return {
        correction.fiscal_year: correction
        for correction in sorted(corrections, key=lambda c: c.at)
        if correction.key == Kind.HEAD_ELECTION and correction.code == code
    }


def _at_end_of_term(year: YearContext, ends_on: date, terms: int) -> Election:
    day = law.next_term_ends(ends_on, terms) if terms else ends_on
    ends = (
        Estimate(
            Window.on(day), Basis.LAW, law.TERM_OF_HEAD, round(_TERM_CONFIDENCE ** (terms + 1), 2)
        )
        if terms
        else Estimate(Window.on(day), Basis.MANUAL, "end of term on record", _TERM_CONFIDENCE)
    )
    window, source = law.election_window(year.municipality.type, day)
    basis = Basis.PRACTICE if source == law.UNIFIED_ELECTIONS else Basis.LAW
    rule = Estimate(window, basis, source, _LIKELY_DAY_CONFIDENCE)
    return Election(derived(ends, window, rule), ends, projected=terms > 0)


def skeleton_probability(submission: date, election: Estimate) -> float | None:
    """Return the probability that a budget is a skeleton; ``None`` if the election is far off.

    Always less than 1, as the head decides.
    """
    days = (election.window.likely - submission).days
    return next(
        (
            round(share * election.confidence, 2)
            for first, last, share in SKELETON_BY_DAYS_AFTER_SUBMISSION
            if first <= days <= last
        ),
        None,
    )


def skeleton_budget(year: YearContext, submission: date) -> SkeletonBudget | None:
    """Whether the budget that is submitted in this year may be a skeleton."""
    for election in elections(year):
        probability = skeleton_probability(submission, election.estimate)
        if probability is not None:
            source = f"{SKELETON_SOURCE}; {election.estimate.source}"
            return SkeletonBudget(probability, source, election.estimate.window)
    return None


def election_milestones(year: YearContext, placed: Mapping[str, Placed]) -> Iterator[Milestone]:
    """The election, the end of the term, and the supplementary budget after a skeleton one."""
    for election in elections(year):
        note = _PROJECTED if election.projected else None
        if fiscal_year_of(election.estimate.window.likely) == year.fiscal_year:
            yield Milestone(Kind.HEAD_ELECTION, election.estimate, note=note)
        ends = election.term_ends
        if ends and fiscal_year_of(ends.window.likely) == year.fiscal_year:
            yield Milestone(Kind.HEAD_TERM_ENDS, ends, note=note)
    if entered := year.manual(Kind.POST_ELECTION_SUPPLEMENTARY):
        yield Milestone(Kind.POST_ELECTION_SUPPLEMENTARY, entered, note=_IF_SKELETON)
    elif supplementary := _post_election_supplementary(year, placed):
        yield Milestone(Kind.POST_ELECTION_SUPPLEMENTARY, supplementary, note=_IF_SKELETON)


def _post_election_supplementary(
    year: YearContext, placed: Mapping[str, Placed]
) -> Estimate | None:
    """The vote of June's session, or September's where the election leaves June too little time."""
    spring = placed[f"{Kind.SESSION_OPENS}:1"].estimate.window.likely
    submitted = spring.replace(year=spring.year - 1, day=min(spring.day, 28))
    for election in elections(year):
        probability = skeleton_probability(submitted, election.estimate)
        if probability is None:
            continue
        for number in (2, 3):
            opens = placed[f"{Kind.SESSION_OPENS}:{number}"].estimate.window.likely
            vote = placed[f"{Kind.SESSION_VOTE}:{number}"].estimate
            if opens >= election.estimate.window.likely + _SETTLES_IN:
                rule = Estimate(vote.window, Basis.PRACTICE, "common practice", probability)
                return derived(vote, vote.window, rule)
    return None


def term_warning(year: YearContext) -> Text | None:
    """Return a warning if nobody entered the end of the head's term."""
    if elections(year):
        return None
    return (
        _UNKNOWN_TERM_IN_UNIFIED_YEAR
        if law.is_unified_election_year(year.fiscal_year + 1)
        else _UNKNOWN_TERM
    )
