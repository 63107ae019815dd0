"""The bars of a deal: its routes one after the other, then its contract."""

from dataclasses import replace
from datetime import date

from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.pursuit import PursuitState
from budget_calendar.domain.pursuit.state import HistoryEntry, HistoryEntryKind
from budget_calendar.domain.stages import Outcome, Stage
from budget_calendar.simulation.bars import bars_of_pursuit
from kakehashi_common.domain.texts import Text
from tests.support.pursuits import Life

ENDS = date(2031, 3, 31)
INITIAL, JUNE = Text("当初予算", "initial budget"), Text("6月補正", "June")


def after(*history: HistoryEntry) -> PursuitState:
    goal = PursuitGoal("digital", 12_000_000, date(2027, 4, 1), ContractCategory.SERVICES)
    return replace(Life(goal, date(2026, 5, 11)).state, history=history)


def taken(on: date, route: Text) -> HistoryEntry:
    return HistoryEntry(HistoryEntryKind.ROUTE_TAKEN, on, route=route)


def signed(on: date) -> HistoryEntry:
    return HistoryEntry(HistoryEntryKind.CONFIRMED, on, Stage.CONTRACT, Outcome.DONE)


def drawn(*history: HistoryEntry) -> list[tuple[str, date, date]]:
    bars = bars_of_pursuit(after(*history), "桐生市 p-1", ENDS)
    return [(bar.label.ja, bar.first, bar.last) for bar in bars if isinstance(bar.label, Text)]


def test_a_route_lasts_until_the_next_and_the_contract_until_the_end() -> None:
    assert drawn(
        taken(date(2026, 5, 12), INITIAL),
        HistoryEntry(HistoryEntryKind.SET_BACK, date(2027, 3, 17), route=INITIAL),
        taken(date(2027, 3, 17), JUNE),
        signed(date(2027, 7, 15)),
        HistoryEntry(HistoryEntryKind.ENDED, date(2028, 3, 31)),
    ) == [
        ("当初予算", date(2026, 5, 12), date(2027, 3, 17)),
        ("6月補正", date(2027, 3, 17), date(2027, 7, 14)),
        ("契約・履行", date(2027, 7, 15), date(2028, 3, 31)),
    ]


def test_without_a_route_there_is_no_bar() -> None:
    assert drawn(
        taken(date(2026, 5, 12), INITIAL),
        HistoryEntry(HistoryEntryKind.LAPSED, date(2026, 11, 9), route=INITIAL),
        HistoryEntry(HistoryEntryKind.NO_ROUTE, date(2026, 11, 9), due=date(2027, 4, 1)),
        taken(date(2027, 4, 1), JUNE),
    ) == [
        ("当初予算", date(2026, 5, 12), date(2026, 11, 9)),
        ("6月補正", date(2027, 4, 1), ENDS),
    ]


def test_a_contract_goes_on_whatever_else_is_recorded() -> None:
    assert drawn(
        taken(date(2026, 5, 12), INITIAL),
        signed(date(2027, 4, 1)),
        HistoryEntry(HistoryEntryKind.NO_ROUTE, date(2028, 4, 3), due=date(2028, 10, 1)),
    ) == [
        ("当初予算", date(2026, 5, 12), date(2027, 3, 31)),
        ("契約・履行", date(2027, 4, 1), ENDS),
    ]
