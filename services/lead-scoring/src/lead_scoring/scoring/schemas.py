"""Parts that several answers of the API share. Points have one decimal; instants +09:00."""

from typing import Annotated, Literal

from pydantic import Field

from kakehashi_common.contracts.lead_scores import Cause
from kakehashi_common.contracts.municipalities import Kind, Municipality, SizeBand, municipalities
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import ResponseBody
from lead_scoring.domain.lead import OutcomeRecorded
from lead_scoring.scoring.repository.history import PastScore

Points = Annotated[float, Field(ge=0, le=100, examples=[52.3])]
Grade = Annotated[
    str,
    Field(
        pattern=r"^[ABC][123]$",
        description="A–C: how well the lead fits; 1–3: how engaged it is",
        examples=["A1"],
    ),
]


class MunicipalityOut(ResponseBody):
    """One local government (地方公共団体)."""

    code: str = Field(description="全国地方公共団体コード", examples=["102032"])
    name: str = Field(examples=["桐生市"])
    prefecture: str = Field(examples=["群馬県"])
    kind: Kind
    size_band: SizeBand = Field(description="By Japanese residents: 50,000 and 300,000 divide")
    japanese_residents: int = Field(
        description="Japanese residents on 1 January 2025 (住民基本台帳), no foreign residents"
    )

    @classmethod
    def of(cls, municipality: Municipality) -> "MunicipalityOut":
        """Show one municipality."""
        return cls(
            code=municipality.code,
            name=municipality.name,
            prefecture=municipality.prefecture,
            kind=municipality.kind,
            size_band=municipality.size_band,
            japanese_residents=municipality.japanese_residents,
        )


class OutcomeOut(ResponseBody):
    """The outcome of an opportunity."""

    outcome: Literal["won", "lost", "cancelled"]
    occurred_at: JapanTime
    amount_yen: int | None = None

    @classmethod
    def of(cls, outcome: OutcomeRecorded) -> "OutcomeOut":
        """Show an outcome."""
        return cls.model_validate(
            {
                "outcome": outcome.outcome,
                "occurred_at": outcome.occurred_at,
                "amount_yen": outcome.amount_yen,
            }
        )


class PastScoreOut(ResponseBody):
    """A score at the time it was announced."""

    scored_at: JapanTime
    grade: Grade
    previous_grade: str | None = None
    fit: Points
    engagement: Points
    rule_version: int
    cause: Cause = Field(description="Events came, time passed (decay), or rules changed")

    @classmethod
    def of(cls, past: PastScore) -> "PastScoreOut":
        """Show one announced score."""
        return cls(
            scored_at=past.scored_at,
            grade=past.grade,
            previous_grade=past.previous_grade,
            fit=points(past.fit),
            engagement=points(past.engagement),
            rule_version=past.rule_version,
            cause=Cause(past.cause),
        )


def points(tenths: int) -> float:
    """Tenths of a point as the nearest number with one decimal."""
    return tenths / 10


def municipality_of(code: object) -> MunicipalityOut | None:
    """The municipality of a lead, where one is known."""
    found = municipalities().get(code) if isinstance(code, str) else None
    return None if found is None else MunicipalityOut.of(found)
