"""Fact sheets: the figures that texts state, for all or for one municipality, each with its source.

A municipality's own figure comes before the one for all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from followup import tables
from followup.playbooks.templates import Fact
from followup.tables import fact_sheet_figure as table
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError, require_source, require_text
from kakehashi_common.errors import NotFoundError
from kakehashi_common.reads import Read, together

ALL: Final = "all"
"""The place whose figures hold for every municipality that has none of its own."""
MAX_VALUE: Final = Decimal(10**15)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as it was entered."""

    place: str
    """A municipality's code, or :data:`ALL`."""
    name: str
    fact: Fact
    entered_by: str
    entered_at: datetime


def facts_of(municipality_code: str | None) -> Read[dict[str, Fact]]:
    """Read the figures for a municipality by name; only those for all if it is not known."""
    return together(
        lambda figures: {each.name: each.fact for each in figures}, _figures(municipality_code)
    )


class FactSheets:
    """Keeps the figures that texts state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def figures(self, place: str) -> list[Figure]:
        """Return the figures that hold in a place, by name.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            return await _figures(place).fetch(connection)

    async def enter(self, place: str, name: str, fact: Fact, actor: Actor) -> Figure:
        """Enter a figure in place of the one before; the same again changes nothing.

        Raises:
            DomainError: it is out of range (``out_of_range``) or says no source.
            TransientError: the database is unavailable.
        """
        _check(fact)
        async with self._database.transaction() as connection:
            before = await _find(connection, place, name)
            if before is not None and before.fact == fact:
                return before
            values = {
                "value": fact.value,
                "source": fact.source,
                "entered_by": actor.who,
                "entered_at": func.now(),
            }
            statement = insert(table).values(place=place, name=name, **values)
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[table.c.place, table.c.name], set_=values
                )
            )
            await actor.record(
                connection,
                tables.audit_table,
                "enter_figure",
                f"fact-sheet/{place}/{name}",
                before=None if before is None else _shown(before.fact),
                after=_shown(fact),
            )
            entered = await _find(connection, place, name)
        assert entered is not None  # noqa: S101 - it was entered in this transaction
        return entered

    async def remove(self, place: str, name: str, actor: Actor) -> None:
        """Remove a figure of a place.

        Raises:
            NotFoundError: it has no figure of that name of its own.
            TransientError: the database is unavailable.
        """
        async with self._database.transaction() as connection:
            before = await _find(connection, place, name)
            if before is None:
                raise NotFoundError(f"{place} has no figure {name} of its own", field="name")
            await connection.execute(
                delete(table).where(table.c.place == place, table.c.name == name)
            )
            await actor.record(
                connection,
                tables.audit_table,
                "remove_figure",
                f"fact-sheet/{place}/{name}",
                before=_shown(before.fact),
            )


def _figures(place: str | None) -> Read[list[Figure]]:
    return Read(
        "select place, name, value, source, entered_by, entered_at from fact_sheet_figure "
        "where place = any($1::text[])",
        [[ALL, place or ALL]],
        _nearest,
    )


def _nearest(rows: Iterable[Any]) -> list[Figure]:
    """Return the figures by name, of each a place's own before the one for all."""
    found: dict[str, Figure] = {}
    for figure in map(_figure, rows):
        if figure.place != ALL or figure.name not in found:
            found[figure.name] = figure
    return [found[name] for name in sorted(found)]


async def _find(connection: AsyncConnection, place: str, name: str) -> Figure | None:
    statement = select(table).where(table.c.place == place, table.c.name == name)
    row = (await connection.execute(statement)).first()
    return None if row is None else _figure(row)


def _figure(row: Any) -> Figure:
    place, name, value, source, entered_by, entered_at = row
    return Figure(place, name, Fact(value, source), entered_by, entered_at)


def _check(fact: Fact) -> None:
    if not 0 <= fact.value <= MAX_VALUE:
        raise DomainError(
            f"a figure lies between 0 and {MAX_VALUE:,}", field="value", code="out_of_range"
        )
    require_source(fact.source)
    require_text(fact.source, "source")


def _shown(fact: Fact) -> dict[str, str]:
    return {"value": f"{fact.value:f}", "source": fact.source}
