"""Bring the stored registry up to date, and with it the calendars that depend on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from budget_calendar import tables
from budget_calendar.calendars.service import Calendars
from budget_calendar.domain.municipality import Municipality
from budget_calendar.registry import repository as municipalities
from kakehashi_common.audit import Actor
from kakehashi_common.contracts.budget_phases import RevisionCause
from kakehashi_common.db import Database


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The changes made by a refresh."""

    changed: tuple[str, ...]
    """Codes of changed municipalities."""
    revised: tuple[str, ...]
    """Codes of municipalities with a revised calendar."""


async def with_stored_figures(
    database: Database, published: Iterable[Municipality]
) -> tuple[Municipality, ...]:
    """Return the ``published`` municipalities with their stored figures.

    Names, kana and types belong to the release; residents and indices to what was last imported.
    """
    async with database.transaction() as connection:
        stored = {
            each.municipality.code: each.municipality
            for each in await municipalities.list_all(connection)
        }
    return tuple(
        replace(
            each,
            japanese_residents=stored[each.code].japanese_residents,
            indices=stored[each.code].indices,
        )
        if each.code in stored
        else each
        for each in published
    )


async def refresh(
    database: Database,
    calendars: Calendars,
    newest: Sequence[Municipality],
    actor: Actor,
) -> Refreshed:
    """Store the registry, and compute the calendars again of those whose type has changed.

    A calendar depends on nothing in the registry but the type.
    """
    async with database.transaction() as connection:
        before = {
            each.municipality.code: each.municipality
            for each in await municipalities.list_all(connection)
        }
        changed = [each for each in newest if before.get(each.code) != each]
        if changed:
            await municipalities.put(connection, changed)
            await actor.record(
                connection,
                tables.audit_table,
                "refresh_registry",
                "registry",
                after={"changed": [each.code for each in changed]},
            )
    revised = []
    for each in changed:
        if each.code in before and before[each.code].type is not each.type:
            done = await calendars.recompute(
                each.code,
                actor,
                f"it is a {each.type.text.en} now",
                cause=RevisionCause.REGISTRY,
            )
            if done.versions:
                revised.append(each.code)
    return Refreshed(tuple(each.code for each in changed), tuple(revised))
