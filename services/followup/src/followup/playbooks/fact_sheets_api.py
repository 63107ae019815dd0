"""``/v1/fact-sheets/{place}``: the figures that texts state, each with its source."""

from decimal import Decimal
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import AfterValidator, BaseModel, Field

from followup.playbooks.fact_sheets import ALL, FactSheets, Figure
from followup.playbooks.templates import Fact
from followup.scopes import READ, WRITE
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.contracts.municipalities import known_municipality_code
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import RequestBody


def _known_place(place: str) -> str:
    return place if place == ALL else known_municipality_code(place)


Place = Annotated[
    str,
    AfterValidator(_known_place),
    Path(description="A municipality's code, or `all` for those without a figure of their own"),
]
FactName = Annotated[
    str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="As playbooks name it")
]
Writer = Annotated[Principal, Depends(require_scope(WRITE))]


class FigureIn(RequestBody):
    """One figure."""

    value: str = Field(
        pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?$",
        description="A plain number, as a text so that it stays exact",
        examples=["1200"],
    )
    source: str = Field(
        min_length=1,
        max_length=500,
        description="A measurement, a document, or a calculation with its assumptions",
        examples=["貴市窓口での実証（2026年8月、3週間の平均から年間に換算）"],
    )


class FigureOut(BaseModel):
    """One figure, and where it holds."""

    place: str = Field(description="A municipality's code, or `all`")
    name: str
    value: str = Field(examples=["1200"])
    source: str
    entered_by: str
    entered_at: JapanTime

    @classmethod
    def of(cls, figure: Figure) -> "FigureOut":
        """Show a figure."""
        return cls(
            place=figure.place,
            name=figure.name,
            value=f"{figure.fact.value.normalize():f}",
            source=figure.fact.source,
            entered_by=figure.entered_by,
            entered_at=figure.entered_at,
        )


class FactSheetOut(BaseModel):
    """The figures that hold in a place, by name."""

    items: list[FigureOut]


def router(fact_sheets: FactSheets) -> APIRouter:
    """Return the routes of fact sheets."""
    routes = APIRouter(prefix="/v1/fact-sheets", tags=["fact-sheets"])

    @routes.get("/{place}", dependencies=[Depends(require_scope(READ))])
    async def get_fact_sheet(place: Place) -> FactSheetOut:
        """The figures that hold in a place: its own, and those for all where it has none."""
        return FactSheetOut(items=[FigureOut.of(each) for each in await fact_sheets.figures(place)])

    @routes.put("/{place}/{fact}")
    async def enter_figure(
        request: Request, place: Place, fact: FactName, figure: FigureIn, who: Writer
    ) -> FigureOut:
        """Enter a figure in place of the one before; texts that are made later state it."""
        entered = Fact(Decimal(figure.value), figure.source)
        stored = await fact_sheets.enter(place, fact, entered, actor_of(request, who))
        return FigureOut.of(stored)

    @routes.delete("/{place}/{fact}", status_code=HTTPStatus.NO_CONTENT)
    async def remove_figure(request: Request, place: Place, fact: FactName, who: Writer) -> None:
        """Remove a figure of a place; the one for all, if there is one, holds again."""
        await fact_sheets.remove(place, fact, actor_of(request, who))

    return routes
