"""When the head of a council's municipality was and will be elected, as far as one term tells."""

from datetime import date

from budget_calendar.domain.budget_year import law
from budget_calendar.domain.municipality import MunicipalityType


def likely_elections(kind: MunicipalityType, term_ends: date, years: range) -> tuple[date, ...]:
    """The likely elections of the calendar years, from the end of any one term of the head.

    Terms of four years are counted forwards and backwards. Where a head resigned or died, the
    earlier ones were on other days: those years then count for an election that was not held,
    which a forecast outgrows with the next term.
    """
    first = (years.start - 1 - term_ends.year) // law.YEARS_OF_A_TERM
    last = (years.stop + 1 - term_ends.year) // law.YEARS_OF_A_TERM + 1
    ends = (law.next_term_ends(term_ends, terms) for terms in range(first, last + 1))
    days = (law.election_window(kind, day)[0].likely for day in ends)
    return tuple(day for day in days if day.year in range(years.start - 1, years.stop + 1))
