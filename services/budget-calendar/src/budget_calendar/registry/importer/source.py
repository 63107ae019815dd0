"""Rows of a source before they are compared with the registry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from budget_calendar.domain.municipality import FiscalIndices, MunicipalityType
from budget_calendar.registry.importer.report import Finding
from kakehashi_common.domain.errors import DomainError


class UnreadableFileError(DomainError):
    """A file is not what it was given as; nothing of it was read."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="file", code="unreadable_file")


@dataclass(frozen=True, slots=True)
class Record:
    """The values that one row states about one local government."""

    row: int | None
    code: str | None
    """As written; ``None`` in sources that go by prefecture and name."""
    prefecture: str | None
    name: str | None
    kana: str | None = None
    has_wards: bool | None = None
    """Whether it is divided into wards (行政区) as designated cities are; ``None`` if not said."""
    tells_residents: bool = False
    japanese_residents: int | None = None
    """``None`` together with ``tells_residents`` says that none is published."""
    indices: FiscalIndices | None = None
    """``None`` in sources that aren't about indices."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or package, read as far as it can be without the registry."""

    name: str
    what: str
    records: Sequence[Record]
    findings: Sequence[Finding]
    covers: Callable[[MunicipalityType], bool]
    """Whether it should list local governments of a type."""


def is_prefecture(kind: MunicipalityType) -> bool:
    """Covers prefectures only."""
    return kind is MunicipalityType.PREFECTURE


def is_municipality(kind: MunicipalityType) -> bool:
    """Covers all but prefectures."""
    return kind is not MunicipalityType.PREFECTURE


def is_any(kind: MunicipalityType) -> bool:  # noqa: ARG001 - the signature of `covers`
    """Covers all."""
    return True
