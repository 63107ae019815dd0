"""Several reads in one statement of PostgreSQL: one round trip, and one snapshot."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

from kakehashi_common.db import RawConnection

T = TypeVar("T")

_PARAMETER: Final = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A query, and what its rows mean.

    Args:
        sql: a ``select`` with the parameters ``$1``, ``$2``, …
        parameters: their values.
        result: makes of all rows what is read. A row is unpacked by the order of its columns: among
            others (`together`) it has no names.
    """

    sql: str
    parameters: Sequence[Any]
    result: Callable[[Sequence[Any]], T]

    async def fetch(self, connection: RawConnection) -> T:
        """Return what is read."""
        return self.result(await connection.fetch(self.sql, *self.parameters))


def only_value(rows: Sequence[Any]) -> Any:
    """Return what a query of one row and one column says."""
    [[value]] = rows
    return value


def together(result: Callable[..., T], *reads: Read[Any]) -> Read[T]:
    """Return one read that does the work of several.

    Args:
        result: called with what each of them reads, in their order.
        reads: of which none sees anything that another one doesn't.
    """

    def results(rows: Sequence[Any]) -> T:
        [columns] = rows
        return result(*(read.result(rows) for read, rows in zip(reads, columns, strict=True)))

    return Read(
        _one_statement(tuple((read.sql, len(read.parameters)) for read in reads)),
        [each for read in reads for each in read.parameters],
        results,
    )


@lru_cache(maxsize=256)
def _one_statement(queries: tuple[tuple[str, int], ...]) -> str:
    """Return a query of one row with a column for each query: an array of its rows."""
    columns, before = [], 0
    for number, (sql, parameters) in enumerate(queries):
        placed = _PARAMETER.sub(lambda found, n=before: f"${int(found[1]) + n}", sql)  # type: ignore[misc]
        columns.append(f"array(select q from ({placed}) q) as read_{number}")  # noqa: S608 - what repositories wrote
        before += parameters
    return f"select {', '.join(columns)}"
