"""The registry as stored, and what people have entered about a municipality."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.domain.municipality import FiscalIndices, Municipality, MunicipalityType
from budget_calendar.tables import municipality as table

_FROM_REGISTRY = (
    "name",
    "kana",
    "prefecture",
    "type",
    "japanese_residents",
    "indices_fiscal_year",
    "financial_strength",
    "current_balance",
    "real_debt_service",
    "future_burden",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about a municipality that people enter, because no registry has them."""

    head_term_ends: date | None = None
    year_round_session: bool = False

    def recorded(self) -> dict[str, object]:
        """As the audit trail keeps them."""
        ends = self.head_term_ends
        return {
            "head_term_ends": None if ends is None else str(ends),
            "year_round_session": self.year_round_session,
        }


@dataclass(frozen=True, slots=True)
class Registered:
    """A municipality with its facts."""

    municipality: Municipality
    facts: Facts


async def put(connection: AsyncConnection, municipalities: Iterable[Municipality]) -> None:
    """Insert or update municipalities; facts that people entered stay."""
    rows = [_row(each) for each in municipalities]
    statement = insert(table)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[table.c.code],
            set_={name: statement.excluded[name] for name in _FROM_REGISTRY},
        ),
        rows,
    )


async def count(connection: AsyncConnection) -> int:
    """Return the number of stored municipalities."""
    return (await connection.scalar(select(func.count()).select_from(table))) or 0


async def find(connection: AsyncConnection, code: str) -> Registered | None:
    """Return the municipality with ``code``, if it is stored."""
    row = (await connection.execute(select(table).where(table.c.code == code))).one_or_none()
    return None if row is None else _registered(row)


async def list_all(connection: AsyncConnection) -> list[Registered]:
    """Return all municipalities, by code."""
    rows = await connection.execute(select(table).order_by(table.c.code))
    return [_registered(row) for row in rows]


async def enter_facts(connection: AsyncConnection, code: str, facts: Facts) -> None:
    """Replace what people have entered about the municipality with ``code``."""
    await connection.execute(
        update(table)
        .where(table.c.code == code)
        .values(head_term_ends=facts.head_term_ends, year_round_session=facts.year_round_session)
    )


def _row(municipality: Municipality) -> dict[str, Any]:
    indices = municipality.indices
    return {
        "code": municipality.code,
        "name": municipality.name,
        "kana": municipality.kana,
        "prefecture": municipality.prefecture,
        "type": municipality.type.value,
        "japanese_residents": municipality.japanese_residents,
        "indices_fiscal_year": None if indices is None else indices.fiscal_year,
        "financial_strength": None if indices is None else indices.financial_strength,
        "current_balance": None if indices is None else indices.current_balance,
        "real_debt_service": None if indices is None else indices.real_debt_service,
        "future_burden": None if indices is None else indices.future_burden,
    }


def _registered(row: Any) -> Registered:
    indices = None
    if row.indices_fiscal_year is not None:
        indices = FiscalIndices(
            fiscal_year=row.indices_fiscal_year,
            financial_strength=row.financial_strength,
            current_balance=row.current_balance,
            real_debt_service=row.real_debt_service,
            future_burden=row.future_burden,
        )
    return Registered(
        Municipality(
            code=row.code,
            name=row.name,
            kana=row.kana,
            prefecture=row.prefecture,
            type=MunicipalityType(row.type),
            japanese_residents=row.japanese_residents,
            indices=indices,
        ),
        Facts(head_term_ends=row.head_term_ends, year_round_session=row.year_round_session),
    )
