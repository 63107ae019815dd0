"""Store and list what a workflow records of its subject: facts by version and position.

A version is that of the state that a decision led to, a position the fact's place among the effects
of that decision.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection


class Fact(Protocol):
    """Something that has happened."""

    @property
    def kind(self) -> str:
        """The type of the fact, as it is stored."""

    @property
    def at(self) -> datetime:
        """When it happened."""


F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class StoredFact(Generic[F]):
    """Something that has happened, as it was recorded."""

    version: int
    position: int
    recorded_at: datetime
    fact: F


@dataclass(frozen=True, slots=True)
class FactLog(Generic[F]):
    """The facts of one table.

    Args:
        table: with ``version``, ``position``, ``recorded_at`` and the JSON ``fact``.
        whose: its column with the id of what they happened to.
        facts: all that may happen.
    """

    table: Table
    whose: ColumnElement[str]
    facts: TypeAdapter[F]

    def dump(self, fact: F) -> dict[str, Any]:
        """Return a fact as it is stored."""
        dumped: dict[str, Any] = self.facts.dump_python(fact, mode="json")
        return dumped

    def details(self, fact: F) -> dict[str, Any]:
        """Return a fact's own fields as JSON has them, without its kind and time."""
        return {
            name: value for name, value in self.dump(fact).items() if name not in {"kind", "at"}
        }

    async def list_facts(
        self,
        connection: AsyncConnection,
        whose: str,
        *,
        after: tuple[int, int] | None = None,
        limit: int | None = None,
    ) -> list[StoredFact[F]]:
        """Return what has happened to one of them, in order, behind a version and position."""
        its = self.table.c
        query = select(its.version, its.position, its.recorded_at, its.fact).where(
            self.whose == whose
        )
        if after is not None:
            query = query.where(
                (its.version > after[0]) | ((its.version == after[0]) & (its.position > after[1]))
            )
        rows = await connection.execute(query.order_by(its.version, its.position).limit(limit))
        return [
            StoredFact(
                row.version, row.position, row.recorded_at, self.facts.validate_python(row.fact)
            )
            for row in rows
        ]
