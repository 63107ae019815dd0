"""The revisions of a municipality's calendars: new versions, and the milestones that moved."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.calendars import repository as calendars
from budget_calendar.calendars.repository import CalendarVersion
from budget_calendar.domain.budget_year.corrections import Correction, StandingFacts
from budget_calendar.domain.budget_year.labels import label_of_key
from budget_calendar.domain.budget_year.revision import Moved, moved
from budget_calendar.events.mapping import EventToPublish, date_window, label
from kakehashi_common.contracts.budget_phases import (
    CalendarRevised,
    MovedMilestone,
    RevisionCause,
)


@dataclass(frozen=True, slots=True)
class Revised:
    """The outcome of a change to the calendars of a municipality."""

    code: str
    versions: tuple[CalendarVersion, ...]
    """The new versions; none where nothing has changed."""
    moved: tuple[Moved, ...]


def first_version(code: str, fiscal_year: int, at: datetime) -> CalendarVersion:
    """Return the version with which a calendar is opened."""
    return CalendarVersion(
        code, fiscal_year, 1, "opened", "first computed", "system:budget-calendar", at
    )


def following(
    before: CalendarVersion, cause: RevisionCause, reason: str, who: str, at: datetime
) -> CalendarVersion:
    """Return the version after ``before``."""
    return replace(
        before,
        version=before.version + 1,
        cause=cause.value,
        reason=reason,
        computed_by=who,
        computed_at=at,
    )


async def revised_by(connection: AsyncConnection, correction: Correction) -> Revised:
    """Return what a correction in force was answered, for a request that repeats it."""
    return await _revised(
        connection,
        correction.code,
        RevisionCause.CORRECTION,
        correction.reason,
        correction.by,
        correction.at,
    )


async def revised_by_facts(connection: AsyncConnection, facts: StandingFacts) -> Revised:
    """Return what was answered when the same facts were entered, for a request that repeats it."""
    made = (facts.code, RevisionCause.REGISTRY, facts.reason, facts.by)
    at = await calendars.get_last_made_at(connection, *made)
    if at is None:
        return Revised(facts.code, (), ())
    return await _revised(connection, *made, at)


async def _revised(
    connection: AsyncConnection,
    code: str,
    cause: RevisionCause,
    reason: str,
    who: str,
    at: datetime,
) -> Revised:
    """Versions that the retention has deleted since are left out."""
    made = await calendars.list_made_at(connection, code, cause, reason, who, at)
    all_moved: list[Moved] = []
    for stored in made:
        year, number = stored.version.fiscal_year, stored.version.version
        before = await calendars.get_version(connection, code, year, number - 1)
        if before is not None:
            all_moved += moved(before.calendar, stored.calendar)
    return Revised(code, tuple(each.version for each in made), tuple(all_moved))


def calendar_revised(
    version: CalendarVersion, cause: RevisionCause, what_moved: Iterable[Moved]
) -> EventToPublish:
    """Return the event that announces a new version of a calendar."""
    data = CalendarRevised(
        municipality_code=version.code,
        fiscal_year=version.fiscal_year,
        version=version.version,
        cause=cause,
        moved=tuple(
            MovedMilestone(
                milestone=each.key,
                label=label(label_of_key(each.key)),
                before=None if each.before is None else date_window(each.before),
                after=None if each.after is None else date_window(each.after),
            )
            for each in what_moved
        ),
    )
    key = (version.code, version.fiscal_year, version.version)
    return EventToPublish.of(f"calendar {version.fiscal_year}", data, version.computed_at, *key)
