"""Finding local governments: by code, name, kana, prefecture, type and size, in order of code."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

from budget_calendar.domain.municipality import Municipality, MunicipalityType, SizeBand
from kakehashi_common.contracts.municipalities import Municipality as Prefecture
from kakehashi_common.contracts.municipalities import (
    Ward,
    known_municipality_code,
    known_prefecture,
    same_spelling,
    wards,
)
from kakehashi_common.domain.errors import DomainError

_CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Criteria:
    """Search criteria; a municipality must meet all that are given."""

    text: str = ""
    """Digits are the beginning of a code; all else is in the name, with or without its prefecture
    before it, in the kana, or in the name or kana of a ward (行政区), which finds its city."""
    code: str = ""
    """Its first digits; all six must have the right check digit."""
    name: str = ""
    kana: str = ""
    """Hiragana or katakana."""
    from_start: bool = False
    """Whether text, name and kana must be at the beginning, not anywhere."""
    prefecture: str = ""
    """By name or kana, with or without 都, 府, 県, or by its code."""
    types: frozenset[MunicipalityType] = field(default_factory=frozenset)
    """Any of these."""
    size_bands: frozenset[SizeBand] = field(default_factory=frozenset)
    """Any of these; one whose residents are unknown is in none."""


class Registry:
    """Local governments, to be looked up and searched; under 5 ms for all of Japan."""

    def __init__(self, municipalities: Iterable[Municipality]) -> None:
        self._entries = sorted(map(_Entry, municipalities), key=lambda entry: entry.code)
        self._codes = [entry.code for entry in self._entries]
        self._by_code = {entry.code: entry.municipality for entry in self._entries}

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def municipalities(self) -> tuple[Municipality, ...]:
        """All of them, by code."""
        return tuple(self._by_code.values())

    def get(self, code: str) -> Municipality:
        """Return the local government with this code.

        Raises:
            DomainError: none has it; for a wrong check digit the error states the right one.
        """
        if code not in self._by_code:
            raise _unknown_code(code)
        return self._by_code[code]

    def find(
        self, criteria: Criteria, *, after: str | None = None, limit: int | None = None
    ) -> tuple[Municipality, ...]:
        """Return matching municipalities by code. ``after`` is the last code of the previous page.

        Raises:
            DomainError: a code that cannot be, or an unknown prefecture.
        """
        fits = self._test(criteria)
        start = 0 if after is None else bisect_right(self._codes, after)
        found = (entry.municipality for entry in islice(self._entries, start, None) if fits(entry))
        return tuple(islice(found, limit))

    def _test(self, criteria: Criteria) -> "_Test":
        text = same_spelling(criteria.text)
        digits = text.isdecimal()
        return _Test(
            code=self._code_start(criteria.code),
            text_code=self._code_start(text, "text") if digits else "",
            text="" if digits else text,
            name=same_spelling(criteria.name),
            kana=same_spelling(criteria.kana),
            from_start=criteria.from_start,
            prefecture=prefecture_named(criteria.prefecture).name
            if criteria.prefecture.strip()
            else "",
            types=criteria.types,
            size_bands=criteria.size_bands,
        )

    def _code_start(self, code: str, field: str = "code") -> str:
        digits = same_spelling(code)
        if digits and not (digits.isascii() and digits.isdecimal() and len(digits) <= _CODE_DIGITS):
            raise _unknown_code(code, field)
        if len(digits) == _CODE_DIGITS and digits not in self._by_code:
            raise _unknown_code(digits, field)
        return digits


class _Entry:
    """A municipality with what it is compared by."""

    __slots__ = ("code", "full_name", "kana", "municipality", "name", "size_band", "wards")

    def __init__(self, municipality: Municipality) -> None:
        self.municipality = municipality
        self.code = municipality.code
        self.name = same_spelling(municipality.name)
        self.full_name = same_spelling(municipality.prefecture) + self.name
        self.kana = same_spelling(municipality.kana)
        self.size_band = municipality.size_band
        self.wards = tuple(_spellings_of_wards(self))


@dataclass(frozen=True, slots=True)
class _Test:
    """Criteria made ready for comparison."""

    code: str
    text_code: str
    text: str
    name: str
    kana: str
    from_start: bool
    prefecture: str
    types: frozenset[MunicipalityType]
    size_bands: frozenset[SizeBand]

    def __call__(self, entry: _Entry) -> bool:
        """Whether all of them hold for the entry."""
        return (
            entry.code.startswith(self.code)
            and entry.code.startswith(self.text_code)
            and (not self.types or entry.municipality.type in self.types)
            and (not self.size_bands or entry.size_band in self.size_bands)
            and (not self.prefecture or entry.municipality.prefecture == self.prefecture)
            and self._within(self.name, entry.name)
            and self._within(self.kana, entry.kana)
            and (
                self._within(self.text, entry.name)
                or self._within(self.text, entry.kana)
                or self._within(self.text, entry.full_name)
                or any(self._within(self.text, ward) for ward in entry.wards)
            )
        )

    def _within(self, wanted: str, text: str) -> bool:
        return text.startswith(wanted) if self.from_start else wanted in text


def _spellings_of_wards(city: _Entry) -> Iterator[str]:
    """The wards of ``city`` as a text may name them: with or without city and prefecture."""
    for ward in _wards_by_city().get(city.code, ()):
        name = same_spelling(ward.name)
        yield from (name, city.name + name, city.full_name + name, same_spelling(ward.kana))


@cache
def _wards_by_city() -> dict[str, list[Ward]]:
    by_city: dict[str, list[Ward]] = defaultdict(list)
    for ward in wards().values():
        by_city[ward.city_code].append(ward)
    return by_city


def prefecture_named(spelling: str) -> Prefecture:
    """Return the government of the prefecture that is meant.

    Raises:
        DomainError: there is no such prefecture.
    """
    try:
        return known_prefecture(spelling)
    except ValueError as error:
        message = f"prefecture: {error}"
    raise DomainError(message, field="prefecture", code="unknown_prefecture")


def _unknown_code(code: str, field: str = "code") -> DomainError:
    try:
        known_municipality_code(code)
    except ValueError as error:
        message = str(error)
    else:
        message = f"the registry has no municipality {code}"
    return DomainError(f"{field}: {message}", field=field, code="unknown_municipality")
