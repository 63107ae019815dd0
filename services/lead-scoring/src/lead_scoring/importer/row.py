"""One record of a file, and why it is rejected."""

from collections.abc import Mapping
from dataclasses import dataclass

Values = Mapping[str, object]

LINE = "line"
"""A column that every row has: its line in the file."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line without an event, and the reason."""

    line: int
    column: str | None
    reason: str
    kind: str
    """The kind of reason, without the value: for grouping, snake_case."""
    last_line: int | None = None
    """The last of several lines, all of which are rejected."""

    @property
    def lines(self) -> int:
        """The number of physical lines rejected."""
        return 1 if self.last_line is None else self.last_line - self.line + 1


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file: where it starts, and its values by column."""

    line: int
    values: Values
    last_line: int | None = None
    """The last line of a row that takes several."""

    def rejected(self, kind: str, column: str | None, reason: str) -> Rejection:
        """Return why the whole record is rejected."""
        return Rejection(self.line, column, reason, kind, self.last_line)


class RejectedError(Exception):
    """A value, and so the record that it is in, can't be taken."""

    def __init__(self, kind: str, column: str | None, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.column = column
        self.reason = reason
