"""Merge sources into the registry and report what does not match.

Names, kana and types are published language, shared with other services: a source that differs is
reported and changes nothing. Kana that the registry lacks, residents and indices are taken over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from budget_calendar.domain.municipality import Municipality, MunicipalityType
from budget_calendar.registry.importer.report import Finding, FindingKind, Report, Tally
from budget_calendar.registry.importer.source import Record, Source
from kakehashi_common.contracts.municipalities import check_digit, known_municipality_code

NORTHERN_TERRITORIES = frozenset({"016951", "016969", "016977", "016985", "016993", "017001"})
"""色丹村, 泊村, 留夜別村, 留別村, 紗那村, 蘂取村: they have codes, but neither head nor council
(北方領土問題等の解決の促進のための特別措置に関する法律11条 leaves their affairs to others)."""

_CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Imported:
    """The outcome of an import."""

    municipalities: tuple[Municipality, ...]
    """All of the registry, by code; values that no source has are as before."""
    report: Report


def merge(base: Iterable[Municipality], sources: Iterable[Source]) -> Imported:
    """Return ``base`` with the sources' values, later ones last, and a report of mismatches.

    A municipality that a source leaves out keeps what ``base`` knew of it. Rows that belong to no
    municipality of ``base``, or not clearly to one, change nothing.
    """
    merging = _Merging(base)
    tallies = [merging.take(source) for source in sources]
    by_code = tuple(each for _, each in sorted(merging.municipalities.items()))
    return Imported(by_code, Report(tuple(tallies), tuple(merging.findings)))


class _Merging:
    """The registry while sources are taken over, one after the other."""

    def __init__(self, base: Iterable[Municipality]) -> None:
        self.municipalities = {each.code: each for each in base}
        self.findings: list[Finding] = []
        self._by_name: dict[tuple[str | None, str | None], str] = {
            (each.prefecture, each.name): code for code, each in self.municipalities.items()
        }

    def take(self, source: Source) -> Tally:
        self.findings.extend(source.findings)
        seen: dict[str, Record] = {}
        for record in source.records:
            named = self._by_name.get((record.prefecture, record.name))
            code = named if record.code is None else record.code
            fault = self._fault(record, code, named, seen)
            if fault is not None:
                kind, message = fault
                self.findings.append(
                    Finding(
                        kind,
                        source.name,
                        message,
                        row=record.row,
                        code=code,
                        field="name" if record.code is None else "code",
                        value=record.name if record.code is None else record.code,
                    )
                )
            elif code is not None:
                seen[code] = record
                self.findings.extend(_differences(source.name, record, self.municipalities[code]))
                self.municipalities[code] = _updated(self.municipalities[code], record)
        self.findings.extend(
            Finding(
                FindingKind.MISSING_FROM_FILE,
                source.name,
                f"{_full_name(each.prefecture, each.name)} is not in it: it keeps its values",
                code=code,
                value=each.name,
            )
            for code, each in sorted(self.municipalities.items())
            if code not in seen and source.covers(each.type)
        )
        return Tally(source.name, source.what, len(source.records), len(seen))

    def _fault(
        self, record: Record, code: str | None, named: str | None, seen: dict[str, Record]
    ) -> tuple[FindingKind, str] | None:
        """Return the reason to reject the record, or ``None``."""
        name = _full_name(record.prefecture, record.name)
        if code is None:
            return FindingKind.UNKNOWN_NAME, f"no local government is called {name}: correct it"
        if code in NORTHERN_TERRITORIES:
            return (
                FindingKind.NOT_GOVERNED,
                f"{name} of the Northern Territories has no local government",
            )
        if code not in self.municipalities:
            kind, message = _unknown(code)
            return kind, f"{name}: {message}" if name else message
        current = self.municipalities[code]
        if named not in (None, code) or record.prefecture not in (None, current.prefecture):
            right = f", which has {named}" if named else ""
            message = (
                f"{code} is {_full_name(current.prefecture, current.name)}, but the row says {name}"
                f"{right}: correct the code or the name"
            )
            return FindingKind.CONTRADICTION, message
        if code in seen:
            return (
                FindingKind.REPEATED,
                f"{name} was listed before{_at(seen[code].row)}, which counts: remove one of them",
            )
        return None


def _updated(current: Municipality, record: Record) -> Municipality:
    return replace(
        current,
        kana=current.kana or record.kana or "",
        japanese_residents=record.japanese_residents
        if record.tells_residents
        else current.japanese_residents,
        indices=record.indices or current.indices,
    )


def _unknown(code: str) -> tuple[FindingKind, str]:
    """Return the finding about a code that isn't in the registry."""
    try:
        known_municipality_code(code)
    except ValueError as error:
        message = str(error)
    else:
        message = f"the registry has no municipality {code}"
    if not (len(code) == _CODE_DIGITS and code.isascii() and code.isdigit()):
        return FindingKind.UNREADABLE_CODE, message
    if code[-1] != str(check_digit(code[:-1])):
        return FindingKind.WRONG_CHECK_DIGIT, message
    return FindingKind.UNKNOWN_CODE, message


def _differences(source: str, record: Record, ours: Municipality) -> Iterator[Finding]:
    """Yield the record's differences from the registry, which keeps its own values."""

    def differs(kind: FindingKind, field: str, theirs: str, kept: str) -> Finding:
        return Finding(
            kind,
            source,
            f"{theirs} in the source, {kept} in the registry, which stays",
            row=record.row,
            code=ours.code,
            field=field,
            value=theirs,
        )

    if record.name and record.name != ours.name:
        yield differs(FindingKind.NAME_DIFFERS, "name", record.name, ours.name)
    if record.kana and ours.kana and record.kana != ours.kana:
        yield differs(FindingKind.KANA_DIFFERS, "kana", record.kana, ours.kana)
    designated = ours.type is MunicipalityType.DESIGNATED_CITY
    if record.has_wards is not None and record.has_wards != designated:
        yield Finding(
            FindingKind.TYPE_DIFFERS,
            source,
            f"{ours.name} has {'wards' if record.has_wards else 'no wards'} in the source, but is"
            f" a {ours.type.text.en} in the registry, which stays: check registry/city_types.csv",
            row=record.row,
            code=ours.code,
            field="type",
            value=ours.type.value,
        )


def _full_name(prefecture: str | None, name: str | None) -> str:
    """``群馬県桐生市``; a prefecture is named once."""
    return f"{prefecture or ''}{'' if name == prefecture else name or ''}"


def _at(row: int | None) -> str:
    return "" if row is None else f" in row {row}"
