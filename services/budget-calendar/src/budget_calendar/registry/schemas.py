"""Municipalities as the API shows them."""

from datetime import date

from pydantic import Field

from budget_calendar.domain.municipality import (
    FiscalIndices,
    Municipality,
    MunicipalityType,
    SizeBand,
)
from budget_calendar.events.mapping import label
from budget_calendar.fields import Reason, Source
from budget_calendar.registry.repository import Registered
from kakehashi_common.contracts.events import Label
from kakehashi_common.contracts.instants import Day
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody


class BriefMunicipality(ResponseBody):
    """The municipality in question."""

    code: str = Field(description="全国地方公共団体コード", examples=["102032"])
    name: str = Field(examples=["桐生市"])
    prefecture: str = Field(examples=["群馬県"])

    @classmethod
    def of(cls, municipality: Municipality) -> "BriefMunicipality":
        """Show it."""
        return cls(
            code=municipality.code, name=municipality.name, prefecture=municipality.prefecture
        )


class FiscalIndicesOut(ResponseBody):
    """Key fiscal indices of one year; null where none is published, never 0."""

    fiscal_year: int
    financial_strength: float | None = Field(description="財政力指数, a ratio around 1")
    current_balance: float | None = Field(description="経常収支比率, percent")
    real_debt_service: float | None = Field(description="実質公債費比率, percent")
    future_burden: float | None = Field(description="将来負担比率, percent")

    @classmethod
    def of(cls, indices: FiscalIndices) -> "FiscalIndicesOut":
        """Show them."""
        return cls(
            fiscal_year=indices.fiscal_year,
            financial_strength=indices.financial_strength,
            current_balance=indices.current_balance,
            real_debt_service=indices.real_debt_service,
            future_burden=indices.future_burden,
        )


class MunicipalityOut(BriefMunicipality):
    """One local government of the registry (地方公共団体)."""

    kana: str = Field(description="Hiragana; empty where unknown", examples=["きりゅうし"])
    type: MunicipalityType
    type_label: Label
    japanese_residents: int | None = Field(
        description="住民基本台帳, no foreign residents; null where not known"
    )
    size_band: SizeBand | None = Field(description="By Japanese residents: 50,000 and 300,000")
    indices: FiscalIndicesOut | None

    @classmethod
    def of(cls, municipality: Municipality) -> "MunicipalityOut":
        """Show it."""
        indices = municipality.indices
        return cls(
            code=municipality.code,
            name=municipality.name,
            kana=municipality.kana,
            prefecture=municipality.prefecture,
            type=municipality.type,
            type_label=label(municipality.type.text),
            japanese_residents=municipality.japanese_residents,
            size_band=municipality.size_band,
            indices=None if indices is None else FiscalIndicesOut.of(indices),
        )


class FactsOut(ResponseBody):
    """Facts that people have entered, because no registry has them."""

    head_term_ends: date | None = Field(
        description="任期満了日 of the head's present term; null: nobody has entered it"
    )
    year_round_session: bool = Field(
        description="Whether the council sits all year (通年会期, 地方自治法102条の2)"
    )


class MunicipalityWithFactsOut(MunicipalityOut):
    """One local government with what people have entered about it."""

    facts: FactsOut

    @classmethod
    def registered(cls, found: Registered) -> "MunicipalityWithFactsOut":
        """Show it."""
        facts = FactsOut(
            head_term_ends=found.facts.head_term_ends,
            year_round_session=found.facts.year_round_session,
        )
        return cls(facts=facts, **dict(MunicipalityOut.of(found.municipality)))


class FactsIn(RequestBody):
    """Facts about a municipality that hold in every year. They replace those entered before."""

    head_term_ends: Day | None
    year_round_session: Flag
    source: Source
    reason: Reason
