"""The registry as it ships: three files that are joined at load and repeat nothing of each other.

* ``kakehashi_common/contracts/municipalities.csv``: code, name, kana, prefecture, kind, Japanese
  residents. All services share it.
* ``city_types.csv``: the cities with more powers than others, kept by hand from the orders that
  name them.
* ``snapshot.csv``: what the sources of ``registry import`` add, that is the fiscal indices. Written
  by ``registry import --snapshot``, never by hand.

An empty cell means that nothing is published. ``SOURCES.md`` names sources and licences.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from budget_calendar.domain.municipality import FiscalIndices, Municipality, MunicipalityType
from kakehashi_common.contracts import municipalities as contracts
from kakehashi_common.domain.errors import DomainError

COLUMNS = (
    "code",
    "fiscal_year",
    "financial_strength",
    "current_balance",
    "real_debt_service",
    "future_burden",
)
"""Of ``snapshot.csv``."""


@cache
def as_published() -> tuple[Municipality, ...]:
    """All local governments as far as the contracts and the orders go: without indices."""
    types = {row["code"]: MunicipalityType(row["type"]) for row in _rows("city_types.csv")}
    return tuple(
        Municipality(
            code=each.code,
            name=each.name,
            kana=each.kana,
            prefecture=each.prefecture,
            type=types.get(each.code, MunicipalityType(each.kind)),
            japanese_residents=each.japanese_residents,
        )
        for _, each in sorted(contracts.municipalities().items())
    )


@cache
def shipped() -> tuple[Municipality, ...]:
    """All local governments with all that ships about them, by code."""
    return joined(as_published(), _rows("snapshot.csv"))


def joined(
    published: Iterable[Municipality], rows: Iterable[Mapping[str, str]]
) -> tuple[Municipality, ...]:
    """``published`` with what the rows of a snapshot add."""
    added = {row["code"]: row for row in rows}
    return tuple(
        _joined(each, added[each.code]) if each.code in added else each for each in published
    )


def snapshot_of(municipalities: Iterable[Municipality]) -> str:
    """The text of a ``snapshot.csv`` that gives these again when it is joined.

    Raises:
        DomainError: the contracts or ``city_types.csv`` say otherwise of one of them, so that the
            snapshot, which doesn't repeat them, couldn't give it again.
    """
    published = {each.code: each for each in as_published()}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in sorted(municipalities, key=lambda municipality: municipality.code):
        known = published.get(each.code)
        for field in ("name", "kana", "prefecture", "type", "japanese_residents"):
            told, repeated = getattr(each, field), getattr(known, field, None)
            if told != repeated:
                raise DomainError(
                    f"{each.code} {each.name} has {field} {told}, but {repeated} in what all"
                    " services share: change kakehashi_common/contracts/municipalities.csv (types:"
                    " registry/city_types.csv) first",
                    field=field,
                    code="snapshot_contradicts_contracts",
                )
        writer.writerow(_row(each))
    return text.getvalue()


def _row(each: Municipality) -> tuple[object, ...]:
    indices = each.indices
    if indices is None:
        return (each.code, *("",) * 5)
    return (
        each.code,
        indices.fiscal_year,
        indices.financial_strength,  # csv writes None as an empty cell
        indices.current_balance,
        indices.real_debt_service,
        indices.future_burden,
    )


def _joined(published: Municipality, row: Mapping[str, str]) -> Municipality:
    return Municipality(
        code=published.code,
        name=published.name,
        kana=published.kana,
        prefecture=published.prefecture,
        type=published.type,
        japanese_residents=published.japanese_residents,
        indices=FiscalIndices(
            fiscal_year=int(row["fiscal_year"]),
            financial_strength=_number(row["financial_strength"]),
            current_balance=_number(row["current_balance"]),
            real_debt_service=_number(row["real_debt_service"]),
            future_burden=_number(row["future_burden"]),
        )
        if row["fiscal_year"]
        else None,
    )


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
