"""The bars of a simulation: each pursuit's routes and contract, and the budget years."""

from collections.abc import Iterator
from datetime import date, timedelta

from budget_calendar.domain.budget_year.labels import PHASES
from budget_calendar.domain.budget_year.wording import SHORT_PHASES
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.domain.pursuit import PursuitState
from budget_calendar.domain.pursuit.state import HistoryEntry, HistoryEntryKind
from budget_calendar.domain.stages import Outcome, Stage
from budget_calendar.pictures.events import BARS, BarKind, SequenceBar
from budget_calendar.simulation.player import Played
from kakehashi_common.domain.texts import Text

_ONE_DAY = timedelta(days=1)
_WITHOUT_A_ROUTE = frozenset(
    {
        HistoryEntryKind.SET_BACK,
        HistoryEntryKind.LAPSED,
        HistoryEntryKind.NO_ROUTE,
        HistoryEntryKind.ENDED,
    }
)


def bars_of(played: Played) -> tuple[SequenceBar, ...]:
    """Return the bars of a simulation, pursuits first."""
    return (*_of_pursuits(played), *_of_municipalities(played))


def _of_pursuits(played: Played) -> Iterator[SequenceBar]:
    names = {each.municipality.code: each.municipality.name for each in played.scenario.inputs}
    for state in played.pursuits:
        lane = f"{names[state.municipality_code]} {state.pursuit_id}"
        yield from bars_of_pursuit(state, lane, played.scenario.ends)


def bars_of_pursuit(state: PursuitState, lane: str, ends: date) -> Iterator[SequenceBar]:
    """One bar for each route as long as it was taken, and one for the contract.

    What has not ended goes on until ``ends``.
    """
    begun: tuple[date, Text, BarKind] | None = None
    under_contract = False
    for entry in sorted(state.history, key=lambda each: each.on):
        following = _begins(entry)
        if following is None and entry.kind not in _WITHOUT_A_ROUTE:
            continue
        if under_contract and entry.kind is not HistoryEntryKind.ENDED:
            continue
        if begun:
            yield from _bar(begun, entry.on - (_ONE_DAY if following else timedelta()), lane)
        begun = following
        under_contract = following is not None and following[2] is BarKind.CONTRACT
    if begun:
        yield from _bar(begun, ends, lane)


def _begins(entry: HistoryEntry) -> tuple[date, Text, BarKind] | None:
    if entry.kind is HistoryEntryKind.ROUTE_TAKEN and entry.route:
        return entry.on, entry.route, BarKind.ROUTE
    signed = entry.stage is Stage.CONTRACT and entry.outcome is Outcome.DONE
    if entry.kind is HistoryEntryKind.CONFIRMED and signed:
        return entry.on, BARS[BarKind.CONTRACT], BarKind.CONTRACT
    return None


def _bar(begun: tuple[date, Text, BarKind], last: date, lane: str) -> Iterator[SequenceBar]:
    first, label, kind = begun
    if last >= first:
        yield SequenceBar(first, last, lane, label, kind)


def _of_municipalities(played: Played) -> Iterator[SequenceBar]:
    first, last = played.scenario.starts, played.scenario.ends
    for inputs in played.scenario.inputs:
        for year in range(fiscal_year_of(first), fiscal_year_of(last) + 1):
            calendar = played.calendars.get((inputs.municipality.code, year))
            for span in calendar.phases if calendar else ():
                begins, ends = max(span.begins.window.likely, first), min(span.ends.likely, last)
                if begins <= ends:
                    yield SequenceBar(
                        begins,
                        ends,
                        inputs.municipality.name,
                        SHORT_PHASES[span.phase],
                        BarKind.PHASE,
                        PHASES[span.phase],
                    )
