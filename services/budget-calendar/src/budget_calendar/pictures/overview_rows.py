"""Rows of an overview; municipalities with equal years share one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from budget_calendar.domain.budget_year.calendar import (
    DEADLINES,
    BudgetCalendar,
    Milestone,
    MilestoneKind,
)
from budget_calendar.domain.budget_year.wording import Language, in_language
from budget_calendar.domain.windows import Basis
from kakehashi_common.domain.texts import Text
from kakehashi_common.pictures.lettering import shortened, width


class Knowledge(IntEnum):
    """The best source of a municipality's dates; the best are shown first."""

    KNOWN = 0
    """It was observed, announced, or corrected by a person."""
    PREDICTED = 1
    """Computed from its earlier years."""
    USUAL = 2
    """The usual practice of municipalities of its kind."""


KNOWLEDGE: Final = {
    Knowledge.KNOWN: Text("実績または訂正のある自治体", "With observed or corrected dates"),
    Knowledge.PREDICTED: Text("過去の実績から予測した自治体", "Predicted from their earlier years"),
    Knowledge.USUAL: Text("一般的な慣行による自治体", "By common practice"),
}
"""The name of each source."""

MEMBERS_SIZE: Final = 11.0
"""Of the names of those that share a row."""

_BESIDE_THE_BUDGET: Final = frozenset(
    {
        MilestoneKind.HEAD_ELECTION,
        MilestoneKind.HEAD_TERM_ENDS,
        MilestoneKind.POST_ELECTION_SUPPLEMENTARY,
    }
)
"""An end of term on record says nothing of the council's or the budget's days."""


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One municipality's year."""

    name: Text | str
    calendar: BudgetCalendar
    prefecture: str = ""
    """Shown if rows are of several prefectures: there are two 府中市."""
    following: BudgetCalendar | None = None
    """The year after it, as far as it is known: near the end of a year the next deadline is there.
    """


@dataclass(frozen=True, slots=True)
class SharedRow:
    """Municipalities with the same dates; at least one."""

    members: tuple[OverviewRow, ...]
    next: Milestone | None
    """Their next deadline."""

    @property
    def calendar(self) -> BudgetCalendar:
        """One of the equal calendars."""
        return self.members[0].calendar


def next_deadline(
    row: OverviewRow, today: date, deadlines: Collection[MilestoneKind] = DEADLINES
) -> Milestone | None:
    """The first milestone of those kinds that is likely today or later, of either year."""
    years = (row.calendar, row.following) if row.following else (row.calendar,)
    coming = (
        each
        for year in years
        for each in year.milestones
        if each.kind in deadlines and each.likely >= today
    )
    return min(coming, key=lambda each: (each.likely, each.key), default=None)


def shared_rows(
    rows: Iterable[OverviewRow], today: date, deadlines: Collection[MilestoneKind]
) -> dict[Knowledge, list[SharedRow]]:
    """The rows by how much is known, the best known first; equal ones as one, at the first's place.

    Rows are equal where all that is drawn of them is: the phases and the next deadline.
    """
    found: dict[Knowledge, dict[object, list[OverviewRow]]] = {}
    for row in rows:
        drawn = (row.calendar.phases, next_deadline(row, today, deadlines))
        found.setdefault(_known(row.calendar), {}).setdefault(drawn, []).append(row)
    return {
        knowledge: [
            SharedRow(tuple(members), next_deadline(members[0], today, deadlines))
            for members in found[knowledge].values()
        ]
        for knowledge in sorted(found)
    }


def member_lines(
    shared: SharedRow, rows: Sequence[OverviewRow], room: float, language: Language
) -> tuple[str, ...]:
    """Who shares the row, in lines no wider than the room; none for a single one.

    Where ``rows``, all of the picture, are of several prefectures, each is named with its own.
    """
    if len(shared.members) == 1:
        return ()
    several = not shared_prefecture(rows)
    between = "、" if language == "ja" else ", "
    lines: list[str] = []
    line = ""
    for row in shared.members:
        name = in_language(row.name, language)
        if several and row.prefecture not in {"", name}:
            name += f"（{row.prefecture}）" if language == "ja" else f" ({row.prefecture})"
        name = shortened(name, MEMBERS_SIZE, room / 2)
        longer = f"{line}{between}{name}" if line else name
        if width(longer + between, MEMBERS_SIZE) > room:
            lines.append(line + between.rstrip())
            longer = name
        line = longer
    return (*lines, line)


def shared_prefecture(rows: Sequence[OverviewRow]) -> str:
    """The prefecture that all are of; empty where they are of several."""
    prefectures = {row.prefecture for row in rows}
    return prefectures.pop() if len(prefectures) == 1 else ""


def _known(calendar: BudgetCalendar) -> Knowledge:
    bases = {m.estimate.basis for m in calendar.milestones if m.kind not in _BESIDE_THE_BUDGET}
    if bases & {Basis.MANUAL, Basis.OBSERVED}:
        return Knowledge.KNOWN
    return Knowledge.PREDICTED if Basis.PREDICTED in bases else Knowledge.USUAL
