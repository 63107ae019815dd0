"""The budget year of leads' municipalities: their phase and their next deadline.

budget-calendar announces both on ``budget-phases-v1``. What is announced later replaces what was
said before, so a redelivery changes nothing. Nothing here changes a score.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kakehashi_common.budget_timing import repository as budget_timing
from kakehashi_common.budget_timing.repository import Milestone, Phase
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.budget_phases import (
    CalendarRevised,
    DateWindow,
    MilestoneNear,
    PhaseEntered,
)
from kakehashi_common.contracts.events import Event
from kakehashi_common.db import Database, RawConnection


@dataclass(frozen=True, slots=True)
class BudgetTiming:
    """The phase and the next milestone of a municipality; either may be unknown."""

    phase: Phase | None
    next_milestone: Milestone | None


async def save_budget_phases(database: Database, batch: Sequence[Received[Any]]) -> None:
    """Store what a batch of events says about municipalities.

    Raises:
        TransientError: the database is unavailable.
    """
    events = [received.event for received in batch]
    phases = [_phase(event) for event in events if isinstance(event.data, PhaseEntered)]
    milestones = [milestone for event in events for milestone in _milestones(event)]
    async with database.raw_transaction() as connection:
        # In one order, so that two consumers wait for each other and never deadlock.
        await budget_timing.save_phases(
            connection, sorted(phases, key=lambda each: (each.municipality_code, each.said_at))
        )
        await budget_timing.save_milestones(
            connection,
            sorted(
                milestones,
                key=lambda each: (
                    each.municipality_code,
                    each.fiscal_year,
                    each.milestone,
                    each.said_at,
                ),
            ),
        )


async def timing_of(
    connection: RawConnection, codes: Collection[str], today: date
) -> Mapping[str, BudgetTiming]:
    """Return what is known of these municipalities on the day ``today`` in Japan."""
    phases = await budget_timing.phases_of(connection, codes)
    coming = await budget_timing.next_milestones(connection, codes, today)
    return {code: BudgetTiming(phases.get(code), coming.get(code)) for code in {*phases, *coming}}


def _phase(event: Event[PhaseEntered]) -> Phase:
    data = event.data
    return Phase(
        municipality_code=data.municipality_code,
        said_at=event.occurred_at,
        fiscal_year=data.fiscal_year,
        phase=data.phase,
        label_ja=data.label.ja,
        label_en=data.label.en,
        ends_likely_on=data.ends_likely_on,
    )


def _milestones(event: Event[Any]) -> Sequence[Milestone]:
    data = event.data
    if isinstance(data, MilestoneNear):
        return [_milestone(event, data.milestone, data, data.window)]
    if isinstance(data, CalendarRevised):
        return [_milestone(event, moved.milestone, moved, moved.after) for moved in data.moved]
    return []


def _milestone(event: Event[Any], name: str, said: Any, window: DateWindow | None) -> Milestone:
    return Milestone(
        municipality_code=event.data.municipality_code,
        fiscal_year=event.data.fiscal_year,
        milestone=name,
        said_at=event.occurred_at,
        label_ja=said.label.ja,
        label_en=said.label.en,
        earliest_on=None if window is None else window.earliest,
        likely_on=None if window is None else window.likely,
        latest_on=None if window is None else window.latest,
    )
