"""Parameters and values that several routes share."""

from datetime import date
from typing import Annotated, Final

from fastapi import Path, Query
from pydantic import AfterValidator, Field, JsonValue

from budget_calendar.domain.budget_year.corrections import CORRECTABLE
from budget_calendar.domain.municipality import MunicipalityType, SizeBand
from kakehashi_common.contracts import instants
from kakehashi_common.contracts.events import MunicipalityCode
from kakehashi_common.domain.budget_phases import BudgetPhase

FIRST_FISCAL_YEAR: Final = 2000
LAST_FISCAL_YEAR: Final = 2099
"""The equinoxes, which are holidays, are computed by a formula that holds until then."""

KEYS: Final[dict[str, JsonValue]] = {
    "enum": [
        *CORRECTABLE,
        *(phase.value for phase in BudgetPhase if phase is not BudgetPhase.INFORMATION_GATHERING),
    ]
}
"""Correctable milestones and phases, for descriptions; the domain says why others can't be
corrected."""

BEGIN_BY: Final = (
    "When a seller has to begin, so that it is done by the likely day; may be past. Null: nothing "
    "is to be done for this kind"
)
"""Of a milestone's ``begin_by``, for the description."""

_FIRST_DAY: Final = date(FIRST_FISCAL_YEAR, 4, 1)
_LAST_DAY: Final = date(LAST_FISCAL_YEAR, 3, 31)


def _computable(day: date) -> date:
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise ValueError(f"should lie between {_FIRST_DAY} and {_LAST_DAY}")
    return day


CodeInPath = Annotated[MunicipalityCode, Path()]
FiscalYear = Annotated[int, Field(ge=FIRST_FISCAL_YEAR, le=LAST_FISCAL_YEAR)]
FiscalYearInPath = Annotated[
    FiscalYear,
    Path(
        description="年度: 2026 runs from 1 April 2026 to 31 March 2027",
        examples=[2026],
    ),
]
KeyInPath = Annotated[
    str,
    Path(
        max_length=64,
        description="A milestone's key; or a phase, which stands for the milestone that begins it",
        examples=["request_deadline", "session_vote:4", "finance_assessment"],
        json_schema_extra=KEYS,
    ),
]

Types = Annotated[
    list[MunicipalityType] | None, Query(alias="type", description="Any of these; repeat it")
]
SizeBands = Annotated[
    list[SizeBand] | None,
    Query(alias="size_band", description="By Japanese residents; any of these; repeat it"),
]
Day = Annotated[
    Annotated[instants.Day, AfterValidator(_computable)] | None,
    Query(description="A day in Japan; today when absent"),
]
Prefecture = Annotated[
    str, Query(max_length=64, description="Such as 群馬県, 群馬, ぐんま or 10", examples=["群馬"])
]

Source = Annotated[
    str,
    Field(
        max_length=500,
        description="Where it is from: an address, a telephone call",
        examples=["財政課に電話で確認"],
    ),
]
Reason = Annotated[
    str,
    Field(
        max_length=500,
        description="Why the change was needed",
        examples=["The guideline for fiscal 2027 has been published"],
    ),
]
