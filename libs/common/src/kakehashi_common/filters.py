"""Conditions of lists that callers narrow down."""

from sqlalchemy import ColumnElement, Table


def matching(table: Table, **wanted: object) -> list[ColumnElement[bool]]:
    """Return that each column has the value that is wanted of it; ``None`` matches all."""
    return [table.c[name] == value for name, value in wanted.items() if value is not None]
